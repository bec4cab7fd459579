//! When a thing holds: a past history, an age or a span of years before the term.

use super::Reading;
use crate::lexicon::{ConceptRef, System};
use crate::model::{Assertion, Temporality};
use crate::note::SectionKind;
use crate::recognize::{Context, Mention};
use crate::text::sub;
use crate::words::words;
use std::sync::LazyLock;

/// When: a past history is past unless the disease lasts; an age or a span of years before the term puts it there.
pub(super) fn read_time(ctx: &Context<'_>, m: &Mention, r: &mut Reading) {
    let before = sub(ctx.text, ctx.start, m.start);
    let sentence = sub(ctx.text, ctx.start, ctx.end);
    if ctx.kind() == SectionKind::PastHistory && r.temporality == Temporality::Current && r.assertion == Assertion::Present {
        let lasting = m.concept.is_some_and(|r| lasts(ctx, r));
        let done = ["手術", "術後", "歳時に", "歳で", "年前", "治癒", "完治", "切除"].iter().any(|w| sentence.contains(w));
        if !lasting || done {
            r.temporality = Temporality::Past;
            r.because.push(("section.past-history".to_owned(), ctx.section.title));
        }
    } else if before.rfind("年前に").or_else(|| before.rfind("年前、")).is_some_and(|i| before.len() - i < 60)
        && !m.concept.is_some_and(|r| lasts(ctx, r))
        && ["を切除", "で手術", "の手術", "を手術", "を摘出", "に罹患", "で入院", "で治療", "手術"].iter().any(|w| sub(ctx.text, m.end, ctx.end).starts_with(w))
    {
        r.temporality = Temporality::Past;
        r.because.push(("time.years-ago".to_owned(), (m.start, m.end)));
    } else if let Some(i) = before.rfind("歳時に").or_else(|| before.rfind("歳の時")).filter(|i| before.len() - i < 60) {
        r.temporality = Temporality::Past;
        r.because.push(("time.age-before".to_owned(), (ctx.start + i, ctx.start + i + "歳時に".len())));
    } else if r.assertion == Assertion::Present
        && r.temporality == Temporality::Current
        && let Some(i) = AGES.iter().filter_map(|w| before.rfind(w)).max().filter(|i| before.len() - i <= 24)
        && ENDED.iter().any(|w| sub(ctx.text, m.end, ctx.end).contains(w))
    {
        r.temporality = Temporality::Past;
        r.because.push(("time.age-then-ended".to_owned(), (ctx.start + i, m.start)));
    }
}

/// Before a disease: the age at which it was.
static AGES: LazyLock<Vec<&str>> = LazyLock::new(|| words("when.ages"));

/// After a disease: it is over.
static ENDED: LazyLock<Vec<&str>> = LazyLock::new(|| words("when.ended"));

/// Whether a disease stays, by its ICD-10 category.
fn lasts(ctx: &Context<'_>, r: ConceptRef) -> bool {
    ctx.lexicon.concept(r).is_some_and(|c| c.code(System::Icd10).is_some_and(is_chronic))
}

/// ICD-10 categories of diseases that stay: what a past-history section names is still there.
fn is_chronic(icd: &str) -> bool {
    const LASTING: &[(&str, &str)] = &[
        ("B18", "B24"),
        ("D55", "D58"),
        ("E03", "E06"),
        ("E10", "E14"),
        ("E66", "E88"),
        ("F00", "F99"),
        ("G10", "G47"),
        ("H25", "H54"),
        ("I10", "I15"),
        ("I20", "I20"),
        ("I25", "I25"),
        ("I42", "I51"),
        ("J30", "J30"),
        ("J40", "J47"),
        ("J84", "J84"),
        ("K21", "K21"),
        ("K50", "K52"),
        ("K58", "K59"),
        ("K70", "K77"),
        ("L20", "L20"),
        ("L40", "L40"),
        ("M05", "M36"),
        ("M40", "M54"),
        ("M80", "M82"),
        ("N18", "N19"),
        ("N40", "N40"),
    ];
    let category = icd.get(..3).unwrap_or("");
    LASTING.iter().any(|(a, b)| *a <= category && category <= *b)
}
