//! Which of a sentence's cues stand as words of their own.

use super::Found;
use crate::lexicon::Hit;
use crate::model::FactKind;
use crate::recognize::{Context, Mention};
use crate::text::{char_at, char_before, is_hiragana, is_kanji, sub};

pub(super) fn inside_term(h: &Hit, mentions: &[Mention]) -> bool {
    let inside = |m: &Mention| m.core_start <= h.s() && h.e() <= m.core_end && h.len() < m.core_end - m.core_start;
    let across = |m: &Mention| m.core_start < h.s() && h.s() < m.core_end;
    // 「化学療法は希望せず」 is a wish, and its end the cue of the act in it
    mentions.iter().any(|m| !matches!(m.kind, FactKind::Time | FactKind::Preference) && (inside(m) || across(m)))
}

/// Of cues that overlap, the longest stays; of two of one length the first.
pub(super) fn keep_longest(cues: &mut Vec<Found>, new: Found) {
    if let Some(last) = cues.last().copied()
        && new.start < last.end
    {
        if new.end - new.start > last.end - last.start && new.start == last.start || new.start > last.start && new.end <= last.end {
            if new.start == last.start {
                cues.pop();
                cues.push(new);
            }
            return;
        }
        // 「s/o」 stands before or after its term
        if new.start == last.start && new.end == last.end && new.reach != last.reach {
            cues.push(new);
        }
        // partial overlap: 「認め」+「めない」 can't both be read; the earlier stands
        return;
    }
    cues.push(new);
}

/// Whether a cue is a word here and not the tail of another.
pub(super) fn stands(ctx: &Context<'_>, h: &Hit, id: &str, mentions: &[Mention], after_cue: bool) -> bool {
    let word = sub(ctx.text, h.s(), h.e());
    let before = if h.s() > ctx.start { char_before(ctx.text, h.s()).unwrap_or(' ') } else { ' ' };
    let after = if h.e() < ctx.end { char_at(ctx.text, h.e()).unwrap_or(' ') } else { ' ' };
    let adjacent = after_cue || mentions.iter().any(|m| m.end == h.s() || m.core_end == h.s());
    match word {
        "無" | "有" | "疑" => return !is_kanji(after) && !is_hiragana(after) && (adjacent || !is_kanji(before) && !is_hiragana(before)),
        "様" | "様の" | "っぽい" | "らしい" => return adjacent,
        "-" | "+" | "±" | "(-" | "1+" | "2+" | "3+" => return adjacent && !after.is_alphanumeric() && !(after == '>' || after == '-' && word == "-"),
        "?" | "?)" | "??" => return true,
        "時" | "時に" | "時には" | "時は" | "時、" | "時:" => {
            return mentions.iter().any(|m| {
                m.end == h.s() && matches!(m.kind, FactKind::Disorder | FactKind::Finding | FactKind::Vital)
                    || matches!(m.kind, FactKind::Vital) && sub(ctx.text, m.end, h.s()) == "の"
            }) && !is_kanji(after)
                && !matches!(before, 'た' | 'だ');
        }
        "なら" => return !matches!(after, 'ず' | 'び' | 'な' | 'し'),
        "歴" => return adjacent,
        "ある" | "あり" | "有り" | "あった" | "あって" => {
            return adjacent || !is_hiragana(before) || matches!(before, 'は' | 'も' | 'が' | 'に' | 'の' | 'と' | 'で' | 'や' | 'ど');
        }
        _ => {}
    }
    if id == "absent.nai" || id == "absent.none" {
        // 少ない, 危ない, できない: the tail of another word
        let particle = matches!(before, 'は' | 'も' | 'が' | 'の' | 'と' | 'に' | 'や' | 'ど' | 'を');
        return adjacent || (!is_hiragana(before) || particle) && !matches!(before, '少' | '危' | '来' | '足' | '切');
    }
    if word.chars().count() == 1 && is_kanji(before) && !adjacent {
        return false;
    }
    true
}
