//! One test for several types, each with its result: `インフルエンザ抗原 A(-) B(+)`.

use super::value::one_value;
use super::{after_name, push};
use crate::lexicon::{ConceptKind, Hit};
use crate::recognize::{Claims, Context, Mention};
use crate::text::{byte, char_at, skip_spaces, sub};
use crate::words::words;
use std::sync::LazyLock;

/// What a test's name ends with, before which its type stands in the name of one type: インフルエンザA抗原.
static ENDINGS: LazyLock<Vec<&str>> = LazyLock::new(|| words("typed.endings"));

/// The results of the types that follow the name `h`. Returns where the last ended.
pub(super) fn recognize(ctx: &Context<'_>, h: &Hit, claims: &mut Claims, out: &mut Vec<Mention>) -> Option<usize> {
    let mut at = after_name(ctx, h.e())?;
    if !matches!(byte(ctx.text, at), b'A' | b'B') {
        return None;
    }
    let written = sub(ctx.text, h.s(), h.e());
    let stem = ENDINGS.iter().filter_map(|e| written.strip_suffix(e)).min_by_key(|s| s.len()).unwrap_or(written);
    let (mut start, mut end) = (h.s(), None);
    for letter in ["A", "B"] {
        if sub(ctx.text, at, at + 1) != letter {
            continue;
        }
        let mut next = at + 1;
        if char_at(ctx.text, next) == Some('型') {
            next += '型'.len_utf8();
        }
        while matches!(byte(ctx.text, next), b' ' | b':') {
            next += 1;
        }
        let concept = ctx.lexicon.lookup(&format!("{stem}{letter}")).map(|l| l.0).find(|r| ctx.lexicon.concept(*r).is_some_and(|c| c.kind() == ConceptKind::Analyte))?;
        let r = one_value(ctx, next, ctx.lexicon.analyte(concept)?).filter(|r| r.value.number.is_none())?;
        push(ctx, concept, start, &r, "lab.type-value", out);
        claims.claim(start, r.end);
        end = Some(r.end);
        at = skip_spaces(ctx.text, r.end);
        if matches!(char_at(ctx.text, at), Some('、' | ',' | '/' | '・')) {
            at = skip_spaces(ctx.text, at + char_at(ctx.text, at).map_or(1, char::len_utf8));
        }
        start = at;
    }
    end
}
