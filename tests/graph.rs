//! The ontology: what the tables say, and what must hold of every walk over it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use karuta::Engine;
use karuta::graph::{Ontology, Relation, Step};
use karuta::lexicon::ConceptRef;
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
