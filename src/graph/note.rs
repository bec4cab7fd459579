//! The graph of a note, or of a patient over several notes: facts tied to concepts, and what hangs together.
//!
//! What a note tells is kept apart from what the ontology suggests: a link says where it comes from and why.

use super::{Ontology, Relation};
use crate::lexicon::{ConceptKind, ConceptRef, System};
use crate::model::{Assertion, Fact, FactKind, RelationKind, Structured, Subject, Temporality};
use std::collections::{BTreeMap, HashMap, HashSet};

/// A note that was structured.
#[derive(Debug, Clone, Copy)]
pub struct Told<'n> {
    /// Its id.
    pub id: &'n str,
    /// Its own date, ISO 8601, where it is known.
    pub date: Option<&'n str>,
    /// What it says.
    pub found: &'n Structured,
}

/// A fact in the graph.
#[derive(Debug, Clone, Copy)]
pub struct NoteNode<'n> {
    /// The note's place among the notes.
    pub note: usize,
    /// The fact.
    pub fact: &'n Fact,
    /// The concept that it is of, where the lexicon knows it.
    pub concept: Option<ConceptRef>,
    /// The day, ISO 8601, where the note or the fact tells it; the time of day behind it where it is told.
    pub day: Option<&'n str>,
}

/// How two facts are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LinkKind {
    /// The note says so.
    Told(RelationKind),
    /// The second fact was derived from the first (発熱 from BT39.2), by a rule with a threshold.
    DerivedFrom,
    /// The ontology relates their concepts, and both are in the notes: a suggestion.
    Suggested(Relation),
}

impl LinkKind {
    /// Its name in JSON and as a property.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Told(kind) => kind.name(),
            Self::DerivedFrom => "derived_from",
            Self::Suggested(r) => r.text(),
        }
    }

    /// Where it comes from: `note`, `rule` or `ontology`.
    pub const fn source(self) -> &'static str {
        match self {
            Self::Told(_) => "note",
            Self::DerivedFrom => "rule",
            Self::Suggested(_) => "ontology",
        }
    }
}

/// Which of two facts came first, as far as the notes tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The first before the second.
    Before,
    /// On one day, or at one time.
    Same,
    /// The first after the second.
    After,
}

/// A link between two facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// How they are joined.
    pub kind: LinkKind,
    /// The first fact: its place among the nodes.
    pub from: usize,
    /// The second.
    pub to: usize,
    /// What says so: the note's rule, or the ids of the ontology's rows.
    pub rows: String,
    /// Why, in words: the way through the ontology. Empty for what the note tells.
    pub words: String,
    /// Which came first.
    pub order: Option<Order>,
}

/// Facts and links of one patient.
#[derive(Debug, Default)]
pub struct NoteGraph<'n> {
    nodes: Vec<NoteNode<'n>>,
    links: Vec<Link>,
}

/// The relations that are looked for between facts.
const SUGGESTED: [Relation; 10] = [
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
];

/// A relation may be read off what the first is a kind of, and lead to what the second is a kind of: so many steps
/// in all. Farther up everything is related to everything.
const UP: u32 = 2;

impl<'n> NoteGraph<'n> {
    /// Joins the facts of a patient's notes.
    ///
    /// A suggested link says that the ontology relates what two facts are of, both being present in the patient: that
    /// this fever belongs to this pneumonia is for a person to confirm.
    ///
    /// ```
    /// use karuta::graph::{LinkKind, NoteGraph, Relation, Told};
    /// let engine = karuta::Engine::new().unwrap();
    /// let found = engine.worker().structure("BT39.2、咳嗽あり。肺炎と診断。");
    /// let ontology = engine.ontology().unwrap();
    /// let graph = NoteGraph::of(ontology, &[Told { id: "1", date: None, found: &found }]);
    /// let link = graph.links().iter().find(|l| l.kind == LinkKind::Suggested(Relation::HasSymptom)).unwrap();
    /// assert_eq!(graph.nodes()[link.from].fact.name, "肺炎");
    /// ```
    pub fn of(ontology: Ontology<'_>, notes: &[Told<'n>]) -> Self {
        let mut graph = Self::default();
        let mut known = HashMap::new();
        for (i, note) in notes.iter().enumerate() {
            let first = graph.nodes.len();
            for fact in &note.found.facts {
                let key = (fact.kind, fact.name.as_str());
                let concept = *known.entry(key).or_insert_with(|| concept_of(ontology, fact));
                graph.nodes.push(NoteNode { note: i, fact, concept, day: day(fact, note.date) });
            }
            graph.told(note, first);
        }
        graph.suggest(ontology);
        graph
    }

    /// The facts, note by note.
    pub fn nodes(&self) -> &[NoteNode<'n>] {
        &self.nodes
    }

    /// The links: what the notes tell first, then what the ontology suggests.
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// The facts that a time is known of, in its order.
    pub fn in_order(&self) -> Vec<usize> {
        let mut out: Vec<(&str, usize)> = self.nodes.iter().enumerate().filter_map(|(i, n)| Some((n.day?, i))).collect();
        out.sort_unstable();
        out.into_iter().map(|o| o.1).collect()
    }

    fn told(&mut self, note: &Told<'n>, first: usize) {
        let place: HashMap<&str, usize> = note.found.facts.iter().enumerate().map(|(i, f)| (f.id.as_str(), first + i)).collect();
        for r in &note.found.relations {
            if let (Some(from), Some(to)) = (place.get(r.from.as_str()), place.get(r.to.as_str())) {
                self.link(LinkKind::Told(r.kind), *from, *to, r.rule.clone(), String::new());
            }
        }
        for f in &note.found.facts {
            for source in &f.from {
                if let (Some(from), Some(to)) = (place.get(f.id.as_str()), place.get(source.as_str())) {
                    let rule = f.because.first().map_or_else(String::new, |b| b.rule.to_string());
                    self.link(LinkKind::DerivedFrom, *from, *to, rule, String::new());
                }
            }
        }
    }

    fn link(&mut self, kind: LinkKind, from: usize, to: usize, rows: String, words: String) {
        let time = |i: usize| self.nodes.get(i).and_then(|n| n.day);
        let order = match (time(from), time(to)) {
            (Some(a), Some(b)) => Some(order(a, b)),
            _ => None,
        };
        self.links.push(Link { kind, from, to, rows, words, order });
    }

    fn suggest(&mut self, ontology: Ontology<'_>) {
        // the facts of each concept; what is denied, planned or another's belongs to nothing
        let mut facts: BTreeMap<ConceptRef, Vec<usize>> = BTreeMap::new();
        for (i, n) in self.nodes.iter().enumerate() {
            let there = matches!(n.fact.assertion, Assertion::Present | Assertion::Possible) && n.fact.subject == Subject::Patient && n.fact.kind != FactKind::Allergy;
            if let (Some(c), true) = (n.concept, there) {
                facts.entry(c).or_default().push(i);
            }
        }
        let mut above: HashMap<ConceptRef, Vec<(ConceptRef, u32)>> = HashMap::new();
        let ups: BTreeMap<ConceptRef, Vec<(ConceptRef, u32)>> = facts.keys().map(|c| (*c, upward(ontology, *c))).collect();
        for (c, up) in &ups {
            for (u, d) in up {
                above.entry(*u).or_default().push((*c, *d));
            }
        }
        let mut best: BTreeMap<(ConceptRef, Relation, ConceptRef), (u32, String, String)> = BTreeMap::new();
        for (a, up) in &ups {
            for (at, near) in up {
                for e in ontology.edges_from(*at).filter(|e| SUGGESTED.contains(&e.relation)) {
                    for (b, far) in above.get(&e.to).map_or(&[][..], Vec::as_slice) {
                        let steps = near + far;
                        if b == a || steps > UP || best.get(&(*a, e.relation, *b)).is_some_and(|x| x.0 <= steps) {
                            continue;
                        }
                        let mut words = format!("{} →({}) {}", ontology.name(*at), e.relation.ja(false), ontology.name(e.to));
                        for (kind, of, n) in [(*a, *at, near), (*b, e.to, far)] {
                            if *n > 0 {
                                words.push_str(&format!("; {} は {} の一種", ontology.name(kind), ontology.name(of)));
                            }
                        }
                        best.insert((*a, e.relation, *b), (steps, e.rows.to_owned(), words));
                    }
                }
            }
        }
        for ((a, relation, b), (_, rows, words)) in best {
            for (from, to) in self.pairs(facts.get(&a), facts.get(&b)) {
                self.link(LinkKind::Suggested(relation), from, to, rows.clone(), words.clone());
            }
        }
    }

    /// The first facts of two concepts in each note that has both; where none has, the first in all.
    fn pairs(&self, a: Option<&Vec<usize>>, b: Option<&Vec<usize>>) -> Vec<(usize, usize)> {
        let (Some(a), Some(b)) = (a, b) else { return Vec::new() };
        let note = |i: &usize| self.nodes.get(*i).map(|n| n.note);
        let mut notes = HashSet::new();
        let mut out: Vec<(usize, usize)> = Vec::new();
        for x in a {
            if let Some(y) = b.iter().find(|y| note(y) == note(x)).filter(|_| notes.insert(note(x))) {
                out.push((*x, *y));
            }
        }
        if let (true, Some(x), Some(y)) = (out.is_empty(), a.first(), b.first()) {
            out.push((*x, *y));
        }
        out
    }
}

/// A concept and what it is a kind of, near it; blocks of a classification relate to nothing.
fn upward(ontology: Ontology<'_>, c: ConceptRef) -> Vec<(ConceptRef, u32)> {
    let near = ontology.ancestors(c).into_iter().take_while(|a| a.distance <= UP).filter(|a| ontology.kind(a.concept) != Some(ConceptKind::Block));
    std::iter::once((c, 0)).chain(near.map(|a| (a.concept, a.distance))).collect()
}

fn day<'n>(fact: &'n Fact, note: Option<&'n str>) -> Option<&'n str> {
    let told = fact.time.as_ref().and_then(|t| t.start.as_deref());
    let dated = |s: &&str| s.starts_with(|c: char| c.is_ascii_digit());
    match told {
        Some(t) => Some(t).filter(dated),
        // what is told without a time, of now, is of the note's day
        None => note.filter(dated).filter(|_| fact.temporality == Temporality::Current),
    }
}

/// Compares as far as both are told: 2024-05 and 2024-05-04 are the same.
pub(super) fn order(a: &str, b: &str) -> Order {
    let n = a.len().min(b.len());
    match a.get(..n).cmp(&b.get(..n)) {
        std::cmp::Ordering::Less => Order::Before,
        std::cmp::Ordering::Equal => Order::Same,
        std::cmp::Ordering::Greater => Order::After,
    }
}

/// The kinds of concept that a fact may be of.
const fn kinds(kind: FactKind) -> &'static [ConceptKind] {
    match kind {
        FactKind::Vital => &[ConceptKind::Vital, ConceptKind::Analyte],
        FactKind::Lab => &[ConceptKind::Analyte],
        FactKind::Disorder | FactKind::Finding => &[ConceptKind::Disorder, ConceptKind::Finding],
        FactKind::Medication => &[ConceptKind::Drug, ConceptKind::DrugClass, ConceptKind::Regimen],
        FactKind::Procedure => &[ConceptKind::Procedure],
        FactKind::Score => &[ConceptKind::Score],
        FactKind::Allergy => &[ConceptKind::Allergen, ConceptKind::Drug],
        FactKind::Lifestyle | FactKind::Preference | FactKind::Time => &[],
    }
}

/// The concept that a fact is of: by its name, by its ingredient, then by its codes.
pub(crate) fn concept_of(ontology: Ontology<'_>, fact: &Fact) -> Option<ConceptRef> {
    let lexicon = ontology.lexicon();
    let wanted = kinds(fact.kind);
    let fits = |r: &ConceptRef| lexicon.concept(*r).is_some_and(|c| wanted.contains(&c.kind()));
    let by_name = |name: &str| {
        let found: Vec<ConceptRef> = lexicon.lookup(name).map(|f| f.0).filter(fits).collect();
        found.iter().find(|r| ontology.name(**r) == name).or_else(|| found.first()).copied()
    };
    let ingredients = fact.medication.iter().flat_map(|m| &m.ingredients);
    by_name(&fact.name).or_else(|| ingredients.map(String::as_str).find_map(by_name)).or_else(|| {
        // a composed disorder's first code is its base; ICD-10 is too broad to tell a concept
        let precise = |s: &str| s != System::Icd10.text();
        fact.codings.iter().filter(|c| precise(&c.system)).find_map(|c| lexicon.by_code(&c.code).into_iter().map(|f| f.0).find(fits))
    })
}
