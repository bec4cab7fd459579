//! Forms that other systems take, all from the same facts: one file a format.
//!
//! An [`Exporter`] writes one note at a time into any [`Write`] and keeps nothing between notes, so that threads may
//! share it and join what they wrote in the order of the notes. [`by_name`] finds one; [`formats`] lists them. What a
//! format cannot hold is handed back as [`Left`], never dropped silently; `docs/exports.md` says what each one holds.
//!
//! ```
//! use karuta::export::{Settings, Source, by_name};
//! let engine = karuta::Engine::new().unwrap();
//! let text = "BT39.2 咳嗽(-)";
//! let found = engine.worker().structure(text);
//! let fhir = by_name("fhir-ndjson", &Settings::default()).unwrap();
//! let mut out = Vec::new();
//! let left = fhir.note(&Source::new("n1", text, &found), &mut out).unwrap();
//! assert!(String::from_utf8(out).unwrap().starts_with("{\"resourceType\":\"Bundle\""));
//! assert!(left.is_empty());
//! ```

mod bioc;
mod brat;
mod facts;
mod fhir;
mod graph;
mod graphml;
mod hl7;
mod html;
mod medtxt;
mod omop;
mod phenopacket;
#[cfg(feature = "rdf")]
mod rdf;
mod said;
mod source;
pub mod table;
mod tables;
mod xmi;
mod xml;

pub use source::{Source, Words};
pub use tables::profiles;

use crate::note::OffsetUnit;
use std::io::{self, Write};

/// What an exporter may be told besides the notes.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The instant that resources are said to have been recorded at, RFC 3339 with its offset. Without it, the note's
    /// own date stands; the clock is never read, so that the same notes give the same bytes.
    pub recorded: Option<String>,
    /// The offset from UTC of the times in the notes; `+09:00` where it is empty.
    pub utc_offset: String,
    /// The ten-digit number of the institution (保険医療機関番号), for JP-CLINS.
    pub institution: Option<String>,
    /// The department's code and name (SS-MIX2 診療科), for JP-CLINS.
    pub department: Option<(String, String)>,
    /// A FHIR Patient resource that stands for the patient, for JP-CLINS.
    pub patient: Option<serde_json::Value>,
}

impl Settings {
    /// The offset from UTC of the times in the notes.
    pub(crate) fn offset(&self) -> &str {
        if self.utc_offset.is_empty() { "+09:00" } else { &self.utc_offset }
    }
}

/// How what is written for several notes makes one output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Notes follow one another in one file, between [`Exporter::begin`] and [`Exporter::end`].
    Stream,
    /// Each note is a document of its own.
    Document,
}

/// What a format is called and like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// The name that `--format` takes.
    pub name: &'static str,
    /// The extension of its files.
    pub extension: &'static str,
    /// What it is, in a line.
    pub about: &'static str,
    /// How notes are put together.
    pub framing: Framing,
    /// Whether it can't be written without the note's text.
    pub needs_text: bool,
    /// The unit that its offsets count, where it has any.
    pub offsets: Option<OffsetUnit>,
    /// Whether the note's text belongs beside each document, in a file of its own.
    pub text_beside: bool,
}

impl Format {
    /// A form of several notes in one file.
    const fn stream(name: &'static str, extension: &'static str, about: &'static str) -> Self {
        Self { name, extension, about, framing: Framing::Stream, needs_text: false, offsets: None, text_beside: false }
    }

    /// A form with a document for each note.
    const fn document(name: &'static str, extension: &'static str, about: &'static str) -> Self {
        Self { framing: Framing::Document, ..Self::stream(name, extension, about) }
    }

    /// Which names spans, counting their offsets in that unit.
    const fn counting(self, unit: OffsetUnit) -> Self {
        Self { offsets: Some(unit), ..self }
    }

    /// Which shows the text, counting its offsets in that unit.
    const fn over_text(self, unit: OffsetUnit) -> Self {
        Self { needs_text: true, offsets: Some(unit), ..self }
    }
}

/// A fact, or a part of one, that a format could not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The id of the fact or relation (`f3`, `f3-f7`).
    pub id: String,
    /// Its words.
    pub text: String,
    /// Why.
    pub why: &'static str,
}

/// Why a note could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The output could not be written to.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// No format of that name.
    #[error("no format \"{found}\"; expected one of {expected}")]
    Format {
        /// What was asked for.
        found: String,
        /// The names there are.
        expected: String,
    },
    /// The format needs a setting that was not given, or can't use the one that was.
    #[error("{format}: found {found}, expected {expected}")]
    Setting {
        /// The format.
        format: &'static str,
        /// What was given.
        found: String,
        /// What is wanted.
        expected: &'static str,
    },
    /// The note lacks what the format can't do without.
    #[error("{format}: note {id}: found {found}, expected {expected}")]
    Note {
        /// The format.
        format: &'static str,
        /// The note.
        id: String,
        /// What it has.
        found: &'static str,
        /// What is wanted.
        expected: &'static str,
    },
}

impl From<serde_json::Error> for ExportError {
    fn from(e: serde_json::Error) -> Self {
        Self::Io(e.into())
    }
}

/// Writes facts in one format.
pub trait Exporter: std::fmt::Debug + Send + Sync {
    /// What it writes.
    fn format(&self) -> &'static Format;

    /// What stands before the first note of a stream: a header line, the opening of an array.
    ///
    /// # Errors
    /// When `out` can't be written to.
    fn begin(&self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    /// What stands between two notes of a stream.
    fn separator(&self) -> &'static str {
        ""
    }

    /// Writes one note and tells what it could not hold.
    ///
    /// # Errors
    /// When `out` can't be written to, or the note lacks what the format can't do without.
    fn note(&self, note: &Source<'_>, out: &mut dyn Write) -> Result<Vec<Left>, ExportError>;

    /// What stands after the last note of a stream.
    ///
    /// # Errors
    /// When `out` can't be written to.
    fn end(&self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// Makes an exporter with its settings.
type Make = fn(&Settings) -> Result<Box<dyn Exporter>, ExportError>;

/// Every format with what makes its exporter, in the order of the documentation.
const REGISTRY: &[(&Format, Make)] = &[
    (&fhir::BUNDLE, fhir::bundle),
    (&fhir::NDJSON, fhir::ndjson),
    (&fhir::RESOURCES, fhir::resources),
    (&fhir::CLINS, fhir::clins),
    (&omop::NOTE, omop::note),
    (&omop::NOTE_NLP, omop::note_nlp),
    (&brat::BRAT, brat::make),
    (&bioc::BIOC, bioc::make),
    (&xmi::XMI, xmi::make),
    (&xmi::TYPES, xmi::types),
    (&medtxt::MEDTXT, medtxt::make),
    (&phenopacket::PHENOPACKET, phenopacket::make),
    (&phenopacket::NDJSON, phenopacket::lines),
    (&html::HTML, html::make),
    #[cfg(feature = "rdf")]
    (&rdf::TURTLE, rdf::turtle),
    #[cfg(feature = "rdf")]
    (&rdf::JSONLD, rdf::jsonld),
    (&graphml::GRAPHML, graphml::make),
    (&facts::CSV, facts::csv),
    (&hl7::SSMIX2, hl7::make),
];

/// Every format, in the order of the documentation.
pub fn formats() -> impl Iterator<Item = &'static Format> {
    REGISTRY.iter().map(|r| r.0)
}

/// The exporter of that name.
///
/// # Errors
/// When there is none, or a setting that it needs is missing or malformed.
pub fn by_name(name: &str, settings: &Settings) -> Result<Box<dyn Exporter>, ExportError> {
    match REGISTRY.iter().find(|r| r.0.name == name) {
        Some((_, make)) => make(settings),
        None => Err(ExportError::Format { found: name.to_owned(), expected: formats().map(|f| f.name).collect::<Vec<_>>().join(", ") }),
    }
}
