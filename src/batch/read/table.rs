//! CSV and TSV with named columns.

use super::{Bounded, How, Push, at_line, set_aside};
use crate::batch::record::{Bad, Content, Place, Raw};
use crate::batch::{Fields, LONGEST_NOTE};
use crate::note::decode;
use csv::ByteRecord;
use std::io::{Cursor, Read};

/// How much of a table tells its encoding.
const SAMPLE: u64 = 1 << 18;

pub(super) fn read(mut from: impl Read, delimiter: u8, place: &Place, how: How<'_>, push: &mut Push<'_>) -> bool {
    let mut sample = Vec::new();
    if let Err(e) = from.by_ref().take(SAMPLE).read_to_end(&mut sample) {
        return push(set_aside(place, Bad::new(place, "file", e.to_string(), "a file that can be read")));
    }
    let encoding = encoding(&sample);
    if sample.starts_with(b"\xEF\xBB\xBF") {
        sample.drain(..3);
    }
    // bytes of , " and line ends stand for themselves alone in UTF-8, CP932 and EUC-JP: rows are cut before they are decoded
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).has_headers(false).from_reader(Bounded::new(Cursor::new(sample).chain(from)));
    let mut row = ByteRecord::new();
    let columns = match reader.read_byte_record(&mut row) {
        Ok(true) => Columns::find(&row, how.encoding.or(encoding), how.fields),
        Ok(false) => Err("no row".to_owned()),
        Err(e) => Err(e.to_string()),
    };
    let columns = match columns {
        Ok(c) => c,
        Err(found) => {
            let expected = format!("a first row with a column {:?} (--text names another), and {:?} and {:?} where there are any", how.fields.text, how.fields.id, how.fields.date);
            return push(set_aside(place, Bad::new(place, "table", found, expected)));
        }
    };
    loop {
        reader.get_mut().reset();
        let raw = match reader.read_byte_record(&mut row) {
            Ok(true) => columns.raw(&row, place, encoding),
            Ok(false) => return true,
            Err(e) => {
                let bad = Bad::new(place, "table", e.to_string(), "rows that can be read to the end");
                return push(set_aside(place, bad));
            }
        };
        if !push(raw) {
            return false;
        }
    }
}

/// The encoding of a table by its beginning, which may end within a character.
fn encoding(sample: &[u8]) -> Option<&'static str> {
    let whole = match std::str::from_utf8(sample) {
        Ok(_) => true,
        Err(e) => e.error_len().is_none(),
    };
    if whole {
        return Some("utf-8");
    }
    // by lines, since the last may be cut; a line of another encoding decides nothing
    let lines = sample.split(|b| *b == b'\n').rev().skip(1);
    let votes = |label: &str| lines.clone().filter(|l| decode(l, Some(label)).is_ok()).count();
    let (cp932, euc) = (votes("cp932"), votes("euc-jp"));
    Some(if euc > cp932 { "euc-jp" } else { "cp932" })
}

struct Columns {
    id: Option<usize>,
    text: usize,
    date: Option<usize>,
}

impl Columns {
    fn find(head: &ByteRecord, encoding: Option<&str>, fields: &Fields) -> Result<Self, String> {
        let names: Vec<String> = head.iter().map(|c| decode(c, encoding).map(|c| c.trim().to_owned()).unwrap_or_default()).collect();
        let at = |name: &str| names.iter().position(|n| n == name);
        let shown = || names.iter().take(20).cloned().collect::<Vec<_>>().join(", ");
        let text = at(&fields.text).ok_or_else(|| format!("columns {}", shown()))?;
        Ok(Self { id: at(&fields.id), text, date: at(&fields.date) })
    }

    fn raw(&self, row: &ByteRecord, place: &Place, encoding: Option<&'static str>) -> Raw {
        let place = at_line(place, row.position().map_or(0, csv::Position::line));
        let cell = |at: Option<usize>| at.and_then(|i| row.get(i)).filter(|c| !c.is_empty()).map(<[u8]>::to_vec);
        match row.get(self.text) {
            Some(text) if text.len() > LONGEST_NOTE => set_aside(&place, Bad::too_long(&place)),
            Some(text) => Raw { content: Content::Cells { id: cell(self.id), text: text.to_vec(), date: cell(self.date), encoding }, place },
            None => {
                let bad = Bad::new(&place, "table", format!("{} cells", row.len()), format!("a text in cell {}", self.text + 1));
                set_aside(&place, bad)
            }
        }
    }
}
