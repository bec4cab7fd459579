//! A phrase with one thing taken off, put on or written out. The words are `dictionaries/coding/endings.tsv` and
//! `dictionaries/coding/rewrites.tsv`.

use super::table;
use crate::lexicon::{ConceptKind, FLAG_UNSURE, Lexicon};
use crate::text::sub;
use std::sync::LazyLock;

const REWRITES: &str = include_str!("../../dictionaries/coding/rewrites.tsv");

static ENDINGS: LazyLock<Vec<String>> =
    LazyLock::new(|| table::rows(include_str!("../../dictionaries/coding/endings.tsv")).filter_map(|r| Some(crate::note::fold(r.get(1)?))).collect());

static ANY: LazyLock<Vec<(String, String)>> = LazyLock::new(|| pairs("any"));
static INABILITY: LazyLock<Vec<(String, String)>> = LazyLock::new(|| pairs("inability"));

fn pairs(place: &str) -> Vec<(String, String)> {
    table::rows(REWRITES).filter(|r| r.get(3) == Some(&place)).filter_map(|r| Some((crate::note::fold(r.get(1)?), crate::note::fold(r.get(2)?)))).collect()
}

/// A form of a phrase, how sure it is that it means the same, and the rule that made it.
pub(super) type Form = (f64, &'static str, String);

/// A name has at least so many characters.
const SHORTEST: usize = 2;

/// The phrase without the words that only say that it is there, or doubt it.
pub(super) fn bare(s: &str) -> Vec<Form> {
    let mut out = Vec::new();
    let mut core = s;
    for _ in 0..2 {
        let Some(t) = ENDINGS.iter().filter_map(|e| core.strip_suffix(e.as_str())).filter(|t| t.chars().count() >= SHORTEST).min_by_key(|t| t.len()) else { break };
        core = t.trim_end_matches(['を', 'が', 'の', 'は', 'も', 'に', 'と']);
        out.push((0.88, "phrase.said-to-be-there", core.to_owned()));
    }
    out
}

/// The rule of a form that has another ending: 症, 病, 症候群.
pub(super) const ENDING: &str = "phrase.ending";

/// The phrase with one word taken off, put on or written as another.
pub(super) fn rewritten(s: &str) -> Vec<Form> {
    let mut out = Vec::new();
    for (from, to) in ANY.iter() {
        if s.contains(from.as_str()) {
            push(&mut out, 0.84, "phrase.rewritten", s.replace(from.as_str(), to), s);
        }
    }
    for end in ["症", "病", "症候群"] {
        out.push((0.86, ENDING, format!("{s}{end}")));
        if let Some(t) = s.strip_suffix(end) {
            push(&mut out, 0.86, ENDING, t.to_owned(), s);
        }
    }
    out
}

/// What can't be done is a finding: 経口摂取できず is 経口摂取困難.
pub(super) fn inability(s: &str) -> Vec<Form> {
    let mut out = Vec::new();
    for (from, to) in INABILITY.iter() {
        if let Some(t) = s.strip_suffix(from.as_str()) {
            let t = t.trim_end_matches(['を', 'が', 'の', 'は', 'も', 'に']);
            push(&mut out, 0.82, "phrase.inability", format!("{t}{to}"), s);
        }
    }
    out
}

fn push(out: &mut Vec<Form>, score: f64, rule: &'static str, form: String, of: &str) {
    if form.chars().count() >= SHORTEST && form != of {
        out.push((score, rule, form));
    }
}

/// Remarks in brackets left out: WPW(wolff-parkinson-white)症候群.
pub(super) fn without_remarks(s: &str) -> Option<String> {
    let mut out = String::with_capacity(s.len());
    let mut depth = 0_usize;
    for c in s.chars() {
        match c {
            '(' | '[' | '<' | '〈' | '【' => depth += 1,
            ')' | ']' | '>' | '〉' | '】' => depth = depth.saturating_sub(1),
            _ if depth == 0 => out.push(c),
            _ => {}
        }
    }
    (out != s && out.chars().count() >= SHORTEST).then_some(out)
}

/// Hiragana as katakana, as the masters write readings, where the phrase is nothing but kana.
pub(super) fn reading(s: &str) -> Option<String> {
    let kana = |c: char| crate::text::is_hiragana(c) || crate::text::is_katakana(c);
    (s.chars().count() >= 4 && s.chars().all(kana)).then(|| s.chars().map(|c| if crate::text::is_hiragana(c) { char::from_u32(c as u32 + 0x60).unwrap_or(c) } else { c }).collect())
}

/// Abbreviations within the phrase written out: 食道gist is 食道消化管間質腫瘍, cmt2 is シャルコー・マリー・トゥース病2型.
pub(super) fn written_out(lexicon: &Lexicon, s: &str) -> Vec<String> {
    const MOST: usize = 8;
    let mut out = Vec::new();
    let mut start = None;
    let ends = s.char_indices().map(|(i, c)| (i, Some(c))).chain(std::iter::once((s.len(), None)));
    for (i, c) in ends {
        let latin = c.is_some_and(|c| c.is_ascii_alphanumeric() || (c == '-' && start.is_some()));
        match (start, latin) {
            (None, true) => start = Some(i),
            (Some(from), false) => {
                start = None;
                let run = sub(s, from, i).trim_end_matches('-');
                for (word, number) in [(run, ""), (run.trim_end_matches(|c: char| c.is_ascii_digit()), run.trim_start_matches(|c: char| !c.is_ascii_digit()))] {
                    if word.len() < 2 || word.bytes().all(|b| b.is_ascii_digit()) {
                        continue;
                    }
                    for name in names(lexicon, word) {
                        let number = if number.is_empty() { String::new() } else { format!("{}型", number.trim_start_matches('-')) };
                        out.push(format!("{}{name}{number}{}", sub(s, 0, from), sub(s, from + run.len(), s.len())));
                    }
                }
            }
            _ => {}
        }
        if out.len() >= MOST {
            break;
        }
    }
    out.iter_mut().for_each(|o| o.retain(|c| c != ' '));
    out.retain(|o| o != s);
    out.dedup();
    out.truncate(MOST);
    out
}

/// The Japanese names of what a word in Latin letters stands for.
fn names(lexicon: &Lexicon, word: &str) -> Vec<String> {
    const KINDS: [ConceptKind; 6] = [ConceptKind::Disorder, ConceptKind::Finding, ConceptKind::Site, ConceptKind::Analyte, ConceptKind::Organism, ConceptKind::Drug];
    let mut out: Vec<String> = Vec::new();
    for (r, _) in lexicon.candidates_folded(word).filter(|c| c.1 & FLAG_UNSURE == 0).take(4) {
        let Some(c) = lexicon.concept(r).filter(|c| KINDS.contains(&c.kind())) else { continue };
        let name = crate::note::fold(c.name());
        if name != word && !out.contains(&name) {
            out.push(name);
        }
    }
    out
}
