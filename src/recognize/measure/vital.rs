//! The values of vital signs, each in its own way of writing.

use super::value::{arrow, is_date_or_part, lab_value, value_of};
use super::{Reading, separators};
use crate::lexicon::{Analyte, ConceptKind};
use crate::model::Value;
use crate::recognize::Context;
use crate::recognize::number::{display, number, plain_number, range_end, trailing_comparator};
use crate::text::{byte, char_at, from, skip_spaces, sub};
use crate::words::words;
use compact_str::CompactString;
use std::sync::LazyLock;

pub(super) fn vital_value(ctx: &Context<'_>, at: usize, a: &Analyte) -> Vec<Reading> {
    let at = skip_spaces(ctx.text, at);
    if at >= ctx.end {
        return Vec::new();
    }
    if let Some(word) = UNMEASURED.iter().find(|w| from(ctx.text, at).starts_with(**w)) {
        let value = Value { text: Some(CompactString::new(word)), ..Value::default() };
        return vec![Reading { value, start: at, end: at + word.len(), unit_written: true }];
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

/// Words that stand where a value could not be taken: the measurement was tried.
pub(super) static UNMEASURED: LazyLock<Vec<&str>> = LazyLock::new(|| words("vital.unmeasured"));

fn series(ctx: &Context<'_>, at: usize, read: &dyn Fn(usize) -> Option<Reading>) -> Vec<Reading> {
    let mut out = Vec::new();
    let mut at = at;
    while let Some(r) = read(at) {
        let end = r.end;
        out.push(r);
        // SpO2 88%(室内気)→95%
        let bracket = || ctx.rest(end).strip_prefix('(').and_then(|r| r.find(')')).filter(|l| *l < 40).and_then(|l| arrow(ctx, end + l + 2));
        let Some(next) = arrow(ctx, end).or_else(bracket) else { break };
        at = next;
        if out.len() > 20 {
            break;
        }
    }
    out
}

pub(super) fn read_pressure(ctx: &Context<'_>, at: usize) -> Option<Reading> {
    let text = ctx.text;
    let mut at = at;
    for lead in ["右", "左", "臥位", "座位", "立位", "上肢", "(", "上腕", "朝", "夕", "夜", "昼", "晩", "就寝前", "起床時", "来院時", "入院時", "安静時"]
    {
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
            // 120/-
            _ if n.value >= 40.0 && mark == 1 && byte(text, slash + 1) == b'-' => end = slash + 2,
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
pub(super) fn read_temperature(ctx: &Context<'_>, at: usize, a: &Analyte) -> Option<Reading> {
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

pub(super) fn degree(text: &str, end: usize) -> Option<usize> {
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
        && (byte(text, end) == b'/' && byte(text, end + 1).is_ascii_digit()
            || matches!(char_at(text, end), Some('%' | 'm' | 'g' | 'T' | 'x' | 'X' | 'c' | '℃'))
            || is_date_or_part(text, end)
            || !a.is_possible(n.value, &a.unit)
            || n.decimal)
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
        } else if let Some((oxygen, e)) = under_oxygen(ctx, at) {
            condition = Some(oxygen);
            at = e;
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

/// `NC 3Lで95%`, `酸素2L下で96%`: the oxygen before the value, and where the value starts.
fn under_oxygen(ctx: &Context<'_>, at: usize) -> Option<(CompactString, usize)> {
    let rest = ctx.rest(at);
    OXYGEN.iter().find(|w| rest.starts_with(**w))?;
    let (i, w) = ["投与下で", "下で", "投与で", "で"].iter().filter_map(|w| rest.find(w).map(|i| (i, w.len()))).min_by_key(|f| f.0)?;
    let value = skip_spaces(ctx.text, at + i + w);
    let said = sub(rest, 0, i);
    (said.chars().count() <= 16 && said.bytes().any(|b| b.is_ascii_digit()) && byte(ctx.text, value).is_ascii_digit()).then(|| (CompactString::new(said.trim()), value))
}

static OXYGEN: LazyLock<Vec<&str>> = LazyLock::new(|| words("vital.oxygen"));

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
