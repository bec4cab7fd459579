//! Where the rules and the tagger are made one.
//!
//! The rules keep their codes, their values and what an explicit cue says. Where both name a condition, it is surer than
//! by either, and the fact takes the tagger's span where that is sure: the wider one, or a narrower that still holds the
//! word the dictionaries have. What the tagger alone names becomes a fact that a person should confirm, coded where the
//! words have a code. Every fact says in `because` what the tagger did to it. The measures are
//! `dictionaries/neural/measures.tsv`.

use super::decode::Tag;
use super::labels::{Adds, Mapping, Meaning};
use super::measures::measure;
use crate::Engine;
use crate::lexicon::ConceptKind;
use crate::model::{Applicability, Assertion, Fact, FactKind, Reason, Structured, Subject, Temporality};
use crate::note::SectionKind;
use crate::text::{char_at, char_before, sub};
use compact_str::CompactString;
use rustc_hash::FxHashMap as HashMap;
use std::sync::LazyLock;

/// The measures of joining: scores from 0 to 1.
struct Measures {
    /// From which score on a mention that the rules have not becomes a fact, in the form of case reports.
    add: f64,
    /// The same in any other text.
    add_chart: f64,
    /// From which score on a fact takes the tagger's span that holds its own.
    widen: f64,
    /// From which score on a fact takes the tagger's span that its own holds, or that lies across it.
    narrow: f64,
    /// From which score on the tagger's word on a condition without a cue is taken.
    assert: f64,
}

static MEASURES: LazyLock<Measures> = LazyLock::new(|| {
    let value = |id| measure(id).unwrap_or(1.0);
    Measures { add: value("neural.add"), add_chart: value("neural.add-chart"), widen: value("neural.widen"), narrow: value("neural.narrow"), assert: value("neural.assert") }
});

/// How many bytes a fact may begin before or after where it did once spans were taken over: more than a window holds.
const NEAR: usize = 1024;

/// How texts are annotated, which says what becomes of the tagger's spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// As case reports where a text is written as they are (sentences, a line each, no chart's headings), else as charts.
    #[default]
    Auto,
    /// As case reports are: a fact takes the tagger's span, in which a site with its particle stands outside the finding, and what
    /// the tagger alone names is a fact with a code or without.
    Report,
    /// As charts are: the rules' spans stay, and what the tagger alone names is a fact where it has a code.
    Chart,
}

/// Joins what the tagger found to the facts of the rules. `found` and `tags` count bytes of `text`.
pub fn join(engine: &Engine, text: &str, found: &mut Structured, tags: &[Tag], mapping: &Mapping, form: Form) {
    let mut added: Vec<Fact> = Vec::new();
    // facts stand in the order of the text, derived ones after them; so do tags
    let stated: Vec<usize> = found.facts.iter().enumerate().filter(|(_, f)| f.from.is_empty()).map(|(i, _)| i).collect();
    let longest = stated.iter().filter_map(|i| found.facts.get(*i)).map(|f| f.end - f.start).max().unwrap_or(0);
    let report = match form {
        Form::Auto => in_report_form(text, found),
        Form::Report => true,
        Form::Chart => false,
    };
    let add = if report { MEASURES.add } else { MEASURES.add_chart };
    for tag in tags {
        let Some(meaning) = mapping.meaning(&tag.label) else { continue };
        if !matches!(meaning.kind, Some(FactKind::Disorder | FactKind::Finding)) {
            continue;
        }
        // what joins a list of findings, not the sites of one
        let mut cut = pieces(text, tag.start, tag.end);
        if cut.iter().filter(|p| over(found, &stated, longest, **p).iter().any(|i| found.facts.get(*i).is_some_and(|f| is_condition(f.kind)))).count() < 2 {
            cut = vec![(tag.start, tag.end)];
        }
        for (start, end) in cut {
            let tag = Tag { start, end, ..tag.clone() };
            let over = over(found, &stated, longest, (start, end));
            let conditions: Vec<usize> = over.iter().copied().filter(|i| found.facts.get(*i).is_some_and(|f| is_condition(f.kind))).collect();
            let last = conditions.iter().copied().max_by_key(|i| found.facts.get(*i).map(|f| (f.end, f.end - f.start)));
            match last {
                // what is a value, a medicine or a procedure to the rules is no condition beside it
                None if over.is_empty() && tag.score >= add && sub(text, start, end).chars().nth(1).is_some() => {
                    added.extend(new_fact(engine, text, found, &tag, if report { meaning.adds } else { meaning.adds.max(Adds::Coded) }, meaning));
                }
                None => {}
                Some(last) => {
                    for i in &conditions {
                        if let Some(f) = found.facts.get_mut(*i) {
                            agree(f, &tag, meaning);
                        }
                    }
                    // a coded condition is not taken into another
                    let free = !conditions.iter().any(|i| *i != last && found.facts.get(*i).is_some_and(|f| !f.codings.is_empty()));
                    if let Some(f) = found.facts.get_mut(last).filter(|_| report) {
                        span(text, f, &tag, free, conditions.len() == 1);
                    }
                }
            }
        }
    }
    if !added.is_empty() {
        insert(found, added);
    }
}

/// The facts, of those `stated` in the order of the text, that a span meets. `longest`: the length of the longest of them.
fn over(found: &Structured, stated: &[usize], longest: usize, (start, end): (usize, usize)) -> Vec<usize> {
    // a widened fact begins earlier than it did, by no more than the tag that widened it is long
    let first = stated.partition_point(|i| found.facts.get(*i).is_some_and(|f| f.start + longest + NEAR < start));
    let near = stated.get(first..).unwrap_or(&[]).iter().copied().take_while(|i| found.facts.get(*i).is_some_and(|f| f.start < end + NEAR));
    near.filter(|i| found.facts.get(*i).is_some_and(|f| f.start < end && start < f.end)).collect()
}

/// Whether a text is written as case reports are: sentences, a line each, and no chart's headings (S, O, A, P).
///
/// There the tagger's spans follow the annotation of case reports, in which a site with its particle stands outside the
/// finding; elsewhere the rules' spans are what a coder wants.
fn in_report_form(text: &str, found: &Structured) -> bool {
    const CHART: [SectionKind; 4] = [SectionKind::Subjective, SectionKind::Objective, SectionKind::AssessmentPlan, SectionKind::Plan];
    let (mut lines, mut all, mut closed) = (0, 0, 0);
    for line in text.lines().map(str::trim_end).filter(|l| !l.is_empty()) {
        let n = line.chars().count();
        lines += 1;
        all += n;
        closed += if line.ends_with(['。', '．', '.']) { n } else { 0 };
    }
    lines >= 5 && closed * 10 >= all * 9 && !found.sections.iter().any(|s| CHART.contains(&s.kind))
}

/// A span cut at what joins a list; brackets hold together.
fn pieces(text: &str, start: usize, end: usize) -> Vec<(usize, usize)> {
    const WORDS: [&str; 6] = ["および", "及び", "ならびに", "並びに", "または", "もしくは"];
    let (mut out, mut at, mut depth, mut i) = (Vec::new(), start, 0i32, start);
    let digit = |c: Option<char>| c.is_some_and(char::is_numeric);
    while let Some(c) = char_at(text, i).filter(|_| i < end) {
        depth += i32::from(matches!(c, '（' | '(' | '「')) - i32::from(matches!(c, '）' | ')' | '」'));
        let rest = sub(text, i, end);
        let mark = match c {
            ',' | '，' if digit(char_before(text, i)) && digit(char_at(text, i + c.len_utf8())) => 0,
            '、' | ',' | '，' | '・' | '／' | '/' => c.len_utf8(),
            _ => WORDS.iter().find(|w| rest.starts_with(**w)).map_or(0, |w| w.len()),
        };
        if mark > 0 && depth <= 0 {
            out.push((at, i));
            at = i + mark;
            i = at;
        } else {
            i += c.len_utf8();
        }
    }
    out.push((at, end));
    out.retain(|p| p.0 < p.1);
    out
}

const fn is_condition(kind: FactKind) -> bool {
    matches!(kind, FactKind::Disorder | FactKind::Finding)
}

/// Three digits: engines differ in later ones.
fn rounded(x: f64) -> f64 {
    (x * 1000.0).round() / 1000.0
}

fn reason(id: &str, tag: &Tag) -> Reason {
    Reason { rule: compact_str::format_compact!("{id}"), spans: vec![(tag.start, tag.end)], pack: CompactString::default() }
}

/// A fact of the rules that the tagger names as well.
fn agree(f: &mut Fact, tag: &Tag, meaning: &Meaning) {
    f.because.push(reason(&meaning.id, tag));
    // both wrong, if their errors have nothing to do with one another
    f.confidence = rounded(1.0 - (1.0 - f.confidence) * (1.0 - tag.score)).min(0.99);
    let said = meaning.assertion.filter(|a| *a != f.assertion && *a != Assertion::Conditional && tag.score >= MEASURES.assert);
    if let Some(said) = said.filter(|_| !has_cue(f)) {
        f.assertion = said;
        f.applicability = f.applicability.max(Applicability::Confirm);
        f.because.push(reason("neural.assert", tag));
    }
}

/// Gives a fact the tagger's span where it is sure. `free`: no other coded fact lies in it; `alone`: none at all.
fn span(text: &str, f: &mut Fact, tag: &Tag, free: bool, alone: bool) {
    if (tag.start, tag.end) == (f.start, f.end) {
        return;
    }
    let core = super::window::core(f);
    let (core_start, core_end) = (core.0.max(f.start), core.1.min(f.end));
    let rule = if tag.start <= f.start && f.end <= tag.end {
        if !free || tag.score < MEASURES.widen {
            return;
        }
        "neural.widen"
    } else {
        if !alone || tag.score < MEASURES.narrow || core_start < tag.start || tag.end < core_end {
            return;
        }
        "neural.narrow"
    };
    (f.start, f.end) = (tag.start, tag.end);
    f.text = sub(text, f.start, f.end).to_owned();
    f.because.push(reason(rule, tag));
}

/// The rules that read what is said of a condition.
const SAYS: [&str; 8] = ["absent.", "possible.", "conditional.", "planned.", "present.", "notdone.", "family.", "person."];

/// Whether a cue, or the form of the word, told the rules what is said of a fact.
fn has_cue(f: &Fact) -> bool {
    f.because.iter().any(|r| SAYS.iter().any(|s| r.rule.starts_with(s)))
}

/// A fact that the tagger alone names.
fn new_fact(engine: &Engine, text: &str, found: &Structured, tag: &Tag, adds: Adds, meaning: &Meaning) -> Option<Fact> {
    let words = sub(text, tag.start, tag.end);
    if crate::recognize::names_other(engine.lexicon(), words, sub(text, tag.end, text.len())) {
        return None;
    }
    let coded = if words.len() <= 200 { engine.code(words) } else { crate::coding::Coded::default() };
    // what is a guess already is given no code by another
    let coded = if coded.candidates.first().is_some_and(|c| c.applicability == Applicability::Auto) { coded } else { crate::coding::Coded::default() };
    if adds == Adds::Never || adds == Adds::Coded && coded.codings.is_empty() {
        return None;
    }
    let disorder = crate::coding::term(engine.lexicon(), &coded.name).and_then(|r| engine.lexicon().concept(r)).is_some_and(|c| c.kind() == ConceptKind::Disorder);
    let section = found.sections.iter().rev().find(|s| s.start <= tag.start && tag.end <= s.end).map_or_else(SectionKind::default, |s| s.kind);
    let family = section == SectionKind::FamilyHistory;
    let mut because = vec![reason(&meaning.id, tag)];
    let by_rules = by_rules(engine, text, tag);
    because.extend(by_rules.iter().flat_map(|f| f.because.iter().cloned()));
    Some(Fact {
        id: String::new(),
        kind: if disorder { FactKind::Disorder } else { FactKind::Finding },
        text: words.to_owned(),
        start: tag.start,
        end: tag.end,
        name: if coded.codings.is_empty() { words.to_owned() } else { coded.name },
        codings: coded.codings,
        value: None,
        // what is told in general is stated, unless it is doubted or denied; a cue of the rules is surer than a tag
        assertion: by_rules.as_ref().map_or_else(|| meaning.assertion.filter(|a| *a != Assertion::Conditional).unwrap_or(Assertion::Present), |f| f.assertion),
        subject: by_rules.as_ref().map_or(if family { Subject::Family } else { Subject::Patient }, |f| f.subject),
        relative: by_rules.as_ref().and_then(|f| f.relative.clone()),
        temporality: if section == SectionKind::PastHistory { Temporality::Past } else { by_rules.as_ref().map_or(Temporality::Current, |f| f.temporality) },
        time: None,
        medication: None,
        section,
        // a tagger's share is no confidence that its span and its code are right
        confidence: rounded(tag.score * 0.8),
        applicability: Applicability::Confirm,
        because,
        from: Vec::new(),
    })
}

/// A finding that takes no other meaning from its neighbours.
const STAND_IN: &str = "腫瘤";

/// How many bytes of the sentence before and after a mention are read with it.
const AROUND: usize = 300;

/// What the rules read about a mention that they don't know: its sentence with a finding that they do know in its place.
/// Nothing where no cue reaches it.
fn by_rules(engine: &Engine, text: &str, tag: &Tag) -> Option<Fact> {
    const ENDS: [char; 3] = ['。', '．', '\n'];
    let mut from = tag.start.saturating_sub(AROUND);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let mut to = tag.end.saturating_add(AROUND).min(text.len());
    while !text.is_char_boundary(to) {
        to -= 1;
    }
    let before = sub(text, from, tag.start);
    let before = before.rfind(ENDS).map_or(before, |i| sub(before, i + char_at(before, i).map_or(1, char::len_utf8), before.len()));
    let after = sub(text, tag.end, to);
    let after = after.find(ENDS).map_or(after, |i| sub(after, 0, i));
    let start = tag.start - before.len();
    let read = engine.worker().rules_at(&format!("{before}{STAND_IN}{after}"), None);
    let end = before.len() + STAND_IN.len();
    let mut f = read.facts.into_iter().find(|f| is_condition(f.kind) && f.from.is_empty() && f.start <= before.len() && f.end == end && has_cue(f))?;
    // places in the sentence become places in the text
    let place = |at: usize| start + if at < end { at.min(before.len()) } else { at - STAND_IN.len() + (tag.end - tag.start) };
    f.because.retain(|r| SAYS.iter().any(|s| r.rule.starts_with(s)));
    for span in f.because.iter_mut().flat_map(|r| &mut r.spans) {
        *span = (place(span.0), place(span.1));
    }
    Some(f)
}

/// Puts facts where they stand in the text, before the derived ones, and numbers all anew.
fn insert(found: &mut Structured, added: Vec<Fact>) {
    let derived = found.facts.iter().position(|f| !f.from.is_empty()).unwrap_or(found.facts.len());
    let tail = found.facts.split_off(derived);
    found.facts.extend(added);
    found.facts.sort_by_key(|f| (f.start, f.end));
    found.facts.extend(tail);
    let mut numbers: HashMap<String, String> = HashMap::default();
    for (i, f) in found.facts.iter_mut().enumerate() {
        let id = format!("f{}", i + 1);
        let old = std::mem::replace(&mut f.id, id.clone());
        if !old.is_empty() {
            numbers.insert(old, id);
        }
    }
    let anew = |id: &mut String| {
        if let Some(n) = numbers.get(id) {
            id.clone_from(n);
        }
    };
    found.facts.iter_mut().flat_map(|f| &mut f.from).for_each(anew);
    for r in &mut found.relations {
        anew(&mut r.from);
        anew(&mut r.to);
    }
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn a_list_is_cut_and_brackets_hold_together() {
        let cut = |t: &'static str| pieces(t, 0, t.len()).into_iter().map(|(s, e)| &t[s..e]).collect::<Vec<_>>();
        assert_eq!(cut("悪心・嘔吐および下痢"), ["悪心", "嘔吐", "下痢"]);
        assert_eq!(cut("腫瘤（左、右）の増大"), ["腫瘤（左、右）の増大"]);
        assert_eq!(cut("WBC 12,000上昇"), ["WBC 12,000上昇"]);
    }
}
