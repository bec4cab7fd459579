//! Files as publishers hand them out: plain, gz, zip with several members, a workbook; CP932, UTF-8 or UTF-16.

use super::kind::{self, MasterKind};
use encoding_rs::{Encoding, SHIFT_JIS, UTF_16BE, UTF_16LE};
use std::fs::File;
use std::io::{self, Cursor, Read, Seek};
use std::path::Path;

/// One table's bytes and where they came from.
pub(super) struct Member {
    /// The file's name, `!` and the member's name where it is an archive's.
    pub label: String,
    /// The name that says what it is and its date.
    pub name: String,
    /// Its kind, where the content tells.
    pub kind: Option<MasterKind>,
    /// The bytes; those of a member of unknown kind are its head only.
    pub bytes: Vec<u8>,
}

/// Content longer than this, uncompressed, is no master.
const MOST: u64 = 4 << 30;
/// Enough of a file to tell what it is.
const HEAD: usize = 1 << 16;

/// Hands every member of a file to `each`: the file itself, or what an archive holds.
pub(super) fn members(path: &Path, each: &mut dyn FnMut(Member) -> io::Result<()>) -> io::Result<()> {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let mut file = File::open(path)?;
    let mut magic = [0; 4];
    let n = file.read(&mut magic)?;
    file.rewind()?;
    if magic.get(..n) == Some(b"PK\x03\x04") {
        return archive(&name, file, each, 0);
    }
    stream(&name, &name, &mut file, each, 0)
}

fn archive(label: &str, file: impl Read + Seek, each: &mut dyn FnMut(Member) -> io::Result<()>, depth: usize) -> io::Result<()> {
    let mut zip = zip::ZipArchive::new(file)?;
    if zip.index_for_name("[Content_Types].xml").is_some() {
        let mut bytes = Vec::new();
        let mut inner = zip.into_inner();
        inner.rewind()?;
        inner.take(MOST).read_to_end(&mut bytes)?;
        let kind = super::sheet::kind(&bytes);
        return each(Member { label: label.to_owned(), name: label.to_owned(), kind, bytes });
    }
    for i in 0..zip.len() {
        let mut member = zip.by_index(i)?;
        if member.is_dir() {
            continue;
        }
        let (name, _) = decode(member.name_raw());
        let base = name.rsplit(['/', '\\']).next().unwrap_or("").to_owned();
        if base.starts_with('.') || name.starts_with("__MACOSX") {
            continue;
        }
        stream(&format!("{label}!{base}"), &base, &mut member, each, depth)?;
    }
    Ok(())
}

/// One stream; compressed ones are opened, once or twice over.
fn stream(label: &str, name: &str, from: &mut dyn Read, each: &mut dyn FnMut(Member) -> io::Result<()>, depth: usize) -> io::Result<()> {
    let mut bytes = Vec::new();
    from.take(HEAD as u64).read_to_end(&mut bytes)?;
    if bytes.starts_with(b"\x1f\x8b") && depth < 3 {
        let name = name.strip_suffix(".gz").unwrap_or(name);
        let mut inner = flate2::read::MultiGzDecoder::new(Cursor::new(bytes).chain(from));
        return stream(label, name, &mut inner, each, depth + 1);
    }
    if bytes.starts_with(b"PK\x03\x04") && depth < 3 {
        from.take(MOST).read_to_end(&mut bytes)?;
        return archive(label, Cursor::new(bytes), each, depth + 1);
    }
    let kind = kind(name, &bytes);
    // the rest of a member that is no master need not be read, the file that was named is
    if kind.is_some() || !label.contains('!') {
        from.take(MOST).read_to_end(&mut bytes)?;
    }
    each(Member { label: label.to_owned(), name: name.to_owned(), kind, bytes })
}

fn kind(name: &str, head: &[u8]) -> Option<MasterKind> {
    if head.len() >= 4 && head.iter().take(512).filter(|b| **b < 9).count() > 8 && !head.starts_with(b"\xFF\xFE") && !head.starts_with(b"\xFE\xFF") {
        return None;
    }
    // whole lines only: the head may end inside a character
    let whole = if head.len() < HEAD { head.len() } else { head.iter().rposition(|b| *b == b'\n').map_or(head.len(), |i| i + 1) };
    let text = match decode(head.get(..whole).unwrap_or(head)) {
        (text, true) => text,
        // one long line that was cut
        (text, false) if whole == HEAD => text,
        (text, false) if text.chars().filter(|c| *c == '\u{FFFD}').count() * 20 < text.chars().count() => text,
        _ => return None,
    };
    kind::of_text(name, &text)
}

/// Text in UTF-8, UTF-16 with its mark, or CP932; the mark is taken off. `false` when some bytes are no text in it.
pub(super) fn decode(bytes: &[u8]) -> (String, bool) {
    let marked: Option<(&'static Encoding, usize)> = match bytes {
        [0xEF, 0xBB, 0xBF, ..] => Some((encoding_rs::UTF_8, 3)),
        [0xFF, 0xFE, ..] => Some((UTF_16LE, 2)),
        [0xFE, 0xFF, ..] => Some((UTF_16BE, 2)),
        _ => None,
    };
    if let Some((encoding, mark)) = marked {
        let (text, bad) = encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or(&[]));
        return (text.into_owned(), !bad);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), true),
        Err(_) => {
            let (cp932, bad) = SHIFT_JIS.decode_without_bom_handling(bytes);
            if bad {
                // a UTF-8 file with a few broken bytes reads worse as CP932
                let utf8 = String::from_utf8_lossy(bytes);
                let broken = |t: &str| t.chars().filter(|c| *c == '\u{FFFD}').count();
                if broken(&utf8) < broken(&cp932) {
                    return (utf8.into_owned(), false);
                }
            }
            (cp932.into_owned(), !bad)
        }
    }
}

/// What a content looks like, for a reader who gave the wrong file.
pub(super) fn looks_like(member: &Member) -> String {
    if let Some(k) = member.kind {
        return k.title().to_owned();
    }
    let head = member.bytes.get(..HEAD.min(member.bytes.len())).unwrap_or(&[]);
    let kind = match head {
        [] => "an empty file".to_owned(),
        [0x50, 0x4B, ..] => "a workbook with none of the tables' headings".to_owned(),
        [0x25, 0x50, 0x44, 0x46, ..] => "a PDF".to_owned(),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => "an old Excel file (.xls); save it as .xlsx".to_owned(),
        _ if head.iter().take(512).filter(|b| **b < 9).count() > 8 => "binary data".to_owned(),
        _ => {
            let (text, _) = decode(head);
            let line: String = text.trim_start().lines().next().unwrap_or("").chars().take(60).collect();
            format!("text that begins {line:?}")
        }
    };
    if kind.starts_with("text that begins \"<") { kind.replace("text that", "a web page or XML that") } else { kind }
}

/// The date in a file's name: `20240601`, or `250814`.
pub(super) fn date(name: &str) -> String {
    let runs = name.split(|c: char| !c.is_ascii_digit());
    let valid = |y: &str, m: &str, d: &str| {
        let in_range = |s: &str, most: u32| s.parse::<u32>().is_ok_and(|n| (1..=most).contains(&n));
        (("1990".."2100").contains(&y) && in_range(m, 12) && in_range(d, 31)).then(|| format!("{y}-{m}-{d}"))
    };
    let part = |s: &str, a: usize, b: usize| s.get(a..b).unwrap_or("").to_owned();
    let mut short = None;
    for run in runs {
        if run.len() == 8
            && let Some(d) = valid(&part(run, 0, 4), &part(run, 4, 6), &part(run, 6, 8))
        {
            return d;
        }
        if run.len() == 6 && short.is_none() {
            short = valid(&format!("20{}", part(run, 0, 2)), &part(run, 2, 4), &part(run, 4, 6));
        }
    }
    short.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings() {
        // NEC's and IBM's characters of CP932
        let bytes = [0x87, 0x40, 0xFB, 0xFC, 0xED, 0x95, 0xFA, 0xB1];
        assert_eq!(decode(&bytes), ("①髙﨑﨑".to_owned(), true));
        assert_eq!(decode("\u{FEFF}発熱".as_bytes()), ("発熱".to_owned(), true));
        assert_eq!(decode(&[0xFF, 0xFE, 0x7A, 0x76]), ("発".to_owned(), true));
        assert!(!decode(&[b'a', 0xFF, 0xFF]).1);
    }

    #[test]
    fn dates_in_names() {
        assert_eq!(date("b_20240601.txt"), "2024-06-01");
        assert_eq!(date("tp20250814-01_01.xlsx"), "2025-08-14");
        assert_eq!(date("ippanmeishohoumaster_250814.xlsx"), "2025-08-14");
        assert_eq!(date("136jlac10_1.xlsx"), "");
    }
}
