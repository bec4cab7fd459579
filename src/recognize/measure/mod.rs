//! Vital signs and laboratory results: a name, a value, a unit, in every order that charts write them.

mod bare;
mod typed;
mod value;
mod vital;

use self::value::{lab_value, unit_after, value_of};
use self::vital::vital_value;
use super::number::number;
use super::{Claims, Context, Mention};
use crate::lexicon::{Analyte, ConceptKind, ConceptRef, FLAG_AMBIGUOUS, FLAG_UNDER, Hit};
use crate::model::{Applicability, FactKind, Value};
use crate::note::{SectionKind, Specimen};
use crate::text::{byte, char_at, from, skip_spaces, sub};
use crate::words::words;
use std::sync::LazyLock;

/// Finds measurements in a sentence.
pub fn recognize(ctx: &Context<'_>, claims: &mut Claims, out: &mut Vec<Mention>) {
    let mut i = 0;
    let mut last_analyte = None;
    while let Some(h) = ctx.hits.get(i) {
        if !matches!(h.kind, ConceptKind::Analyte | ConceptKind::Vital) {
            i += 1;
            continue;
        }
        let same = ctx.hits.get(i..).unwrap_or(&[]).iter().take_while(|x| x.start == h.start && x.end == h.end).count();
        let group = ctx.hits.get(i..i + same).unwrap_or(&[]);
        i += same;
        if claims.overlaps(h.s(), h.e()) || covered(ctx, h) || given(ctx, h) {
            continue;
        }
        let before = out.len();
        let end = slashed(ctx, group, claims, out).or_else(|| typed::recognize(ctx, h, claims, out)).or_else(|| single(ctx, group, last_analyte.is_some(), claims, out));
        if let Some(end) = end
            && out.get(before).is_some_and(|m| m.kind == FactKind::Lab)
        {
            last_analyte = Some(end);
        }
    }
    bare::recognize(ctx, claims, out);
}

/// A longer word of another kind holds the name: 血圧上昇, 蛋白尿.
fn covered(ctx: &Context<'_>, h: &Hit) -> bool {
    if vital::UNMEASURED.iter().any(|w| ctx.rest(h.e()).starts_with(w)) {
        return false;
    }
    let lo = ctx.hits.partition_point(|x| x.s() + 60 < h.s());
    let hi = ctx.hits.partition_point(|x| x.s() <= h.s());
    ctx.hits.get(lo..hi).unwrap_or(&[]).iter().any(|x| {
        x.e() >= h.e()
            && x.len() > h.len()
            && !(x.s() == h.s() && ctx.hits_at(h.e()).iter().any(|q| q.kind == ConceptKind::Qualitative && q.e() == x.e()))
            && (matches!(x.kind, ConceptKind::Disorder | ConceptKind::Finding | ConceptKind::Drug | ConceptKind::Stop | ConceptKind::Score)
                || matches!(x.kind, ConceptKind::Procedure) && after_name(ctx, x.e()).is_none_or(|at| number(ctx.text, at).is_none()))
    })
}

/// The name is a medicine's as well, and what follows is its dose: インスリン10単位, アルブミン製剤.
fn given(ctx: &Context<'_>, h: &Hit) -> bool {
    ctx.hits_at(h.s()).iter().any(|x| x.end == h.end && matches!(x.kind, ConceptKind::Drug | ConceptKind::DrugClass) && super::medication::is_dosed(ctx, x))
}

/// What a value parse yields.
#[derive(Debug, Clone)]
struct Reading {
    value: Value,
    /// Where the words of the value start and end.
    start: usize,
    end: usize,
    /// A unit was written.
    unit_written: bool,
}

/// `AST/ALT 25/30`, `Na/K/Cl 138/4.2/101`: names and values by position.
fn slashed(ctx: &Context<'_>, group: &[Hit], claims: &mut Claims, out: &mut Vec<Mention>) -> Option<usize> {
    let first = group.first()?;
    let mut names: Vec<Hit> = vec![*first];
    let mut at = first.e();
    while matches!(byte(ctx.text, at), b'/' | b',') || from(ctx.text, at).starts_with('・') || from(ctx.text, at).starts_with('、') {
        let next = at + char_at(ctx.text, at).map_or(1, char::len_utf8);
        let Some(h) = ctx.hits_at(next).iter().find(|h| h.kind == ConceptKind::Analyte) else { break };
        names.push(*h);
        at = h.e();
    }
    if names.len() < 2 {
        return None;
    }
    let mut at = separators(ctx.text, at, ctx.end);
    let mut readings = Vec::new();
    for (i, h) in names.iter().enumerate() {
        if i > 0 {
            if byte(ctx.text, at) != b'/' {
                return None;
            }
            at += 1;
        }
        let n = number(ctx.text, skip_spaces(ctx.text, at))?;
        let a = ctx.lexicon.analyte(h.concept)?;
        let (unit, end, written) = unit_after(ctx, n.end, a, n.value);
        at = end;
        readings.push((*h, Reading { value: value_of(&n, &unit), start: n.start, end, unit_written: written }));
    }
    for (h, r) in readings {
        push(ctx, h.concept, h.s(), &r, "lab.slashed", out);
        if let Some(m) = out.last_mut() {
            m.core_end = h.e();
        }
    }
    claims.claim(first.s(), at);
    Some(at)
}

/// One name, one value or a series of them.
fn single(ctx: &Context<'_>, group: &[Hit], lab_context: bool, claims: &mut Claims, out: &mut Vec<Mention>) -> Option<usize> {
    let h = group.first()?;
    let direct = after_name(ctx, h.e());
    let mut best: Option<(i32, Hit, Vec<Reading>, bool)> = None;
    for hit in group {
        let Some(a) = ctx.lexicon.analyte(hit.concept) else { continue };
        if hit.flags & FLAG_UNDER != 0 && a.specimen != ctx.section.specimen {
            continue;
        }
        let parse = |at: usize| if a.form.is_empty() { lab_value(ctx, at, a) } else { vital_value(ctx, at, a) };
        let mut distant = false;
        let mut readings = direct.map(parse).unwrap_or_default();
        if let Some(at) = direct
            && (readings.is_empty() || a.form == "pressure" && readings.len() == 1)
            && hit.flags & FLAG_UNDER == 0
        {
            readings = labelled(ctx, at, readings, &parse);
        }
        if readings.is_empty() && hit.flags & FLAG_AMBIGUOUS == 0 {
            readings = far_value(ctx, h.e(), a, &parse);
            distant = !readings.is_empty();
        }
        let Some(r) = readings.first() else { continue };
        let mut score = 0;
        if r.unit_written {
            score += if r.value.number.is_some_and(|n| a.in_unit(n, r.value.unit.as_deref().unwrap_or("")).is_some()) { 3 } else { -3 };
        }
        if a.specimen == ctx.section.specimen && a.specimen != Specimen::Unstated {
            score += 3;
        } else if hit.kind == ConceptKind::Analyte && matches!(a.specimen, Specimen::Blood) && matches!(ctx.section.specimen, Specimen::Unstated | Specimen::Blood | Specimen::Gas)
        {
            score += 1;
        } else if hit.kind == ConceptKind::Analyte
            && ctx.section.specimen != Specimen::Unstated
            && hit.flags & FLAG_UNDER == 0
            && !matches!(a.specimen, Specimen::Gas | Specimen::Other)
        {
            score -= 1;
        }
        if let Some(n) = r.value.number
            && !a.is_possible(n, r.value.unit.as_deref().unwrap_or(""))
        {
            score -= 4;
        }
        if hit.flags & FLAG_AMBIGUOUS != 0 {
            let at_home = match hit.kind {
                ConceptKind::Vital => matches!(ctx.kind(), SectionKind::Objective | SectionKind::PhysicalExam | SectionKind::Other | SectionKind::HospitalCourse) || lab_context,
                _ => lab_context || matches!(ctx.kind(), SectionKind::Laboratory) || lab_neighbour(ctx, hit),
            };
            score -= if r.unit_written || at_home { 1 } else { 4 };
            if r.value.number.is_none() {
                score -= 3;
            }
        }
        if best.as_ref().is_none_or(|b| score > b.0) {
            best = Some((score, *hit, readings, distant));
        }
    }
    let (score, hit, readings, distant) = best?;
    if score < -2 && (hit.flags & FLAG_AMBIGUOUS != 0 || readings.first().is_some_and(|r| r.unit_written && r.value.number.is_some()) && score < -5) {
        return None;
    }
    let kind = if hit.kind == ConceptKind::Vital { FactKind::Vital } else { FactKind::Lab };
    let mut end = hit.e();
    for (i, r) in readings.iter().enumerate() {
        let start = if i == 0 { hit.s() } else { r.start };
        // a time may stand between a name and its value, and between two values (8.4 → 第3病日 2.1)
        if distant && i == 0 {
            claims.claim(hit.s(), hit.e());
            claims.claim(r.start, r.end);
        } else {
            claims.claim(start, r.end);
        }
        let rule = match (kind, distant) {
            (FactKind::Vital, false) => "vital.name-value",
            (FactKind::Vital, true) => "vital.name-then-value",
            (_, false) => "lab.name-value",
            (_, true) => "lab.name-then-value",
        };
        if ctx.lexicon.analyte(hit.concept).is_some_and(|a| a.form == "pressure") {
            pressure(ctx, start, r, rule, out);
        } else {
            push(ctx, hit.concept, start, r, rule, out);
        }
        end = end.max(r.end);
    }
    Some(end)
}

/// `BS:朝食前 112、昼食前 186`, `血圧は朝135/85、夜128/79`: values under the time of day that stands before each. `found`: what was
/// read without one.
fn labelled(ctx: &Context<'_>, at: usize, found: Vec<Reading>, parse: &dyn Fn(usize) -> Vec<Reading>) -> Vec<Reading> {
    let label = |at: usize| {
        let rest = ctx.rest(at);
        let len = DAYTIMES.iter().filter(|w| rest.starts_with(**w)).map(|w| w.len()).max()?;
        Some(separators(ctx.text, at + len, ctx.end))
    };
    let mut at = found.last().map_or(at, |r| skip_list(ctx, r.end));
    let mut all = found;
    while all.len() < 8 {
        let Some(r) = label(at).filter(|v| byte(ctx.text, *v).is_ascii_digit()).and_then(|v| parse(v).into_iter().next()) else { break };
        // 朝食前10単位 is a dose, 朝1錠 too
        if r.value.number.is_none() || !r.unit_written && ctx.ahead_at(skip_spaces(ctx.text, r.end)).iter().any(|h| h.kind == ConceptKind::Unit) {
            break;
        }
        at = skip_list(ctx, r.end);
        all.push(r);
    }
    all
}

fn skip_list(ctx: &Context<'_>, end: usize) -> usize {
    let at = skip_spaces(ctx.text, end);
    let mark = char_at(ctx.text, at).filter(|c| matches!(c, '、' | ',' | '/' | '・' | '→' | '-')).map_or(0, char::len_utf8);
    skip_spaces(ctx.text, at + mark)
}

static DAYTIMES: LazyLock<Vec<&str>> = LazyLock::new(|| words("measure.daytimes"));

/// Another analyte stands within a few words.
fn lab_neighbour(ctx: &Context<'_>, hit: &Hit) -> bool {
    let lo = ctx.all_hits.partition_point(|x| x.s() + 45 < hit.s());
    let hi = ctx.all_hits.partition_point(|x| x.s() < hit.e() + 45);
    ctx.all_hits.get(lo..hi).unwrap_or(&[]).iter().any(|x| x.kind == ConceptKind::Analyte && x.flags & FLAG_AMBIGUOUS == 0 && (x.e() <= hit.s() || x.s() >= hit.e()))
}

fn push(ctx: &Context<'_>, concept: ConceptRef, start: usize, r: &Reading, rule: &'static str, out: &mut Vec<Mention>) {
    let vital = ctx.lexicon.concept(concept).is_some_and(|c| c.kind() == ConceptKind::Vital);
    let mut m = Mention::new(if vital { FactKind::Vital } else { FactKind::Lab }, start, r.end, rule);
    m.concept = Some(concept);
    let mut value = r.value.clone();
    // 身長1.58m is told in the unit of the table
    if vital
        && value.unit.as_deref() == Some("m")
        && let Some(a) = ctx.lexicon.analyte(concept).filter(|a| a.unit == "cm")
    {
        value.number = value.number.map(|n| (n * 1e5).round() / 1e3);
        value.unit = Some(a.unit.as_str().into());
    }
    m.value = Some(value.clone());
    m.confidence = if r.unit_written { 0.98 } else { 0.95 };
    if let (Some(n), Some(a)) = (value.number, ctx.lexicon.analyte(concept))
        && !a.is_possible(n, value.unit.as_deref().unwrap_or(""))
    {
        m.applicability = Applicability::Confirm;
        m.confidence = 0.5;
        m.because.push(("measure.not-possible".to_owned(), (r.start, r.end)));
    }
    out.push(m);
}

/// A blood pressure is two facts on one span.
fn pressure(ctx: &Context<'_>, start: usize, r: &Reading, rule: &'static str, out: &mut Vec<Mention>) {
    let part = |id: &str, n: Option<f64>, out: &mut Vec<Mention>| {
        let (Some(concept), Some(n)) = (ctx.lexicon.by_id(id), n) else { return };
        let value = Value { number: Some(n), high: None, text: None, ..r.value.clone() };
        push(ctx, concept, start, &Reading { value, ..r.clone() }, rule, out);
    };
    part("vital-systolic", r.value.number, out);
    // the parse leaves the diastolic pressure in `high`
    part("vital-diastolic", r.value.high, out);
}

/// Skips what may stand between a name and its value; `None` when something else follows.
fn after_name(ctx: &Context<'_>, end: usize) -> Option<usize> {
    let mut at = skip_spaces(ctx.text, end);
    // (GOT), 〈APTT〉, [基準 …]: another name, not the value
    for _ in 0..2 {
        let close = match char_at(ctx.text, at) {
            Some('(') => ')',
            Some('〈') => '〉',
            Some('[') => ']',
            Some('<') if !char_at(ctx.text, at + 1).is_some_and(|c| c.is_ascii_digit() || c == '=' || c == ' ') => '>',
            _ => break,
        };
        let open = char_at(ctx.text, at).map_or(1, char::len_utf8);
        let Some(len) = ctx.rest(at).find(close).filter(|l| *l < 60) else { break };
        let inner = sub(ctx.text, at + open, at + len);
        if is_result(ctx, at, inner) {
            break;
        }
        at = skip_spaces(ctx.text, at + len + close.len_utf8());
    }
    Some(separators(ctx.text, at, ctx.end))
}

/// Whether a parenthesis holds the result itself: `(-)`, `(3.5)`, `(2+)`.
fn is_result(ctx: &Context<'_>, open: usize, inner: &str) -> bool {
    ctx.hit_at(open, ConceptKind::Qualitative).is_some()
        || ctx.hit_at(open + 1, ConceptKind::Qualitative).is_some()
        || inner.trim_start_matches(['<', '>', '=', ' ', '~']).starts_with(|c: char| c.is_ascii_digit())
}

fn separators(text: &str, mut at: usize, end: usize) -> usize {
    static WORDS: LazyLock<Vec<&str>> = LazyLock::new(|| words("measure.words"));
    let mut steps = 0;
    loop {
        at = skip_spaces(text, at);
        let rest = from(text, at);
        let Some(w) = WORDS.iter().filter(|w| rest.starts_with(**w)).max_by_key(|w| w.len()).filter(|w| **w != "約") else { return at };
        steps += 1;
        if steps > 4 || at >= end {
            return at;
        }
        at += w.len();
    }
}

/// 「6.8g/dLであったが、輸血後8.9g/dLまで改善した」: the value that was reached later in the sentence.
fn reached(ctx: &Context<'_>, mut readings: Vec<Reading>, stop: usize, parse: &dyn Fn(usize) -> Vec<Reading>) -> Vec<Reading> {
    let Some(last) = readings.last().cloned() else { return readings };
    let window = sub(ctx.text, last.end, stop.max(last.end));
    let mut prev_digit = true;
    for (i, c) in window.char_indices().take(40) {
        if matches!(c, '。' | '(' | ')') {
            break;
        }
        if c.is_ascii_digit() && !prev_digit {
            let next = parse(last.end + i).into_iter().next().filter(|r| r.unit_written && r.value.unit == last.value.unit && r.value.high.is_none());
            if let Some(r) = next.filter(|r| REACHED.iter().any(|w| from(ctx.text, r.end).starts_with(w))) {
                readings.push(r);
                break;
            }
        }
        prev_digit = c.is_ascii_digit() || c == '.';
    }
    readings
}

/// After a value: it is what another became.
static REACHED: LazyLock<Vec<&str>> = LazyLock::new(|| words("measure.reached"));

/// 「CRPは入院時に8.4mg/dLであった」: a number with a unit of the analyte, later in the clause.
fn far_value(ctx: &Context<'_>, end: usize, a: &Analyte, parse: &dyn Fn(usize) -> Vec<Reading>) -> Vec<Reading> {
    let rest = ctx.rest(end);
    let rest = rest.strip_prefix('値').unwrap_or(rest);
    if !rest.starts_with(['は', 'が', 'も', 'を']) {
        return Vec::new();
    }
    let from_at = ctx.end - rest.len();
    let stop = ctx
        .hits
        .iter()
        .filter(|h| matches!(h.kind, ConceptKind::Analyte | ConceptKind::Vital) && h.flags & FLAG_AMBIGUOUS == 0)
        .map(Hit::s)
        .find(|s| *s >= from_at)
        .unwrap_or(ctx.end);
    let window = sub(ctx.text, from_at, stop);
    let mut prev_digit = false;
    for (i, c) in window.char_indices().take(40) {
        if c == '。' || c == '、' && i > 90 {
            break;
        }
        if c.is_ascii_digit() && !prev_digit {
            let readings = parse(from_at + i);
            if readings.first().is_some_and(|r| r.unit_written && r.value.number.is_some() && r.end <= stop && a.in_unit(0.0, r.value.unit.as_deref().unwrap_or("")).is_some()) {
                return reached(ctx, readings, stop, parse);
            }
        }
        prev_digit = c.is_ascii_digit() || c == '.';
    }
    Vec::new()
}
