//! JSON as vendors write it.

use serde_json::Value;

/// Reads JSON; the lone surrogates that some vendors write (`\ud83d` without its pair) become U+FFFD.
///
/// # Errors
/// When the line is no JSON.
pub fn parse_json(line: &str) -> Result<Value, serde_json::Error> {
    match serde_json::from_str(line) {
        Err(e) if line.contains("\\u") && e.is_syntax() => match serde_json::from_str(&mend_surrogates(line)) {
            Ok(v) => Ok(v),
            Err(_) => Err(e),
        },
        other => other,
    }
}

fn mend_surrogates(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    let unit = |s: &str| -> Option<u32> { s.strip_prefix("\\u").and_then(|h| h.get(..4)).and_then(|h| u32::from_str_radix(h, 16).ok()) };
    while let Some(i) = rest.find('\\') {
        let (head, tail) = rest.split_at(i);
        out.push_str(head);
        let take = match unit(tail) {
            Some(0xD800..=0xDBFF) if unit(crate::text::from(tail, 6)).is_some_and(|l| (0xDC00..=0xDFFF).contains(&l)) => 12,
            Some(0xD800..=0xDFFF) => {
                out.push_str("\\uFFFD");
                rest = crate::text::from(tail, 6);
                continue;
            }
            _ => 1 + crate::text::char_at(tail, 1).map_or(0, char::len_utf8),
        };
        out.push_str(crate::text::sub(tail, 0, take));
        rest = crate::text::from(tail, take);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lone_surrogates_are_mended() {
        let v = parse_json(r#"{"text":"熱\ud83dあり\ud83d\ude00\\u"}"#).unwrap();
        assert_eq!(v["text"], "熱\u{FFFD}あり😀\\u");
        assert!(parse_json(r#"{"text":"#).is_err());
    }
}
