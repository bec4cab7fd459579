//! A patient's wishes and advance directives: DNAR, 手術希望せず, 「家に帰りたい」.

use super::{Claims, Context, Mention};
use crate::lexicon::{Attr, ConceptKind, FLAG_AMBIGUOUS, Hit};
use crate::model::{Applicability, FactKind};
use crate::note::SectionKind;
use crate::text::{char_at, char_before, is_kanji, sub};
use crate::words::words;
use std::sync::LazyLock;

/// Finds wishes in a sentence.
pub fn recognize(ctx: &Context<'_>, claims: &mut Claims, out: &mut Vec<Mention>) {
    let mut at = ctx.start;
    for h in ctx.hits.iter().filter(|h| h.kind == ConceptKind::Preference) {
        let sort = ctx.lexicon.concept(h.concept).and_then(|c| c.attr(Attr::Type)).unwrap_or("");
        if h.s() < at || sort == "consent" || claims.overlaps(h.s(), h.e()) || !stands(ctx, h, sort) {
            continue;
        }
        let mut m = Mention::new(FactKind::Preference, h.s(), h.e(), "preference.term");
        m.concept = Some(h.concept);
        m.core_end = h.e();
        at = h.e();
        // what is refused (化学療法希望せず) stays a procedure that was not done: no claim
        out.push(m);
    }
    if ctx.kind() == SectionKind::Subjective {
        wishes(ctx, out);
    }
}

fn stands(ctx: &Context<'_>, h: &Hit, sort: &str) -> bool {
    let written = sub(ctx.text, h.s(), h.e());
    let wished = ["希望", "たい", "たく", "ほしい", "欲しい", "拒否", "望", "嫌", "願望", "意思"].iter().any(|w| written.contains(w));
    // 拒否 alone does not say of what
    let whole = written.chars().count() >= 4
        && !["希望なし", "希望あり", "希望せず", "拒否あり", "拒否なし", "拒否動作", "拒否する", "拒否的", "拒否され", "拒否される", "家族の意向", "排尿希望", "嫌がる"]
            .contains(&written);
    if matches!(sort, "wish" | "refusal") && !(wished && whole) || matches!(written, "代理人" | "医療代理人" | "キーパーソン") {
        return false;
    }
    ctx.apart(h) && (h.flags & FLAG_AMBIGUOUS == 0 || sort == "dnar")
}

/// Ends of a clause that tell a wish, in the patient's own words.
static WISHES: LazyLock<Vec<&str>> = LazyLock::new(|| words("preference.wishes"));

/// The clauses of what the patient says that end in a wish.
fn wishes(ctx: &Context<'_>, out: &mut Vec<Mention>) {
    let text = sub(ctx.text, ctx.start, ctx.end);
    let mut clause = 0;
    let mut at = 0;
    while let Some(c) = char_at(text, at) {
        let next = at + c.len_utf8();
        if matches!(c, '、' | '。' | '「' | '」' | ' ' | ',' | '.' | '!' | '?' | '\n' | '(' | ')' | ':') {
            clause = next;
            at = next;
            continue;
        }
        let rest = sub(text, at, text.len());
        let Some(w) = WISHES.iter().filter(|w| rest.starts_with(**w)).max_by_key(|w| w.len()) else {
            at = next;
            continue;
        };
        let end = at + w.len();
        // 「貼ってほしいと言われた」 is somebody else's, 「食べたいもの」 no wish of its own
        let other = ["と言われ", "って言われ", "もの", "とき", "時", "人", "場合", "なら", "ように"].iter().any(|w| sub(text, end, text.len()).starts_with(w));
        let long_enough = sub(text, clause, at).chars().count() >= 2;
        if (*w != "たい" && *w != "たくない" && *w != "たくありません" || is_wish(text, at, end)) && long_enough && !other {
            let (s, e) = (ctx.start + clause, ctx.start + end);
            if !out.iter().any(|m| m.kind == FactKind::Preference && m.start < e && s < m.end) {
                let mut m = Mention::new(FactKind::Preference, s, e, "preference.wish");
                m.name = Some(sub(text, clause, end).to_owned());
                m.applicability = Applicability::Confirm;
                m.confidence = 0.8;
                out.push(m);
            }
            clause = end;
        }
        at = end;
    }
}

/// たい after a verb's stem, and not in 痛い, 冷たい, 〜みたいな.
fn is_wish(text: &str, at: usize, end: usize) -> bool {
    let Some(before) = char_before(text, at) else { return false };
    let after = char_at(text, end);
    let stem = matches!(
        before,
        'き' | 'ぎ'
            | 'し'
            | 'じ'
            | 'ち'
            | 'に'
            | 'び'
            | 'み'
            | 'り'
            | 'え'
            | 'け'
            | 'げ'
            | 'せ'
            | 'ぜ'
            | 'て'
            | 'ね'
            | 'べ'
            | 'め'
            | 'れ'
            | 'へ'
            | '見'
            | '寝'
            | '着'
            | '出'
            | '得'
            | '来'
            | '居'
            | '経'
    );
    if !stem {
        return false;
    }
    if before == 'み' {
        let verb = char_before(text, at - before.len_utf8());
        let like = matches!(after, Some('な' | 'に' | 'で' | 'だ' | 'や'));
        return verb.is_some_and(|v| is_kanji(v) || v == 'て' || v == 'で')
            && !(like && verb.is_some_and(|v| !is_kanji(v) && v != 'て' && v != 'で'))
            && !(like && after != Some('で'));
    }
    // つめたい, ねむたい
    !(before == 'め' && char_before(text, at - before.len_utf8()) == Some('つ'))
}
