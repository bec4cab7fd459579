//! Bytes of a chart to text: UTF-8, UTF-16, CP932, EUC-JP, named or detected.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::Encoding;
use std::borrow::Cow;

/// Why bytes could not be read as text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The label names no encoding of the WHATWG standard.
    #[error("unknown encoding {0:?}; expected for example utf-8, cp932, shift_jis, euc-jp, iso-2022-jp, utf-16le")]
    UnknownLabel(String),
    /// The bytes are not valid in the encoding named or detected.
    #[error("byte {offset} (0x{byte:02X}) is not valid {encoding}")]
    Malformed {
        /// Name of the encoding tried.
        encoding: &'static str,
        /// Offset of the first byte that is wrong.
        offset: usize,
        /// That byte.
        byte: u8,
    },
}

/// Reads `bytes` as text. `label` is an encoding's name (`cp932`, `euc-jp`, `utf-8` …); without one it is detected.
///
/// A byte order mark decides over both and is taken off.
///
/// # Errors
/// [`DecodeError`] when the label is unknown or the bytes are not valid in the encoding.
///
/// ```
/// use karuta::note::decode;
/// assert_eq!(decode(b"\x94\xAD\x94M39.2", None).unwrap(), "発熱39.2"); // CP932, detected
/// assert_eq!(decode(b"\xC8\xAF\xC7\xAE", Some("euc-jp")).unwrap(), "発熱");
/// assert!(decode(b"\xFF\xFF\xFF", Some("utf-8")).is_err());
/// ```
pub fn decode<'a>(bytes: &'a [u8], label: Option<&str>) -> Result<Cow<'a, str>, DecodeError> {
    if let Some((encoding, bom)) = Encoding::for_bom(bytes) {
        return strict(encoding, bytes.get(bom..).unwrap_or(&[]), bom);
    }
    match label {
        Some(label) => strict(find(label)?, bytes, 0),
        None => match std::str::from_utf8(bytes) {
            Ok(s) => Ok(Cow::Borrowed(s)),
            Err(e) => {
                let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
                detector.feed(bytes, true);
                let guess = detector.guess(Some(b"jp"), Utf8Detection::Deny);
                // Only what Japanese charts are written in; else the truth is that it is broken UTF-8.
                let japanese = [encoding_rs::SHIFT_JIS, encoding_rs::EUC_JP, encoding_rs::ISO_2022_JP];
                if japanese.contains(&guess)
                    && let Ok(text) = strict(guess, bytes, 0)
                {
                    return Ok(text);
                }
                Err(malformed("UTF-8", bytes, e.valid_up_to(), 0))
            }
        },
    }
}

fn find(label: &str) -> Result<&'static Encoding, DecodeError> {
    let l = label.trim().to_ascii_lowercase();
    let known = match l.as_str() {
        "cp932" | "ms932" | "windows-31j" | "sjis" | "x-sjis" => "shift_jis",
        "eucjp" | "euc_jp" | "cp51932" => "euc-jp",
        "utf8" => "utf-8",
        other => other,
    };
    Encoding::for_label(known.as_bytes()).ok_or_else(|| DecodeError::UnknownLabel(label.to_owned()))
}

fn strict<'a>(encoding: &'static Encoding, bytes: &'a [u8], skipped: usize) -> Result<Cow<'a, str>, DecodeError> {
    if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(bytes) {
        return Ok(text);
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut sink = vec![0u8; 4096];
    let mut at = 0;
    loop {
        let rest = bytes.get(at..).unwrap_or(&[]);
        let (result, read, _) = decoder.decode_to_utf8_without_replacement(rest, &mut sink, true);
        at += read;
        match result {
            encoding_rs::DecoderResult::Malformed(len, after) => {
                let bad = at.saturating_sub(usize::from(len) + usize::from(after));
                return Err(malformed(encoding.name(), bytes, bad, skipped));
            }
            encoding_rs::DecoderResult::OutputFull => {}
            encoding_rs::DecoderResult::InputEmpty => return Err(malformed(encoding.name(), bytes, at, skipped)),
        }
    }
}

fn malformed(encoding: &'static str, bytes: &[u8], offset: usize, skipped: usize) -> DecodeError {
    DecodeError::Malformed { encoding, offset: offset + skipped, byte: bytes.get(offset).copied().unwrap_or(0) }
}
