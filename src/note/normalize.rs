//! Normalisation with a map back to the original.
//!
//! The normalised text is what every later stage reads: full-width ASCII, half-width kana, squared
//! units (㎎), Roman numerals (Ⅱ), dash and tilde variants are folded. Each byte of it knows the
//! grapheme cluster of the original that it came from, so that a span found in the normalised text
//! always lands on grapheme boundaries of the text as written.

use crate::text::{byte, char_at, is_hiragana, is_kanji, is_katakana, sub, to_u32};
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// A text with its normalised and its folded form, and the map between them.
///
/// `text()` keeps the case of letters; `folded()` has the same byte length, in lower case and with
/// variant kanji (頚/頸) made one, and is what the lexicon is matched against.
#[derive(Debug, Default, Clone)]
pub struct Normalized {
    text: String,
    folded: String,
    /// For each byte of `text`, the byte offset in the original of the cluster it came from; one more at the end.
    map: Vec<u32>,
    /// The last character was a subscript digit.
    subscript: bool,
}

impl Normalized {
    /// Normalises `original`.
    ///
    /// ```
    /// use karuta::note::Normalized;
    /// let n = Normalized::new("ＢＴ３９．２℃、ｶﾞｰｾﾞ ５㎎");
    /// assert_eq!(n.text(), "BT39.2℃、ガーゼ 5mg");
    /// let at = n.text().find("ガーゼ").unwrap();
    /// assert_eq!(n.original_span(at, at + "ガーゼ".len()), (24, 39));
    /// assert_eq!(Normalized::new("SpO₂97%").text(), "SpO2 97%");
    /// ```
    pub fn new(original: &str) -> Self {
        let mut n = Self::default();
        n.set(original);
        n
    }

    /// Normalises `original` into this buffer, keeping its allocations.
    pub fn set(&mut self, original: &str) {
        self.text.clear();
        self.folded.clear();
        self.map.clear();
        self.subscript = false;
        self.text.reserve(original.len());
        self.map.reserve(original.len() + 1);
        let mut at = 0;
        let mut ahead = char_at(original, 0);
        while let Some(c) = ahead {
            let next = at + c.len_utf8();
            if is_simple(c) {
                let following = char_at(original, next);
                if following.is_none_or(is_simple) {
                    self.push_simple(c, at);
                    (at, ahead) = (next, following);
                    continue;
                }
            }
            // A run that may hold clusters of several characters: up to the first of two simple ones.
            let mut end = next;
            let mut last_simple = is_simple(c);
            while let Some(d) = char_at(original, end) {
                let simple = is_simple(d);
                if simple && last_simple {
                    break;
                }
                last_simple = simple;
                end += d.len_utf8();
            }
            for g in sub(original, at, end).graphemes(true) {
                self.push_cluster(g, at);
                at += g.len();
            }
            ahead = char_at(original, at);
        }
        self.map.push(to_u32(original.len()));
        self.fix_dashes();
        self.fix_kana();
        self.folded.push_str(&self.text);
        fold_in_place(&mut self.folded);
    }

    /// The normalised text, letters in their case.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The normalised text in lower case with variant kanji made one; byte offsets equal those of [`Self::text`].
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// The byte span of the original that the bytes `start..end` of the normalised text came from, on grapheme boundaries.
    pub fn original_span(&self, start: usize, end: usize) -> (usize, usize) {
        let at = |i: usize| self.map.get(i).or(self.map.last()).map_or(0, |&x| x as usize);
        let s = at(start);
        if end <= start {
            return (s, s);
        }
        let last = at(end - 1);
        let mut e = end;
        while e + 1 < self.map.len() && at(e) == last {
            e += 1;
        }
        (s, at(e).max(s))
    }

    /// The byte offset in the normalised text of the first cluster at or after byte `offset` of the original.
    pub fn normalized_offset(&self, offset: usize) -> usize {
        let o = to_u32(offset);
        self.map.partition_point(|&x| x < o).min(self.text.len())
    }

    fn push(&mut self, c: char, from: usize) {
        self.text.push(c);
        let from = to_u32(from);
        match c.len_utf8() {
            1 => self.map.push(from),
            3 => self.map.extend_from_slice(&[from; 3]),
            n => self.map.extend(std::iter::repeat_n(from, n)),
        }
    }

    fn push_str(&mut self, s: &str, from: usize) {
        self.text.push_str(s);
        let from = to_u32(from);
        self.map.extend(std::iter::repeat_n(from, s.len()));
    }

    fn push_simple(&mut self, c: char, at: usize) {
        self.part_subscript(c, at);
        let c = match c {
            '\u{FF01}'..='\u{FF5D}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
            '\u{FF5E}' | '\u{301C}' => '~',
            '\u{3000}' => ' ',
            _ => c,
        };
        self.push(c, at);
    }

    /// SpO₂97 is SpO2 97.
    fn part_subscript(&mut self, next: char, at: usize) {
        if std::mem::take(&mut self.subscript) && matches!(next, '0'..='9' | '０'..='９') {
            self.push(' ', at);
        }
    }

    fn push_cluster(&mut self, cluster: &str, at: usize) {
        let mut chars = cluster.chars();
        let (Some(c), rest) = (chars.next(), chars.as_str()) else { return };
        self.part_subscript(c, at);
        if rest.is_empty() {
            match c {
                '\u{FF01}'..='\u{FF60}' | '\u{3000}' | '\u{301C}' => return self.push_simple(c, at),
                '\r' => return self.push('\n', at),
                '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' => return self.push(' ', at),
                '\u{200B}' | '\u{FEFF}' | '\u{2060}' | '\u{AD}' => return, // invisible: no text
                '\u{2028}' | '\u{2029}' | '\u{85}' | '\u{B}' | '\u{C}' => return self.push('\n', at),
                '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE63}' | '\u{2500}' | '\u{2501}' | '\u{207B}' | '\u{208B}' => return self.push('-', at),
                '\u{223C}' | '\u{2DC}' | '\u{2053}' => return self.push('~', at),
                '≦' | '≤' | '⩽' => return self.push_str("<=", at),
                '≧' | '≥' | '⩾' => return self.push_str(">=", at),
                '\u{B5}' => return self.push('μ', at),
                '➡' | '⇒' | '⟶' | '➔' | '➜' | '⇨' => return self.push('→', at),
                '⇑' | '⇧' | '↗' | '⬆' => return self.push('↑', at),
                '⇓' | '⇩' | '↘' | '⬇' => return self.push('↓', at),
                '“' | '”' | '〝' | '〟' => return self.push('"', at),
                '‘' | '’' | '′' => return self.push('\'', at),
                '➕' | '﹢' | '⁺' | '₊' => return self.push('+', at),
                '✕' | '✖' | '⨯' => return self.push('×', at),
                '℃' | '℉' | '…' | '\u{2460}'..='\u{24FF}' | '\u{2776}'..='\u{2793}' => return self.push(c, at),
                // 10³ is 10^3, but m² is m2
                '\u{00B2}' | '\u{00B3}' | '\u{00B9}' | '\u{2070}' | '\u{2074}'..='\u{2079}' if self.text.ends_with(|p: char| p.is_ascii_digit()) => {
                    self.push('^', at);
                }
                _ => {}
            }
        } else if cluster == "\r\n" {
            return self.push('\n', at);
        }
        self.subscript = matches!(c, '\u{2080}'..='\u{2089}');
        for d in cluster.nfkc() {
            let d = match d {
                '\u{2044}' => '/',
                '\u{2212}' | '\u{2010}'..='\u{2015}' => '-',
                '\u{B5}' => 'μ',
                '\u{A0}' => ' ',
                d => d,
            };
            self.push(d, at);
        }
    }

    /// へ, べ, ぺ between katakana are meant as katakana: イルべサルタン looks the same in either.
    fn fix_kana(&mut self) {
        if !self.text.contains(['へ', 'べ', 'ぺ']) {
            return;
        }
        let mut edits: Vec<(usize, char)> = Vec::new();
        for (at, c) in self.text.match_indices(['へ', 'べ', 'ぺ']) {
            let beside = |d: Option<char>| d.is_some_and(|d| matches!(d, 'ァ'..='ヺ' | 'ー'));
            if beside(crate::text::char_before(&self.text, at)) && beside(char_at(&self.text, at + c.len())) {
                edits.push((
                    at,
                    if c == "へ" {
                        'ヘ'
                    } else if c == "べ" {
                        'ベ'
                    } else {
                        'ペ'
                    },
                ));
            }
        }
        if edits.is_empty() {
            return;
        }
        // either form has three bytes, so that the map stays
        let (mut text, mut from) = (String::with_capacity(self.text.len()), 0);
        for (at, c) in edits {
            text.push_str(sub(&self.text, from, at));
            text.push(c);
            from = at + c.len_utf8();
        }
        text.push_str(sub(&self.text, from, self.text.len()));
        self.text = text;
    }

    /// ー and 一 that stand for a minus: （ー）, 5ー6.
    fn fix_dashes(&mut self) {
        if !self.text.contains(['ー', '一']) {
            return;
        }
        let mut at = 0;
        let mut edits: Vec<(usize, usize)> = Vec::new();
        let mut prev = '\0';
        while let Some(c) = char_at(&self.text, at) {
            let end = at + c.len_utf8();
            if c == 'ー' || c == '一' {
                let next = char_at(&self.text, end).unwrap_or('\0');
                let minus = (prev == '(' && next == ')') || (c == 'ー' && prev.is_ascii_digit() && next.is_ascii_digit());
                if minus {
                    edits.push((at, end));
                }
            }
            prev = c;
            at = end;
        }
        if edits.is_empty() {
            return;
        }
        let (mut text, mut map, mut from) = (String::with_capacity(self.text.len()), Vec::with_capacity(self.map.len()), 0);
        for (s, e) in edits {
            text.push_str(sub(&self.text, from, s));
            map.extend_from_slice(self.map.get(from..s).unwrap_or(&[]));
            text.push('-');
            map.extend(self.map.get(s).copied());
            from = e;
        }
        text.push_str(sub(&self.text, from, self.text.len()));
        map.extend_from_slice(self.map.get(from..).unwrap_or(&[]));
        self.text = text;
        self.map = map;
    }
}

/// Characters that are grapheme clusters of their own wherever they stand beside one another.
fn is_simple(c: char) -> bool {
    matches!(c, ' '..='~' | '\n' | '\t' | '\u{3000}'..='\u{3029}' | '\u{3030}'..='\u{3096}' | '\u{309B}'..='\u{30FF}' | '\u{4E00}'..='\u{9FFF}' | '\u{FF01}'..='\u{FF60}')
}

/// Lower-cases ASCII and Greek and maps variant kanji to one form, byte lengths unchanged.
pub fn fold_in_place(s: &mut String) {
    s.make_ascii_lowercase();
    if let Some((first, _)) = s.char_indices().find(|(_, c)| variant(*c) != *c) {
        let tail: String = crate::text::from(s, first).chars().map(variant).collect();
        s.truncate(first);
        s.push_str(&tail);
    }
}

/// The normalised and folded form of a dictionary entry or a query.
///
/// ```
/// assert_eq!(karuta::note::fold("ＢＴ"), "bt");
/// assert_eq!(karuta::note::fold("頚椎症"), karuta::note::fold("頸椎症"));
/// ```
pub fn fold(s: &str) -> String {
    Normalized::new(s).folded
}

/// One character of the folded form.
pub(super) fn fold_char(c: char) -> char {
    variant(c.to_ascii_lowercase())
}

/// One form for kanji that charts write in several; every pair has the same UTF-8 length.
fn variant(c: char) -> char {
    // what most of a chart is written with
    if c.is_ascii() || matches!(c, '\u{3000}'..='\u{4FFF}') {
        return c;
    }
    match c {
        '頚' => '頸',
        '嚢' => '囊',
        '繊' => '線',
        '彎' => '弯',
        '痲' => '麻',
        '瘙' => '掻',
        '搔' => '掻',
        '臈' => '臘',
        '鼡' => '鼠',
        '蹊' => '径',
        '剝' => '剥',
        '頰' => '頬',
        '嚙' => '噛',
        '塡' => '填',
        '吞' => '呑',
        '蠟' => '蝋',
        '顚' => '顛',
        '鹸' => '鹼',
        '麴' => '麹',
        '靱' => '靭',
        'Α'..='Ω' => char::from_u32(c as u32 + 32).unwrap_or(c),
        _ => c,
    }
}

impl Normalized {
    /// Takes out the line breaks that only wrap prose, so that a term broken over two lines is one again.
    ///
    /// A break is a wrap when the next line goes on in the middle of a word or clause: it starts with
    /// hiragana, or the line ends with a comma or a particle after thirty characters, or several lines
    /// share the same full width without closing punctuation.
    pub(crate) fn join_wrapped_lines(&mut self) {
        let mut lines: Vec<(usize, usize, usize)> = Vec::new(); // start, end, characters
        let mut at = 0;
        for line in self.text.split('\n') {
            lines.push((at, at + line.len(), line.chars().count()));
            at += line.len() + 1;
        }
        if lines.len() < 2 {
            return;
        }
        let open = |s: &str| s.chars().next_back().is_some_and(|c| is_hiragana(c) || is_katakana(c) || is_kanji(c) || c == '、' || c == ',');
        let full = lines.iter().filter(|l| open(sub(&self.text, l.0, l.1))).map(|l| l.2).max().unwrap_or(0);
        let at_full = lines.iter().filter(|l| l.2 + 2 >= full && open(sub(&self.text, l.0, l.1))).count();
        let mut cut: Vec<usize> = Vec::new();
        for pair in lines.windows(2) {
            let [(a, b, width), (c, d, _)] = pair else { continue };
            let (line, next) = (sub(&self.text, *a, *b), sub(&self.text, *c, *d));
            if *width < 18 || !open(line) || line.starts_with(['#', '|', '<', '【', '・', '-', '*']) {
                continue;
            }
            let (Some(last), Some(first)) = (line.chars().next_back(), next.trim_start_matches(' ').chars().next()) else { continue };
            let word = |c: char| is_hiragana(c) || is_katakana(c) || is_kanji(c);
            let goes_on = (is_hiragana(first) && !STARTERS.iter().any(|s| next.trim_start().starts_with(s)))
                || (matches!(last, '、' | ',') && word(first))
                || (*width >= 30 && word(first) && matches!(last, 'を' | 'に' | 'が' | 'の' | 'と' | 'は' | 'で' | 'へ' | 'も' | 'や' | 'て'))
                || (full >= 30 && at_full >= 3 && *width + 2 >= full && word(first));
            if goes_on {
                cut.push(*b);
            }
        }
        if cut.is_empty() {
            return;
        }
        let (mut text, mut map, mut from) = (String::with_capacity(self.text.len()), Vec::with_capacity(self.map.len()), 0);
        for c in cut {
            text.push_str(sub(&self.text, from, c));
            map.extend_from_slice(self.map.get(from..c).unwrap_or(&[]));
            from = c + 1;
            while byte(&self.text, from) == b' ' {
                from += 1;
            }
        }
        text.push_str(sub(&self.text, from, self.text.len()));
        map.extend_from_slice(self.map.get(from..).unwrap_or(&[]));
        self.text = text;
        self.map = map;
        self.folded.clear();
        self.folded.push_str(&self.text);
        fold_in_place(&mut self.folded);
    }
}

/// Words that open a sentence of their own although they are hiragana.
const STARTERS: &[&str] = &[
    "また",
    "なお",
    "その",
    "この",
    "これ",
    "それ",
    "さらに",
    "しかし",
    "ただ",
    "まず",
    "あり",
    "なし",
    "ほか",
    "いずれ",
    "どちら",
    "おそらく",
    "ほぼ",
    "やや",
    "めまい",
    "ふらつき",
    "むくみ",
    "しびれ",
    "かゆみ",
];
