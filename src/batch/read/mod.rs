//! Readers: from a file to records that are not yet looked into.
//!
//! A reader runs in one thread and does as little as it can; decoding and parsing are the workers'. It holds one
//! record at a time, whatever the size of the archive.

mod archive;
mod lines;
#[cfg(feature = "parquet")]
mod parquet;
mod table;
mod xml;

use super::input::{Format, Input, InputFile, format};
use super::record::{Bad, Content, Fields, Place, Raw};
use super::{InputKind, LONGEST_NOTE};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Takes a record; false when the reader shall stop.
pub(super) type Push<'a> = dyn FnMut(Raw) -> bool + 'a;

/// What a reader needs to know.
#[derive(Debug, Clone, Copy)]
pub(super) struct How<'a> {
    pub kind: InputKind,
    pub fields: &'a Fields,
    pub encoding: Option<&'a str>,
}

/// Hands every record of the inputs to `push`, in order. `read` counts the bytes that were read.
pub(super) fn all(input: &Input, how: How<'_>, read: &AtomicU64, push: &mut Push<'_>) {
    for f in &input.files {
        if !one(f, how, read, push) {
            return;
        }
    }
}

fn one(f: &InputFile, how: How<'_>, read: &AtomicU64, push: &mut Push<'_>) -> bool {
    let place = Place { file: Arc::clone(&f.name), line: None };
    let file = match File::open(&f.path) {
        Ok(file) => Counted { inner: file, read },
        Err(e) => return push(set_aside(&place, Bad::new(&place, "file", e.to_string(), "a file that can be read"))),
    };
    match format(&f.name).unwrap_or(Format::One(InputKind::Text)) {
        Format::Zip => archive::zip(file, &place, how, push),
        Format::Tar => archive::tar(file, &place, how, push),
        Format::TarGzip => archive::tar(flate2::read::MultiGzDecoder::new(io::BufReader::with_capacity(1 << 16, file)), &place, how, push),
        Format::Gzip(kind) => stream(flate2::read::MultiGzDecoder::new(io::BufReader::with_capacity(1 << 16, file)), chosen(how.kind, kind), &place, how, push),
        Format::One(kind) if chosen(how.kind, kind) == InputKind::Parquet => table_file(&f.path, &place, how, read, push),
        Format::One(kind) => stream(file, chosen(how.kind, kind), &place, how, push),
    }
}

/// What the caller says goes before what the name says.
fn chosen(said: InputKind, by_name: InputKind) -> InputKind {
    if said == InputKind::Auto { by_name } else { said }
}

#[cfg(feature = "parquet")]
fn table_file(path: &std::path::Path, place: &Place, how: How<'_>, read: &AtomicU64, push: &mut Push<'_>) -> bool {
    parquet::read(path, place, how, read, push)
}

#[cfg(not(feature = "parquet"))]
fn table_file(_: &std::path::Path, place: &Place, _: How<'_>, _: &AtomicU64, push: &mut Push<'_>) -> bool {
    push(set_aside(place, Bad::new(place, "file", "Parquet", "a build with the feature \"parquet\"")))
}

/// Reads what stands in one stream: a file, or an archive's member.
fn stream(from: impl Read, kind: InputKind, place: &Place, how: How<'_>, push: &mut Push<'_>) -> bool {
    match kind {
        InputKind::Text | InputKind::Auto => whole(from, place, push),
        InputKind::Jsonl => lines::read(from, place, push),
        InputKind::Csv => table::read(from, b',', place, how, push),
        InputKind::Tsv => table::read(from, b'\t', place, how, push),
        InputKind::Xml => xml::read(from, place, how, push),
        InputKind::Parquet => push(set_aside(place, Bad::new(place, "archive", "Parquet within an archive", "a Parquet file of its own"))),
    }
}

fn whole(from: impl Read, place: &Place, push: &mut Push<'_>) -> bool {
    match take(from) {
        Ok(Some(bytes)) => push(Raw { place: place.clone(), content: Content::File(bytes) }),
        Ok(None) => push(set_aside(place, Bad::too_long(place))),
        Err(e) => push(set_aside(place, Bad::new(place, "file", e.to_string(), "a file that can be read"))),
    }
}

/// All bytes, or none where there are more than a note may have.
fn take(from: impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    from.take(LONGEST_NOTE as u64 + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= LONGEST_NOTE).then_some(bytes))
}

fn set_aside(place: &Place, bad: Bad) -> Raw {
    Raw { place: place.clone(), content: Content::Bad(Box::new(bad)) }
}

fn at_line(place: &Place, line: u64) -> Place {
    Place { file: Arc::clone(&place.file), line: Some(line) }
}

/// A stream that ends with an error when one row or element has more bytes than a note may have: a quotation mark that is
/// never closed would else bring the whole archive into memory.
struct Bounded<R> {
    inner: R,
    left: usize,
}

impl<R: Read> Bounded<R> {
    fn new(inner: R) -> Self {
        Self { inner, left: LONGEST_NOTE * 2 }
    }

    /// Called at the beginning of each row or element.
    fn reset(&mut self) {
        self.left = LONGEST_NOTE * 2;
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(n).ok_or_else(|| io::Error::other("a row or element without an end"))?;
        Ok(n)
    }
}

/// A file whose bytes are counted as they are read.
struct Counted<'a> {
    inner: File,
    read: &'a AtomicU64,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.read.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

impl Seek for Counted<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}
