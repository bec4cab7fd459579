//! Whether 5/4 is a date here, or a fraction, a score, a dose, a muscle grade.

use super::date::Read;
use super::expression::{Month, Written};
use crate::recognize::Context;
use crate::text::{char_at, char_before, from, sub};

/// Whether the two numbers that `read` holds, from `at`, are a date. `dated` when a date was told before in the note.
pub(super) fn is_date(ctx: &Context<'_>, at: usize, read: &Read, dated: bool) -> bool {
    let Written { month: Month::Number(month), day: Some(day), .. } = read.date else { return false };
    let before = sub(ctx.folded, ctx.start.max(at.saturating_sub(48)), at);
    let before = if before.is_empty() { sub_back(ctx.folded, ctx.start, at) } else { before };
    let lead = before.trim_end_matches([' ', ':', '=', '(', 'は', 'が', 'に', 'て', 'で', '、']);
    let after = from(ctx.folded, read.end);
    let clocked = after.trim_start().starts_with(|c: char| c.is_ascii_digit()) && (after.trim_start().chars().take(3).any(|c| c == ':' || c == '時'));
    if read.until.is_some() || clocked {
        return true;
    }
    let open = ["より", "から", "~", "まで", "以降", "付", "時点"].iter().any(|w| after.starts_with(w));
    let said_before = |text: &str| ctx.lexicon.fraction_words(true).iter().any(|w| text.ends_with(w.as_str()) && stands(text, w));
    if ctx.lexicon.fraction_words(false).iter().any(|w| after.trim_start_matches([' ', 'の']).starts_with(w.as_str()) && closes(after, w)) && !after.starts_with("まで") {
        return false;
    }
    if !open && (said_before(lead) || said_before(before)) {
        return false;
    }
    let prev = char_before(ctx.text, at).filter(|_| at > ctx.start);
    if prev.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '+' | '%' | '×' | '^')) {
        return false;
    }
    // "tri 5/5, bi 5/5": after a word in letters only what a date is followed by
    let letters = lead.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    // 65kg 10/13: the letters are a unit
    let worded = letters.len() < lead.len() && !letters.ends_with(|c: char| c.is_ascii_digit() || c == '/') && before.ends_with([' ', ':', '(']);
    let next = char_at(ctx.text, read.end);
    let particle = after.starts_with(['に', 'の', 'も', 'は']) || open;
    let opens_line = prev.is_none() && ctx.opens_line(at);
    if worded && !(particle || dated && next.is_some_and(|c| !c.is_ascii())) {
        return false;
    }
    if next.is_some_and(|c| c.is_ascii_lowercase()) {
        return false;
    }
    // halves, thirds, quarters, tenths and fifths are fractions more often than days
    let fraction = matches!((month, day), (1, 2..=4) | (2, 3) | (3, 4) | (1..=9, 10) | (1..=5, 5) | (2..=4, 6));
    !fraction || dated || opens_line || particle || next.is_some_and(|c| matches!(c, ' ' | ')' | '入' | '退' | '受' | '手' | '開' | '緊' | '予'))
}

/// `before` of a sentence shorter than the window that was cut inside a character.
fn sub_back(text: &str, start: usize, at: usize) -> &str {
    let mut from = start.max(at.saturating_sub(45));
    while from < at && !text.is_char_boundary(from) {
        from += 1;
    }
    sub(text, from, at)
}

/// A word in letters is not the tail of another: AS, but not in GAS.
fn stands(text: &str, word: &str) -> bool {
    if !word.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return true;
    }
    let rest = sub(text, 0, text.len() - word.len());
    !rest.ends_with(|c: char| c.is_ascii_alphabetic())
}

/// A unit in letters is not the head of another word: T, but not Tel.
fn closes(after: &str, word: &str) -> bool {
    if !word.ends_with(|c: char| c.is_ascii_alphabetic()) {
        return true;
    }
    let rest = from(after.trim_start_matches([' ', 'の']), word.len());
    !after.starts_with(' ') && !rest.starts_with(|c: char| c.is_ascii_alphabetic())
}
