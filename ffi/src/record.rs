//! The records that a result is walked by.

use crate::memory::{Versioned, first};
use crate::types::karuta_str;
use karuta::model::{Applicability, Assertion, Coding, Fact, FactKind, Subject, Temporality, Value};

/// What a fact is about.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum karuta_fact_kind {
    KARUTA_VITAL = 1,
    KARUTA_LAB = 2,
    KARUTA_DISORDER = 3,
    KARUTA_FINDING = 4,
    KARUTA_MEDICATION = 5,
    KARUTA_PROCEDURE = 6,
    KARUTA_ALLERGY = 7,
    KARUTA_LIFESTYLE = 8,
    KARUTA_PREFERENCE = 9,
    KARUTA_SCORE = 10,
    KARUTA_TIME = 11,
}

/// Whether the thing is there.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum karuta_assertion {
    KARUTA_PRESENT = 1,
    KARUTA_ABSENT = 2,
    KARUTA_POSSIBLE = 3,
    KARUTA_CONDITIONAL = 4,
    KARUTA_PLANNED = 5,
}

/// Whose it is.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum karuta_subject {
    KARUTA_PATIENT = 1,
    KARUTA_FAMILY = 2,
    KARUTA_OTHER = 3,
}

/// When it holds, coarsely.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum karuta_temporality {
    KARUTA_CURRENT = 1,
    KARUTA_PAST = 2,
    KARUTA_FUTURE = 3,
}

/// How surely a fact may be used without a person's eye.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum karuta_applicability {
    /// May be taken over as it is.
    KARUTA_AUTO = 1,
    /// A person should confirm it.
    KARUTA_CONFIRM = 2,
    /// Only to be shown.
    KARUTA_SHOW = 3,
}

/// A fact. Parts that it does not have are empty strings, false and zero.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct karuta_fact {
    /// sizeof(karuta_fact), set by the caller.
    pub size: usize,
    /// `f1`, `f2` … in the order of the text.
    pub id: karuta_str,
    /// A `karuta_fact_kind`.
    pub kind: u32,
    /// A `karuta_assertion`.
    pub assertion: u32,
    /// A `karuta_subject`.
    pub subject: u32,
    /// A `karuta_temporality`.
    pub temporality: u32,
    /// The words as written.
    pub text: karuta_str,
    /// First unit of the span, in the unit that was asked for.
    pub start: usize,
    /// One past the last unit of the span.
    pub end: usize,
    /// The usual Japanese name of what was found.
    pub name: karuta_str,
    /// The kind of the section that it stands in (`objective`, `present_illness` …).
    pub section: karuta_str,
    /// Whether `number` is a number that the note tells.
    pub has_number: bool,
    /// Whether `high` is the upper end of a range.
    pub has_high: bool,
    /// Whether there is a medication to ask `karuta_structured_medication` for.
    pub has_medication: bool,
    /// A `karuta_applicability`.
    pub applicability: u32,
    /// The number.
    pub number: f64,
    /// The upper end of a range.
    pub high: f64,
    /// The UCUM unit.
    pub unit: karuta_str,
    /// `<`, `<=`, `>`, `>=` or `~`.
    pub comparator: karuta_str,
    /// A qualitative result or a remark.
    pub value_text: karuta_str,
    /// When: ISO 8601, a length or an age; see the schema.
    pub time_start: karuta_str,
    /// The end of a range of time.
    pub time_end: karuta_str,
    /// `year`, `month`, `day` …, `age`, `duration`, `relative`, `course_day`.
    pub time_precision: karuta_str,
    /// 0 to 1.
    pub confidence: f64,
    /// How many codes `karuta_structured_coding` gives.
    pub codings: usize,
    /// How many reasons `karuta_structured_reason` gives.
    pub reasons: usize,
    /// How many facts it was derived from (`karuta_structured_source`).
    pub sources: usize,
}

/// A code with its system.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct karuta_coding {
    /// sizeof(karuta_coding), set by the caller.
    pub size: usize,
    /// The FHIR `system` URL.
    pub system: karuta_str,
    /// The code.
    pub code: karuta_str,
    /// The master's own display; empty where there is none.
    pub display: karuta_str,
}

/// One reason for a fact, with the words it was read from.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct karuta_reason {
    /// sizeof(karuta_reason), set by the caller.
    pub size: usize,
    /// Id of the rule, cue, term or pattern.
    pub rule: karuta_str,
    /// The pack with the hash of its content, or a threshold's source.
    pub pack: karuta_str,
    /// How many spans `karuta_structured_span` gives.
    pub spans: usize,
}

/// A section of the note.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct karuta_section {
    /// sizeof(karuta_section), set by the caller.
    pub size: usize,
    /// Its kind (`objective`, `present_illness` …).
    pub kind: karuta_str,
    /// The JP-CLINS section code; empty where there is none.
    pub code: karuta_str,
    /// Its title as written.
    pub title: karuta_str,
    /// Start of the title.
    pub start: usize,
    /// End of the content.
    pub end: usize,
}

/// A relation between two facts.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct karuta_relation {
    /// sizeof(karuta_relation), set by the caller.
    pub size: usize,
    /// `has_value`, `treats`, `caused_by`, `located_at`, `part_of`, `same_as`.
    pub kind: karuta_str,
    /// Index of the first fact.
    pub from: usize,
    /// Index of the second fact.
    pub to: usize,
    /// The rule that found it.
    pub rule: karuta_str,
}

// SAFETY: repr(C), size first, then integers, floats, booleans and raw pointers
unsafe impl Versioned for karuta_fact {
    const FIRST: usize = first!(sources: usize);
}
// SAFETY: repr(C), size first, then integers, floats, booleans and raw pointers
unsafe impl Versioned for karuta_coding {
    const FIRST: usize = first!(display: karuta_str);
}
// SAFETY: repr(C), size first, then integers, floats, booleans and raw pointers
unsafe impl Versioned for karuta_reason {
    const FIRST: usize = first!(spans: usize);
}
// SAFETY: repr(C), size first, then integers, floats, booleans and raw pointers
unsafe impl Versioned for karuta_section {
    const FIRST: usize = first!(end: usize);
}
// SAFETY: repr(C), size first, then integers, floats, booleans and raw pointers
unsafe impl Versioned for karuta_relation {
    const FIRST: usize = first!(rule: karuta_str);
}

pub(crate) fn coding_of(c: &Coding) -> karuta_coding {
    karuta_coding { size: 0, system: c.system.as_str().into(), code: c.code.as_str().into(), display: c.display.as_str().into() }
}

pub(crate) fn fact_of(f: &Fact) -> karuta_fact {
    let none = Value::default();
    let v = f.value.as_ref().unwrap_or(&none);
    let t = f.time.as_ref();
    karuta_fact {
        size: 0,
        id: f.id.as_str().into(),
        kind: kind(f.kind) as u32,
        assertion: assertion(f.assertion) as u32,
        subject: subject(f.subject) as u32,
        temporality: temporality(f.temporality) as u32,
        text: f.text.as_str().into(),
        start: f.start,
        end: f.end,
        name: f.name.as_str().into(),
        section: f.section.name().into(),
        has_number: v.number.is_some(),
        has_high: v.high.is_some(),
        has_medication: f.medication.is_some(),
        applicability: applicability(f.applicability) as u32,
        number: v.number.unwrap_or(0.0),
        high: v.high.unwrap_or(0.0),
        unit: v.unit.as_deref().into(),
        comparator: v.comparator.as_deref().into(),
        value_text: v.text.as_deref().into(),
        time_start: t.and_then(|t| t.start.as_deref()).into(),
        time_end: t.and_then(|t| t.end.as_deref()).into(),
        time_precision: t.map(|t| t.precision.as_str()).into(),
        confidence: f.confidence,
        codings: f.codings.len(),
        reasons: f.because.len(),
        sources: f.from.len(),
    }
}

fn kind(k: FactKind) -> karuta_fact_kind {
    use karuta_fact_kind as K;
    match k {
        FactKind::Vital => K::KARUTA_VITAL,
        FactKind::Lab => K::KARUTA_LAB,
        FactKind::Disorder => K::KARUTA_DISORDER,
        FactKind::Finding => K::KARUTA_FINDING,
        FactKind::Medication => K::KARUTA_MEDICATION,
        FactKind::Procedure => K::KARUTA_PROCEDURE,
        FactKind::Allergy => K::KARUTA_ALLERGY,
        FactKind::Lifestyle => K::KARUTA_LIFESTYLE,
        FactKind::Preference => K::KARUTA_PREFERENCE,
        FactKind::Score => K::KARUTA_SCORE,
        FactKind::Time => K::KARUTA_TIME,
    }
}

fn assertion(a: Assertion) -> karuta_assertion {
    match a {
        Assertion::Present => karuta_assertion::KARUTA_PRESENT,
        Assertion::Absent => karuta_assertion::KARUTA_ABSENT,
        Assertion::Possible => karuta_assertion::KARUTA_POSSIBLE,
        Assertion::Conditional => karuta_assertion::KARUTA_CONDITIONAL,
        Assertion::Planned => karuta_assertion::KARUTA_PLANNED,
    }
}

fn subject(s: Subject) -> karuta_subject {
    match s {
        Subject::Patient => karuta_subject::KARUTA_PATIENT,
        Subject::Family => karuta_subject::KARUTA_FAMILY,
        Subject::Other => karuta_subject::KARUTA_OTHER,
    }
}

fn temporality(t: Temporality) -> karuta_temporality {
    match t {
        Temporality::Current => karuta_temporality::KARUTA_CURRENT,
        Temporality::Past => karuta_temporality::KARUTA_PAST,
        Temporality::Future => karuta_temporality::KARUTA_FUTURE,
    }
}

pub(crate) fn applicability(a: Applicability) -> karuta_applicability {
    match a {
        Applicability::Auto => karuta_applicability::KARUTA_AUTO,
        Applicability::Confirm => karuta_applicability::KARUTA_CONFIRM,
        Applicability::Show => karuta_applicability::KARUTA_SHOW,
    }
}
