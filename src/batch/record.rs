//! Records: from what a reader found to a note, in a worker's thread.

use super::{LONGEST_NOTE, parse_json};
use crate::note::{DecodeError, decode};
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;
use std::sync::Arc;

/// The columns, fields or elements of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fields {
    /// Holds the id; a record without one is numbered.
    pub id: String,
    /// Holds the text.
    pub text: String,
    /// Holds the day that the note was written on.
    pub date: String,
    /// XML: the element that is a record.
    pub record: String,
}

impl Default for Fields {
    fn default() -> Self {
        Self { id: "id".into(), text: "text".into(), date: "date".into(), record: "record".into() }
    }
}

/// Where a record stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file; `!` and the member's name where it is an archive's.
    pub file: Arc<str>,
    /// The line, row or element in it, from 1; `None` where the file is the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
}

/// A record that was set aside. It never quotes the note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bad {
    /// Where it stands.
    #[serde(flatten)]
    pub place: Place,
    /// `file`, `archive`, `encoding`, `json`, `table`, `xml`, `field`, `empty`, `too_long`, `export`, `model`, `fault`.
    pub reason: &'static str,
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: String,
}

impl Bad {
    pub(super) fn new(place: &Place, reason: &'static str, found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { place: place.clone(), reason, found: found.into(), expected: expected.into() }
    }

    /// A breakdown of our own.
    pub(super) fn fault(place: &Place) -> Self {
        Self::new(place, "fault", "a fault inside karuta", "none; the text it happened on would help to repair it")
    }

    pub(super) fn too_long(place: &Place) -> Self {
        Self::new(place, "too_long", format!("more than {LONGEST_NOTE} bytes"), format!("a note of at most {LONGEST_NOTE} bytes"))
    }
}

/// What a reader found, not yet looked into.
#[derive(Debug)]
pub(super) struct Raw {
    pub place: Place,
    pub content: Content,
}

#[derive(Debug)]
pub(super) enum Content {
    /// A file that is a note.
    File(Vec<u8>),
    /// A line of JSON.
    Json(Vec<u8>),
    /// Cells of a row, in an encoding of the file's.
    Cells { id: Option<Vec<u8>>, text: Vec<u8>, date: Option<Vec<u8>>, encoding: Option<&'static str> },
    /// Something that can't be a record.
    Bad(Box<Bad>),
}

impl Raw {
    pub fn size(&self) -> usize {
        match &self.content {
            Content::File(b) | Content::Json(b) => b.len(),
            Content::Cells { text, .. } => text.len(),
            Content::Bad(_) => 0,
        }
    }

    /// The note, or why there is none. `number` counts the records of the run from 0.
    pub fn read(&self, number: u64, fields: &Fields, encoding: Option<&str>) -> Result<Record<'_>, Bad> {
        match &self.content {
            Content::File(bytes) => {
                let text = decode(bytes, encoding).map_err(|e| self.undecodable(&e))?;
                self.whole(Value::from(&*self.place.file), text, None)
            }
            Content::Json(line) => self.json(line, number, fields, encoding),
            Content::Cells { id, text, date, encoding: detected } => {
                let label = encoding.or(*detected);
                let cell = |b: &'_ Vec<u8>| decode(b, label).map(Cow::into_owned).map_err(|e| self.undecodable(&e));
                let id = id.as_ref().map(cell).transpose()?.filter(|i| !i.is_empty());
                let date = date.as_ref().map(cell).transpose()?;
                let text = decode(text, label).map_err(|e| self.undecodable(&e))?;
                self.whole(id.map_or_else(|| Value::from(number + 1), Value::from), text, date.as_deref())
            }
            Content::Bad(bad) => Err((**bad).clone()),
        }
    }

    fn json(&self, line: &[u8], number: u64, fields: &Fields, encoding: Option<&str>) -> Result<Record<'static>, Bad> {
        let line = decode(line, Some(encoding.unwrap_or("utf-8"))).map_err(|e| self.undecodable(&e))?;
        let expected = || format!("a JSON object with {:?}, a string", fields.text);
        let mut object = match parse_json(line.trim_end()) {
            Ok(Value::Object(o)) => o,
            Ok(_) => return Err(Bad::new(&self.place, "json", "JSON that is no object", expected())),
            Err(e) => return Err(Bad::new(&self.place, "json", e.to_string().replace(" at line 1 column ", ", byte "), expected())),
        };
        let text = match object.remove(&fields.text) {
            Some(Value::String(t)) => t,
            Some(_) => return Err(Bad::new(&self.place, "field", format!("a {:?} that is no string", fields.text), expected())),
            None => return Err(Bad::new(&self.place, "field", format!("no {:?}", fields.text), expected())),
        };
        let date = object.remove(&fields.date).and_then(|d| d.as_str().map(str::to_owned));
        let id = object.remove(&fields.id).filter(|v| !v.is_null()).unwrap_or_else(|| Value::from(number + 1));
        self.whole(id, Cow::Owned(text), date.as_deref())
    }

    fn whole<'a>(&self, id: Value, text: Cow<'a, str>, date: Option<&str>) -> Result<Record<'a>, Bad> {
        if text.trim().is_empty() {
            return Err(Bad::new(&self.place, "empty", "no text", "a note"));
        }
        Ok(Record { id, text, date: date.and_then(crate::note::day) })
    }

    fn undecodable(&self, e: &DecodeError) -> Bad {
        Bad::new(&self.place, "encoding", e.to_string(), "text in UTF-8, CP932 or EUC-JP, or the encoding named")
    }
}

/// A note of a batch.
#[derive(Debug)]
pub(super) struct Record<'a> {
    pub id: Value,
    pub text: Cow<'a, str>,
    pub date: Option<jiff::civil::Date>,
}
