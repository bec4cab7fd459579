//! What a medicine or procedure is for, and what it caused.

use super::{Assertion, Fact, FactKind, Relation, RelationKind, Structured};
use crate::note::{Note, SectionKind};
use crate::text::sub;
use crate::words::words;
use std::sync::LazyLock;

/// Where a fact stands in the normalised text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub sentence: usize,
    pub start: usize,
    /// End of what carries the meaning: of a medicine, its dose.
    pub end: usize,
}

/// Between a condition and what is done for it.
static FOR: LazyLock<Vec<&str>> = LazyLock::new(|| words("treatment.for"));

/// Between a condition and what was done because it was suspected or thought of: 「肺炎を疑いCTを施行」「心不全と考え利尿薬を開始」.
static THOUGHT: LazyLock<Vec<&str>> = LazyLock::new(|| words("treatment.thought"));

/// Between a medicine and what came of it.
static BY: LazyLock<Vec<&str>> = LazyLock::new(|| words("treatment.by"));

/// Between a medicine and a reaction to it.
static AFTER: LazyLock<Vec<&str>> = LazyLock::new(|| words("treatment.after"));

/// Reactions that a medicine may be to blame for.
static REACTIONS: LazyLock<Vec<&str>> = LazyLock::new(|| words("treatment.reactions"));

/// Adds `treats` and `caused_by`. `places` stands beside `out.facts`.
pub(super) fn relate(out: &mut Structured, places: &[Place], note: &Note) {
    let text = note.norm.text();
    let mut found: Vec<Relation> = Vec::new();
    let mut heading: Option<(usize, Vec<usize>)> = None;
    for (i, f) in out.facts.iter().enumerate() {
        let Some(p) = places.get(i) else { break };
        let section = note.sentences.get(p.sentence).map_or(usize::MAX, |s| s.section);
        if condition(f) {
            if let Some(c) = result(out, places, text, i) {
                found.extend(link(out, RelationKind::CausedBy, c, i, "relation.caused-stated"));
            }
            if let Some(g) = grade(out, places, text, i) {
                found.extend(link(out, RelationKind::HasValue, i, g, "relation.grade"));
            }
            // the title of a problem: its first line
            let title = note.sections.get(section).is_some_and(|s| s.kind == SectionKind::Problem)
                && p.sentence.checked_sub(1).and_then(|b| note.sentences.get(b)).is_none_or(|b| b.section != section);
            if title && f.assertion != Assertion::Absent {
                match &mut heading {
                    Some((s, all)) if *s == section => all.push(i),
                    _ => heading = Some((section, vec![i])),
                }
            }
            continue;
        }
        if !matches!(f.kind, FactKind::Medication | FactKind::Procedure) || f.assertion == Assertion::Absent {
            continue;
        }
        let medicine = f.kind == FactKind::Medication;
        let before = stated(out, places, text, i, &FOR);
        for c in &before {
            found.extend(link(out, RelationKind::Treats, i, *c, "relation.treats-stated"));
        }
        if before.is_empty() {
            for c in stated(out, places, text, i, &THOUGHT) {
                found.extend(link(out, RelationKind::BecauseOf, i, c, "relation.because-thought"));
            }
        }
        if medicine
            && before.is_empty()
            && let Some((s, all)) = &heading
            && *s == section
        {
            for c in all.iter().filter(|c| places.get(**c).is_some_and(|q| q.sentence < p.sentence)) {
                found.extend(link(out, RelationKind::Treats, i, *c, "relation.treats-problem"));
            }
        }
        if medicine && let Some(c) = reaction(out, places, text, i) {
            found.extend(link(out, RelationKind::CausedBy, c, i, "relation.caused-by"));
        }
    }
    // the sentence of the first fact is where it is said
    for r in &mut found {
        let fact = r.from.strip_prefix('f').and_then(|n| n.parse::<usize>().ok()).and_then(|n| n.checked_sub(1));
        let sentence = fact.and_then(|i| places.get(i)).and_then(|p| note.sentences.get(p.sentence));
        r.evidence = sentence.filter(|_| r.rule != "relation.treats-problem").map(|s| note.norm.original_span(s.start, s.end));
    }
    out.relations.extend(found);
}

fn condition(f: &Fact) -> bool {
    matches!(f.kind, FactKind::Disorder | FactKind::Finding)
}

fn link(out: &Structured, kind: RelationKind, from: usize, to: usize, rule: &str) -> Option<Relation> {
    Some(Relation { kind, from: out.facts.get(from)?.id.clone(), to: out.facts.get(to)?.id.clone(), rule: rule.to_owned(), evidence: None })
}

/// The conditions that a sentence says fact `i` is for: 「肺炎に対しCTRXを開始」.
fn stated(out: &Structured, places: &[Place], text: &str, i: usize, cues: &[&str]) -> Vec<usize> {
    let Some(here) = places.get(i) else { return Vec::new() };
    let mut all = Vec::new();
    // a few facts back: a sentence holds no more that could be meant
    for j in (i.saturating_sub(8)..i).rev() {
        let (Some(f), Some(p)) = (out.facts.get(j), places.get(j)) else { break };
        if p.sentence != here.sentence {
            break;
        }
        if !condition(f) {
            continue;
        }
        let gap = sub(text, p.end, here.start);
        let listed =
            all.last().and_then(|k: &usize| places.get(*k)).is_some_and(|q| sub(text, p.end, q.start).trim().chars().all(|c| matches!(c, '、' | '・' | ',' | 'と' | 'や' | '/')));
        let said = all.is_empty() && cues.iter().any(|w| gap.starts_with(w)) && !gap.contains('。') && gap.chars().count() <= 60;
        if !said && !listed {
            break;
        }
        if f.assertion != Assertion::Absent {
            all.push(j);
        }
    }
    all
}

/// The condition that came of medicine `i`: 「ペニシリンで皮疹」「NSAIDsによる胃潰瘍」.
fn reaction(out: &Structured, places: &[Place], text: &str, i: usize) -> Option<usize> {
    let here = places.get(i)?;
    for j in i + 1..(i + 4).min(out.facts.len()) {
        let (f, p) = (out.facts.get(j)?, places.get(j)?);
        if p.sentence != here.sentence || !condition(f) && !matches!(f.kind, FactKind::Medication | FactKind::Time | FactKind::Score) {
            return None;
        }
        if !condition(f) {
            continue;
        }
        let gap = sub(text, here.end, p.start);
        let blamed = BY.iter().any(|w| gap.starts_with(w)) && gap.chars().count() <= 12;
        let followed = AFTER.iter().any(|w| gap.starts_with(w)) && gap.chars().count() <= 14 && REACTIONS.iter().any(|r| f.name.contains(r) || f.text.contains(r));
        return (blamed || followed).then_some(j).filter(|_| f.assertion != Assertion::Absent);
    }
    None
}

/// Between a condition and what it brought about.
static BROUGHT: LazyLock<Vec<&str>> = LazyLock::new(|| words("treatment.brought"));

/// The condition that condition `i` brought about: 「高カルシウム血症に伴う意識障害」.
fn result(out: &Structured, places: &[Place], text: &str, i: usize) -> Option<usize> {
    let here = places.get(i)?;
    let (f, p) = (out.facts.get(i + 1)?, places.get(i + 1)?);
    let own = out.facts.get(i)?;
    if p.sentence != here.sentence || !condition(f) || f.assertion == Assertion::Absent || own.assertion == Assertion::Absent {
        return None;
    }
    let gap = sub(text, here.end, p.start);
    let said = BROUGHT.contains(&gap) || BROUGHT.iter().any(|w| gap.starts_with(w) && gap.chars().count() <= w.chars().count() + 4 && !gap.contains(['、', ',']));
    // the words of a finding may hold the cue: 高Ca血症に伴う
    let held = gap.is_empty() && BROUGHT.iter().any(|w| own.text.ends_with(w));
    (said || held).then_some(i + 1)
}

/// The grade of an adverse event: 「Grade 2の悪心」「甲状腺機能低下症(G3)」.
fn grade(out: &Structured, places: &[Place], text: &str, i: usize) -> Option<usize> {
    let here = places.get(i)?;
    let graded = |j: usize| {
        out.facts
            .get(j)
            .filter(|f| f.kind == FactKind::Score && (f.name == "Grade" || f.name.contains("CTCAE")))
            .and_then(|_| places.get(j))
            .filter(|p| p.sentence == here.sentence)
    };
    let near = |gap: &str| gap.chars().all(|c| matches!(c, ' ' | '(' | ')' | 'の' | ':' | ',' | '、' | '/'));
    if let Some(j) = i.checked_sub(1)
        && let Some(p) = graded(j)
        && matches!(sub(text, p.end, here.start).trim(), "の" | "" | "相当の" | "以上の")
    {
        return Some(j);
    }
    graded(i + 1).filter(|p| sub(text, here.end, p.start).chars().count() <= 3 && near(sub(text, here.end, p.start))).map(|_| i + 1)
}
