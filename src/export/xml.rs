//! XML text: what must be escaped, and what XML 1.0 cannot hold at all.

/// Escapes text for content and for double-quoted attributes. Characters that XML 1.0 forbids (controls, U+FFFE,
/// U+FFFF) become U+FFFD each, so that offsets in code points and in UTF-16 units stay as they are.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // a parser would make these a space (in attributes) or a line feed
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\u{0}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}

/// The same for content alone, where line breaks stay readable. A carriage return is kept as a reference.
pub(crate) fn content(text: &str) -> String {
    escape(text).replace("&#10;", "\n").replace("&#9;", "\t")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_text_is_markup() {
        assert_eq!(escape("a<b>&\"'\r\n\u{1}\u{1F321}"), "a&lt;b&gt;&amp;&quot;'&#13;&#10;\u{FFFD}\u{1F321}");
        assert_eq!(content("a\n\tb\r"), "a\n\tb&#13;");
    }
}
