//! XML: an element a record, with the elements or attributes of it that are named.

use super::{Bounded, How, Push, at_line, set_aside};
use crate::batch::record::{Bad, Content, Place, Raw};
use crate::batch::{Fields, LONGEST_NOTE};
use quick_xml::encoding::DecodingReader;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use std::io::{BufReader, Read};

/// Elements deeper than this are no record.
const DEEPEST: usize = 256;

pub(super) fn read(from: impl Read, place: &Place, how: How<'_>, push: &mut Push<'_>) -> bool {
    let bounded = Bounded::new(from);
    let mut reader = Reader::from_reader(DecodingReader::new(BufReader::with_capacity(1 << 16, bounded)));
    let mut buffer = Vec::new();
    let mut state = State { fields: how.fields, depth: 0, record: None, count: 0 };
    let mut first = true;
    loop {
        buffer.clear();
        reader.get_mut().get_mut().get_mut().reset();
        let event = match reader.read_event_into(&mut buffer) {
            Ok(e) => e,
            Err(e) => {
                let bad = Bad::new(place, "xml", format!("byte {}: {e}", reader.error_position()), "well-formed XML");
                return push(set_aside(place, bad));
            }
        };
        if let Event::Decl(d) = &event
            && first
            && let Some(encoding) = declared(d)
        {
            reader.get_mut().set_encoding(encoding);
        }
        first = false;
        let done = match event {
            Event::Start(e) => {
                state.start(&e);
                state.too_deep().then(|| Err(format!("elements within elements, more than {DEEPEST} deep")))
            }
            Event::Empty(e) => {
                state.start(&e);
                state.end().map(Ok)
            }
            Event::End(_) => state.end().map(Ok),
            Event::Text(t) => {
                state.text(&t.xml_content(XmlVersion::Implicit1_0));
                None
            }
            Event::CData(t) => {
                state.text(&t.xml_content(XmlVersion::Implicit1_0));
                None
            }
            Event::GeneralRef(r) => {
                state.text(&entity(&r));
                None
            }
            Event::Eof => {
                if state.depth > 0 {
                    return push(set_aside(place, Bad::new(place, "xml", "an end within an element", "well-formed XML")));
                }
                if state.count == 0 {
                    let bad = Bad::new(place, "xml", "no such element", format!("an element <{}> a record (--record names another)", how.fields.record));
                    return push(set_aside(place, bad));
                }
                return true;
            }
            _ => None,
        };
        match done {
            Some(Ok(found)) => {
                if !push(found.raw(place, state.count, how.fields)) {
                    return false;
                }
            }
            Some(Err(found)) => return push(set_aside(place, Bad::new(place, "xml", found, "records"))),
            None => {}
        }
    }
}

/// The encoding that the first line declares. A longer declaration than anybody writes is not looked into: by its end the
/// decoder has gone on.
fn declared(d: &BytesDecl<'_>) -> Option<&'static encoding_rs::Encoding> {
    if d.len() < 200 { d.encoder() } else { None }
}

/// The character that a reference stands for; no other entity is known, so none can grow.
fn entity(r: &BytesRef<'_>) -> String {
    if let Ok(Some(c)) = r.resolve_char_ref() {
        return c.to_string();
    }
    match &**r {
        "nbsp" => "\u{A0}".to_owned(),
        name => quick_xml::escape::resolve_predefined_entity(name).map_or_else(|| format!("&{name};"), str::to_owned),
    }
}

/// Which part of a record text goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Id,
    Text,
    Date,
}

#[derive(Debug, Default)]
struct Found {
    id: Option<String>,
    text: Option<String>,
    date: Option<String>,
    /// The part that is being read and the depth of its element.
    open: Option<(Part, usize)>,
    depth: usize,
    too_long: bool,
}

struct State<'a> {
    fields: &'a Fields,
    depth: usize,
    record: Option<Found>,
    count: u64,
}

impl State<'_> {
    fn start(&mut self, e: &BytesStart<'_>) {
        self.depth += 1;
        let name = e.local_name();
        let is = |wanted: &str| name.as_ref() == local(wanted);
        match &mut self.record {
            None if is(&self.fields.record) => {
                let mut found = Found { depth: self.depth, ..Found::default() };
                found.id = attribute(e, &self.fields.id);
                found.date = attribute(e, &self.fields.date);
                // the record's own element may be the text
                if is(&self.fields.text) {
                    found.text = Some(String::new());
                    found.open = Some((Part::Text, self.depth));
                }
                self.record = Some(found);
                self.count += 1;
            }
            Some(found) if found.open.is_none() => {
                let part = [(Part::Id, &self.fields.id), (Part::Text, &self.fields.text), (Part::Date, &self.fields.date)].into_iter().find(|(_, name)| is(name));
                if let Some((part, _)) = part {
                    found.open = Some((part, self.depth));
                    let slot = found.slot(part);
                    // several elements of the name make one text of several lines
                    match slot {
                        Some(s) if part == Part::Text => s.push('\n'),
                        _ => *slot = Some(String::new()),
                    }
                }
            }
            _ => {}
        }
    }

    fn end(&mut self) -> Option<Found> {
        let depth = self.depth;
        self.depth = self.depth.saturating_sub(1);
        let found = self.record.as_mut()?;
        match found.open {
            Some((_, at)) if at == depth => found.open = None,
            // the end of a paragraph within the text ends a line
            Some((Part::Text, _)) => found.push("\n"),
            _ => {}
        }
        if found.depth == depth { self.record.take() } else { None }
    }

    fn text(&mut self, text: &str) {
        if let Some(found) = &mut self.record {
            found.push(text);
        }
    }

    fn too_deep(&self) -> bool {
        self.depth > DEEPEST
    }
}

impl Found {
    fn slot(&mut self, part: Part) -> &mut Option<String> {
        match part {
            Part::Id => &mut self.id,
            Part::Text => &mut self.text,
            Part::Date => &mut self.date,
        }
    }

    fn push(&mut self, text: &str) {
        let Some((part, _)) = self.open else { return };
        let too_long = self.too_long;
        let slot = self.slot(part).get_or_insert_default();
        if slot.len() + text.len() > LONGEST_NOTE {
            *slot = String::new();
            self.too_long = true;
        } else if !too_long {
            slot.push_str(text);
        }
    }

    fn raw(self, place: &Place, n: u64, fields: &Fields) -> Raw {
        let place = at_line(place, n);
        if self.too_long {
            return set_aside(&place, Bad::too_long(&place));
        }
        let cell = |s: Option<String>| s.map(|s| s.trim().as_bytes().to_vec()).filter(|s| !s.is_empty());
        match self.text {
            Some(text) => Raw { content: Content::Cells { id: cell(self.id), text: text.into_bytes(), date: cell(self.date), encoding: Some("utf-8") }, place },
            None => {
                let bad = Bad::new(&place, "xml", format!("a <{}> without <{}>", fields.record, fields.text), format!("an element <{}> (--text names another)", fields.text));
                set_aside(&place, bad)
            }
        }
    }
}

fn attribute(e: &BytesStart<'_>, name: &str) -> Option<String> {
    let a = e.attributes().flatten().find(|a| a.key.local_name().as_ref() == local(name))?;
    Some(a.normalized_value(XmlVersion::Implicit1_0).unwrap_or_default().into_owned())
}

/// A name as the caller may write it, with or without its namespace's prefix.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}
