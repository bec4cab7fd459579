//! The words of forms and outcomes, read from `dictionaries/record/*.tsv`.

use super::outcome::Outcome;
use crate::model::Coding;
use crate::text::from;
use compact_str::CompactString;
use std::collections::HashMap;
use std::sync::LazyLock;

/// What a label, a column's head or an event of the tables stands for: `age`, `admission` …
pub(super) type Sense = &'static str;

/// What is said to have become of a disease or patient.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said {
    /// First byte in the text that was searched.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    row: &'static OutcomeRow,
}

/// How telling an outcome is: of 「軽快退院」 the first counts, of 「腎摘出後に退院」 the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// How the disease stands.
    State,
    /// Whether its care goes on.
    Other,
    /// Where the patient went.
    Leaving,
    /// What was done.
    Treated,
    /// A good state, without saying of what.
    Weak,
}

#[derive(Debug)]
struct OutcomeRow {
    id: &'static str,
    code: &'static str,
    kind: Kind,
    codings: Vec<Coding>,
    disposition: &'static str,
}

impl Said {
    /// How telling it is.
    pub fn kind(&self) -> Kind {
        self.row.kind
    }

    /// The outcome, with the words and the place that they stand at.
    pub fn outcome(&self, text: &str, start: usize, end: usize) -> Outcome {
        let mut codings = self.row.codings.clone();
        if !self.row.disposition.is_empty() {
            codings.push(coding("http://terminology.hl7.org/CodeSystem/discharge-disposition", self.row.disposition));
        }
        Outcome { code: CompactString::const_new(self.row.code), text: text.to_owned(), start, end, codings, rule: CompactString::const_new(self.row.id) }
    }
}

struct Tables {
    labels: HashMap<&'static str, Sense>,
    columns: HashMap<&'static str, Sense>,
    sexes: Vec<(&'static str, Sense)>,
    events: Vec<(&'static str, Sense)>,
    outcomes: Vec<(&'static str, &'static OutcomeRow)>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let rows = |table: &'static str| table.lines().skip(1).map(|l| l.split('\t').collect::<Vec<_>>()).collect::<Vec<_>>();
    let cell = |r: &Vec<&'static str>, i: usize| r.get(i).copied().unwrap_or("").trim();
    let names = |r: &Vec<&'static str>| std::iter::once(cell(r, 1)).chain(cell(r, 2).split('|')).filter(|w| !w.is_empty()).collect::<Vec<_>>();
    let words = rows(include_str!("../../dictionaries/record/words.tsv"));
    let of = |kind: &str| -> Vec<(&'static str, Sense)> {
        let named = words.iter().filter(|r| cell(r, 3) == kind);
        named.flat_map(|r| names(r).into_iter().map(|w| (w, cell(r, 4)))).collect()
    };
    let longest = |mut v: Vec<(&'static str, Sense)>| {
        v.sort_by_key(|w| std::cmp::Reverse(w.0.len()));
        v
    };
    let mut outcomes = Vec::new();
    for r in rows(include_str!("../../dictionaries/record/outcomes.tsv")) {
        let kind = match cell(&r, 4) {
            "state" => Kind::State,
            "leaving" => Kind::Leaving,
            "treated" => Kind::Treated,
            "weak" => Kind::Weak,
            _ => Kind::Other,
        };
        let codings = [(5, "http://jpfhir.jp/fhir/core/CodeSystem/HL70241"), (6, "http://jpfhir.jp/fhir/core/CodeSystem/JHSD0006"), (7, RECEIPT)]
            .into_iter()
            .filter(|c| !cell(&r, c.0).is_empty())
            .map(|(i, system)| coding(system, cell(&r, i)))
            .collect();
        // the tables live as long as the process
        let row: &'static OutcomeRow = Box::leak(Box::new(OutcomeRow { id: cell(&r, 0), code: cell(&r, 3), kind, codings, disposition: cell(&r, 8) }));
        outcomes.extend(names(&r).into_iter().map(|w| (w, row)));
    }
    outcomes.sort_by_key(|w| std::cmp::Reverse(w.0.len()));
    Tables { labels: of("label").into_iter().collect(), columns: of("column").into_iter().collect(), sexes: longest(of("sex")), events: longest(of("event")), outcomes }
});

const RECEIPT: &str = "http://jpfhir.jp/fhir/core/CodeSystem/JP_ConditionDiseaseOutcomeReceipt_CS";

fn coding(system: &'static str, code: &str) -> Coding {
    Coding { system: CompactString::const_new(system), code: CompactString::new(code), display: CompactString::default() }
}

/// What a label of a form asks for.
pub(super) fn label(word: &str) -> Option<Sense> {
    TABLES.labels.get(bare(word)).copied()
}

/// What a column of a table of diagnoses holds, by its head.
pub(super) fn column(word: &str) -> Option<Sense> {
    TABLES.columns.get(bare(word)).copied()
}

fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| matches!(c, ' ' | '【' | '】' | '[' | ']' | '<' | '>' | '■' | '●' | '○' | '◆' | '・' | ':'))
}

/// The sex whose word starts at `at`: `male`, `female`; with the word's end. A letter stands for it only where `letters`.
pub(super) fn sex(text: &str, at: usize, letters: bool) -> Option<(Sense, usize)> {
    let rest = from(text, at);
    TABLES.sexes.iter().find_map(|(w, sense)| {
        let (word, letter) = w.strip_prefix('=').map_or((*w, false), |w| (w, true));
        let ends = !letter || letters && !rest.get(word.len()..).is_some_and(|r| r.starts_with(|c: char| c.is_ascii_alphanumeric()));
        (rest.starts_with(word) && ends).then(|| (*sense, at + word.len()))
    })
}

/// The event whose word starts at `at`, with the word's end.
pub(super) fn event(text: &str, at: usize) -> Option<(Sense, usize)> {
    let rest = from(text, at);
    TABLES.events.iter().find(|w| rest.starts_with(w.0)).map(|(w, sense)| (*sense, at + w.len()))
}

/// How telling an outcome of that code is.
pub(super) fn kind_of(code: &str) -> Kind {
    TABLES.outcomes.iter().find(|o| o.1.code == code).map_or(Kind::Weak, |o| o.1.kind)
}

/// The outcomes that a short text names, in its order, the longest where they overlap.
pub(super) fn outcomes(text: &str) -> Vec<Said> {
    let (mut out, mut at) = (Vec::new(), 0);
    while let Some(c) = from(text, at).chars().next() {
        let rest = from(text, at);
        match TABLES.outcomes.iter().find(|w| rest.starts_with(w.0)) {
            Some((w, row)) => {
                out.push(Said { start: at, end: at + w.len(), row });
                at += w.len();
            }
            None => at += c.len_utf8(),
        }
    }
    out
}

/// The most telling outcome that a cell or a bracket names.
pub(super) fn outcome(text: &str) -> Option<Said> {
    let all = outcomes(text);
    all.iter().copied().min_by_key(|s| (s.kind(), s.start))
}
