//! `karuta graph show`, `karuta graph search`

use super::{Answer, Ask, brief, named, said};
use crate::graph::{Edge, Ontology, Relation};
use crate::lexicon::{ConceptRef, System};
use clap::Args;
use miette::{Result, miette};
use serde_json::{Value, json};

/// Show a concept.
#[derive(Debug, Args)]
pub(super) struct Show {
    /// An id, a code of any system, or a name
    asked: String,
    /// At most so many of each relation in a table
    #[arg(long, value_name = "N", default_value_t = 24)]
    limit: usize,
    #[command(flatten)]
    ask: Ask,
}

/// Search for concepts.
#[derive(Debug, Args)]
pub(super) struct Search {
    /// A word, or a part of one
    text: String,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    #[command(flatten)]
    ask: Ask,
}

impl Show {
    pub fn run(&self) -> Result<usize> {
        self.ask.answer(|ontology| {
            let r = named(ontology, &self.asked)?;
            let groups = groups(ontology, r);
            Ok(Answer { json: document(ontology, r, &groups), lines: self.lines(ontology, r, &groups) })
        })
    }

    fn lines(&self, ontology: Ontology<'_>, r: ConceptRef, groups: &[Group<'_>]) -> Vec<String> {
        let Some(c) = ontology.lexicon().concept(r) else { return Vec::new() };
        let mut out = vec![format!("{}  {}", c.name(), c.en()).trim_end().to_owned(), format!("  {} {}; {}", c.kind().text(), c.id(), ontology.lexicon().labels_of(r).join(", "))];
        let codes: Vec<String> = same(c.codes().map(|k| (k.system, k.code))).map(|(s, k)| format!("{} {k}", s.label())).collect();
        if !codes.is_empty() {
            out.push(format!("  {}: {}", Relation::SameAs.ja(false), codes.join(", ")));
        }
        for g in groups {
            let shown: Vec<String> = g.edges.iter().take(self.limit).map(|(e, to)| format!("{}{}", ontology.name(*to), remark(e))).collect();
            let more = g.edges.len().saturating_sub(self.limit);
            let more = if more > 0 { format!(" … ほか{more}") } else { String::new() };
            out.push(format!("  {}: {}{more}", g.relation.ja(g.inverse), shown.join("、")));
        }
        if groups.is_empty() {
            out.push("  (no relations)".to_owned());
        }
        out
    }
}

/// The relations of one kind and direction.
struct Group<'l> {
    relation: Relation,
    inverse: bool,
    edges: Vec<(Edge<'l>, ConceptRef)>,
}

fn groups(ontology: Ontology<'_>, r: ConceptRef) -> Vec<Group<'_>> {
    let ahead = ontology.edges_from(r).map(|e| (e, e.to, false));
    let back = ontology.edges_to(r).map(|e| (e, e.from, true));
    let mut out: Vec<Group<'_>> = Vec::new();
    for (edge, other, inverse) in ahead.chain(back) {
        match out.iter_mut().find(|g| (g.relation, g.inverse) == (edge.relation, inverse)) {
            Some(g) => g.edges.push((edge, other)),
            None => out.push(Group { relation: edge.relation, inverse, edges: vec![(edge, other)] }),
        }
    }
    for g in &mut out {
        // what was counted most first; what was not counted stays in its order
        g.edges.sort_by_key(|e| std::cmp::Reverse(e.0.n));
    }
    out.sort_by_key(|g| (g.relation, g.inverse));
    out
}

fn document(ontology: Ontology<'_>, r: ConceptRef, groups: &[Group<'_>]) -> Value {
    let Some(c) = ontology.lexicon().concept(r) else { return Value::Null };
    let codes: Vec<Value> = same(c.codes().map(|k| (k.system, k.code))).map(|(s, k)| json!({ "system": s.text(), "code": k })).collect();
    let relations: Vec<Value> = groups
        .iter()
        .flat_map(|g| &g.edges)
        .map(|(e, other)| {
            let mut o = said(e);
            let inverse = *other == e.from;
            o.insert("relation".to_owned(), if inverse { e.relation.inverse() } else { e.relation.text() }.into());
            o.insert("property".to_owned(), e.relation.property().into());
            o.insert("inverse".to_owned(), inverse.into());
            o.insert("concept".to_owned(), brief(ontology, *other));
            Value::Object(o)
        })
        .collect();
    json!({ "id": c.id(), "kind": c.kind().text(), "name": c.name(), "en": c.en(), "same_as": codes, "relations": relations, "packs": ontology.lexicon().labels_of(r) })
}

/// The codes that say what the concept is in other terminologies.
fn same<'c>(codes: impl Iterator<Item = (System, &'c str)>) -> impl Iterator<Item = (System, &'c str)> {
    codes.filter(|c| matches!(c.0, System::Icd10 | System::Hpo | System::Mondo | System::Nando))
}

fn remark(e: &Edge<'_>) -> String {
    match (e.of, e.note, e.relation) {
        (0, "high", _) => "↑".to_owned(),
        (0, "low", _) => "↓".to_owned(),
        (0, "positive", _) => "(+)".to_owned(),
        (0, _, _) => String::new(),
        // thousandths stand for a frequency that was told without a number of cases
        (1000, ..) => format!(" {}.{}%", e.n / 10, e.n % 10),
        (of, ..) => format!(" {}/{of}", e.n),
    }
}

impl Search {
    pub fn run(&self) -> Result<usize> {
        self.ask.answer(|ontology| {
            let count = |r: ConceptRef| ontology.edges_from(r).count() + ontology.edges_to(r).count();
            // a search knows nothing of relations: more is asked for than is shown
            let found: Vec<(ConceptRef, usize)> = ontology
                .lexicon()
                .search(&self.text, self.limit.saturating_mul(20))
                .into_iter()
                .map(|f| (f.concept, count(f.concept)))
                .filter(|f| f.1 > 0)
                .take(self.limit)
                .collect();
            if found.is_empty() {
                return Err(miette!(help = "karuta terms search looks among all terms", "no concept with relations has a name that contains {:?}", self.text));
            }
            let json = found
                .iter()
                .map(|(r, n)| {
                    let mut v = brief(ontology, *r);
                    if let Some(o) = v.as_object_mut() {
                        o.insert("relations".to_owned(), (*n).into());
                    }
                    v
                })
                .collect();
            let lines = found.iter().map(|(r, n)| format!("{}  {} {}  {n}", ontology.name(*r), kind(ontology, *r), id(ontology, *r))).collect();
            Ok(Answer { json, lines })
        })
    }
}

fn kind(ontology: Ontology<'_>, r: ConceptRef) -> &'static str {
    ontology.kind(r).map_or("", crate::lexicon::ConceptKind::text)
}

fn id<'l>(ontology: Ontology<'l>, r: ConceptRef) -> &'l str {
    ontology.lexicon().concept(r).map_or("", crate::lexicon::Concept::id)
}
