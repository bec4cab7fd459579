//! Facts, links and concepts as RDF, to be asked in SPARQL. The words are told in `docs/graph.md`.

use super::{NoteGraph, Ontology, Relation, Told};
use crate::lexicon::{ConceptRef, System};
use crate::model::Fact;
use oxrdf::vocab::{rdf, rdfs, xsd};
use oxrdf::{Dataset, GraphName, Literal, NamedNode, Quad, Term, Triple};
use serde_json::{Value, json};
use spareval::{QueryEvaluator, QueryResults};
use spargebra::SparqlParser;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// What the names of Karuta's own classes and properties begin with; `karuta:` in queries.
pub const VOCABULARY: &str = "urn:karuta:vocab:";

/// Prefixes that a query may use without declaring them.
const PREFIXES: [(&str, &str); 10] = [
    ("karuta", VOCABULARY),
    ("concept", "urn:karuta:concept:"),
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
    ("skos", "http://www.w3.org/2004/02/skos/core#"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
    ("RO", "http://purl.obolibrary.org/obo/RO_"),
    ("sct", "http://snomed.info/id/"),
    ("schema", "https://schema.org/"),
    ("biolink", "https://w3id.org/biolink/vocab/"),
];

/// Why a question could not be answered.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The text is no SPARQL query.
    #[error("found no SPARQL query: {0}")]
    Syntax(String),
    /// It could not be evaluated.
    #[error("the query could not be evaluated: {0}")]
    Evaluation(String),
}

/// What a query answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// SELECT: the variables, and a row for each solution.
    Solutions(Vec<String>, Vec<Vec<Option<Term>>>),
    /// ASK.
    Boolean(bool),
    /// CONSTRUCT, DESCRIBE.
    Triples(Vec<Triple>),
}

/// RDF in memory.
#[derive(Debug, Default)]
pub struct Store {
    data: Dataset,
    concepts: BTreeSet<ConceptRef>,
}

impl Store {
    /// Holds nothing yet.
    ///
    /// ```
    /// use karuta::graph::{Answer, NoteGraph, Store, Told};
    /// let engine = karuta::Engine::new().unwrap();
    /// let found = engine.worker().structure("市中肺炎。発熱あり。");
    /// let ontology = engine.ontology().unwrap();
    /// let notes = [Told { id: "1", date: None, found: &found }];
    /// let mut store = Store::new();
    /// store.add(ontology, &notes, &NoteGraph::of(ontology, &notes));
    /// store.add_concepts(ontology);
    /// let asked = "ASK { ?f karuta:concept/rdfs:subClassOf* ?c . ?c rdfs:label '感染症' }";
    /// assert_eq!(store.query(asked)?, Answer::Boolean(true));
    /// # Ok::<(), karuta::graph::QueryError>(())
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the facts and links of a patient's notes; `graph` is the one that was made of them.
    pub fn add(&mut self, ontology: Ontology<'_>, notes: &[Told<'_>], graph: &NoteGraph<'_>) {
        for n in notes {
            let note = iri("urn:karuta:note:", n.id);
            self.put(&note, rdf::TYPE.into_owned(), own("Note"));
            self.put(&note, own("id"), Literal::new_simple_literal(n.id));
            if let Some(d) = n.date {
                self.put(&note, own("date"), Literal::new_simple_literal(d));
            }
        }
        let fact = |i: usize| graph.nodes().get(i).and_then(|n| Some((n, fact_iri(notes.get(n.note)?.id, &n.fact.id))));
        for i in 0..graph.nodes().len() {
            let Some((n, subject)) = fact(i) else { continue };
            if let Some(note) = notes.get(n.note) {
                self.put(&subject, own("note"), iri("urn:karuta:note:", note.id));
            }
            self.fact(&subject, n.fact);
            if let Some(d) = n.day {
                self.put(&subject, own("date"), Literal::new_simple_literal(d));
            }
            if let Some(c) = n.concept {
                self.put(&subject, own("concept"), concept(ontology, c));
                self.concepts.insert(c);
            }
        }
        for l in graph.links() {
            if let (Some((_, a)), Some((_, b))) = (fact(l.from), fact(l.to)) {
                self.put(&a, own(l.kind.name()), b);
            }
        }
    }

    /// Adds the concepts of the facts, what they are kinds of, and what either is related to.
    pub fn add_concepts(&mut self, ontology: Ontology<'_>) {
        let mut known = std::mem::take(&mut self.concepts);
        let above: Vec<ConceptRef> = known.iter().flat_map(|c| ontology.ancestors(*c)).map(|a| a.concept).collect();
        known.extend(above);
        let mut named = known.clone();
        for c in &known {
            for e in ontology.edges_from(*c).chain(ontology.edges_to(*c).filter(|e| e.relation != Relation::IsA)) {
                self.put(&concept(ontology, e.from), own(e.relation.text()), concept(ontology, e.to));
                if let Some(published) = published(e.relation) {
                    self.put(&concept(ontology, e.from), published, concept(ontology, e.to));
                }
                named.extend([e.from, e.to]);
            }
        }
        for c in named {
            self.describe(ontology, c);
        }
        self.concepts = known;
    }

    /// Number of statements.
    pub fn len(&self) -> usize {
        self.data.len()
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// Answers a SPARQL 1.1 query. The prefixes of `docs/graph.md` need no declaration; nothing is fetched (SERVICE fails).
    ///
    /// # Errors
    /// [`QueryError`] with what the parser or the evaluation found.
    pub fn query(&self, sparql: &str) -> Result<Answer, QueryError> {
        let mut parser = SparqlParser::new();
        for (prefix, base) in PREFIXES {
            parser = parser.with_prefix(prefix, base).map_err(|e| QueryError::Syntax(e.to_string()))?;
        }
        let query = parser.parse_query(sparql).map_err(|e| QueryError::Syntax(e.to_string()))?;
        let failed = |e: spareval::QueryEvaluationError| QueryError::Evaluation(e.to_string());
        let evaluator = QueryEvaluator::new();
        match evaluator.prepare(&query).execute(&self.data).map_err(failed)? {
            QueryResults::Boolean(b) => Ok(Answer::Boolean(b)),
            QueryResults::Solutions(found) => {
                let variables = found.variables().to_vec();
                let mut rows = Vec::new();
                for s in found {
                    let s = s.map_err(failed)?;
                    rows.push(variables.iter().map(|v| s.get(v).cloned()).collect());
                }
                Ok(Answer::Solutions(variables.into_iter().map(|v| v.into_string()).collect(), rows))
            }
            QueryResults::Graph(found) => Ok(Answer::Triples(found.collect::<Result<_, _>>().map_err(failed)?)),
        }
    }

    fn fact(&mut self, subject: &NamedNode, f: &Fact) {
        self.put(subject, rdf::TYPE.into_owned(), own("Fact"));
        let mut word = |property: &str, value: &str| self.put(subject, own(property), Literal::new_simple_literal(value));
        word("kind", f.kind.name());
        word("name", &f.name);
        word("text", &f.text);
        word("assertion", f.assertion.name());
        for (property, value) in [("subject", json!(f.subject)), ("temporality", json!(f.temporality)), ("section", json!(f.section))] {
            word(property, value.as_str().unwrap_or(""));
        }
        for c in &f.codings {
            word("code", &c.code);
        }
        if let Some(v) = &f.value {
            if let Some(n) = v.number {
                self.put(subject, own("value"), Literal::new_typed_literal(n.to_string(), xsd::DECIMAL));
            }
            for (property, value) in [("unit", &v.unit), ("comparator", &v.comparator), ("result", &v.text)] {
                if let Some(value) = value {
                    self.put(subject, own(property), Literal::new_simple_literal(value.as_str()));
                }
            }
        }
        if let Some(status) = f.medication.as_ref().and_then(|m| m.status.as_deref()) {
            self.put(subject, own("status"), Literal::new_simple_literal(status));
        }
    }

    fn describe(&mut self, ontology: Ontology<'_>, c: ConceptRef) {
        let Some(found) = ontology.lexicon().concept(c) else { return };
        let subject = concept(ontology, c);
        self.put(&subject, rdf::TYPE.into_owned(), own("Concept"));
        self.put(&subject, own("kind"), Literal::new_simple_literal(found.kind().text()));
        // plain, so that a query may name it without a language
        self.put(&subject, rdfs::LABEL.into_owned(), Literal::new_simple_literal(found.name()));
        for k in found.codes() {
            let same = match k.system {
                System::Hpo | System::Mondo => NamedNode::new(format!("http://purl.obolibrary.org/obo/{}", k.code.replace(':', "_"))).ok(),
                System::Nando => NamedNode::new(format!("http://nanbyodata.jp/ontology/{}", k.code.replace(':', "_"))).ok(),
                System::Icd10 => Some(iri("http://hl7.org/fhir/sid/icd-10/", k.code)),
                _ => None,
            };
            if let Some(same) = same {
                self.put(&subject, NamedNode::new_unchecked("http://www.w3.org/2004/02/skos/core#exactMatch"), same);
            }
            self.put(&subject, own("code"), Literal::new_simple_literal(k.code));
        }
    }

    fn put(&mut self, subject: &NamedNode, property: NamedNode, object: impl Into<Term>) {
        self.data.insert(&Quad::new(subject.clone(), property, object, GraphName::DefaultGraph));
    }
}

impl Answer {
    /// The answer as SPARQL 1.1 Query Results JSON; triples as an array of three terms each.
    pub fn json(&self) -> Value {
        match self {
            Self::Boolean(b) => json!({ "head": {}, "boolean": b }),
            Self::Triples(triples) => triples.iter().map(|t| json!([term(&t.subject.clone().into()), term(&t.predicate.clone().into()), term(&t.object)])).collect(),
            Self::Solutions(variables, rows) => {
                let bindings: Vec<Value> = rows
                    .iter()
                    .map(|r| variables.iter().zip(r).filter_map(|(v, t)| Some((v.clone(), term(t.as_ref()?)))).collect::<serde_json::Map<String, Value>>().into())
                    .collect();
                json!({ "head": { "vars": variables }, "results": { "bindings": bindings } })
            }
        }
    }
}

fn term(t: &Term) -> Value {
    if let Term::NamedNode(n) = t {
        return json!({ "type": "uri", "value": n.as_str() });
    }
    if let Term::Literal(l) = t {
        let mut out = json!({ "type": "literal", "value": l.value() });
        if let Some(o) = out.as_object_mut() {
            if let Some(language) = l.language() {
                o.insert("xml:lang".to_owned(), language.into());
            } else if l.datatype() != xsd::STRING {
                o.insert("datatype".to_owned(), l.datatype().as_str().into());
            }
        }
        return out;
    }
    json!({ "type": "bnode", "value": t.to_string().trim_start_matches("_:") })
}

fn own(name: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{VOCABULARY}{name}"))
}

fn concept(ontology: Ontology<'_>, c: ConceptRef) -> NamedNode {
    iri("urn:karuta:concept:", ontology.lexicon().concept(c).map_or("", crate::lexicon::Concept::id))
}

fn fact_iri(note: &str, fact: &str) -> NamedNode {
    let mut n = iri("urn:karuta:note:", note).into_string();
    n.push('#');
    n.push_str(iri("", fact).as_str());
    NamedNode::new_unchecked(n)
}

/// The published property that says the same, where there is one.
fn published(relation: Relation) -> Option<NamedNode> {
    let (prefix, name) = relation.property().split_once(':')?;
    let base = PREFIXES.iter().find(|p| p.0 == prefix && p.0 != "karuta")?.1;
    Some(NamedNode::new_unchecked(format!("{base}{name}")))
}

/// Anything, as the end of an IRI: what is no letter, digit or `-._` is escaped byte by byte.
fn iri(base: &str, name: &str) -> NamedNode {
    let mut out = base.to_owned();
    for b in name.bytes() {
        if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_') {
            out.push(char::from(b));
        } else {
            let _ = write!(out, "%{b:02X}");
        }
    }
    NamedNode::new_unchecked(out)
}
