//! JSON Lines.

use super::{Push, at_line, set_aside};
use crate::batch::LONGEST_NOTE;
use crate::batch::record::{Bad, Content, Place, Raw};
use std::io::{self, BufRead, BufReader, Read};

/// A line may hold a note whose every character is an escape.
const LONGEST_LINE: usize = LONGEST_NOTE * 2;

pub(super) fn read(from: impl Read, place: &Place, push: &mut Push<'_>) -> bool {
    let mut from = BufReader::with_capacity(1 << 16, from);
    let mut n = 0;
    loop {
        n += 1;
        let place = at_line(place, n);
        let mut line = Vec::new();
        let end = match next(&mut from, &mut line) {
            Ok(Line::End) => return true,
            Ok(Line::Whole) => false,
            Ok(Line::TooLong) => {
                if !push(set_aside(&place, Bad::too_long(&place))) {
                    return false;
                }
                continue;
            }
            Err(e) => {
                let bad = Bad::new(&place, "file", e.to_string(), "a file that can be read to its end");
                return push(set_aside(&place, bad));
            }
        };
        if n == 1 && line.starts_with(b"\xEF\xBB\xBF") {
            line.drain(..3);
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        if end || !push(Raw { place, content: Content::Json(line) }) {
            return false;
        }
    }
}

enum Line {
    Whole,
    TooLong,
    End,
}

/// One line, held only as far as a line may go.
fn next(from: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Line> {
    let n = from.by_ref().take(LONGEST_LINE as u64 + 1).read_until(b'\n', line)?;
    if n == 0 {
        return Ok(Line::End);
    }
    if line.ends_with(b"\n") || n <= LONGEST_LINE {
        return Ok(Line::Whole);
    }
    line.clear();
    line.shrink_to_fit();
    from.skip_until(b'\n')?;
    Ok(Line::TooLong)
}
