//! Diagnoses with what became of them, and what the patient came for.

use super::form::Row;
use super::outcome::{stands, stated};
use super::source::{Placed, Source};
use super::words::{self, Kind};
use super::{Diagnosis, Entry};
use crate::model::{Assertion, FactKind, Subject};
use crate::note::SectionKind;
use crate::text::{from, sub};
use compact_str::CompactString;

/// The diagnoses of a note: a form's table; else its section of diagnoses, the titles of its problems, what was diagnosed in the narrative.
pub(super) fn diagnoses(source: &Source<'_>) -> Vec<Diagnosis> {
    let mut out: Vec<Diagnosis> = source.form.diagnoses.iter().filter_map(|r| row(source, r)).collect();
    if out.is_empty() {
        out = of_section(source, SectionKind::DischargeDiagnosis, "discharge");
    }
    if out.is_empty() {
        out = problems(source);
    }
    if out.is_empty() {
        out = narrative(source);
    }
    out.extend(of_section(source, SectionKind::AdmissionDiagnosis, "admission"));
    out.dedup_by(|b, a| b.role == a.role && b.entry.name == a.entry.name && b.entry.assertion == a.entry.assertion && merge(a, b));
    out
}

fn is_condition(p: &Placed<'_>) -> bool {
    matches!(p.fact.kind, FactKind::Disorder | FactKind::Finding)
}

/// It is the patient's, and there: 「肺炎(治癒)」 says how it ended, not that there was none.
fn is_told(p: &Placed<'_>) -> bool {
    p.is_patients() || p.fact.subject == Subject::Patient && p.fact.because.iter().any(|r| r.rule == "absent.gone")
}

fn made(mut entry: Entry, role: &'static str) -> Diagnosis {
    if entry.assertion == Assertion::Absent {
        entry.assertion = Assertion::Present;
    }
    Diagnosis { entry, role: CompactString::const_new(role), onset: None, outcome: None, comment: None }
}

/// A row of a table of diagnoses.
fn row(source: &Source<'_>, row: &Row) -> Option<Diagnosis> {
    let cell = row.cell("diagnosis")?;
    // the condition that fills most of the cell; the words themselves where none was read
    let read = source.of_field(cell).iter().filter(|p| is_condition(p)).max_by_key(|p| (p.end.min(cell.end) - p.start, std::cmp::Reverse(p.start)));
    let mut entry = read.map_or_else(|| source.unread(cell.start, cell.end), Placed::entry);
    // 「第10第11胸髄損傷」: the cell is what was written
    if sub(source.text, cell.start, cell.end).chars().count() <= 40 {
        let (start, end) = source.original(cell.start, cell.end);
        (entry.text, entry.start, entry.end) = (sub(source.text, cell.start, cell.end).to_owned(), start, end);
    }
    let mut d = made(entry, "discharge");
    d.onset = row.cell("onset").and_then(|c| source.of_field(c).iter().find(|p| p.fact.kind == FactKind::Time).and_then(|p| p.fact.time.clone()));
    d.outcome = row.cell("outcome").and_then(|c| stated(source, c.start, c.end).or_else(|| Some(other(source, c.start, c.end))));
    d.comment = row.cell("comment").map(|c| sub(source.text, c.start, c.end).to_owned());
    Some(d)
}

/// Words in a column of outcomes that the table does not know.
fn other(source: &Source<'_>, start: usize, end: usize) -> super::Outcome {
    let (s, e) = source.original(start, end);
    super::Outcome {
        code: CompactString::const_new("other"),
        text: sub(source.text, start, end).to_owned(),
        start: s,
        end: e,
        codings: Vec::new(),
        rule: CompactString::const_new("outcome.other"),
    }
}

/// The conditions under a title of diagnoses, each with the outcome written after it.
fn of_section(source: &Source<'_>, kind: SectionKind, role: &'static str) -> Vec<Diagnosis> {
    let facts: Vec<&Placed<'_>> = source.facts().iter().filter(|p| p.fact.section == kind && is_condition(p) && is_told(p) && p.fact.assertion != Assertion::Conditional).collect();
    facts
        .iter()
        .enumerate()
        .map(|(i, p)| {
            let mut d = made(p.entry(), role);
            let next = facts.get(i + 1).map_or(source.text.len(), |n| n.start);
            d.outcome = after(source, p, next);
            d
        })
        .collect()
}

/// 肺炎(軽快), 肺炎:治癒, 肺炎 → 軽快: on the same line, before the next diagnosis.
fn after(source: &Source<'_>, p: &Placed<'_>, next: usize) -> Option<super::Outcome> {
    let rest = sub(source.text, p.end, next);
    let line = rest.split('\n').next().unwrap_or("");
    let said = words::outcomes(line).into_iter().find(|s| matches!(s.kind(), Kind::State | Kind::Other) && stands(line, s))?;
    let gap = sub(line, 0, said.start);
    let marked = gap.chars().count() <= 16 && (gap.starts_with([' ', '(', ':', '→', '|', '-', '/', '[', 'は']) || gap.starts_with("転帰") || gap.starts_with("疑い"));
    if !marked || gap.contains(['。', '、', ',']) {
        return None;
    }
    let (s, e) = source.original(p.end + said.start, p.end + said.end);
    Some(said.outcome(sub(line, said.start, said.end), s, e))
}

/// The titles of problems: the conditions in the first line of each.
fn problems(source: &Source<'_>) -> Vec<Diagnosis> {
    let mut out = Vec::new();
    for p in source.facts().iter().filter(|p| p.fact.section == SectionKind::Problem && is_condition(p) && is_told(p)) {
        let sentence = source.note.sentences.get(p.sentence);
        let title = sentence.is_some_and(|s| p.sentence.checked_sub(1).and_then(|b| source.note.sentences.get(b)).is_none_or(|b| b.section != s.section));
        let (start, _) = source.sentence(p.sentence);
        if title && sub(source.text, start, p.start).chars().count() <= 12 {
            let mut d = made(p.entry(), "problem");
            d.outcome = after(source, p, source.text.len());
            out.push(d);
        }
    }
    out
}

/// 「肺炎と診断した」「肺炎の診断で入院した」, with what the end of the course says of it.
fn narrative(source: &Source<'_>) -> Vec<Diagnosis> {
    let mut out = reported(source);
    let facts = source.facts();
    for (i, p) in facts.iter().enumerate() {
        let told = !matches!(p.fact.section, SectionKind::PastHistory | SectionKind::FamilyHistory | SectionKind::Assessment | SectionKind::SocialHistory);
        if !is_condition(p) || !p.is_patients() || !told || !diagnosed(source, i) || out.iter().any(|d| d.entry.name == p.fact.name) {
            continue;
        }
        out.push(made(p.entry(), "stated"));
    }
    if out.is_empty() {
        out.extend(thought(source));
    }
    for d in &mut out {
        let again = facts.iter().rev().filter(|q| is_condition(q) && q.fact.name == d.entry.name && q.fact.section != SectionKind::Assessment);
        d.outcome = again.into_iter().find_map(|q| told_of(source, q));
    }
    out
}

/// 「…を合併した肺炎の1例」: what a report is about, by its title or the sentence that says so.
fn reported(source: &Source<'_>) -> Vec<Diagnosis> {
    let mut out: Vec<Diagnosis> = Vec::new();
    for (start, end, _) in source.sentences() {
        let sentence = sub(source.text, start, end);
        let Some(i) = ["1例", "一例", "1症例", "一症例"].iter().filter_map(|w| sentence.find(w)).min() else { continue };
        let mut at = start + i;
        for p in source.within(start, at).iter().rev().filter(|p| is_condition(p)) {
            let gap = sub(source.text, p.end, at);
            let first = at == start + i && gap.chars().count() <= 10 && gap.starts_with('の');
            let joined = at < start + i && gap.chars().count() <= 12 && ["合併", "伴", "による", "併発", "続発", "起因", "関連"].iter().any(|w| gap.contains(w));
            if !first && !joined {
                break;
            }
            at = p.start;
            if p.is_patients() && !out.iter().any(|d| d.entry.name == p.fact.name) {
                out.push(made(p.entry(), "reported"));
            }
        }
        if !out.is_empty() {
            break;
        }
    }
    out
}

/// 「肺炎を疑い」「以上より肺炎と考えた」, where nothing is told to have been diagnosed: the last one.
fn thought(source: &Source<'_>) -> Option<Diagnosis> {
    let told = source.facts().iter().rev().filter(|p| is_condition(p) && p.is_patients() && !matches!(p.fact.section, SectionKind::PastHistory | SectionKind::Assessment));
    let cue = |p: &&Placed<'_>| ["を疑い", "が疑われ", "と考え", "を考え", "と判断"].iter().any(|w| from(source.text, p.end).starts_with(w));
    told.filter(|p| p.fact.kind == FactKind::Disorder).find(cue).map(|p| made(p.entry(), "suspected"))
}

/// Whether 診断 follows condition `i`, with nothing but other conditions of a list between.
fn diagnosed(source: &Source<'_>, i: usize) -> bool {
    let Some(p) = source.facts().get(i) else { return false };
    let (_, end) = source.sentence(p.sentence);
    let mut at = p.end;
    for q in source.facts().get(i + 1..).unwrap_or(&[]).iter().take(6).take_while(|q| q.start < end) {
        let listed = sub(source.text, at, q.start).chars().all(|c| matches!(c, '、' | ',' | '，' | '・' | 'と' | 'お' | 'よ' | 'び' | '及' | 'に' | '(' | ')' | 'の' | ' '));
        if !is_condition(q) || !listed || q.start < at {
            break;
        }
        at = q.end;
    }
    let rest = sub(source.text, at, end);
    let rest = rest.strip_prefix(')').unwrap_or(rest);
    ["と診断", "と確定診断", "と最終診断", "と臨床診断", "と病理診断", "との診断", "の診断", "の確定診断", "と確診", "の最終診断"].iter().any(|w| rest.starts_with(w))
        && !["の診断基準", "の診断が困難", "の診断に難", "の診断的", "の診断と治療", "の診断には", "と診断されていた", "の診断は困難"].iter().any(|w| rest.starts_with(w))
}

/// 「肺炎は軽快し」: what the clause after a condition says of it.
fn told_of(source: &Source<'_>, p: &Placed<'_>) -> Option<super::Outcome> {
    let (_, end) = source.sentence(p.sentence);
    let rest = source.window(p.end, end.min(p.end + 120));
    if !rest.starts_with(['は', 'が', 'も', 'の', 'に']) {
        return None;
    }
    let clause = rest.split(['。', '、', ',', '，', '．']).next().unwrap_or("");
    let said = words::outcomes(clause).into_iter().find(|s| s.kind() == Kind::State && stands(clause, s))?;
    if sub(clause, 0, said.start).chars().count() > 16 {
        return None;
    }
    let (s, e) = source.original(p.end + said.start, p.end + said.end);
    Some(said.outcome(sub(clause, said.start, said.end), s, e))
}

/// A diagnosis told twice in a row is one.
fn merge(a: &mut Diagnosis, b: &mut Diagnosis) -> bool {
    a.entry.facts.append(&mut b.entry.facts);
    a.outcome = a.outcome.take().or(b.outcome.take());
    a.onset = a.onset.take().or(b.onset.take());
    true
}

/// What the patient came for: what stands under that title, else what 「を主訴に」 follows.
pub(super) fn chief_complaints(source: &Source<'_>) -> Vec<Entry> {
    let complaint = |p: &&Placed<'_>| is_condition(p) && p.is_patients();
    if let Some(section) = source.note.sections.iter().find(|s| s.kind == SectionKind::ChiefComplaint) {
        let (start, end) = section.content;
        // the first sentence: what follows on other lines under no title of its own is the history
        let end = source.sentences().find(|s| s.1 > start).map_or(end, |s| s.1.min(end));
        let found: Vec<Entry> = source.within(start, end).iter().filter(complaint).map(Placed::entry).collect();
        let words = sub(source.text, start, end).trim_matches(|c: char| matches!(c, ' ' | '|' | '\n' | '\t' | '。' | '.' | ':' | '】'));
        if !found.is_empty() || words.is_empty() {
            return found;
        }
        let at = start + sub(source.text, start, end).find(words).unwrap_or(0);
        return vec![source.unread(at, at + words.len())];
    }
    for (start, end, _) in source.sentences() {
        let sentence = sub(source.text, start, end);
        let Some(i) = ["を主訴", "の主訴", "が主訴"].iter().filter_map(|w| sentence.find(w)).min() else { continue };
        let cue = start + i;
        let mut out: Vec<&Placed<'_>> = Vec::new();
        let mut at = cue;
        for p in source.within(start, cue).iter().rev().filter(|p| is_condition(p) && p.end <= cue) {
            let gap = sub(source.text, p.end, at);
            let first = out.is_empty() && gap.chars().count() <= 6;
            let listed = !out.is_empty() && gap.chars().all(|c| matches!(c, '、' | ',' | '，' | '・' | 'と' | 'や' | 'お' | 'よ' | 'び' | '及' | 'な' | 'ら' | 'に' | ' '));
            if !first && !listed {
                break;
            }
            at = p.start;
            out.push(p);
        }
        out.reverse();
        return out.into_iter().map(Placed::entry).collect();
    }
    // 「主訴は発熱であった」
    let told = source.sentences().find_map(|(start, end, _)| sub(source.text, start, end).find("主訴は").map(|i| (start + i, end)));
    told.map_or_else(Vec::new, |(start, end)| {
        let stop = from(source.text, start).find(['。', '\n']).map_or(end, |i| (start + i).min(end));
        source.within(start, stop).iter().filter(complaint).map(Placed::entry).collect()
    })
}
