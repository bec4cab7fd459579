//! Values whose name is left out: `39度以上の発熱`, `38.5℃`, `(2か月前は40kg)`, `138/74mmHg`.

use super::value::value_of;
use super::vital::{degree, read_pressure, read_temperature};
use super::{Reading, pressure, push};
use crate::lexicon::ConceptKind;
use crate::note::SectionKind;
use crate::recognize::number::{Number, plain_number};
use crate::recognize::{Claims, Context, Mention};
use crate::text::{byte, char_before};

/// Finds them in what the named measurements left.
pub(super) fn recognize(ctx: &Context<'_>, claims: &mut Claims, out: &mut Vec<Mention>) {
    let text = ctx.text;
    let mut i = ctx.start;
    while i < ctx.end {
        if !byte(text, i).is_ascii_digit() {
            i += 1;
            continue;
        }
        let start = i;
        let before = char_before(text, start).unwrap_or(' ');
        let Some((v, e, _)) = plain_number(text, start) else {
            while byte(text, i).is_ascii_digit() || byte(text, i) == b'.' {
                i += 1;
            }
            continue;
        };
        i = e;
        if claims.overlaps(start, e) || before.is_ascii_alphanumeric() || matches!(before, '.' | '/' | '-' | '+') {
            continue;
        }
        if (33.0..=43.0).contains(&v)
            && degree(text, e).is_some()
            && let (Some(c), Some(a)) = (ctx.lexicon.by_id("vital-temperature"), ctx.lexicon.by_id("vital-temperature").and_then(|r| ctx.lexicon.analyte(r)))
        {
            if let Some(r) = read_temperature(ctx, start, a) {
                claims.claim(start, r.end);
                i = r.end;
                push(ctx, c, start, &r, "vital.degrees-alone", out);
            }
        } else if byte(text, e) == b'/' && (40.0..=300.0).contains(&v) {
            if let Some(r) = read_pressure(ctx, start)
                && r.value.high.is_some()
                && (r.unit_written
                    || v > 60.0 && r.value.high.is_some_and(|d| d >= 30.0 && d < v) && matches!(ctx.kind(), SectionKind::Objective | SectionKind::PhysicalExam) && e - start == 3)
            {
                claims.claim(start, r.end);
                i = r.end;
                pressure(ctx, start, &r, "vital.pressure-alone", out);
            }
        } else if let Some(h) = ctx.hit_at(e, ConceptKind::Unit)
            && ctx.lexicon.unit(h.concept).is_some_and(|u| u.ucum == "kg")
            && v >= 20.0
            && out.iter().rev().take(4).any(|m| m.concept.is_some() && m.concept == ctx.lexicon.by_id("vital-weight") && m.end + 40 > start && m.end <= start)
            && let Some(c) = ctx.lexicon.by_id("vital-weight")
        {
            let n = Number { value: v, start, end: e, ..Number::default() };
            let r = Reading { value: value_of(&n, "kg"), start, end: h.e(), unit_written: true };
            claims.claim(start, h.e());
            i = h.e();
            push(ctx, c, start, &r, "vital.weight-again", out);
        }
    }
}
