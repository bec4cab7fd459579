//! The ontology: time to load it, and of each question, over the curated pack alone and under ontologies of the
//! size of MONDO and HPO with HPO's annotations (invented: 30,000 and 20,000 classes, 270,000 phenotypes).
//!
//! `cargo bench --bench graph`; `KARUTA_BENCH_PACKS=a.kpack:b.kpack` measures over these packs instead,
//! `KARUTA_BENCH_NOTES=a.jsonl:b.jsonl` asks these notes ({"text"} lines) in SPARQL. With `KARUTA_BENCH_LOAD_MS` and
//! `KARUTA_BENCH_MOST_MS` it fails where loading, or the 99th percentile of a question to the ontology, takes longer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use karuta::graph::{Graph, NoteGraph, Ontology, Told};
use karuta::lexicon::import::Import;
use karuta::lexicon::{ConceptRef, Lexicon, Pack};
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

fn main() {
    measure("curated", &Lexicon::curated().unwrap());
    let packs = std::env::var("KARUTA_BENCH_PACKS").unwrap_or_default();
    let over = if packs.is_empty() { vec![invented()] } else { packs.split(':').map(|p| Pack::open(p.as_ref()).unwrap()).collect() };
    measure("with ontologies", &Lexicon::layered(over).unwrap());
}

fn measure(title: &str, lexicon: &Lexicon) {
    let mut loads = Vec::new();
    for _ in 0..7 {
        let t = Instant::now();
        black_box(Graph::load(lexicon).unwrap());
        loads.push(t.elapsed().as_secs_f64() * 1e3);
    }
    loads.sort_by(f64::total_cmp);
    let graph = Graph::load(lexicon).unwrap();
    let o = Ontology::new(lexicon, &graph);
    let f = o.figures();
    println!("{title}: {} concepts, {} relations, loaded in {:.1} ms (median of 7)", f.nodes, f.edges, loads[3]);
    at_most("KARUTA_BENCH_LOAD_MS", "loading", loads[3]);
    // concepts spread over all packs
    let all: Vec<ConceptRef> = lexicon
        .packs()
        .iter()
        .enumerate()
        .flat_map(|(p, pack)| (0..pack.len()).map(move |i| ConceptRef { pack: u8::try_from(p).unwrap(), index: u32::try_from(i).unwrap() }))
        .filter(|r| o.edges_from(*r).next().is_some())
        .collect();
    let some: Vec<ConceptRef> = all.iter().step_by((all.len() / 2000).max(1)).copied().collect();
    let pairs: Vec<(ConceptRef, ConceptRef)> = some.iter().zip(some.iter().rev().step_by(3)).map(|(a, b)| (*a, *b)).collect();
    each("neighbours", &some, |r| o.edges_from(*r).count());
    each("ancestors", &some, |r| o.ancestors(*r).len());
    each("descendants", &some, |r| o.descendants(*r).len());
    each("common", &pairs, |(a, b)| o.common(*a, *b).len());
    each("shortest path over is_a", &pairs, |(a, b)| o.path_up(*a, *b).map_or(0, |p| p.len()));
    each("shortest path over all", &pairs, |(a, b)| o.paths(*a, *b, &[], 0, 1).len());
    let named: Vec<ConceptRef> = ["糖尿病", "肺炎", "高血圧症", "心不全", "敗血症", "脱水", "発熱", "急性腎障害"].iter().map(|n| o.named(n).unwrap()).collect();
    let causes: Vec<(ConceptRef, ConceptRef)> = named.iter().flat_map(|a| named.iter().map(|b| (*a, *b))).filter(|p| p.0 != p.1).collect();
    each("explain", &causes, |(a, b)| o.explain(*a, *b, 5).len());
    let engine = karuta::Engine::new().unwrap();
    let found = engine.worker().structure("S) 咳嗽あり。\nO) BT 38.9、CRP 12.3、WBC 15000\nA) 市中肺炎、糖尿病、高血圧症\nP) セフトリアキソン2g開始。アムロジピン5mg継続。");
    each("graph of a note", &[found], |found| NoteGraph::of(o, &[Told { id: "1", date: None, found }]).links().len());
    #[cfg(feature = "sparql")]
    asked_in_sparql(o);
}

/// Fails where a limit is set and a time in milliseconds is over it.
fn at_most(variable: &str, what: &str, ms: f64) {
    if let Some(most) = std::env::var(variable).ok().and_then(|v| v.parse::<f64>().ok()) {
        assert!(ms <= most, "{what}: {ms:.2} ms, expected {most} at most");
    }
}

/// The queries of `docs/graph.md`, to the graph of one note and to that of a thousand.
#[cfg(feature = "sparql")]
fn asked_in_sparql(o: Ontology<'_>) {
    use karuta::graph::{Answer, Store};
    const QUERIES: [(&str, &str); 3] = [
        ("notes with one finding", "SELECT ?n { ?f karuta:name '発熱'; karuta:assertion 'present'; karuta:note/karuta:id ?n }"),
        (
            "notes with an infection of any kind",
            "SELECT ?n ?name { ?f karuta:note/karuta:id ?n; karuta:name ?name; karuta:assertion 'present'; karuta:concept/rdfs:subClassOf* ?c . ?c rdfs:label '感染症' }",
        ),
        ("a sign that a medicine may cause", "SELECT ?s ?d { ?a karuta:adverse_effect_of ?b; karuta:name ?s. ?b karuta:name ?d }"),
    ];
    let engine = karuta::Engine::new().unwrap();
    let mut worker = engine.worker();
    let texts = texts();
    for number in [1, 1000] {
        let found: Vec<_> = texts.iter().cycle().take(number).map(|t| worker.structure(t)).collect();
        let t = Instant::now();
        let mut store = Store::new();
        for (i, found) in found.iter().enumerate() {
            let notes = [Told { id: &i.to_string(), date: Some("2024-05-04"), found }];
            store.add(o, &notes, &NoteGraph::of(o, &notes));
        }
        store.add_concepts(o);
        println!("  SPARQL, {number} notes, {} facts: store made in {:.1} ms", found.iter().map(|f| f.facts.len()).sum::<usize>(), t.elapsed().as_secs_f64() * 1e3);
        for (what, query) in QUERIES {
            let mut times: Vec<f64> = Vec::new();
            let mut rows = 0;
            for _ in 0..if number == 1 { 101 } else { 11 } {
                let t = Instant::now();
                let Answer::Solutions(_, found) = black_box(store.query(query).unwrap()) else { panic!("no solutions") };
                times.push(t.elapsed().as_secs_f64() * 1e3);
                rows = found.len();
            }
            times.sort_by(f64::total_cmp);
            println!("    {what}: {rows} rows in {:.2} ms (median), {:.2} ms (longest)", times[times.len() / 2], times[times.len() - 1]);
        }
    }
}

/// The first is a note with a finding, a medicine and a disorder; the others are the charts of `corpora`, or those asked for.
#[cfg(feature = "sparql")]
fn texts() -> Vec<String> {
    let charts = || std::fs::read_dir(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora/charts")).unwrap().map(|e| e.unwrap().path());
    let mut files: Vec<_> = std::env::var("KARUTA_BENCH_NOTES").map_or_else(|_| charts().collect(), |l| l.split(':').map(std::path::PathBuf::from).collect());
    files.sort();
    let mut out = vec!["S) 咳嗽、発熱あり。下腿浮腫。\nO) BT 38.9、CRP 12.3\nA) 市中肺炎、糖尿病、高血圧症\nP) アムロジピン5mg継続。".to_owned()];
    for f in files {
        let text = std::fs::read_to_string(&f).unwrap();
        if f.extension().is_some_and(|e| e == "jsonl") {
            out.extend(text.lines().filter_map(|l| serde_json::from_str::<serde_json::Value>(l).ok()?["text"].as_str().map(str::to_owned)));
        } else {
            out.push(text);
        }
    }
    out
}

/// Median and 99th percentile of the time of one question.
fn each<T>(what: &str, over: &[T], mut ask: impl FnMut(&T) -> usize) {
    let mut times = Vec::new();
    let rounds = (200 / over.len().max(1)).max(1);
    for _ in 0..rounds {
        for x in over {
            let t = Instant::now();
            black_box(ask(x));
            times.push(t.elapsed().as_secs_f64() * 1e6);
        }
    }
    times.sort_by(f64::total_cmp);
    let at = |p: usize| times[(times.len() - 1) * p / 100];
    println!("  {what}: {:.1} µs (median), {:.1} µs (99th percentile), {:.1} µs (longest)", at(50), at(99), at(100));
    at_most("KARUTA_BENCH_MOST_MS", what, at(99) / 1e3);
}

/// Ontologies in the form that their publishers hand them out.
fn invented() -> Pack {
    let folder = std::env::temp_dir().join(format!("karuta-bench-graph-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    // a small linear generator: the same at every run
    let mut seed = 1u64;
    let mut next = |n: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % n
    };
    for (prefix, classes) in [("MONDO", 30_000u64), ("HP", 20_000)] {
        let mut obo = String::from("format-version: 1.2\n");
        for i in 1..=classes {
            let _ = write!(obo, "\n[Term]\nid: {prefix}:{i:07}\nname: {prefix} class {i}\n");
            // a tree some ten levels deep, with a second parent now and then
            for _ in 0..=next(4) / 3 {
                if i > 1 {
                    let _ = writeln!(obo, "is_a: {prefix}:{:07}", 1 + next(i.div_ceil(3)));
                }
            }
            if prefix == "MONDO" && i % 3 == 0 {
                let _ = writeln!(obo, "xref: OMIM:{i} {{source=\"MONDO:equivalentTo\"}}");
            }
        }
        std::fs::write(folder.join(format!("{prefix}.obo")), obo).unwrap();
    }
    let mut hpoa = String::from("database_id\tdisease_name\tqualifier\thpo_id\treference\tevidence\tonset\tfrequency\tsex\tmodifier\taspect\tbiocuration\n");
    for i in 0..270_000u64 {
        let _ = writeln!(hpoa, "OMIM:{}\tdisease\t\tHP:{:07}\tPMID:{i}\tPCS\t\t3/7\t\t\tP\tx", 3 * (1 + i % 8_000), 1 + next(20_000));
    }
    std::fs::write(folder.join("phenotype.hpoa"), hpoa).unwrap();
    let mut import = Import::new();
    import.read(&folder, None, &mut |_| {}).unwrap();
    let out = folder.join("ontologies.kpack");
    import.write("ontologies", &out).unwrap();
    let pack = Pack::open(&out).unwrap();
    let _ = std::fs::remove_dir_all(&folder);
    pack
}
