//! Vital signs and laboratory results: a name, a value, a unit, in every order that charts write them.

use super::number::{Number, display, number, plain_number, range_end, trailing_comparator};
use super::{Claims, Context, Mention};
use crate::lexicon::{Analyte, ConceptKind, ConceptRef, FLAG_AMBIGUOUS, FLAG_UNDER, Hit};
use crate::model::{Applicability, FactKind, Value};
use crate::note::{SectionKind, Specimen};
use crate::text::{byte, char_at, char_before, from, skip_spaces, sub};
use compact_str::CompactString;

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
        if claims.overlaps(h.s(), h.e()) || covered(ctx, h) {
            continue;
        }
        let before = out.len();
        let end = slashed(ctx, group, out).or_else(|| single(ctx, group, last_analyte.is_some(), out));
        if let Some(end) = end {
            claims.claim(h.s(), end);
            if out.get(before).is_some_and(|m| m.kind == FactKind::Lab) {
                last_analyte = Some(end);
            }
        }
    }
    bare(ctx, claims, out);
}

/// A longer word of another kind holds the name: 血圧上昇, 蛋白尿.
fn covered(ctx: &Context<'_>, h: &Hit) -> bool {
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
fn slashed(ctx: &Context<'_>, group: &[Hit], out: &mut Vec<Mention>) -> Option<usize> {
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
        push(ctx, FactKind::Lab, h.concept, h.s(), r.end, &r, "lab.slashed", out);
        if let Some(m) = out.last_mut() {
            m.core_end = h.e();
        }
    }
    Some(at)
}

/// One name, one value or a series of them.
fn single(ctx: &Context<'_>, group: &[Hit], lab_context: bool, out: &mut Vec<Mention>) -> Option<usize> {
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
        let rule = match (kind, distant) {
            (FactKind::Vital, false) => "vital.name-value",
            (FactKind::Vital, true) => "vital.name-then-value",
            (_, false) => "lab.name-value",
            (_, true) => "lab.name-then-value",
        };
        if ctx.lexicon.analyte(hit.concept).is_some_and(|a| a.form == "pressure") {
            pressure(ctx, start, r, rule, out);
        } else {
            push(ctx, kind, hit.concept, start, r.end, r, rule, out);
        }
        end = end.max(r.end);
    }
    Some(end)
}

/// Another analyte stands within a few words.
fn lab_neighbour(ctx: &Context<'_>, hit: &Hit) -> bool {
    let lo = ctx.hits.partition_point(|x| x.s() + 45 < hit.s());
    let hi = ctx.hits.partition_point(|x| x.s() < hit.e() + 45);
    ctx.hits.get(lo..hi).unwrap_or(&[]).iter().any(|x| x.kind == ConceptKind::Analyte && x.flags & FLAG_AMBIGUOUS == 0 && (x.e() <= hit.s() || x.s() >= hit.e()))
}

fn push(ctx: &Context<'_>, kind: FactKind, concept: ConceptRef, start: usize, end: usize, r: &Reading, rule: &'static str, out: &mut Vec<Mention>) {
    let mut m = Mention::new(kind, start, end, rule);
    m.concept = Some(concept);
    m.value = Some(r.value.clone());
    m.confidence = if r.unit_written { 0.98 } else { 0.95 };
    if let (Some(n), Some(a)) = (r.value.number, ctx.lexicon.analyte(concept))
        && !a.is_possible(n, r.value.unit.as_deref().unwrap_or(""))
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
        push(ctx, FactKind::Vital, concept, start, r.end, &Reading { value, ..r.clone() }, rule, out);
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
    const WORDS: &[&str] = &[
        "値は",
        "値が",
        "値",
        "は",
        "が",
        "も",
        "では",
        "にて",
        "濃度",
        "定量",
        "定性",
        "検査",
        "反応",
        "抗原",
        "抗体",
        "迅速",
        "...",
        "…",
        "=",
        ":",
        "|",
        "→",
        "左右とも",
        "で",
        "約",
        "低値",
        "高値",
        "上昇",
        "低下",
        "を",
        "のみ",
        "最高",
        "最低",
        "MAX",
        "max",
    ];
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
                return readings;
            }
        }
        prev_digit = c.is_ascii_digit() || c == '.';
    }
    Vec::new()
}

/// The unit written after a number, or the one implied by its size: unit, end, whether it was written.
fn unit_after(ctx: &Context<'_>, end: usize, a: &Analyte, value: f64) -> (CompactString, usize, bool) {
    let at = skip_spaces(ctx.text, end);
    let mut at2 = at;
    // ×10^3/μL, x10^4
    if matches!(char_at(ctx.text, at), Some('×' | 'x' | 'X' | '*')) && ctx.hit_at(at, ConceptKind::Unit).is_none() {
        at2 = skip_spaces(ctx.text, at + char_at(ctx.text, at).map_or(1, char::len_utf8));
    }
    for p in [at, at2] {
        for h in ctx.hits_at(p).iter().filter(|h| h.kind == ConceptKind::Unit) {
            let Some(u) = ctx.lexicon.unit(h.concept) else { continue };
            if u.sort == "drug" && a.in_unit(0.0, &u.ucum).is_none() {
                continue;
            }
            return (CompactString::new(&u.ucum), h.e(), true);
        }
    }
    (CompactString::new(a.implied_unit(value)), end, false)
}

fn value_of(n: &Number, unit: &str) -> Value {
    Value { number: Some(n.value), unit: (!unit.is_empty()).then(|| CompactString::new(unit)), comparator: n.comparator.map(CompactString::const_new), high: n.high, text: None }
}

/// A laboratory value at `at`, and those that follow it by an arrow.
fn lab_value(ctx: &Context<'_>, at: usize, a: &Analyte) -> Vec<Reading> {
    let mut out = Vec::new();
    let mut at = at;
    loop {
        let Some(r) = one_value(ctx, at, a) else { break };
        let end = r.end;
        out.push(r);
        let Some(next) = arrow(ctx.text, end) else { break };
        at = next;
        if at >= ctx.end || out.len() > 20 {
            break;
        }
    }
    out
}

/// `→`, `->`, `⇒` after a value: where the next value starts.
fn arrow(text: &str, end: usize) -> Option<usize> {
    let at = skip_spaces(text, end);
    let rest = from(text, at);
    let len = ["→", "->", "=>"].iter().find(|a| rest.starts_with(**a)).map(|a| a.len())?;
    Some(skip_spaces(text, at + len))
}

fn one_value(ctx: &Context<'_>, at: usize, a: &Analyte) -> Option<Reading> {
    let at = skip_spaces(ctx.text, at);
    if at >= ctx.end {
        return None;
    }
    // 陽性, (-), 2+; but 1.5 and 10 are numbers
    if let Some(q) = ctx.hit_at(at, ConceptKind::Qualitative) {
        let next = char_at(ctx.text, q.e());
        let is_sign_of_number = sub(ctx.text, q.s(), q.e()).ends_with(['-', '+']) && next.is_some_and(|c| c.is_ascii_digit());
        let word_goes_on = sub(ctx.text, q.s(), q.e()) == "-" && next.is_some_and(char::is_alphanumeric);
        if !is_sign_of_number && !word_goes_on {
            let c = ctx.lexicon.concept(q.concept)?;
            let text = c.attr(crate::lexicon::Attr::Value).map(CompactString::new);
            return Some(Reading { value: Value { text, ..Value::default() }, start: at, end: q.e(), unit_written: false });
        }
    }
    let (mut i, mut wrapped) = (at, false);
    if byte(ctx.text, i) == b'(' {
        i = skip_spaces(ctx.text, i + 1);
        wrapped = true;
    }
    // a flag before the number: H 12.3
    if matches!(byte(ctx.text, i), b'H' | b'L') && byte(ctx.text, i + 1) == b' ' && number(ctx.text, skip_spaces(ctx.text, i + 1)).is_some() {
        i = skip_spaces(ctx.text, i + 1);
    }
    let negative = byte(ctx.text, i) == b'-' && a.min.is_some_and(|m| m < 0.0);
    let mut n = number(ctx.text, if negative { i + 1 } else { i })?;
    if negative {
        n.value = -n.value;
    }
    if is_date_or_part(ctx.text, n.end) {
        return None;
    }
    // titres: ×40, 40倍, 1:40
    let (mut unit, mut end, mut written) = unit_after(ctx, n.end, a, n.value);
    if !written && let Some((high, e, factor)) = range_end(ctx.text, n.end) {
        if high >= n.value || factor > 1.0 {
            n.high = Some(high);
            if factor > 1.0 && !n.scaled {
                n.value *= factor;
            }
            (unit, end, written) = unit_after(ctx, e, a, high);
            n.end = e;
        }
    } else if written && let Some((high, e, _)) = range_end(ctx.text, end) {
        let (u2, e2, w2) = unit_after(ctx, e, a, high);
        if w2 && high >= n.value {
            n.high = Some(high);
            (unit, end) = (u2, e2);
        }
    }
    if let Some((c, e)) = trailing_comparator(ctx.text, end) {
        n.comparator = Some(c);
        end = e;
    }
    if wrapped && !written && byte(ctx.text, end) != b')' && !matches!(byte(ctx.text, end), b',' | b' ') {
        return None;
    }
    if wrapped && byte(ctx.text, end) == b')' {
        end += 1;
    }
    Some(Reading { value: value_of(&n, &unit), start: n.start, end, unit_written: written })
}

/// The number goes on as a date, a fraction of something else, or a count of days.
fn is_date_or_part(text: &str, end: usize) -> bool {
    let rest = from(text, end);
    (byte(text, end) == b'/'
        && byte(text, end + 1).is_ascii_digit()
        && !rest.starts_with("/1視野")
        && !rest.get(1..).is_some_and(|r| r.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(['m', 'H', 'h', 'L'])))
        || rest.starts_with(['年', '月', '日', '歳', '才', '週', '例', '回', '人', '名', '時', '番', '錠']) && !rest.starts_with("日量")
}

fn vital_value(ctx: &Context<'_>, at: usize, a: &Analyte) -> Vec<Reading> {
    let at = skip_spaces(ctx.text, at);
    if at >= ctx.end {
        return Vec::new();
    }
    match a.form.as_str() {
        "pressure" => series(ctx, at, &|at| read_pressure(ctx, at)),
        "gcs" => read_gcs(ctx, at).into_iter().collect(),
        "jcs" => read_jcs(ctx, at).into_iter().collect(),
        "temperature" => series(ctx, at, &|at| read_temperature(ctx, at, a)),
        "rate" => series(ctx, at, &|at| read_rate(ctx, at, a)),
        "fraction" => series(ctx, at, &|at| read_fraction(ctx, at, a)),
        "saturation" => read_saturation(ctx, at, a),
        "weight" | "plain" | "urine" | "systolic" | "diastolic" => {
            if matches!(byte(ctx.text, at), b'+' | b'-') {
                return Vec::new(); // a change, not a state
            }
            lab_value(ctx, at, a).into_iter().filter(|r| r.value.number.is_some_and(|n| r.unit_written || a.is_possible(n, &a.unit))).collect()
        }
        _ => lab_value(ctx, at, a),
    }
}

fn series(ctx: &Context<'_>, at: usize, read: &dyn Fn(usize) -> Option<Reading>) -> Vec<Reading> {
    let mut out = Vec::new();
    let mut at = at;
    while let Some(r) = read(at) {
        let end = r.end;
        out.push(r);
        let Some(next) = arrow(ctx.text, end) else { break };
        at = next;
        if out.len() > 20 {
            break;
        }
    }
    out
}

fn read_pressure(ctx: &Context<'_>, at: usize) -> Option<Reading> {
    let text = ctx.text;
    let mut at = at;
    for lead in ["右", "左", "臥位", "座位", "立位", "上肢", "(", "上腕"] {
        if from(text, at).starts_with(lead) {
            at = separators(text, skip_spaces(text, at + lead.len()), ctx.end);
        }
    }
    let mut n = number(text, at)?;
    let mut end = n.end;
    if let Some((_, e, _)) = range_end(text, end) {
        end = e;
        n.comparator = Some("~");
    }
    if let Some((c, e)) = trailing_comparator(text, end) {
        n.comparator = Some(c);
        end = e;
    }
    let mut diastolic = None;
    let slash = skip_spaces(text, end);
    let mark = if byte(text, slash) == b'/' {
        1
    } else if from(text, slash).starts_with('・') && plain_number(text, slash + 3).is_some() {
        3
    } else {
        0
    };
    if mark > 0 {
        let d = number(text, skip_spaces(text, slash + mark));
        match d {
            Some(d) if d.value < n.value || d.value < 160.0 => {
                diastolic = Some(d.value);
                end = d.end;
                if let Some((_, e, _)) = range_end(text, end) {
                    end = e;
                }
                if let Some((_, e)) = trailing_comparator(text, end) {
                    end = e;
                }
            }
            _ if n.value >= 40.0 && mark == 1 => {
                // 80/触診, 120/-
                if byte(text, slash + 1) == b'-' {
                    end = slash + 2;
                }
            }
            _ => {}
        }
    }
    let mut written = false;
    let u = skip_spaces(text, end);
    if let Some(h) = ctx.hit_at(u, ConceptKind::Unit)
        && ctx.lexicon.unit(h.concept).is_some_and(|x| x.ucum == "mm[Hg]")
    {
        end = h.e();
        written = true;
    }
    if let Some((c, e)) = trailing_comparator(text, end) {
        n.comparator = Some(c);
        end = e;
    }
    if !(20.0..=330.0).contains(&n.value) || (diastolic.is_none() && !written && n.value < 50.0) {
        return None;
    }
    if diastolic.is_none() && !written && is_date_or_part(text, end) {
        return None;
    }
    let value =
        Value { number: Some(n.value), unit: Some(CompactString::const_new("mm[Hg]")), comparator: n.comparator.map(CompactString::const_new), high: diastolic, text: None };
    Some(Reading { value, start: at, end, unit_written: written })
}

/// `39.2`, `38℃台`, `37度5分`.
fn read_temperature(ctx: &Context<'_>, at: usize, a: &Analyte) -> Option<Reading> {
    let text = ctx.text;
    let mut n = number(text, at)?;
    let mut end = n.end;
    let mut written = false;
    if let Some(e) = degree(text, end) {
        end = e;
        written = true;
        // 37度5分
        if let Some((tenth, e, false)) = plain_number(text, end)
            && tenth < 10.0
            && from(text, e).starts_with('分')
            && !n.decimal
        {
            n.value += tenth / 10.0;
            end = e + '分'.len_utf8();
        }
    }
    if let Some((high, e, _)) = range_end(text, end)
        && (25.0..=45.0).contains(&high)
    {
        n.high = Some(high);
        end = e;
        if let Some(e) = degree(text, end) {
            end = e;
            written = true;
        }
    }
    if let Some((c, e)) = trailing_comparator(text, end) {
        n.comparator = Some(c);
        end = e;
    }
    if !written && (!(30.0..=43.5).contains(&n.value) || is_date_or_part(text, end)) {
        return None;
    }
    if n.value < 15.0 || n.value > 60.0 && !written {
        return None;
    }
    let _ = a;
    Some(Reading { value: value_of(&n, "Cel"), start: at, end, unit_written: written })
}

fn degree(text: &str, end: usize) -> Option<usize> {
    let at = skip_spaces(text, end);
    let rest = from(text, at);
    for d in ["℃", "°C", "度C", "゜C", "度", "°", "C"] {
        if rest.starts_with(d) {
            let e = at + d.len();
            if d == "C" && char_at(text, e).is_some_and(char::is_alphanumeric) {
                continue;
            }
            if d == "度" && from(text, e).starts_with(['目', '障', '熱', '手', 'の', 'か', 'ほ']) && !from(text, e).starts_with("の発") && !from(text, e).starts_with("の熱")
            {
                continue;
            }
            return Some(e);
        }
    }
    None
}

fn read_rate(ctx: &Context<'_>, at: usize, a: &Analyte) -> Option<Reading> {
    let text = ctx.text;
    let mut n = number(text, at)?;
    let mut end = n.end;
    if let Some((high, e, _)) = range_end(text, end) {
        n.high = Some(high);
        end = e;
    }
    let mut written = false;
    let u = skip_spaces(text, end);
    for unit in ["回/分", "/分", "回/min", "/min", "bpm", "BPM", "拍/分", "拍", "回", "/m", "/M"] {
        if from(text, u).starts_with(unit) {
            end = u + unit.len();
            written = unit != "回" && unit != "拍";
            break;
        }
    }
    if let Some((c, e)) = trailing_comparator(text, end) {
        n.comparator = Some(c);
        end = e;
    }
    // 112整, P/F 220, 2T: another unit means another thing
    if !written
        && (matches!(char_at(text, end), Some('/' | '%' | 'm' | 'g' | 'T' | 'x' | 'X' | 'c' | '℃')) || is_date_or_part(text, end) || !a.is_possible(n.value, &a.unit) || n.decimal)
    {
        return None;
    }
    Some(Reading { value: value_of(&n, "/min"), start: at, end, unit_written: written })
}

fn read_fraction(ctx: &Context<'_>, at: usize, a: &Analyte) -> Option<Reading> {
    let text = ctx.text;
    let mut n = number(text, at)?;
    let mut end = n.end;
    if byte(text, end) == b'/'
        && let Some((10.0 | 100.0, e, false)) = plain_number(text, end + 1)
    {
        end = e;
    } else if let Some((high, e, _)) = range_end(text, end) {
        n.high = Some(high);
        end = e;
    }
    if from(text, end).starts_with('点') {
        end += '点'.len_utf8();
    }
    if !a.is_possible(n.value, &a.unit) && n.value > 100.0 || is_date_or_part(text, end) {
        return None;
    }
    Some(Reading { value: value_of(&n, "{score}"), start: at, end, unit_written: false })
}

/// A saturation with the oxygen it was measured under.
fn read_saturation(ctx: &Context<'_>, at: usize, a: &Analyte) -> Vec<Reading> {
    let text = ctx.text;
    series(ctx, at, &|at| {
        let mut at = at;
        let mut condition = None;
        if byte(text, at) == b'(' {
            let len = ctx.rest(at).find(')').filter(|l| *l < 60)?;
            condition = oxygen(sub(text, at + 1, at + len));
            at = separators(text, at + len + 1, ctx.end);
        }
        let mut n = number(text, at)?;
        let mut end = n.end;
        let mut written = false;
        if let Some((high, e, _)) = range_end(text, end) {
            n.high = Some(high);
            end = e;
        }
        let p = skip_spaces(text, end);
        if byte(text, p) == b'%' {
            end = p + 1;
            written = true;
        }
        if let Some((c, e)) = trailing_comparator(text, end) {
            n.comparator = Some(c);
            end = e;
        }
        if !written && (!a.is_possible(n.value, &a.unit) || matches!(char_at(text, end), Some('/')) || is_date_or_part(text, end)) {
            return None;
        }
        let mut value = value_of(&n, "%");
        // the oxygen may follow: (RA), (酸素2L 経鼻), RA
        let q = skip_spaces(text, end);
        if byte(text, q) == b'(' {
            if let Some(len) = ctx.rest(q).find(')').filter(|l| *l < 80) {
                condition = condition.or_else(|| oxygen(sub(text, q + 1, q + len)));
            }
        } else {
            let near: String = ctx.rest(q).chars().take(14).collect();
            condition = condition.or_else(|| {
                near.strip_prefix("RA")
                    .filter(|r| !r.starts_with(|c: char| c.is_ascii_alphanumeric()))
                    .map(|_| CompactString::const_new("room air"))
                    .or_else(|| near.to_ascii_lowercase().starts_with("room air").then(|| CompactString::const_new("room air")))
            });
        }
        value.text = condition;
        Some(Reading { value, start: at, end, unit_written: written })
    })
}

fn oxygen(inner: &str) -> Option<CompactString> {
    let l = inner.trim().to_ascii_lowercase();
    if l == "ra" || l.starts_with("room") || l.starts_with("r.a") || inner.contains("室内気") || inner.contains("自発呼吸") {
        return Some(CompactString::const_new("room air"));
    }
    (l.contains('l') || inner.contains("酸素") || l.contains("o2") || inner.contains("マスク") || inner.contains("カ")).then(|| CompactString::new(inner.trim()))
}

/// `E4V5M6`, `E1VTM4`, `15点`, `E3 V4 M5`.
fn read_gcs(ctx: &Context<'_>, at: usize) -> Option<Reading> {
    let text = ctx.text;
    let mut at = at;
    let mut total = None;
    if let Some((n, e, false)) = plain_number(text, at)
        && (3.0..=15.0).contains(&n)
    {
        total = Some(n);
        let mut end = e;
        if from(text, end).starts_with('点') {
            end += '点'.len_utf8();
        }
        let next = skip_spaces(text, end);
        if byte(text, next) == b'(' && byte(text, next + 1) == b'E' {
            at = next + 1;
        } else {
            let value = Value { number: total, unit: Some(CompactString::const_new("{score}")), ..Value::default() };
            return Some(Reading { value, start: at, end, unit_written: false });
        }
    }
    if byte(text, at) == b'(' {
        at += 1;
    }
    let (mut written, mut sum, mut i, mut numeric) = (String::new(), 0.0, at, true);
    for letter in [b'E', b'V', b'M'] {
        i = skip_spaces(text, i);
        if matches!(byte(text, i), b',' | b'-') {
            i = skip_spaces(text, i + 1);
        }
        if !byte(text, i).eq_ignore_ascii_case(&letter) {
            return None;
        }
        written.push(char::from(letter));
        i = skip_spaces(text, i + 1);
        match byte(text, i) {
            d @ b'1'..=b'6' => {
                sum += f64::from(d - b'0');
                written.push(char::from(d));
                i += 1;
            }
            b'T' | b't' | b'A' | b'N' | b'n' | b'C' => {
                numeric = false;
                while byte(text, i).is_ascii_alphabetic() && !byte(text, i).eq_ignore_ascii_case(&b'M') && written.len() < 8 {
                    written.push(char::from(byte(text, i).to_ascii_uppercase()));
                    i += 1;
                }
            }
            _ => return None,
        }
    }
    let value = Value { number: total.or(numeric.then_some(sum)), unit: Some(CompactString::const_new("{score}")), text: Some(CompactString::new(&written)), ..Value::default() };
    Some(Reading { value, start: at, end: i, unit_written: false })
}

/// `Ⅱ-10`, `I-1`, `3`, `0`, `300`, `Ⅰ桁`, `清明`.
fn read_jcs(ctx: &Context<'_>, at: usize) -> Option<Reading> {
    let text = ctx.text;
    let mut at = at;
    if byte(text, at) == b'(' {
        at += 1;
    }
    let done = |end: usize, number: Option<f64>, written: String| {
        Some(Reading { value: Value { number, text: Some(CompactString::new(written)), ..Value::default() }, start: at, end, unit_written: false })
    };
    if from(text, at).starts_with("清明") {
        return done(at + "清明".len(), Some(0.0), "0".to_owned());
    }
    let roman = from(text, at).bytes().take_while(|b| *b == b'I').count();
    let (class, mut i) = if (1..=3).contains(&roman) {
        (roman, at + roman)
    } else if from(text, at).starts_with('l') && byte(text, at + 1) == b'-' {
        (1, at + 1)
    } else {
        match plain_number(text, at) {
            Some((n, e, false)) if n <= 3.0 && byte(text, e) == b'-' && byte(text, e + 1).is_ascii_digit() => (
                if n < 1.5 {
                    1
                } else if n < 2.5 {
                    2
                } else {
                    3
                },
                e,
            ),
            Some((n, e, false)) if [0.0, 1.0, 2.0, 3.0, 10.0, 20.0, 30.0, 100.0, 200.0, 300.0].contains(&n) && !is_date_or_part(text, e) => {
                let written = if n == 0.0 {
                    "0".to_owned()
                } else {
                    format!(
                        "{}-{}",
                        if n < 4.0 {
                            "I"
                        } else if n < 40.0 {
                            "II"
                        } else {
                            "III"
                        },
                        display(n)
                    )
                };
                return done(e, Some(n), written);
            }
            _ => return None,
        }
    };
    let roman = "I".repeat(class);
    if from(text, i).starts_with('桁') {
        return done(i + '桁'.len_utf8(), None, format!("{roman}桁"));
    }
    i = skip_spaces(text, i);
    if matches!(byte(text, i), b'-') {
        i = skip_spaces(text, i + 1);
    } else if from(text, i).starts_with(['の', 'ー', '・']) {
        i += 3;
    }
    let (n, mut e, _) = plain_number(text, i)?;
    let mut written = format!("{roman}-{}", display(n));
    if matches!(byte(text, e), b'R' | b'A') || byte(text, e) == b'I' && !byte(text, e + 1).is_ascii_alphabetic() {
        written.push(char::from(byte(text, e)));
        e += 1;
    }
    done(e, Some(n), written)
}

/// Values whose name is left out: `39度以上の発熱`, `38.5℃`, `(2か月前は40kg)`, `138/74mmHg`.
fn bare(ctx: &Context<'_>, claims: &mut Claims, out: &mut Vec<Mention>) {
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
                push(ctx, FactKind::Vital, c, start, r.end, &r, "vital.degrees-alone", out);
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
            push(ctx, FactKind::Vital, c, start, h.e(), &r, "vital.weight-again", out);
        }
    }
}
