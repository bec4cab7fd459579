//! An organ that is felt below the ribs: 「肝を右季肋下に2横指触知」, 「脾1cm触知」, 「左肋弓下に脾臓を3横指触れる」.
//!
//! That a liver or a spleen is felt so many fingers wide says that it is enlarged.

use super::number::number;
use super::{Claims, Context, Mention};
use crate::lexicon::ConceptKind;
use crate::model::{FactKind, Value};
use crate::text::{char_before, from, is_kanji, skip_spaces, sub};
use crate::words::words;
use compact_str::CompactString;
use std::sync::LazyLock;

/// An organ, and the finding that it is felt.
const ORGANS: &[(&str, &str)] = &[("肝臓", "肝腫大"), ("脾臓", "脾腫"), ("肝", "肝腫大"), ("脾", "脾腫")];

/// What may stand between the organ and how much is felt.
static BETWEEN: LazyLock<Vec<&str>> = LazyLock::new(|| words("palpation.between"));

/// Words for feeling it.
static FELT: LazyLock<Vec<&str>> = LazyLock::new(|| words("palpation.felt"));

/// Finds them in a sentence.
pub fn recognize(ctx: &Context<'_>, claims: &mut Claims, out: &mut Vec<Mention>) {
    let text = sub(ctx.text, ctx.start, ctx.end);
    if !text.contains('触') && !text.contains("ふれ") {
        return;
    }
    let mut at = ctx.start;
    while at < ctx.end {
        let rest = ctx.rest(at);
        let Some(c) = rest.chars().next() else { return };
        let found = ORGANS.iter().find(|o| rest.starts_with(o.0)).filter(|_| !char_before(ctx.text, at).is_some_and(is_kanji) || at == ctx.start);
        let Some((organ, finding)) = found else {
            at += c.len_utf8();
            continue;
        };
        let start = at;
        at += organ.len();
        let Some((value, end)) = extent(ctx, at).filter(|e| !claims.overlaps(start, e.1)) else { continue };
        let Some(concept) = ctx.lexicon.lookup(finding).map(|l| l.0).find(|r| ctx.lexicon.concept(*r).is_some_and(|c| c.kind() == ConceptKind::Finding)) else { continue };
        let mut m = Mention::new(FactKind::Finding, start, end, "finding.palpated");
        m.concept = Some(concept);
        m.value = Some(value);
        claims.claim(start, end);
        out.push(m);
        at = end;
    }
}

/// `2横指`, `3cm` after what may stand between, with a word for feeling after it.
fn extent(ctx: &Context<'_>, organ: usize) -> Option<(Value, usize)> {
    let mut at = organ;
    for _ in 0..8 {
        let rest = ctx.rest(at);
        let Some(w) = BETWEEN.iter().filter(|w| rest.starts_with(**w)).max_by_key(|w| w.len()) else { break };
        at += w.len();
    }
    let n = number(ctx.text, at)?;
    let unit_at = skip_spaces(ctx.text, n.end);
    let (word, unit) =
        [("横指", "{fingerbreadth}"), ("cm", "cm"), ("FB", "{fingerbreadth}"), ("fb", "{fingerbreadth}")].into_iter().find(|u| from(ctx.text, unit_at).starts_with(u.0))?;
    let end = unit_at + word.len();
    let next = ["ほど", "程度", "大", "ほどに"].iter().find_map(|w| from(ctx.text, end).strip_prefix(w)).unwrap_or(from(ctx.text, end));
    // 「…に肝を2cm、…に脾を1cm触知」: the verb stands once
    let felt = next.trim_start_matches([' ', 'を']);
    let later = felt.starts_with('、') && FELT.iter().any(|w| ctx.rest(end).contains(w)) && ORGANS.iter().any(|o| ctx.rest(end).contains(o.0));
    (later || FELT.iter().any(|w| felt.starts_with(w))).then(|| (Value { number: Some(n.value), unit: Some(CompactString::const_new(unit)), ..Value::default() }, end))
}
