//! How far a cue reaches: what may stand between a term and what is said of it.

use super::Found;
use crate::lexicon::{ConceptKind, CueType};
use crate::model::FactKind;
use crate::note::SectionKind;
use crate::recognize::{Context, Mention};
use crate::text::{char_at, is_hiragana, is_kanji, is_katakana, sub};
use crate::words::words;
use std::sync::LazyLock;

/// What may stand between two cues that say one thing together: particles, a noun with its particle, a light verb.
pub(super) fn linked(gap: &str) -> bool {
    let g = gap.trim_start_matches("する").trim_start_matches("した").trim_start_matches("ような").trim_start_matches("など").trim_start_matches("まで").trim_start_matches("こと");
    let noun: usize = g.chars().take(6).take_while(|c| is_kanji(*c) || is_katakana(*c)).map(char::len_utf8).sum();
    matches!(sub(g, noun, g.len()), "" | "は" | "も" | "を" | "が" | "の" | "に" | "には" | "は明らかで" | "のは" | "ものは" | "傾向は")
}

/// 「痛くない」「熱も出てない」「咳も出ません」: the word itself is negated. Returns where the negation ends.
pub(super) fn negated_word(ctx: &Context<'_>, m: &Mention) -> Option<usize> {
    let (surface, rest) = (sub(ctx.text, m.core_start, m.core_end), sub(ctx.text, m.core_end, ctx.end));
    if surface.ends_with("くな") && rest.starts_with(['い', 'か']) {
        return Some(m.core_end + 'い'.len_utf8());
    }
    let last = surface.chars().next_back()?;
    if !is_hiragana(last) && !surface.chars().any(is_hiragana) || last == 'な' {
        return None;
    }
    let forms = [
        "くない",
        "くなかった",
        "くありません",
        "くはない",
        "くもない",
        "てない",
        "ていない",
        "ていません",
        "てません",
        "ません",
        "ませんでした",
        "ておらず",
        "たことはない",
        "たことがない",
        "ることはな",
        "ることもな",
        "なくなった",
    ];
    forms.iter().filter(|f| rest.starts_with(**f)).map(|f| m.core_end + f.len()).max()
}

/// Whether a cue after a term speaks of it.
pub(super) fn reaches(ctx: &Context<'_>, end: usize, cue: &Found, mentions: &[Mention]) -> bool {
    let gap = sub(ctx.text, end, cue.start);
    // 「発熱の他に」: the term stands, and others are spoken of
    if ["の他", "のほか", "以外", "を除"].iter().any(|w| gap.starts_with(w)) {
        return false;
    }
    // what a parenthesis says of something else stays in it: 「右下肢痛(歩行時に増悪、安静時なし)」
    if let Some(open) = gap.rfind('(')
        && !sub(gap, open, gap.len()).contains(')')
        && open + 1 < gap.len()
    {
        return false;
    }
    // a problem title stands, whatever its line goes on to deny
    if ctx.kind() == SectionKind::Problem
        && end <= ctx.section.content.0 + 60
        && gap.starts_with(' ')
        && !gap.trim().is_empty()
        && mentions.iter().all(|m| m.start >= end || m.end == end)
    {
        return false;
    }
    // 「骨折、骨盤骨折疑い」: the suffix doubts its own word
    if cue.says == CueType::Possible && gap.contains(['、', ',']) && mentions.iter().any(|m| m.end == cue.start && m.start > end) {
        return false;
    }
    // 「乳癌の転移はなく」: of two terms joined by の the second is meant
    if !matches!(cue.says, CueType::Present | CueType::Past)
        && gap.starts_with('の')
        && mentions.iter().any(|m| m.start == end + 'の'.len_utf8() && matches!(m.kind, FactKind::Disorder | FactKind::Finding))
    {
        return false;
    }
    // a sign belongs to the word it stands at: in 「リンパ節腫脹、ツ反陰性」 only the test is negative
    let sign = ctx.lexicon.cue(cue.hit.concept).is_some_and(|c| c.id == "absent.minus");
    if sign {
        let last = mentions.iter().filter(|m| m.end <= cue.start && m.end >= end).map(|m| m.end).max().unwrap_or(end);
        if sub(ctx.text, last.max(end), cue.start).chars().any(|c| is_kanji(c) || is_katakana(c) || c.is_alphanumeric() && !is_hiragana(c)) {
            return false;
        }
    }
    transparent(ctx, end, cue.start, mentions)
}

/// 「咽頭軽度発赤、扁桃腫大なし」「左背側にラ音、喘鳴なし」「腎症2期、網膜症なし」: what has a degree, a stage or one side is
/// there, and the denial at the end of the line is of the bare term before it.
pub(super) fn stated(ctx: &Context<'_>, m: &Mention, cue: &Found, mentions: &[Mention]) -> bool {
    let gap = sub(ctx.text, m.core_end, cue.start);
    if !gap.starts_with(['、', ',', ' ']) || gap.starts_with(" (") {
        return false;
    }
    let another = mentions.iter().any(|x| x.start >= m.core_end && x.end <= cue.start && matches!(x.kind, FactKind::Disorder | FactKind::Finding) && !specified(ctx, x));
    another && (specified(ctx, m) || numbered(ctx, m))
}

/// 「2. 胆嚢結石、胆嚢炎なし」: the first term of a numbered line of an impression is what was found.
fn numbered(ctx: &Context<'_>, m: &Mention) -> bool {
    let line = sub(ctx.text, 0, m.start).rfind('\n').map_or(0, |i| i + 1);
    let lead = sub(ctx.text, line, m.start).trim();
    ctx.kind() == SectionKind::Assessment
        && lead.starts_with(|c: char| c.is_ascii_digit())
        && lead.trim_start_matches(|c: char| c.is_ascii_digit()).trim_end().chars().all(|c| matches!(c, '.' | ')'))
}

/// Whether a mention says how much, which stage, or on which one side.
fn specified(ctx: &Context<'_>, m: &Mention) -> bool {
    let degree = m.parts.iter().any(|p| p.kind == ConceptKind::Modifier && ctx.lexicon.has_trait(p.concept, crate::lexicon::trait_of::SEVERITY));
    let words = sub(ctx.text, m.start, m.core_end);
    let one_side = sub(ctx.text, m.start, m.core_start).trim_end().ends_with('に') && words.starts_with(['左', '右']) && !words.starts_with("左右") || on_one_side(ctx, m.start);
    let degree = degree || ["軽度", "中等度", "高度", "重度", "著明", "著しい", "わずか", "軽い", "強い"].iter().any(|w| words.contains(w));
    degree || one_side || words.bytes().any(|b| b.is_ascii_digit())
}

/// 「左背側にfine crackles」: the place stands before the mention.
fn on_one_side(ctx: &Context<'_>, start: usize) -> bool {
    let before = sub(ctx.text, ctx.start, start);
    let clause = before.rfind(['、', ',', ':', ' ']).map_or(before, |i| sub(before, i + char_at(before, i).map_or(1, char::len_utf8), before.len()));
    clause.ends_with('に') && clause.starts_with(['左', '右']) && !clause.starts_with("左右") && clause.chars().count() <= 12
}

/// Whether only a list stands in `start..end`: terms, sites, particles, adverbs, nouns.
pub(super) fn transparent(ctx: &Context<'_>, start: usize, end: usize, mentions: &[Mention]) -> bool {
    let mut at = start;
    let mut nouns = 0;
    if end.saturating_sub(start) > 240 {
        return false;
    }
    while at < end {
        if let Some(m) = mentions.iter().filter(|m| m.start <= at && m.end > at && m.start >= start.min(at)).max_by_key(|m| m.end) {
            match m.kind {
                // 「皮疹はプレドニゾロン内服により消退」
                FactKind::Medication => {
                    at = m.end.max(m.core_end);
                    continue;
                }
                FactKind::Disorder | FactKind::Finding | FactKind::Procedure | FactKind::Allergy => {
                    at = m.end;
                    nouns = 0;
                    continue;
                }
                // 昨日, 以前 are adverbs; a date ends the reach
                FactKind::Time if !is_numeric(ctx, m) => {
                    at = m.end;
                    continue;
                }
                _ => return false,
            }
        }
        let rest = sub(ctx.text, at, end);
        if let Some(w) = LINKS.iter().filter(|w| rest.starts_with(**w)).max_by_key(|w| w.len()) {
            if *w == "が" && matches!(char_at(rest, w.len()), Some('、' | ',')) {
                return false;
            }
            at += w.len();
            continue;
        }
        if let Some(h) = ctx
            .hits_at(at)
            .iter()
            .find(|h| matches!(h.kind, ConceptKind::Site | ConceptKind::Modifier | ConceptKind::Disorder | ConceptKind::Finding | ConceptKind::Head) && h.e() <= end)
        {
            at = h.e();
            continue;
        }
        let Some(c) = char_at(ctx.text, at) else { return false };
        if is_kanji(c) || is_katakana(c) || c.is_ascii_alphabetic() {
            nouns += 1;
            if nouns > 14 {
                return false;
            }
            at += c.len_utf8();
            continue;
        }
        return false;
    }
    true
}

pub(super) fn is_numeric(ctx: &Context<'_>, m: &Mention) -> bool {
    sub(ctx.text, m.start, m.end).bytes().any(|b| b.is_ascii_digit())
}

/// What may stand between the terms of a list and their cue.
static LINKS: LazyLock<Vec<&str>> = LazyLock::new(|| words("reach.links"));
