//! The ontology and the graphs of notes: what the tables say, and what must hold of every walk over it.
#![cfg(feature = "sparql")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use karuta::Engine;
use karuta::graph::{Answer, Counts, LearnError, LinkKind, NoteGraph, Ontology, Order, Pattern, Relation, Step, Store, Told};
use karuta::lexicon::{ConceptRef, Lexicon, Pack};
use karuta::model::{FactKind, RelationKind, Structured};
use proptest::prelude::*;
use std::collections::HashSet;
use std::sync::LazyLock;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new().unwrap());

fn ontology() -> Ontology<'static> {
    ENGINE.ontology().unwrap()
}

/// Every concept that relations join.
static NODES: LazyLock<Vec<ConceptRef>> = LazyLock::new(|| {
    let o = ontology();
    let all = o.lexicon().packs()[0].concepts().map(|(index, _)| ConceptRef { pack: 0, index });
    all.filter(|r| o.edges_from(*r).next().is_some() || o.edges_to(*r).next().is_some()).collect()
});

#[track_caller]
fn named(name: &str) -> ConceptRef {
    ontology().named(name).unwrap_or_else(|| panic!("no {name}"))
}

#[test]
fn the_tables_hold_what_they_must() {
    let f = ontology().figures();
    assert!(f.edges >= 6000, "{} relations", f.edges);
    assert!(f.causal_chains >= 200, "{} chains of causes", f.causal_chains);
    assert!(f.profiles >= 300, "{} disorders with symptoms and tests", f.profiles);
    assert_eq!(f.dangling, 0);
    for relation in [
        Relation::IsA,
        Relation::FindingSite,
        Relation::HasSymptom,
        Relation::HasFinding,
        Relation::HasResult,
        Relation::HasComplication,
        Relation::CausedByOrganism,
        Relation::DiagnosedBy,
        Relation::MeasuredBy,
        Relation::TreatedBy,
        Relation::AdverseEffectOf,
        Relation::ContraindicatedIn,
    ] {
        assert!(f.relations.get(relation.text()).is_some_and(|n| *n >= 100), "{}: {:?}", relation.text(), f.relations.get(relation.text()));
    }
}

#[test]
fn relations_stand_in_one_direction_and_are_walked_both_ways() {
    let o = ontology();
    let (pneumonia, fever) = (named("肺炎"), named("発熱"));
    assert!(o.neighbours(pneumonia, Relation::HasSymptom, false).any(|r| r == fever));
    assert!(o.neighbours(fever, Relation::HasSymptom, true).any(|r| r == pneumonia));
    assert!(o.edge_between(pneumonia, Relation::HasSymptom, fever).unwrap().rows.contains("profile.respiratory-001"));
    assert!(o.edge_between(fever, Relation::HasSymptom, pneumonia).is_none());
    // a cause is told where its result is (`causes` of a profile), and leads to it
    assert!(o.neighbours(named("誤嚥"), Relation::HasResult, false).any(|r| r == pneumonia));
    // a treatment is told of the disorder and of the medicine
    assert!(o.neighbours(named("drug:アムロジピン"), Relation::IsA, false).any(|r| o.name(r) == "Ca拮抗薬"));
    let high = o.edge_between(fever, Relation::MeasuredBy, named("vital:体温")).unwrap();
    assert_eq!(high.note, "high");
}

#[test]
fn kinds_lead_up_over_tables_and_blocks() {
    let o = ontology();
    let above: Vec<&str> = o.ancestors(named("市中肺炎")).iter().map(|a| o.name(a.concept)).collect();
    for wanted in ["肺炎", "下気道感染", "呼吸器感染症", "感染症", "呼吸器の章"] {
        assert!(above.contains(&wanted), "{wanted} is not above 市中肺炎: {above:?}");
    }
    // what a chapter holds falls under the concept of the chapter, and that concept not under itself
    assert!(o.is_a(named("胃癌"), named("悪性腫瘍")));
    assert!(!o.is_a(named("悪性腫瘍"), named("胃癌")));
    let common: Vec<&str> = o.common(named("市中肺炎"), named("誤嚥性肺炎")).iter().map(|c| o.name(c.concept)).collect();
    assert_eq!(common, ["肺炎"]);
}

#[test]
fn one_thing_leads_to_another_by_causes() {
    let o = ontology();
    let chains = o.explain(named("糖尿病"), named("脱水"), 5);
    assert_eq!(o.words(&chains[0].path), "糖尿病 →(結果) 血糖上昇 →(結果) 浸透圧利尿 →(結果) 脱水");
    assert!(chains[0].path.iter().all(|s| s.edge.rows.contains("causal.")));
    assert!(o.explain(named("脱水"), named("脱水"), 5).is_empty());
}

/// Compiles tables of relations over a few concepts; returns what is wrong with them.
fn compiled(relations: &[(&str, &str)]) -> Result<usize, String> {
    use karuta::lexicon::compile::{relations, tables, writer::PackWriter};
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    put("disorders/x.tsv", "id\tkind\tname\ten\ticd10\nx-1\tdisorder\t札炎\tcard inflammation\tJ189\nx-2\tdisorder\t重症札炎\t\tJ100\nx-3\tfinding\t札熱\t\tR509\n");
    put("drugs/classes.tsv", "id\tname\ten\nc-1\t抗札薬\t\n");
    put("drugs/oral_x.tsv", "id\tname\ten\tclasses\nd-1\tカルタジン\t\t抗札薬\n");
    for (name, text) in relations {
        put(&format!("relations/{name}.tsv"), text);
    }
    let mut pack = PackWriter::new(karuta::note::fold);
    for file in tables::files(folder.path()).unwrap() {
        tables::read(&mut pack, &file, &std::fs::read_to_string(&file).unwrap()).unwrap();
    }
    let shown = folder.path().join("relations").display().to_string();
    relations::compile(&mut pack, folder.path()).map_err(|e| e.to_string().replace(&shown, "…"))?;
    Ok(pack.relations())
}

#[test]
fn a_wrong_table_is_told_with_its_place_and_names_that_are_near() {
    const HIERARCHY: &str = "id\tdisorder\tis_a\n";
    let told = |name: &str, text: &str| compiled(&[(name, text)]).unwrap_err();
    let near = told("hierarchy", &format!("{HIERARCHY}h-1\t札炎症\t札炎\n"));
    assert!(near.starts_with("…/hierarchy.tsv:2: found disorder: no disorder or finding \"札炎症\" (near: 札炎"), "{near}");
    let circle = told("hierarchy", &format!("# circles\n{HIERARCHY}h-1\t重症札炎\t札炎\nh-2\t札炎\t重症札炎\n"));
    assert!(circle.starts_with("…/hierarchy.tsv:4: found 札炎 is_a 重症札炎, which closes a circle"), "{circle}");
    let twice = told("hierarchy", &format!("{HIERARCHY}h-1\t重症札炎\t札炎\nh-1\t札熱\t札炎\n"));
    assert!(twice.contains("hierarchy.tsv:3: found the id h-1, which stands in …/hierarchy.tsv:2 already"), "{twice}");
    assert!(told("causal", "id\tchain\nc.x-1\t札炎\n").contains("two steps or more"));
    assert!(told("causal", "id\tchain\nc.x-1\t札炎 > 抗札薬\n").contains("no disorder or finding \"抗札薬\" (near: class:抗札薬)"));
    assert!(told("drugs", "id\tdrug\tadverse_effects\tcontraindicated_in\ttreats\nd-1\tカルタジン\t札熱\t\t\n").contains("no prefix (one of drug:, class:, regimen:)"));
    assert!(told("measured", "id\tfinding\tmeasured_by\tdirection\nm-1\t札熱\tlab:CRP\tup\n").contains("the direction \"up\""));
    assert!(told("icd10", "id\tname\ten\tis_a\nicd10:J18-J09\tx\t\t\n").contains("the range \"J18-J09\""));
    assert!(told("cards", "id\n").contains("the table cards"));
    assert!(told("causal", "id\n").contains("a header without chain"));
}

#[test]
fn tables_become_relations() {
    // a medicine is of its class
    assert_eq!(compiled(&[]), Ok(1));
    let relations = [
        ("states", "id\tname\ten\nstate-1\t札過多\tcard excess\n"),
        ("causal", "id\tchain\tnote\nc.x-1\t札炎 > state:札過多 > 札熱\t\nc.x-2\t札炎 > state:札過多\t\n"),
        ("drugs", "id\tdrug\tadverse_effects\tcontraindicated_in\ttreats\ndr-1\tclass:抗札薬\t札熱\t重症札炎\t札炎\n"),
    ];
    // a step that two chains share is one relation
    assert_eq!(compiled(&relations), Ok(1 + 2 + 3));
    // disorders fall under the narrowest block, blocks under those around them; the block falls under 札炎, which
    // therefore falls under the block around it
    let blocks = [("icd10", "id\tname\ten\tis_a\nicd10:J00-J99\t札の章\t\t\nicd10:J09-J18\t札の節\t\t札炎\n")];
    assert_eq!(compiled(&blocks), Ok(1 + 1 + 1 + 2));
}

fn sound(o: Ontology<'_>, path: &[Step<'_>], a: ConceptRef, b: ConceptRef) {
    let mut at = a;
    let mut seen = HashSet::from([a]);
    for s in path {
        assert_eq!(s.start(), at);
        assert!(o.edge_between(s.edge.from, s.edge.relation, s.edge.to).is_some());
        at = s.end();
        assert!(seen.insert(at), "a path that comes back to {}", o.name(at));
    }
    assert_eq!(at, b);
}

fn structured(note: &str) -> Structured {
    ENGINE.worker().structure(note)
}

/// `from relation to` of every link, in the order of their names.
fn links(g: &NoteGraph<'_>) -> Vec<String> {
    let name = |i: usize| g.nodes()[i].fact.name.clone();
    let mut out: Vec<String> = g.links().iter().map(|l| format!("{} {} {}", name(l.from), l.kind.name(), name(l.to))).collect();
    out.sort();
    out
}

#[test]
fn a_note_s_facts_are_tied_to_one_another() {
    let found = structured("S) 咳嗽あり。悪寒なし。父が結核。\nO) BT 38.9、CRP 12.3\nA) 市中肺炎\nP) セフトリアキソン2g開始。");
    let notes = [Told { id: "1", date: Some("2024-05-04"), found: &found }];
    let g = NoteGraph::of(ontology(), &notes);
    let all = links(&g);
    for wanted in [
        "市中肺炎 has_symptom 咳嗽",
        "市中肺炎 has_symptom 発熱",
        "市中肺炎 diagnosed_by CRP",
        "市中肺炎 treated_by セフトリアキソン",
        "発熱 measured_by 体温",
        "発熱 derived_from 体温",
    ] {
        assert!(all.contains(&wanted.to_owned()), "{wanted} is not in {all:#?}");
    }
    // what is denied, and what a relative has, belongs to nothing
    assert!(!all.iter().any(|l| l.contains("悪寒") || l.contains("結核")), "{all:#?}");
    let link = g.links().iter().find(|l| l.kind == LinkKind::Suggested(Relation::HasSymptom)).unwrap();
    assert!(link.rows.contains("profile.respiratory"));
    assert_eq!(link.order, Some(Order::Same));
}

#[test]
fn a_patient_s_notes_are_joined_and_ordered() {
    let (first, second) = (structured("高血圧症。アムロジピン5mg開始。"), structured("下腿浮腫あり。"));
    let notes = [Told { id: "1", date: Some("2024-04-01"), found: &first }, Told { id: "2", date: Some("2024-05-04"), found: &second }];
    let g = NoteGraph::of(ontology(), &notes);
    let adverse = g.links().iter().find(|l| l.kind == LinkKind::Suggested(Relation::AdverseEffectOf)).unwrap();
    assert_eq!((g.nodes()[adverse.from].fact.name.as_str(), g.nodes()[adverse.to].fact.name.as_str()), ("下腿浮腫", "アムロジピン"));
    assert_eq!(adverse.order, Some(Order::After));
    let order: Vec<&str> = g.in_order().into_iter().map(|i| g.nodes()[i].fact.name.as_str()).collect();
    assert_eq!(order.last(), Some(&"下腿浮腫"));
    let pattern = Pattern::new().kind("drug", FactKind::Medication).related("sign", Relation::AdverseEffectOf, "drug").before("drug", "sign");
    let hits = g.matches(ontology(), &pattern);
    assert_eq!(hits.len(), 1);
    assert_eq!(hits[0]["drug"], adverse.to);
    assert!(g.matches(ontology(), &Pattern::new().related("sign", Relation::AdverseEffectOf, "drug").before("sign", "drug")).is_empty());
    assert!(g.matches(ontology(), &Pattern::new().linked("a", LinkKind::Told(RelationKind::LocatedAt), "b")).is_empty());
}

#[test]
fn facts_are_asked_in_sparql() {
    let found = [structured("市中肺炎。発熱あり。"), structured("糖尿病。発熱なし。")];
    let mut store = Store::new();
    for (id, found) in ["a <b>", "c"].iter().zip(&found) {
        let notes = [Told { id, date: Some("2024-05-04"), found }];
        store.add(ontology(), &notes, &NoteGraph::of(ontology(), &notes));
    }
    store.add_concepts(ontology());
    let asked =
        "SELECT ?note ?name WHERE { ?f karuta:note/karuta:id ?note; karuta:assertion 'present'; karuta:name ?name; karuta:concept/rdfs:subClassOf* ?c. ?c rdfs:label '感染症' }";
    let Answer::Solutions(variables, rows) = store.query(asked).unwrap() else { panic!("no solutions") };
    assert_eq!((variables.len(), rows.len()), (2, 1));
    assert!(store.query(asked).unwrap().json().to_string().contains("\"value\":\"a <b>\""));
    // the published property, and Karuta's own
    for property in ["RO:0002452", "karuta:has_symptom"] {
        let asked = format!("ASK {{ ?c rdfs:label '市中肺炎'; {property}/rdfs:label '発熱' }}");
        assert_eq!(store.query(&asked).unwrap(), Answer::Boolean(true), "{property}");
    }
    assert_eq!(store.query("ASK { ?f karuta:name '発熱'; karuta:assertion 'absent'; karuta:has_symptom ?x }").unwrap(), Answer::Boolean(false));
    assert!(matches!(store.query("CONSTRUCT { ?f rdfs:label ?n } WHERE { ?f karuta:name ?n }").unwrap(), Answer::Triples(t) if t.len() >= 3));
    assert!(store.query("SELECT nonsense").unwrap_err().to_string().contains("found no SPARQL query"));
    // nothing leaves the machine
    assert!(store.query("SELECT * { SERVICE <http://localhost:1/> { ?s ?p ?o } }").is_err());
}

#[test]
fn what_was_learnt_is_an_overlay() {
    let notes = [structured("肺炎。発熱あり。"), structured("肺炎。咳嗽あり。発熱あり。"), structured("糖尿病。発熱なし。")];
    let counts = Counts::of(ontology(), "x", &notes);
    let pack = Pack::from_bytes(counts.pack("learned").unwrap(), "learned").unwrap();
    pack.verify().unwrap();
    assert_eq!(Counts::from_pack(&pack).unwrap(), counts);
    assert!(matches!(Counts::from_pack(&Pack::embedded().unwrap()), Err(LearnError::NoCounts(_))));
    let engine = Engine::with_lexicon(Lexicon::layered(vec![pack]).unwrap()).unwrap();
    let o = engine.ontology().unwrap();
    let seen = o.edges_from(o.named("肺炎").unwrap()).find(|e| e.relation == Relation::SeenWith && o.name(e.to) == "発熱").unwrap();
    assert_eq!((seen.n, seen.of), (2, 2));
    assert_eq!(o.figures().dangling, 0);
    // it changes no reading of a note
    assert_eq!(engine.worker().structure("肺炎。発熱あり。").facts.len(), notes[0].facts.len());
}

const PHRASES: [&str; 8] = ["肺炎。", "糖尿病。", "発熱あり。", "咳嗽なし。", "アムロジピン5mg内服中。", "CRP 12.3。", "高血圧症。", "下腿浮腫あり。"];

fn counted(source: &str, notes: &[Vec<usize>]) -> Counts {
    let found: Vec<Structured> = notes.iter().map(|n| structured(&n.iter().map(|i| PHRASES[*i]).collect::<String>())).collect();
    Counts::of(ontology(), source, &found)
}

prop_compose! {
    fn notes()(notes in prop::collection::vec(prop::collection::vec(0..PHRASES.len(), 0..5), 0..5)) -> Vec<Vec<usize>> { notes }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn counts_merge_in_any_order_and_are_taken_back(x in notes(), y in notes(), z in notes()) {
        let (a, b, c) = (counted("a", &x), counted("b", &y), counted("c", &z));
        let merged = |order: [&Counts; 3]| {
            let mut out = Counts::default();
            order.iter().for_each(|c| out.merge(c).unwrap());
            out
        };
        let all = merged([&a, &b, &c]);
        prop_assert_eq!(&all, &merged([&c, &a, &b]));
        prop_assert_eq!(all.pack("p").unwrap(), merged([&b, &c, &a]).pack("p").unwrap());
        let mut less = all.clone();
        less.forget(&b).unwrap();
        let mut without = a.clone();
        without.merge(&c).unwrap();
        prop_assert_eq!(less.pack("p").unwrap(), without.pack("p").unwrap());
        // a source counts once, and only what was counted is forgotten
        if b.notes() > 0 {
            prop_assert_eq!(all.clone().merge(&b), Err(LearnError::Twice("b".to_owned())));
            prop_assert_eq!(less.forget(&b), Err(LearnError::Unknown("b".to_owned())));
            prop_assert_eq!(&less, &without);
        }
    }

    #[test]
    fn links_join_facts_that_are_there(notes in notes()) {
        let found: Vec<Structured> = notes.iter().map(|n| structured(&n.iter().map(|i| PHRASES[*i]).collect::<String>())).collect();
        let told: Vec<Told<'_>> = found.iter().map(|f| Told { id: "n", date: None, found: f }).collect();
        let g = NoteGraph::of(ontology(), &told);
        prop_assert_eq!(g.nodes().len(), found.iter().map(|f| f.facts.len()).sum::<usize>());
        for l in g.links() {
            prop_assert!(l.from < g.nodes().len() && l.to < g.nodes().len() && l.from != l.to);
            if l.kind.source() == "ontology" {
                prop_assert!(!l.rows.is_empty() && !l.words.is_empty());
            }
        }
    }
}

proptest! {
    #[test]
    fn what_is_above_what_is_above_is_above(i in any::<prop::sample::Index>(), j in any::<prop::sample::Index>()) {
        let (o, r) = (ontology(), *i.get(&NODES));
        let above = o.ancestors(r);
        prop_assert!(above.iter().all(|a| a.concept != r), "{} is a kind of itself", o.name(r));
        if !above.is_empty() {
            let a = j.get(&above).concept;
            let all: HashSet<ConceptRef> = above.iter().map(|a| a.concept).collect();
            prop_assert!(o.ancestors(a).iter().all(|b| all.contains(&b.concept)));
            prop_assert!(o.descendants(a).iter().any(|b| b.concept == r));
            prop_assert!(o.is_a(r, a));
            sound(o, &o.path_up(r, a).unwrap(), r, a);
        }
    }

    #[test]
    fn paths_are_made_of_edges_and_shortest_first(i in any::<prop::sample::Index>(), j in any::<prop::sample::Index>(), longer in 0u32..2) {
        let (o, a, b) = (ontology(), *i.get(&NODES), *j.get(&NODES));
        let paths = o.paths(a, b, &[], longer, 4);
        prop_assert!(paths.len() <= 4);
        prop_assert!(paths.windows(2).all(|p| p[0].len() <= p[1].len()));
        for p in &paths {
            sound(o, p, a, b);
        }
        // walked from the other end, the way is as long
        let back = o.paths(b, a, &[], 0, 1);
        prop_assert_eq!(back.first().map(Vec::len), paths.first().map(Vec::len));
        for e in o.explain(a, b, 3) {
            sound(o, &e.path, a, b);
        }
    }
}

#[test]
fn a_composed_name_is_a_kind_of_what_it_was_composed_of() {
    let o = ENGINE.ontology().unwrap();
    let is_a = |a: &str, b: &str| o.is_a(o.named(a).unwrap(), o.named(b).unwrap());
    assert!(is_a("右片麻痺", "片麻痺") && is_a("左不全片麻痺", "不全片麻痺"));
    // what is over is no kind of it
    assert!(!is_a("精索静脈瘤術後", "精索静脈瘤"));
}
