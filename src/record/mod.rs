//! A record: what one report, summary or note says of a patient's stay, in the order that a registry asks for it.
//!
//! It is read from the facts of the note and from the form that the note may be: age and sex, chief complaints, the dates
//! of admission and discharge, the course as dated events, diagnoses with codes and outcome, what was given and done,
//! what the patient went home with. Nothing is guessed: what the note does not tell stays empty.

mod course;
mod diagnosis;
mod form;
mod outcome;
mod person;
mod source;
mod stay;
mod treatment;
mod words;

use crate::model::{Assertion, Coding, FactKind, Medication, Structured, TimeRange, Value};
use crate::note::{Note, OffsetIndex, OffsetUnit};
use compact_str::CompactString;
pub use outcome::Outcome;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use source::Source;

/// What a note says, as one record. `start` and `end` count the unit that the caller chose, as in [`crate::model::Fact`].
///
/// ```
/// let engine = karuta::Engine::new().unwrap();
/// let mut worker = engine.worker();
/// let found = worker.structure("75歳、男性。発熱を主訴に来院し、肺炎と診断した。軽快し、第8病日に退院となった。");
/// let record = karuta::Record::read(&found, worker.note());
/// assert_eq!(record.age.unwrap().value.number, Some(75.0));
/// assert_eq!(record.sex.unwrap().code, "male");
/// assert_eq!(record.chief_complaints[0].name, "発熱");
/// assert_eq!(record.diagnoses[0].entry.name, "肺炎");
/// assert_eq!(record.outcome.unwrap().code, "improved");
/// assert_eq!(record.disposition.unwrap().code, "discharged");
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    /// How old the patient is.
    pub age: Option<Age>,
    /// The patient's sex.
    pub sex: Option<Sex>,
    /// What the patient came for.
    pub chief_complaints: Vec<Entry>,
    /// When the patient was admitted.
    pub admission: Option<TimeRange>,
    /// When the patient was discharged.
    pub discharge: Option<TimeRange>,
    /// Days of the stay, the first and the last counted, where both dates are known.
    pub length_of_stay: Option<i64>,
    /// Every date that something is told of by name: admission, operation, death …
    pub dates: Vec<KeyDate>,
    /// Diagnoses in the order of the note.
    pub diagnoses: Vec<Diagnosis>,
    /// What happened, in order of time; what has the same time, in the order of the note.
    pub course: Vec<Event>,
    /// Medicines given before and during the stay, one entry for each.
    pub medications: Vec<Treatment>,
    /// What was done, one entry for each procedure and time.
    pub procedures: Vec<Treatment>,
    /// Medicines that the patient went home with: `null` where the note does not tell, empty where it says that there are none.
    pub discharge_medications: Option<Vec<Treatment>>,
    /// What became of the patient's illness.
    pub outcome: Option<Outcome>,
    /// How the stay ended: discharged, transferred, died.
    pub disposition: Option<Outcome>,
}

/// An age.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Age {
    /// In years (`a`), months (`mo`), weeks (`wk`) or days (`d`); 「70歳代」 has 79 as its upper end.
    pub value: Value,
    /// As written.
    pub text: String,
    /// First unit of the words.
    pub start: usize,
    /// One past the last unit of the words.
    pub end: usize,
}

/// A sex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sex {
    /// `male` or `female` (FHIR administrative gender).
    #[schemars(with = "String")]
    pub code: CompactString,
    /// As written.
    pub text: String,
    /// First unit of the word.
    pub start: usize,
    /// One past the last unit of the word.
    pub end: usize,
}

/// Something named in the note.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// Its usual name; as written, where no fact was read there.
    pub name: String,
    /// As written.
    pub text: String,
    /// First unit of the words.
    pub start: usize,
    /// One past the last unit of the words.
    pub end: usize,
    /// Its codes.
    pub codings: Vec<Coding>,
    /// Whether it is there.
    pub assertion: Assertion,
    /// Ids of the facts that it was read from.
    pub facts: Vec<String>,
}

/// A date with what happened then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KeyDate {
    /// `admission`, `discharge`, `transfer`, `death`, `operation`, `onset`, `visit`, `birth`.
    #[schemars(with = "String")]
    pub event: CompactString,
    /// When, as in a fact.
    pub time: TimeRange,
    /// The words that name the event or its field.
    pub text: String,
    /// First unit of those words.
    pub start: usize,
    /// One past their last unit.
    pub end: usize,
    /// `field` of a form, or `narrative`.
    #[schemars(with = "String")]
    pub source: CompactString,
}

/// A diagnosis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Diagnosis {
    /// What it is.
    #[serde(flatten)]
    pub entry: Entry,
    /// Where it stands: `discharge`, `admission`, `problem` (a problem's title), `stated` (「…と診断した」),
    /// `reported` (「…の1例」), `suspected` (「…を疑い」, where nothing more certain is told).
    #[schemars(with = "String")]
    pub role: CompactString,
    /// When it began.
    pub onset: Option<TimeRange>,
    /// What became of it.
    pub outcome: Option<Outcome>,
    /// What the form remarks.
    pub comment: Option<String>,
}

/// An event of the course: a fact with its time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// When.
    pub time: TimeRange,
    /// The day of the stay, where the admission is dated; the day of admission is 1.
    pub hospital_day: Option<i64>,
    /// What it is about.
    pub kind: FactKind,
    /// What it is.
    #[serde(flatten)]
    pub entry: Entry,
    /// Its value.
    pub value: Option<Value>,
    /// What happens to a medicine.
    pub status: Option<String>,
}

/// Something given or done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Treatment {
    /// What it is.
    #[serde(flatten)]
    pub entry: Entry,
    /// When first.
    pub time: Option<TimeRange>,
    /// Of a medicine: what was last said of it (`active`, `started`, `stopped` …).
    pub status: Option<String>,
    /// Of a medicine: strength, dose and the rest, as where the note tells most.
    pub medication: Option<Box<Medication>>,
}

impl Record {
    /// Reads the record out of a note and its facts. Offsets count bytes, as those of `found` must.
    pub fn read(found: &Structured, note: &Note) -> Self {
        let source = Source::new(found, note);
        let age = person::age(&source);
        let dates = stay::dates(&source);
        let admission = stay::admission(&source, &dates);
        let discharge = stay::last(&dates, &["discharge", "transfer", "death"]);
        let diagnoses = diagnosis::diagnoses(&source);
        let ending = outcome::ending(&source, &diagnoses);
        Self {
            sex: person::sex(&source, age.as_ref()),
            age,
            chief_complaints: diagnosis::chief_complaints(&source),
            length_of_stay: stay::days(admission.as_ref(), discharge.as_ref()),
            course: course::events(&source, admission.as_ref()),
            medications: treatment::medications(&source),
            procedures: treatment::procedures(&source),
            discharge_medications: treatment::at_discharge(&source),
            admission,
            discharge,
            dates,
            diagnoses,
            outcome: ending.outcome,
            disposition: ending.disposition,
        }
    }

    /// Counts every offset in `unit` instead of bytes. `text` is the note as written.
    pub fn count_in(&mut self, text: &str, unit: OffsetUnit) {
        let index = OffsetIndex::new(text, unit);
        self.each_span(&mut |start, end| (*start, *end) = (index.of_byte(*start), index.of_byte(*end)));
    }

    fn each_span(&mut self, f: &mut impl FnMut(&mut usize, &mut usize)) {
        let mut entry = |e: &mut Entry| f(&mut e.start, &mut e.end);
        self.chief_complaints.iter_mut().for_each(&mut entry);
        self.diagnoses.iter_mut().for_each(|d| entry(&mut d.entry));
        self.course.iter_mut().for_each(|e| entry(&mut e.entry));
        let treatments = self.medications.iter_mut().chain(&mut self.procedures).chain(self.discharge_medications.iter_mut().flatten());
        treatments.for_each(|t| entry(&mut t.entry));
        let outcomes = self.diagnoses.iter_mut().filter_map(|d| d.outcome.as_mut()).chain(&mut self.outcome).chain(&mut self.disposition);
        outcomes.for_each(|o| f(&mut o.start, &mut o.end));
        self.age.iter_mut().for_each(|a| f(&mut a.start, &mut a.end));
        self.sex.iter_mut().for_each(|s| f(&mut s.start, &mut s.end));
        self.dates.iter_mut().for_each(|d| f(&mut d.start, &mut d.end));
    }
}
