//! zip and tar: members one after the other, none unpacked to the disk.

use super::{Counted, How, Push, chosen, set_aside, stream};
use crate::batch::InputKind;
use crate::batch::input::{Format, format, hidden};
use crate::batch::record::{Bad, Place};
use crate::note::decode;
use flate2::read::MultiGzDecoder;
use std::io::{BufReader, Read};

pub(super) fn zip(file: Counted<'_>, place: &Place, how: How<'_>, push: &mut Push<'_>) -> bool {
    let mut zip = match ::zip::ZipArchive::new(BufReader::with_capacity(1 << 16, file)) {
        Ok(z) => z,
        Err(e) => return push(set_aside(place, Bad::new(place, "archive", e.to_string(), "a zip archive"))),
    };
    for n in 0..zip.len() {
        let go_on = match zip.by_index(n) {
            Ok(m) if m.is_dir() => true,
            Ok(m) => {
                let name = name(m.name_raw());
                member(m, &name, place, how, push)
            }
            Err(e) => {
                let place = inner(place, &format!("#{}", n + 1));
                push(set_aside(&place, Bad::new(&place, "archive", e.to_string(), "a member without a password, stored or deflated")))
            }
        };
        if !go_on {
            return false;
        }
    }
    true
}

pub(super) fn tar(from: impl Read, place: &Place, how: How<'_>, push: &mut Push<'_>) -> bool {
    let mut tar = ::tar::Archive::new(from);
    let broken = |e: std::io::Error| set_aside(place, Bad::new(place, "archive", e.to_string(), "a tar archive that can be read to its end"));
    let entries = match tar.entries() {
        Ok(e) => e,
        Err(e) => return push(broken(e)),
    };
    for entry in entries {
        // after a broken header nothing can be found any more
        let entry = match entry {
            Ok(e) => e,
            Err(e) => return push(broken(e)),
        };
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let name = name(&entry.path_bytes());
        if !member(entry, &name, place, how, push) {
            return false;
        }
    }
    true
}

fn member(from: impl Read, name: &str, place: &Place, how: How<'_>, push: &mut Push<'_>) -> bool {
    if hidden(name) {
        return true;
    }
    let inside = inner(place, name);
    match (format(name), how.kind) {
        (Some(Format::One(kind)), _) => stream(from, chosen(how.kind, kind), &inside, how, push),
        (Some(Format::Gzip(kind)), _) => stream(MultiGzDecoder::new(BufReader::new(from)), chosen(how.kind, kind), &inside, how, push),
        (Some(_), _) => push(set_aside(&inside, Bad::new(&inside, "archive", "an archive within an archive", "notes; unpack the outer archive"))),
        // pictures and the like stand beside the notes
        (None, InputKind::Auto) => true,
        (None, kind) => stream(from, kind, &inside, how, push),
    }
}

fn inner(place: &Place, name: &str) -> Place {
    Place { file: format!("{}!{name}", place.file).into(), line: None }
}

/// Member names are written in CP932 by Windows.
fn name(raw: &[u8]) -> String {
    decode(raw, None).map_or_else(|_| String::from_utf8_lossy(raw).into_owned(), std::borrow::Cow::into_owned)
}
