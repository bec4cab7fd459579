//! A note cut into what a model is given at a time.

use super::config::ModelConfig;
use super::tokens::{TextTokenizer, Token};
use crate::model::{Assertion, Fact, FactKind};
use crate::text::sub;

/// Tokens that a model is given at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Window {
    /// Their numbers, the special ones included.
    pub ids: Vec<u32>,
    /// Their types; empty where the model has none.
    pub types: Vec<u32>,
    /// The bytes of the text that each came from; nothing for special ones.
    pub from: Vec<Option<(usize, usize)>>,
    /// Tokens at the start and at the end that another window sees with more around them, and tells.
    pub unsure: (usize, usize),
}

/// Marks that a long line is cut after.
const STOPS: [char; 6] = ['。', '．', '!', '?', '！', '？'];

/// How many tokens two windows over one long line share.
const OVERLAP: usize = 32;

/// Cuts notes into windows.
#[derive(Debug)]
pub struct Cutter {
    most: usize,
    /// Whether whole lines are packed together.
    packed: bool,
    /// Whether the types of tokens tell what the rules found.
    typed: bool,
}

impl Cutter {
    /// What a model's configuration says of its input.
    pub fn new(config: &ModelConfig) -> Self {
        let k = &config.karuta;
        let packed = match k.input.as_deref() {
            Some(input) => input == "lines",
            None => k.tokenizer.is_some() || k.types.is_some(),
        };
        Self { most: config.window(), packed, typed: k.types.is_some() }
    }

    /// The windows of a note. `facts` are what the rules found in it, with offsets in bytes.
    pub fn windows(&self, tokenizer: &TextTokenizer, text: &str, facts: &[Fact]) -> Vec<Window> {
        let mut out = Vec::new();
        if self.packed {
            self.pack(tokenizer, text, &mut out)
        } else {
            self.each(tokenizer, text, &mut out)
        }
        if self.typed {
            let types = types(text, facts);
            for w in &mut out {
                w.types = w.from.iter().map(|f| f.and_then(|f| types.get(f.0)).copied().map_or(0, u32::from)).collect();
            }
        }
        out
    }

    /// Each line alone; a long one in windows that overlap.
    fn each(&self, tokenizer: &TextTokenizer, text: &str, out: &mut Vec<Window>) {
        let frame = tokenizer.frame();
        let room = self.most.saturating_sub(frame.before.len() + frame.after.len()).max(1);
        for (start, end) in lines(text) {
            let tokens = tokenizer.tokens(sub(text, start, end));
            let overlap = OVERLAP.min(room / 4);
            let mut at = 0;
            while at < tokens.len() {
                let to = (at + room).min(tokens.len());
                let mut w = Window::default();
                w.special(&frame.before);
                w.text(tokens.get(at..to).unwrap_or(&[]), start);
                w.special(&frame.after);
                let more = to < tokens.len();
                w.unsure = (if at > 0 { overlap / 2 } else { 0 }, if more { overlap - overlap / 2 } else { 0 });
                out.push(w);
                at = if more { to - overlap } else { to };
            }
        }
    }

    /// Whole lines, packed greedily, each with the closing token after it.
    fn pack(&self, tokenizer: &TextTokenizer, text: &str, out: &mut Vec<Window>) {
        let frame = tokenizer.frame();
        let room = self.most.saturating_sub(2).max(1);
        let mut now = Window::default();
        now.special(&frame.before);
        let empty = now.ids.len();
        for (start, end) in lines(text) {
            for (from, to) in parts(text, start, end, room) {
                let mut row = tokenizer.tokens(sub(text, from, to));
                row.truncate(room);
                if row.is_empty() {
                    continue;
                }
                if now.ids.len() > empty && now.ids.len() + row.len() + frame.after.len() > self.most {
                    out.push(std::mem::take(&mut now));
                    now.special(&frame.before);
                }
                now.text(&row, from);
                now.special(&frame.after);
            }
        }
        if now.ids.len() > empty {
            out.push(now);
        }
    }
}

impl Window {
    fn special(&mut self, ids: &[u32]) {
        self.ids.extend_from_slice(ids);
        self.from.resize(self.ids.len(), None);
    }

    fn text(&mut self, tokens: &[Token], offset: usize) {
        self.ids.extend(tokens.iter().map(|t| t.id));
        self.from.extend(tokens.iter().map(|t| Some((t.start + offset, t.end + offset))));
    }
}

/// The lines of a text with their ends, as Python's `splitlines` finds them.
fn lines(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at;
        let rest = crate::text::from(text, start);
        if rest.is_empty() {
            return None;
        }
        let mut chars = rest.char_indices().peekable();
        while let Some((i, c)) = chars.next() {
            if matches!(c, '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{1C}'..='\u{1E}' | '\u{85}' | '\u{2028}' | '\u{2029}') {
                let mut end = start + i + c.len_utf8();
                if c == '\r' && matches!(chars.peek(), Some((_, '\n'))) {
                    end += 1;
                }
                at = end;
                return Some((start, end));
            }
        }
        at = text.len();
        Some((start, at))
    })
}

/// A line in parts of `room` characters at most, cut after a full stop where one stands, else where it must be.
fn parts(text: &str, start: usize, end: usize, room: usize) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut at = start;
    loop {
        // where the part would have to end, and the last stop before
        let (mut must, mut stop) = (None, None);
        for (n, (i, c)) in sub(text, at, end).char_indices().enumerate() {
            if n == room {
                must = Some(at + i);
                break;
            }
            if STOPS.contains(&c) {
                stop = Some(at + i + c.len_utf8());
            }
        }
        let Some(must) = must else { break };
        let cut = stop.unwrap_or(must);
        out.push((at, cut));
        at = cut;
    }
    out.push((at, end));
    out
}

/// What the rules found, one number for each byte of the text. A model that is given it was trained with these numbers.
fn types(text: &str, facts: &[Fact]) -> Vec<u8> {
    let mut out = vec![0u8; text.len()];
    let mut fill = |start: usize, end: usize, n: u8| {
        if let Some(bytes) = out.get_mut(start..end.max(start)) {
            bytes.fill(n);
        }
    };
    let stated = || facts.iter().filter(|f| f.from.is_empty());
    for f in stated() {
        let n = match f.kind {
            FactKind::Disorder | FactKind::Finding => continue,
            FactKind::Lab | FactKind::Vital | FactKind::Score => 10,
            FactKind::Medication => 11,
            FactKind::Procedure => 12,
            FactKind::Time => 13,
            FactKind::Allergy | FactKind::Lifestyle | FactKind::Preference => 14,
        };
        fill(f.start, f.end, n);
    }
    for f in stated().filter(|f| matches!(f.kind, FactKind::Disorder | FactKind::Finding)) {
        let n = match f.assertion {
            Assertion::Present => 1,
            Assertion::Absent => 4,
            Assertion::Possible | Assertion::Conditional | Assertion::Planned => 7,
        };
        let (start, end) = core(f);
        let (start, end) = (start.max(f.start), end.min(f.end));
        fill(f.start, f.end, n);
        fill(start, end, n + 2);
        let first = crate::text::char_at(text, start).map_or(0, char::len_utf8);
        if start < end {
            fill(start, start + first, n + 1);
        }
    }
    out
}

/// The part of a condition that a term or a head of the dictionaries named.
pub(super) fn core(f: &Fact) -> (usize, usize) {
    let named = |r: &str| ["term:", "term.", "head."].iter().any(|p| r.starts_with(p));
    f.because.iter().find(|b| named(&b.rule)).and_then(|b| b.spans.first().copied()).unwrap_or((f.start, f.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_where_python_ends_them() {
        let text = "あ\r\nい\rう\n\nえ";
        let found: Vec<&str> = lines(text).map(|(s, e)| &text[s..e]).collect();
        assert_eq!(found, ["あ\r\n", "い\r", "う\n", "\n", "え"]);
    }

    #[test]
    fn a_long_line_is_cut_after_a_full_stop() {
        let text = "発熱。咳嗽。頭痛なし。";
        let found: Vec<&str> = parts(text, 0, text.len(), 7).into_iter().map(|(s, e)| &text[s..e]).collect();
        assert_eq!(found, ["発熱。咳嗽。", "頭痛なし。"]);
        assert_eq!(parts("発熱咳嗽頭痛", 0, 18, 4), [(0, 12), (12, 18)]);
    }
}
