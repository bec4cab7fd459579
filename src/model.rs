//! The information model: what a fact holds and how it is written as JSON.

use crate::note::{SectionKind, Span};
use compact_str::CompactString;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a fact is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FactKind {
    /// A bedside measurement.
    Vital,
    /// A laboratory result.
    Lab,
    /// A disease, syndrome or injury.
    Disorder,
    /// A symptom, sign or abnormal finding.
    Finding,
    /// A medicine given, planned, stopped …
    Medication,
    /// A procedure, operation, imaging study, treatment.
    Procedure,
    /// An allergy, or its absence.
    Allergy,
    /// Smoking, alcohol and the like.
    Lifestyle,
    /// A patient's wish or an advance directive.
    Preference,
    /// A clinical score or stage.
    Score,
    /// A time expression.
    Time,
}

impl FactKind {
    /// The name used in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Vital => "vital",
            Self::Lab => "lab",
            Self::Disorder => "disorder",
            Self::Finding => "finding",
            Self::Medication => "medication",
            Self::Procedure => "procedure",
            Self::Allergy => "allergy",
            Self::Lifestyle => "lifestyle",
            Self::Preference => "preference",
            Self::Score => "score",
            Self::Time => "time",
        }
    }
}

/// A code with its system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coding {
    /// The FHIR `system` URL.
    #[schemars(with = "String")]
    pub system: CompactString,
    /// The code.
    #[schemars(with = "String")]
    pub code: CompactString,
    /// The master's own display, left out where there is none.
    #[serde(default, skip_serializing_if = "CompactString::is_empty")]
    #[schemars(with = "String")]
    pub display: CompactString,
}

/// A value: a number with its unit, or a word.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Value {
    /// The number, 万 and 億 multiplied out.
    pub number: Option<f64>,
    /// Its UCUM unit.
    #[schemars(with = "Option<String>")]
    pub unit: Option<CompactString>,
    /// `<`, `<=`, `>`, `>=`, or `~` for about (台, 前後).
    #[schemars(with = "Option<String>")]
    pub comparator: Option<CompactString>,
    /// The upper end, when the value is a range.
    pub high: Option<f64>,
    /// A qualitative result (`-`, `±`, `1+`, `positive`), a coma scale as written, or a remark such as the oxygen given.
    #[schemars(with = "Option<String>")]
    pub text: Option<CompactString>,
}

/// Whether the thing is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Assertion {
    /// It is, or was, there.
    #[default]
    Present,
    /// It is denied.
    Absent,
    /// It is doubted.
    Possible,
    /// It is a condition, a risk, something to watch for.
    Conditional,
    /// It is intended.
    Planned,
}

impl Assertion {
    /// The name used in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Absent => "absent",
            Self::Possible => "possible",
            Self::Conditional => "conditional",
            Self::Planned => "planned",
        }
    }
}

/// Whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The patient's.
    #[default]
    Patient,
    /// A relative's.
    Family,
    /// Somebody else's.
    Other,
}

impl Subject {
    /// The name used in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Family => "family",
            Self::Other => "other",
        }
    }
}

/// When it holds, coarsely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Temporality {
    /// Now, in this illness.
    #[default]
    Current,
    /// Before, or resolved long ago.
    Past,
    /// To come.
    Future,
}

impl Temporality {
    /// The name used in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Past => "past",
            Self::Future => "future",
        }
    }
}

/// How surely a fact may be used without a person's eye.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Applicability {
    /// May be taken over as it is.
    #[default]
    Auto,
    /// A person should confirm it.
    Confirm,
    /// Only to be shown.
    Show,
}

impl Applicability {
    /// The name used in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Confirm => "confirm",
            Self::Show => "show",
        }
    }
}

/// When something was, resolved as far as the note allows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct TimeRange {
    /// ISO 8601: a date or date and time, `--MM-DD` where the year is open, `T14:30` where the day is; else an
    /// age or a length (`P3D`), or how long before (`-P3D`) or after (`P1M`) a time that the note does not tell.
    #[schemars(with = "Option<String>")]
    pub start: Option<CompactString>,
    /// The end of a range.
    #[schemars(with = "Option<String>")]
    pub end: Option<CompactString>,
    /// `year`, `month`, `week`, `day`, `hour`, `minute`, `second`; `age`, `duration`, `relative`, `course_day`.
    #[schemars(with = "String")]
    pub precision: CompactString,
}

/// What a medication fact says beyond its name.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Medication {
    /// Generic names; several for a combination.
    pub ingredients: Vec<String>,
    /// Strength of one unit of the product (`5mg`).
    pub strength: Option<String>,
    /// Dose as written (`1T1X`, `2錠分2朝夕食後`).
    pub dose: Option<String>,
    /// Amount taken at a time or a day, as a value.
    pub amount: Option<Value>,
    /// Amount of a day, computed.
    pub daily: Option<Value>,
    /// How often a day.
    pub times_per_day: Option<f64>,
    /// For how many days.
    pub days: Option<f64>,
    /// `po`, `iv`, `sc`, `im`, `top`, `inh`, `pr`, `eye`, `nasal`, `patch`.
    pub route: Option<String>,
    /// `active`, `started`, `stopped`, `held`, `planned`, `past`, `allergy`.
    pub status: Option<String>,
    /// When it is taken, as written (朝食後, 疼痛時 頓用).
    pub usage: Option<String>,
    /// That it is taken only when needed: the condition as written (疼痛時, 38.5℃以上), or the word for it (頓用) where none is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_needed: Option<String>,
    /// Amounts of the doses of a day in their order, where they differ: 2 and 1 of 朝2錠夕1錠.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<f64>,
    /// Codes of the amount's unit (MERIT9).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unit_codings: Vec<Coding>,
    /// Codes of the usage (JAMI).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub usage_codings: Vec<Coding>,
    /// Classes of the medicine.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
}

/// One reason for a fact: the rule, where it was read, which pack it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// Id of the rule, cue, term or pattern.
    #[schemars(with = "String")]
    pub rule: CompactString,
    /// The spans it was read from.
    pub spans: Vec<(usize, usize)>,
    /// The pack, with the hash of its content; the source of a threshold for a derived fact.
    #[serde(default, skip_serializing_if = "CompactString::is_empty")]
    #[schemars(with = "String")]
    pub pack: CompactString,
}

/// A coded fact. `start` and `end` count the unit that the caller chose (code points in JSON, bytes in Rust).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fact {
    /// `f1`, `f2` … in the order of the text.
    pub id: String,
    /// What it is about.
    pub kind: FactKind,
    /// The words as written.
    pub text: String,
    /// First unit of the span.
    pub start: usize,
    /// One past the last unit of the span.
    pub end: usize,
    /// The usual Japanese name of what was found.
    pub name: String,
    /// Codes, the most specific standard first.
    pub codings: Vec<Coding>,
    /// The value, if it has one.
    pub value: Option<Value>,
    /// Whether it is there.
    pub assertion: Assertion,
    /// Whose it is.
    pub subject: Subject,
    /// Which relative's, as a HL7 v3 RoleCode (FTH, MTH, SIB …), where the note tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relative: Option<Coding>,
    /// When, coarsely.
    pub temporality: Temporality,
    /// When, as a date where the note tells it.
    pub time: Option<TimeRange>,
    /// For medications.
    pub medication: Option<Box<Medication>>,
    /// The section it stands in.
    pub section: SectionKind,
    /// 0 to 1.
    pub confidence: f64,
    /// How surely it may be used.
    pub applicability: Applicability,
    /// Why it was found and read so.
    pub because: Vec<Reason>,
    /// The facts it was derived from; empty for what was written.
    pub from: Vec<String>,
}

impl Fact {
    /// The span, while the offsets count bytes.
    pub const fn span(&self) -> Span {
        Span::new(self.start, self.end)
    }

    /// The first code of a system.
    pub fn code(&self, system: &str) -> Option<&str> {
        self.codings.iter().find(|c| c.system == system).map(|c| c.code.as_str())
    }
}

/// A section as it stands in the output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SectionInfo {
    /// Its kind.
    pub kind: SectionKind,
    /// The JP-CLINS section code, where there is one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// Its title as written.
    pub title: String,
    /// Start of the title.
    pub start: usize,
    /// End of the content.
    pub end: usize,
}

/// How two facts hang together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RelationKind {
    /// A finding and the measurement that states its degree.
    HasValue,
    /// A medicine or procedure and what it is for.
    Treats,
    /// An event and what caused it.
    CausedBy,
    /// An act and what the clinician did it on account of: a condition that was suspected or thought of.
    BecauseOf,
    /// A finding and where it is.
    LocatedAt,
    /// A part and its whole (a differential count and its total).
    PartOf,
    /// Two mentions of one thing.
    SameAs,
}

impl RelationKind {
    /// The name used in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HasValue => "has_value",
            Self::Treats => "treats",
            Self::CausedBy => "caused_by",
            Self::BecauseOf => "because_of",
            Self::LocatedAt => "located_at",
            Self::PartOf => "part_of",
            Self::SameAs => "same_as",
        }
    }
}

/// A relation between two facts of a note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Relation {
    /// How they hang together.
    pub kind: RelationKind,
    /// Id of the first fact.
    pub from: String,
    /// Id of the second fact.
    pub to: String,
    /// The rule that found it.
    pub rule: String,
    /// The sentence that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<(usize, usize)>,
}

/// What a note says.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Structured {
    /// Sections in order.
    pub sections: Vec<SectionInfo>,
    /// Facts in the order of the text; derived ones after what they were derived from.
    pub facts: Vec<Fact>,
    /// Relations between facts.
    pub relations: Vec<Relation>,
}

impl Structured {
    /// Moves every offset by `bytes` and every fact's number by `facts`, to join these facts to others before them.
    #[cfg(feature = "cli")]
    pub(crate) fn shift(&mut self, bytes: usize, facts: usize) {
        let renumber = |id: &mut String| {
            if let Some(n) = id.strip_prefix('f').and_then(|n| n.parse::<usize>().ok()) {
                *id = format!("f{}", n + facts);
            }
        };
        for f in &mut self.facts {
            (f.start, f.end) = (f.start + bytes, f.end + bytes);
            renumber(&mut f.id);
            f.from.iter_mut().for_each(renumber);
            for s in f.because.iter_mut().flat_map(|r| &mut r.spans) {
                *s = (s.0 + bytes, s.1 + bytes);
            }
        }
        for r in &mut self.relations {
            renumber(&mut r.from);
            renumber(&mut r.to);
            r.evidence = r.evidence.map(|(s, e)| (s + bytes, e + bytes));
        }
    }

    /// Counts every offset in `unit` instead of bytes. `text` is the text the facts came from.
    pub fn count_in(&mut self, text: &str, unit: crate::note::OffsetUnit) {
        let index = crate::note::OffsetIndex::new(text, unit);
        for s in &mut self.sections {
            (s.start, s.end) = (index.of_byte(s.start), index.of_byte(s.end));
        }
        for f in &mut self.facts {
            (f.start, f.end) = (index.of_byte(f.start), index.of_byte(f.end));
            for r in &mut f.because {
                for s in &mut r.spans {
                    *s = (index.of_byte(s.0), index.of_byte(s.1));
                }
            }
        }
        for r in &mut self.relations {
            r.evidence = r.evidence.map(|(s, e)| (index.of_byte(s), index.of_byte(e)));
        }
    }

    /// Counts every offset in bytes again, after [`Structured::count_in`] counted them in `unit`; what lies outside the
    /// text ends where the text does.
    pub fn count_from(&mut self, text: &str, unit: crate::note::OffsetUnit) {
        let index = crate::note::OffsetIndex::new(text, unit);
        let at = |n: usize| index.to_byte(n).min(text.len());
        let span = |start: usize, end: usize| (at(start), at(end).max(at(start)));
        for s in &mut self.sections {
            (s.start, s.end) = span(s.start, s.end);
        }
        for f in &mut self.facts {
            (f.start, f.end) = span(f.start, f.end);
            for s in f.because.iter_mut().flat_map(|r| &mut r.spans) {
                *s = span(s.0, s.1);
            }
        }
    }
}
