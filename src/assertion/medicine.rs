//! What happens to a medicine: started, stopped, held, planned, past, not given at all.
//!
//! A medicine takes the nearest word of status after it; between the two only a list may stand: other
//! medicines with their doses, commas, particles, dates. 「AをBに変更」 stops A and starts B.

use super::{Found, Reading, Scope, cue_id};
use crate::lexicon::{ConceptKind, CueType, UsageSort};
use crate::model::{Assertion, FactKind, Temporality};
use crate::note::SectionKind;
use crate::recognize::{Context, Mention};
use crate::text::{char_at, char_before, from, is_hiragana, is_kanji, sub};
use crate::words::words;
use std::sync::LazyLock;

/// A word of status in the sentence.
#[derive(Debug, Clone)]
pub(super) struct Status {
    start: usize,
    end: usize,
    says: String,
    id: String,
}

/// The words of status in a sentence, the longest where they overlap.
pub(super) fn statuses(ctx: &Context<'_>) -> Vec<Status> {
    let mut out: Vec<Status> = Vec::new();
    for h in ctx.hits.iter().filter(|h| h.kind == ConceptKind::Usage) {
        let Some(u) = ctx.lexicon.usage(h.concept).filter(|u| u.sort == UsageSort::Status) else { continue };
        let goes_on = char_before(ctx.text, h.e()).is_some_and(is_hiragana) && char_at(ctx.text, h.e()).is_some_and(is_hiragana);
        // 飲んでいた in 飲んでいただく
        if out.last().is_some_and(|l| h.s() < l.end) || goes_on && !ctx.is_word_boundary(h.e()) {
            continue;
        }
        out.push(Status { start: h.s(), end: h.e(), says: u.value.clone(), id: u.id.clone() });
    }
    out
}

/// Words for a change from one medicine to another.
static SWITCH: LazyLock<Vec<&str>> = LazyLock::new(|| words("medicine.switch"));

impl Scope {
    /// Reads the status of a medicine.
    pub(super) fn read_medicine(&self, ctx: &Context<'_>, m: &Mention, mentions: &[Mention], r: &mut Reading) {
        let mut status = self.after(ctx, m, mentions, r);
        if status.is_none() && r.assertion == Assertion::Present {
            status = self.before(ctx, m, r);
        }
        if status.is_none() && r.assertion == Assertion::Present && ctx.kind() == SectionKind::Allergy {
            r.because.push(("section.allergy".to_owned(), ctx.section.title));
            status = Some("allergy".to_owned());
        }
        // 「P) PPI静注」: what a plan says to give
        if status.is_none()
            && r.assertion == Assertion::Present
            && matches!(ctx.kind(), SectionKind::Plan | SectionKind::DischargePlan)
            && m.core_end <= m.end
            && given(ctx, m.end).is_some_and(|e| from(ctx.text, e).starts_with(['、', ',', '。']))
        {
            r.because.push(("section.plan".to_owned(), ctx.section.title));
            status = Some("planned".to_owned());
        }
        match status.as_deref() {
            Some("planned") => r.assertion = Assertion::Planned,
            Some("past") => r.temporality = Temporality::Past,
            _ => {}
        }
        if r.assertion != Assertion::Absent {
            r.status = Some(status.unwrap_or_else(|| "active".to_owned()));
        }
    }

    fn after(&self, ctx: &Context<'_>, m: &Mention, mentions: &[Mention], r: &mut Reading) -> Option<String> {
        let from_at = m.core_end.max(m.end);
        let word = self.statuses.iter().find(|s| s.start >= from_at);
        // 「開始する」 is a decision, not a plan for later
        let bare = |c: &Found| matches!(sub(ctx.text, c.start, c.end), "する" | "を行う" | "行う" | "行います" | "とする" | "必要" | "が必要");
        let says = |c: &&Found| matches!(c.says, CueType::NotDone | CueType::Absent | CueType::Conditional) || c.says == CueType::Planned && !bare(c);
        let act =
            self.acts.iter().find(|c| c.start >= from_at && says(c)).filter(|c| c.says != CueType::Absent && c.says != CueType::NotDone || near(ctx, from_at, c.start, mentions));
        let reach = |start: usize| reachable(ctx, from_at, start, mentions);
        if word.is_some_and(|w| reach(w.start) && of_another(ctx, m, from_at, w, mentions)) {
            return None;
        }
        let Some(word) = word.filter(|w| reach(w.start)) else {
            let act = act.filter(|a| reach(a.start))?;
            return self.act(ctx, *act, r);
        };
        if let Some(act) = act.filter(|a| a.end <= word.start && reach(a.start)) {
            return self.act(ctx, *act, r);
        }
        r.because.push((word.id.clone(), (word.start, word.end)));
        let written = sub(ctx.text, word.start, word.end);
        if SWITCH.iter().any(|s| written.contains(s)) {
            return Some(switched(ctx, m, from_at, word, mentions).to_owned());
        }
        // 開始予定, 開始せず, 中止せず, 再開を検討
        let next = self.acts.iter().find(|c| c.start >= word.end && !bare(c)).filter(|c| linked(ctx, word.end, c.start));
        match (word.says.as_str(), next.map(|n| n.says)) {
            ("stopped" | "held", Some(CueType::NotDone | CueType::Absent | CueType::Planned)) => Some("active".to_owned()),
            ("allergy", Some(CueType::NotDone | CueType::Absent)) => Some("active".to_owned()),
            (_, Some(CueType::NotDone | CueType::Absent)) => {
                r.assertion = Assertion::Absent;
                None
            }
            ("started", Some(CueType::Planned)) => Some("planned".to_owned()),
            (says, _) => Some(says.to_owned()),
        }
    }

    fn act(&self, ctx: &Context<'_>, act: Found, r: &mut Reading) -> Option<String> {
        r.because.push((cue_id(ctx, &act.hit), (act.start, act.end)));
        match act.says {
            CueType::NotDone | CueType::Absent => {
                r.assertion = Assertion::Absent;
                None
            }
            CueType::Conditional => {
                r.assertion = Assertion::Conditional;
                Some("planned".to_owned()).filter(|_| false)
            }
            _ => Some("planned".to_owned()),
        }
    }

    /// 以前, 過去に … before the name.
    fn before(&self, ctx: &Context<'_>, m: &Mention, r: &mut Reading) -> Option<String> {
        let word = self.statuses.iter().rev().find(|s| s.end <= m.start)?;
        let gap = sub(ctx.text, word.end, m.start);
        let pre = word.says == "past"
            || gap.chars().count() <= 2 && gap.chars().all(|c| matches!(c, ':' | ' ' | 'の' | ')' | '→'))
            || gap == "中の"
            || gap == "した"
            || gap == "していた";
        if !pre || gap.chars().count() > 20 || gap.contains(['。', '、']) && word.says != "past" {
            return None;
        }
        r.because.push((word.id.clone(), (word.start, word.end)));
        Some(word.says.clone())
    }
}

/// 「A 1錠、B 1錠、Cは中止」, 「A静注、C中止」: what is told of the last medicine, after a list of those that have their own doses or
/// their own words, is told of it alone.
fn of_another(ctx: &Context<'_>, m: &Mention, at: usize, word: &Status, mentions: &[Mention]) -> bool {
    let Some(last) = mentions.iter().filter(|x| x.kind == FactKind::Medication && x.start >= at && x.end <= word.start).max_by_key(|x| x.start) else { return false };
    let end = last.end.max(last.core_end);
    let own = |x: &Mention| x.core_end > x.end;
    let told = given(ctx, at).is_some_and(|e| from(ctx.text, e).starts_with(['、', ',', '。']));
    let topic = from(ctx.text, end).starts_with('は') && own(m) && !own(last);
    let apart = told && given(ctx, end).is_none() && (end == word.start || from(ctx.text, end).starts_with(['は', 'を']));
    topic || apart
}

/// The end of a word of giving at `at`.
fn given(ctx: &Context<'_>, at: usize) -> Option<usize> {
    GIVING.iter().filter(|w| from(ctx.text, at).starts_with(**w)).map(|w| at + w.len()).max()
}

/// Of 「AからBへ変更」 A is stopped and B started; 「Aに変更」 starts it; 「Aを変更」 leaves it.
fn switched(ctx: &Context<'_>, m: &Mention, at: usize, word: &Status, mentions: &[Mention]) -> &'static str {
    let rest = sub(ctx.text, at, word.start);
    let other = mentions.iter().any(|x| x.kind == FactKind::Medication && x.start >= at && x.end <= word.start);
    let rest = ["内服", "点滴", "投与", "注射"].iter().find_map(|w| rest.strip_prefix(*w)).unwrap_or(rest);
    if other && ["から", "を", "より", "→", "は"].iter().any(|p| rest.starts_with(p)) {
        return "stopped";
    }
    let target = rest.starts_with(['に', 'へ']) && !other;
    let from_other = mentions.iter().any(|x| x.kind == FactKind::Medication && x.end <= m.start && sub(ctx.text, x.core_end.max(x.end), m.start).chars().count() <= 12);
    if target || from_other && !other {
        if word.says == "stopped" && !target && !from_other { "stopped" } else { "started" }
    } else if word.says == "stopped" {
        "stopped"
    } else {
        "active"
    }
}

/// A status and the cue after it are one saying: 開始予定, 開始を検討, 中止はせず.
fn linked(ctx: &Context<'_>, end: usize, start: usize) -> bool {
    start <= end
        || matches!(
            sub(ctx.text, end, start).trim(),
            "" | "を" | "は" | "も" | "の" | "と" | "が" | "に" | "する" | "として" | "しており" | "する方針" | "することを" | "について" | "とする"
        )
}

/// Whether nothing but medicines and words of giving stands between: 「使用なし」「、Bは投与せず」.
fn near(ctx: &Context<'_>, start: usize, end: usize, mentions: &[Mention]) -> bool {
    let mut at = start;
    while at < end {
        if let Some(m) = mentions.iter().find(|m| m.kind == FactKind::Medication && m.start == at) {
            at = m.end.max(m.core_end);
            continue;
        }
        let rest = sub(ctx.text, at, end);
        let Some(w) = GIVING.iter().chain(LINKS.iter()).filter(|w| rest.starts_with(**w)).max_by_key(|w| w.len()) else { return false };
        at += w.len();
    }
    true
}

/// Whether only a list stands between: medicines, doses, particles, dates, words of giving.
fn reachable(ctx: &Context<'_>, start: usize, end: usize, mentions: &[Mention]) -> bool {
    if end.saturating_sub(start) > 300 {
        return false;
    }
    let (mut at, mut nouns) = (start, 0);
    while at < end {
        if let Some(m) = mentions.iter().find(|m| m.start <= at && m.end.max(m.core_end) > at && m.start >= start) {
            match m.kind {
                FactKind::Medication | FactKind::Time => {
                    at = m.end.max(m.core_end);
                    nouns = 0;
                    continue;
                }
                FactKind::Procedure if GIVING.contains(&sub(ctx.text, m.start, m.end)) => {}
                _ => return false,
            }
        }
        let rest = sub(ctx.text, at, end);
        if let Some(w) = GIVING.iter().chain(LINKS.iter()).filter(|w| rest.starts_with(**w)).max_by_key(|w| w.len()) {
            at += w.len();
            continue;
        }
        let Some(c) = char_at(ctx.text, at) else { return false };
        // 「錠2mg　飲酒なし」: after a space another matter begins
        if is_kanji(c) && nouns == 0 && char_before(ctx.text, at) == Some(' ') && at > start {
            return false;
        }
        // a number, a date, a word or two
        if c.is_ascii_alphanumeric() || is_kanji(c) || matches!(c, '.' | '~' | '-' | '%' | 'μ' | '×') {
            nouns += usize::from(is_kanji(c));
            if nouns > 8 {
                return false;
            }
            at += c.len_utf8();
            continue;
        }
        return false;
    }
    !from(ctx.text, end).is_empty()
}

/// Words of giving and taking a medicine.
static GIVING: LazyLock<Vec<&str>> = LazyLock::new(|| words("medicine.giving"));

/// What may stand between a medicine and its status.
static LINKS: LazyLock<Vec<&str>> = LazyLock::new(|| words("medicine.links"));
