//! Clinical scores, stages and grades: NYHA Ⅲ, Child-Pugh B, MMSE 24/30, Stage IIIA.

use super::number::plain_number;
use super::{Claims, Context, Mention};
use crate::lexicon::{Attr, ConceptKind, FLAG_AMBIGUOUS};
use crate::model::{FactKind, Value};
use crate::text::{byte, char_at, from, skip_spaces, sub};
use compact_str::CompactString;

/// Finds scores with their value.
pub fn recognize(ctx: &Context<'_>, claims: &mut Claims, out: &mut Vec<Mention>) {
    for h in ctx.hits.iter().filter(|h| h.kind == ConceptKind::Score) {
        if claims.overlaps(h.s(), h.e()) {
            continue;
        }
        let Some(c) = ctx.lexicon.concept(h.concept) else { continue };
        let pattern = c.attr(Attr::Pattern).unwrap_or("number");
        let signed = c.number(Attr::Min).is_some_and(|m| m < 0.0);
        let read = if pattern == "tnm" {
            tnm(ctx, h.s()).or_else(|| tnm(ctx, skip_spaces(ctx.text, h.e() + usize::from(byte(ctx.text, h.e()) == b':'))))
        } else {
            value(ctx, h.e(), pattern, signed)
        };
        let Some((value, end)) = read else { continue };
        let within = value.number.is_none_or(|n| c.number(Attr::Min).is_none_or(|m| n >= m) && c.number(Attr::Max).is_none_or(|m| n <= m));
        if !within || (h.flags & FLAG_AMBIGUOUS != 0 && end > h.e() + 8) {
            continue;
        }
        let mut m = Mention::new(FactKind::Score, h.s(), end, "score.name-value");
        m.concept = Some(h.concept);
        m.value = Some(value);
        m.confidence = if h.flags & FLAG_AMBIGUOUS == 0 { 0.95 } else { 0.8 };
        claims.claim(h.s(), end);
        out.push(m);
    }
}

/// `cT4N3M1c`, `pT2 N0 M0`: at least T with another part, or a T with its prefix.
fn tnm(ctx: &Context<'_>, start: usize) -> Option<(Value, usize)> {
    let text = ctx.text;
    let mut at = start;
    let mut written = String::new();
    while matches!(byte(text, at), b'c' | b'p' | b'y' | b'r' | b's' | b'f') {
        written.push(char::from(byte(text, at)));
        at += 1;
    }
    let mut parts = 0;
    for letter in [b'T', b'N', b'M'] {
        let mut i = if parts == 0 { at } else { skip_spaces(text, at) };
        if parts > 0 && matches!(byte(text, i), b',' | b'c' | b'p') {
            i = skip_spaces(text, i + 1);
        }
        if byte(text, i) != letter {
            continue;
        }
        let digits = from(text, i + 1).bytes().take_while(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'd' | b'i' | b's' | b'x' | b'X')).count();
        if digits == 0 || digits > 4 {
            break;
        }
        written.push_str(sub(text, i, i + 1 + digits));
        at = i + 1 + digits;
        parts += 1;
    }
    let prefixed = written.starts_with(['c', 'p', 'y', 'r']);
    (parts >= 2 || parts == 1 && prefixed).then(|| (Value { text: Some(CompactString::new(written)), ..Value::default() }, at))
}

fn value(ctx: &Context<'_>, end: usize, pattern: &str, signed: bool) -> Option<(Value, usize)> {
    let text = ctx.text;
    let mut at = skip_spaces(text, end);
    for w in ["スコア", "score", "Score", "分類", "指数", "scale", "Scale", "スケール", "grade", "Grade", "class", "Class", "クラス", "度", "stage", "Stage"] {
        if from(text, at).starts_with(w) {
            at = skip_spaces(text, at + w.len());
        }
    }
    while matches!(char_at(text, at), Some(':' | '=' | 'は' | 'が' | 'で' | '(' | '〉' | '》')) || byte(text, at) == b'-' && !signed {
        at = skip_spaces(text, at + char_at(text, at).map_or(1, char::len_utf8));
    }
    for w in ["クラス", "class", "Class", "grade", "Grade", "グレード", "stage", "Stage"] {
        if from(text, at).starts_with(w) {
            at = skip_spaces(text, at + w.len());
        }
    }
    if at >= ctx.end {
        return None;
    }
    let number = |at: usize| -> Option<(Value, usize)> {
        let negative = byte(text, at) == b'-';
        let (n, mut e, _) = plain_number(text, at + usize::from(negative))?;
        if byte(text, e) == b'/'
            && let Some((_, e2, false)) = plain_number(text, e + 1)
        {
            e = e2;
        }
        if from(text, e).starts_with('点') {
            e += '点'.len_utf8();
        }
        if from(text, e).starts_with(['年', '月', '日', '歳', 'm', '%']) {
            return None;
        }
        Some((Value { number: Some(if negative { -n } else { n }), unit: Some(CompactString::const_new("{score}")), ..Value::default() }, e))
    };
    let word = |at: usize, ok: &dyn Fn(char) -> bool| -> Option<(Value, usize)> {
        let len: usize = from(text, at).chars().take(10).take_while(|c| ok(*c)).map(char::len_utf8).sum();
        let w = sub(text, at, at + len);
        (!w.is_empty()).then(|| (Value { text: Some(CompactString::new(w)), ..Value::default() }, at + len))
    };
    match pattern {
        "roman" => {
            let (v, e) = word(at, &|c| matches!(c, 'I' | 'V' | 'X' | 'A'..='D' | 'a'..='d' | '0'..='9'))?;
            let numeric = v.text.as_deref().and_then(|t| t.parse::<f64>().ok());
            let starts = v.text.as_deref().is_some_and(|t| t.starts_with(['I', 'V', 'X']) || numeric.is_some() || t.starts_with(|c: char| c.is_ascii_digit()));
            let mut e = e;
            if from(text, e).starts_with(['度', '期', '型']) {
                e += char_at(text, e).map_or(0, char::len_utf8);
            }
            starts.then_some((v, e))
        }
        "letter" => number(at).or_else(|| word(at, &|c| matches!(c, 'A'..='E' | '+' | '-')).filter(|(_, e)| !char_at(text, *e).is_some_and(|c| c.is_ascii_alphabetic()))),
        "grade" => number(at).or_else(|| word(at, &|c| matches!(c, 'I' | 'V' | 'A'..='D' | 'a'..='d'))),
        "text" => number(at).or_else(|| word(at, &|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '*'))),
        _ => number(at),
    }
}
