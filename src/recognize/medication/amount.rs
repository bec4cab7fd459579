//! Amounts of a medicine: a number with a unit, what it is per, amounts by meal.

use crate::lexicon::ConceptKind;
use crate::recognize::Context;
use crate::recognize::number::{number, plain_number};
use crate::text::{byte, char_at, from, skip_spaces, sub};
use compact_str::CompactString;

/// What an amount is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Per {
    /// Not said: a dose, or a day's dose when it is divided (分3).
    #[default]
    Unsaid,
    /// One dose (1回2錠).
    Dose,
    /// A day (1日3錠, 1500mg/日).
    Day,
    /// An hour: an infusion.
    Hour,
    /// A minute: an infusion.
    Minute,
}

/// A number with its unit.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Amount {
    pub value: f64,
    pub high: Option<f64>,
    /// UCUM, without what it is per.
    pub unit: CompactString,
    /// `/kg`, `/m2` as UCUM.
    pub by: &'static str,
    pub per: Per,
    pub start: usize,
    pub end: usize,
}

impl Amount {
    /// Counted in tablets, capsules, ampoules … and not weighed.
    pub fn is_count(&self) -> bool {
        self.unit.starts_with('{')
    }

    /// A mass: what the strength of a product is written in.
    pub fn is_mass(&self) -> bool {
        matches!(self.unit.as_str(), "mg" | "g" | "ug" | "ng" | "kg")
    }

    /// The whole UCUM unit.
    pub fn ucum(&self) -> CompactString {
        let per = match self.per {
            Per::Unsaid | Per::Dose => "",
            Per::Day => "/d",
            Per::Hour => "/h",
            Per::Minute => "/min",
        };
        compact_str::format_compact!("{}{}{per}", self.unit, self.by)
    }
}

/// A number with a drug's unit, a range, or a step from one to another (the new one counts).
pub(super) fn amount(ctx: &Context<'_>, at: usize) -> Option<Amount> {
    let text = ctx.text;
    let n = number(text, at).filter(|n| n.comparator.is_none())?;
    let mut a = Amount { value: n.value, start: at, ..Amount::default() };
    let mut end = n.end;
    // 1/2錠
    if byte(text, end) == b'/'
        && let Some((d, e, false)) = plain_number(text, end + 1)
        && (2.0..=4.0).contains(&d)
        && unit(ctx, e).is_some_and(|u| u.0.starts_with('{'))
    {
        a.value /= d;
        end = e;
    }
    let mut written = unit(ctx, end);
    let mark = skip_spaces(text, written.as_ref().map_or(end, |u| u.1));
    let arrow = ["→", "->", "から", "=>"].iter().find(|w| from(text, mark).starts_with(**w)).map(|w| w.len());
    let range = if arrow.is_none() && matches!(byte(text, mark), b'~' | b'-') { Some(1) } else { None };
    if let Some(len) = arrow.or(range)
        && let Some(next) = number(text, skip_spaces(text, mark + len)).filter(|n| n.comparator.is_none())
        && let Some(u) = unit(ctx, next.end)
        && written.as_ref().is_none_or(|w| w.0 == u.0)
    {
        if arrow.is_some() {
            a.value = next.value;
        } else {
            a.high = Some(next.value);
        }
        written = Some(u);
    }
    let (unit, e) = written?;
    end = e;
    // 錠半
    if unit.starts_with('{') && from(text, end).starts_with('半') {
        a.value += 0.5;
        end += '半'.len_utf8();
    }
    (a.unit, a.end) = (unit, end);
    split_unit(&mut a);
    per(text, &mut a);
    // 2錠目 is the second tablet
    if from(text, a.end).starts_with('目') {
        return None;
    }
    // 12.4μg/dL is a concentration
    let more = byte(text, a.end) == b'/' && char_at(text, a.end + 1).is_some_and(|c| c.is_ascii_alphabetic());
    (!more).then_some(a)
}

/// The drug unit at `at`: UCUM and end.
pub(super) fn unit(ctx: &Context<'_>, at: usize) -> Option<(CompactString, usize)> {
    let at = skip_spaces(ctx.text, at);
    for h in ctx.ahead_at(at).iter().filter(|h| h.kind == ConceptKind::Unit) {
        // mEq/L is a concentration; mEq alone, which the tables read as one, is a dose here
        let litre = h.len() > 3 && sub(ctx.folded, h.s(), h.e()).ends_with("/l");
        if let Some(u) = ctx.lexicon.unit(h.concept).filter(|u| is_dose_unit(&u.ucum) && !litre) {
            return Some((dose_unit(&u.ucum), h.e()));
        }
    }
    // letters that go on: 2000IUq12h, 2Cx2, 1gx3
    let rest = from(ctx.text, at);
    if rest.starts_with(['P', 'p']) && !char_at(rest, 1).is_some_and(|c| c.is_ascii_alphabetic()) {
        return Some((CompactString::const_new("{pack}"), at + 1));
    }
    let run = rest.bytes().take(8).take_while(u8::is_ascii_alphabetic).count();
    let cut = rest.get(..run)?.find(['q', 'Q', 'x', 'X']).filter(|c| *c > 0 && rest.get(c + 1..).is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit())))?;
    let letters = rest.get(..cut)?;
    let found = ctx.lexicon.lookup(letters).find_map(|(r, _)| ctx.lexicon.unit(r).filter(|u| is_dose_unit(&u.ucum)))?;
    Some((dose_unit(&found.ucum), at + cut))
}

fn is_dose_unit(ucum: &str) -> bool {
    let base = ucum.split('/').next().unwrap_or("");
    let counted = base.starts_with('{') && !matches!(base, "{score}" | "{times}" | "{people}" | "{beats}" | "{METs}" | "{gauge}" | "{cigarettes}");
    (counted || matches!(base, "mg" | "g" | "ug" | "ng" | "kg" | "mL" | "L" | "U" | "[IU]" | "[iU]" | "10*4.U" | "meq" | "mmol" | "[drp]" | "kcal" | "MBq" | "%"))
        && !matches!(
            ucum,
            "mg/dL" | "g/dL" | "ug/dL" | "g/L" | "mg/L" | "ug/L" | "U/L" | "[IU]/L" | "mmol/L" | "mmol/mol" | "ug/g" | "ng/dL" | "L/min/m2" | "U/mL" | "ng/mL" | "ug/mL"
        )
}

/// A milliequivalent is the lab's unit per litre in the tables when the chart leaves the litre out.
fn dose_unit(ucum: &str) -> CompactString {
    CompactString::new(ucum.strip_suffix("/L").filter(|u| *u == "meq").unwrap_or(ucum))
}

/// Takes what a unit is per out of it: `mg/kg/d` is mg, by kg, a day.
fn split_unit(a: &mut Amount) {
    let whole = a.unit.clone();
    let mut parts = whole.split('/');
    let base = parts.next().unwrap_or("");
    for p in parts {
        apply(a, p);
    }
    a.unit = if base == "10*4.U" {
        a.value *= 1e4;
        a.high = a.high.map(|h| h * 1e4);
        CompactString::const_new("U")
    } else if a.unit.starts_with("mg/mL") {
        whole
    } else {
        CompactString::new(base)
    };
}

fn apply(a: &mut Amount, per: &str) {
    match per {
        "kg" => a.by = "/kg",
        "m2" => a.by = "/m2",
        "d" => a.per = Per::Day,
        "h" => a.per = Per::Hour,
        "min" => a.per = Per::Minute,
        _ => {}
    }
}

/// `/kg`, `/h`, `/日` written after a unit.
fn per(text: &str, a: &mut Amount) {
    for _ in 0..3 {
        if !matches!(byte(text, a.end), b'/' | b'.') && !from(text, a.end).starts_with('・') {
            return;
        }
        let at = a.end + char_at(text, a.end).map_or(1, char::len_utf8);
        let rest = from(text, at);
        let Some((w, per)) = PER
            .iter()
            .find(|(w, _)| rest.get(..w.len()).is_some_and(|r| r.eq_ignore_ascii_case(w)) && !(w.is_ascii() && char_at(rest, w.len()).is_some_and(|c| c.is_ascii_alphabetic())))
        else {
            return;
        };
        // 2mg/分2 is divided in two
        if *w == "分" && char_at(rest, w.len()).is_some_and(|c| c.is_ascii_digit()) {
            return;
        }
        match *per {
            "dose" => a.per = Per::Dose,
            p => apply(a, p),
        }
        a.end = at + w.len();
    }
}

const PER: &[(&str, &str)] = &[
    ("kg", "kg"),
    ("m2", "m2"),
    ("m^2", "m2"),
    ("body", "body"),
    ("日", "d"),
    ("day", "d"),
    ("d", "d"),
    ("24h", "d"),
    ("24時間", "d"),
    ("1日", "d"),
    ("hour", "h"),
    ("hr", "h"),
    ("h", "h"),
    ("時間", "h"),
    ("時", "h"),
    ("min", "min"),
    ("分", "min"),
    ("回", "dose"),
    ("dose", "dose"),
];

/// `500の3本回し`, `500mL×3本/日`: bags of an infusion run one after another over the day.
pub(super) fn bags(text: &str, at: usize) -> Option<Amount> {
    let (n, e, false) = plain_number(text, at)? else { return None };
    let mut next = skip_spaces(text, e);
    for w in ["mL", "ml", "cc", "の", "×", "x", "を"] {
        if from(text, next).starts_with(w) {
            next = skip_spaces(text, next + w.len());
        }
    }
    let (k, e, false) = plain_number(text, next)? else { return None };
    let rest = from(text, e);
    let end = e + ["本回し", "本/日", "本/day", "本まわし"].iter().find(|w| rest.starts_with(**w))?.len();
    ((20.0..=2000.0).contains(&n) && k <= 10.0).then(|| Amount { value: n * k, unit: CompactString::const_new("mL"), per: Per::Day, start: at, end, ..Amount::default() })
}

/// Insulin and the like by meals: `10-8-6-0単位`, `10単位-8-6-0`, `1-0-1`.
pub(super) fn slots(ctx: &Context<'_>, at: usize) -> Option<(Vec<f64>, Option<CompactString>, usize)> {
    let text = ctx.text;
    let (mut all, mut at, mut written) = (Vec::new(), at, None);
    loop {
        let (n, e, _) = plain_number(text, at).filter(|n| n.0 <= 200.0)?;
        all.push(n);
        at = e;
        if written.is_none()
            && let Some((u, e)) = unit(ctx, at)
        {
            written = Some(u);
            at = e;
        }
        if byte(text, at) != b'-' || !byte(text, at + 1).is_ascii_digit() || all.len() == 5 {
            break;
        }
        at += 1;
    }
    let plausible = (3..=4).contains(&all.len()) && !byte(text, at).is_ascii_digit() && byte(text, at) != b'-';
    // 1-2-3 of a house number is not a dose: a unit, or four places, or small counts
    let dose = written.is_some() || all.len() == 4 || all.iter().all(|n| *n <= 3.0);
    (plausible && dose && all.iter().any(|n| *n > 0.0)).then_some((all, written, at))
}

/// `半錠`, `一包`, `二錠`.
pub(super) fn kanji_count(ctx: &Context<'_>, at: usize) -> Option<Amount> {
    let c = char_at(ctx.text, at)?;
    let value = match c {
        '半' => 0.5,
        '一' => 1.0,
        '二' => 2.0,
        '三' => 3.0,
        '四' => 4.0,
        _ => return None,
    };
    let (unit, end) = unit(ctx, at + c.len_utf8()).filter(|u| u.0.starts_with('{'))?;
    Some(Amount { value, unit, start: at, end, ..Amount::default() })
}
