//! `karuta graph ancestors`, `descendants`, `common`, `path`, `explain`

use super::{Answer, Ask, brief, named, rows, steps};
use crate::graph::{Inference, Ontology, Reached, Relation};
use crate::lexicon::ConceptRef;
use clap::Args;
use miette::{Result, miette};
use serde_json::{Value, json};

/// Show what a concept is a kind of.
#[derive(Debug, Args)]
pub(super) struct Up {
    /// An id, a code of any system, or a name
    asked: String,
    #[command(flatten)]
    ask: Ask,
}

/// Show the kinds of a concept.
#[derive(Debug, Args)]
pub(super) struct Down {
    /// An id, a code of any system, or a name
    asked: String,
    #[command(flatten)]
    ask: Ask,
}

/// Show what two concepts have in common.
#[derive(Debug, Args)]
pub(super) struct Common {
    /// The first concept
    first: String,
    /// The second
    second: String,
    #[command(flatten)]
    ask: Ask,
}

/// Show the shortest ways between two concepts.
#[derive(Debug, Args)]
pub(super) struct Path {
    /// Where the ways begin
    from: String,
    /// Where they end
    to: String,
    /// Only over these relations (is_a, has_symptom, has_result …), walked either way
    #[arg(long, value_name = "RELATION", value_delimiter = ',', value_parser = relation)]
    relations: Vec<Relation>,
    /// Also ways that are so many steps longer than the shortest
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=4))]
    longer: u32,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 5)]
    limit: usize,
    #[command(flatten)]
    ask: Ask,
}

/// Show how one thing leads to another.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The cause
    cause: String,
    /// What it may lead to
    result: String,
    /// At most so many chains
    #[arg(long, value_name = "N", default_value_t = 5)]
    limit: usize,
    #[command(flatten)]
    ask: Ask,
}

fn relation(text: &str) -> Result<Relation, String> {
    let names = || Relation::ALL.iter().map(|r| r.text()).collect::<Vec<_>>().join(", ");
    Relation::from_text(text).or_else(|| Relation::ALL.iter().copied().find(|r| r.inverse() == text)).ok_or_else(|| format!("expected one of {}", names()))
}

impl Up {
    pub fn run(&self) -> Result<usize> {
        self.ask.answer(|o| named(o, &self.asked).map(|r| reached(o, r, &o.ancestors(r))))
    }
}

impl Down {
    pub fn run(&self) -> Result<usize> {
        self.ask.answer(|o| named(o, &self.asked).map(|r| reached(o, r, &o.descendants(r))))
    }
}

fn reached(ontology: Ontology<'_>, of: ConceptRef, found: &[Reached]) -> Answer {
    let each: Vec<Value> = found
        .iter()
        .map(|f| {
            let mut v = brief(ontology, f.concept);
            if let Some(o) = v.as_object_mut() {
                o.insert("distance".to_owned(), f.distance.into());
            }
            v
        })
        .collect();
    let mut lines = vec![ontology.name(of).to_owned()];
    let id = |r| ontology.lexicon().concept(r).map_or("", crate::lexicon::Concept::id);
    // a concept and its class in an ontology may bear one name: the id tells them apart
    lines.extend(found.iter().map(|f| format!("{:indent$}{}  [{}]", "", ontology.name(f.concept), id(f.concept), indent = 2 * f.distance.min(40) as usize)));
    Answer { json: json!({ "of": brief(ontology, of), "concepts": each }), lines }
}

impl Common {
    pub fn run(&self) -> Result<usize> {
        self.ask.answer(|o| {
            let (a, b) = (named(o, &self.first)?, named(o, &self.second)?);
            let found = o.common(a, b);
            let line = |c: ConceptRef, at: ConceptRef| o.path_up(c, at).map_or_else(String::new, |p| if p.is_empty() { o.name(at).to_owned() } else { o.words(&p) });
            let json: Vec<Value> = found.iter().map(|c| json!({ "concept": brief(o, c.concept), "from_first": c.from_first, "from_second": c.from_second })).collect();
            let mut lines = Vec::new();
            for c in &found {
                lines.push(o.name(c.concept).to_owned());
                lines.extend([a, b].into_iter().map(|x| format!("  {}", line(x, c.concept))));
            }
            if lines.is_empty() {
                lines.push(format!("{} と {} に共通の上位はありません", o.name(a), o.name(b)));
            }
            Ok(Answer { json: json!({ "first": brief(o, a), "second": brief(o, b), "common": json }), lines })
        })
    }
}

impl Path {
    pub fn run(&self) -> Result<usize> {
        self.ask.answer(|o| {
            let (a, b) = (named(o, &self.from)?, named(o, &self.to)?);
            let found = o.paths(a, b, &self.relations, self.longer, self.limit);
            if found.is_empty() && a != b {
                return Err(miette!("no way leads from {} to {}", o.name(a), o.name(b)));
            }
            let json: Vec<Value> = found.iter().map(|p| json!({ "words": o.words(p), "steps": steps(o, p) })).collect();
            let lines = found.iter().map(|p| format!("{}  [{}]", o.words(p), rows(p))).collect();
            Ok(Answer { json: json!({ "from": brief(o, a), "to": brief(o, b), "paths": json }), lines })
        })
    }
}

impl Explain {
    pub fn run(&self) -> Result<usize> {
        self.ask.answer(|o| {
            let (a, b) = (named(o, &self.cause)?, named(o, &self.result)?);
            let found = o.explain(a, b, self.limit);
            let json: Vec<Value> = found.iter().map(|e| json!({ "inference": e.inference, "words": o.words(&e.path), "steps": steps(o, &e.path) })).collect();
            let mut lines: Vec<String> = found.iter().map(|e| format!("{}  [{}]", o.words(&e.path), rows(&e.path))).collect();
            match found.first().map(|e| e.inference) {
                None => lines.push(format!("{} から {} へ至る因果の連鎖は表にありません", o.name(a), o.name(b))),
                Some(Inference::Causal) => {}
                Some(Inference::Generalised) => lines.push("(上位の概念について書かれた因果を含みます)".to_owned()),
                Some(Inference::Shown) => lines.push("(病態が示す症状・所見を含みます)".to_owned()),
            }
            lines.push("知識の表が述べるつながりであり、この患者でそうだったということではありません。".to_owned());
            Ok(Answer { json: json!({ "cause": brief(o, a), "result": brief(o, b), "chains": json }), lines })
        })
    }
}
