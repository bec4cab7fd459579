//! The real HPO, its annotations and MONDO, held against what others answer. `scripts/test-ontology.sh` lays them out in
//! the folder that `KARUTA_ONTOLOGY` names; without it there is nothing to test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use karuta::graph::{Graph, Ontology, Relation};
use karuta::lexicon::{ConceptRef, Lexicon, Pack};
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};

#[derive(Deserialize)]
struct Oracle {
    classes: Vec<Class>,
    pairs: Vec<Pair>,
    diseases: Vec<Disease>,
}

#[derive(Deserialize)]
struct Class {
    id: String,
    parents: BTreeSet<String>,
    ancestors: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Pair {
    a: String,
    b: String,
    /// Steps over the nearest class above both.
    common: Option<u32>,
    /// Steps over `is_a`, walked either way.
    between: Option<usize>,
}

#[derive(Deserialize)]
struct Disease {
    id: String,
    /// By phenotype: cases of how many, a row each.
    phenotypes: HashMap<String, Vec<Option<(u32, u32)>>>,
}

struct Real<'l> {
    ontology: Ontology<'l>,
}

impl Real<'_> {
    #[track_caller]
    fn class(&self, id: &str) -> ConceptRef {
        let index = self.ontology.lexicon().packs()[1].by_id(id).unwrap_or_else(|| panic!("no {id}"));
        ConceptRef { pack: 1, index }
    }

    fn ids(&self, of: impl Iterator<Item = ConceptRef>) -> BTreeSet<String> {
        of.filter(|r| r.pack == 1).map(|r| self.ontology.lexicon().concept(r).unwrap().id().to_owned()).collect()
    }
}

#[test]
fn real_ontologies_are_read_as_others_read_them() {
    let Ok(folder) = std::env::var("KARUTA_ONTOLOGY") else { return };
    let oracle: Oracle = serde_json::from_str(&std::fs::read_to_string(format!("{folder}/oracle.json")).unwrap()).unwrap();
    let lexicon = Lexicon::layered(vec![Pack::open(format!("{folder}/ontologies.kpack").as_ref()).unwrap()]).unwrap();
    let graph = Graph::load(&lexicon).unwrap();
    let ontology = Ontology::new(&lexicon, &graph);
    let real = Real { ontology };
    println!("{:?}", ontology.figures());
    assert!(oracle.classes.len() >= 800 && oracle.pairs.len() >= 800 && oracle.diseases.len() >= 500);
    for c in &oracle.classes {
        let r = real.class(&c.id);
        assert_eq!(real.ids(ontology.neighbours(r, Relation::IsA, false)), c.parents, "above {}", c.id);
        assert_eq!(real.ids(ontology.ancestors(r).iter().map(|a| a.concept)), c.ancestors, "all above {}", c.id);
    }
    for p in &oracle.pairs {
        let (a, b) = (real.class(&p.a), real.class(&p.b));
        let common = ontology.common(a, b);
        assert_eq!(common.first().map(|c| c.from_first + c.from_second), p.common, "above {} and {}", p.a, p.b);
        for c in &common {
            assert!(ontology.is_a(a, c.concept) && ontology.is_a(b, c.concept));
        }
        let path = ontology.paths(a, b, &[Relation::IsA], 0, 1);
        assert_eq!(path.first().map(Vec::len), p.between, "between {} and {}", p.a, p.b);
    }
    let (mut counted, mut joined) = (0, 0);
    for d in &oracle.diseases {
        let r = real.class(&d.id);
        let edges: Vec<_> = ontology.edges_from(r).filter(|e| e.relation == Relation::HasSymptom).collect();
        let told: BTreeSet<String> = d.phenotypes.keys().cloned().collect();
        assert_eq!(real.ids(edges.iter().map(|e| e.to)), told, "phenotypes of {}", d.id);
        for e in edges {
            let rows = &d.phenotypes[lexicon.concept(e.to).unwrap().id()];
            joined += 1;
            if let Some(Some(told)) = rows.first() {
                counted += 1;
                assert!(rows.contains(&Some((e.n, e.of))), "{} of {}: {}/{}, the file has {told:?}", ontology.name(e.to), d.id, e.n, e.of);
            }
        }
    }
    println!("{joined} phenotypes, {counted} with cases counted");
    assert!(counted > 1000);
}
