//! Matching a normalised text against every pack at once.

use super::compile::format::{ConceptKind, FLAG_CASED};
use super::{ConceptRef, Lexicon, Pack};
use crate::note::Normalized;
use crate::text::{char_at, char_before, from, is_katakana, sub, to_u32};

/// A surface of the lexicon found in a text: bytes of the normalised text, the concept, how it is linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// The concept.
    pub concept: ConceptRef,
    /// Its kind.
    pub kind: ConceptKind,
    /// Flags of the link: alias, ambiguous, cased, under a heading only.
    pub flags: u32,
}

impl Hit {
    /// First byte as an index.
    pub const fn s(&self) -> usize {
        self.start as usize
    }

    /// End as an index.
    pub const fn e(&self) -> usize {
        self.end as usize
    }

    /// Length in bytes.
    pub const fn len(&self) -> usize {
        (self.end - self.start) as usize
    }

    /// Never true: a surface has at least one byte.
    pub const fn is_empty(&self) -> bool {
        self.end == self.start
    }
}

/// The links of a pack decoded for scanning.
#[derive(Debug)]
pub(super) struct LinkTable {
    /// For each surface, the end of its links.
    ends: Vec<u32>,
    links: Vec<(u32, u32, ConceptKind)>,
}

impl LinkTable {
    pub(super) fn new(pack: &Pack) -> Self {
        let (mut ends, mut links) = (Vec::with_capacity(pack.surfaces()), Vec::with_capacity(pack.surfaces()));
        for s in 0..to_u32(pack.surfaces()) {
            for l in pack.links(s) {
                links.push((l.concept, l.flags, pack.concept(l.concept).map_or(ConceptKind::Stop, |c| c.kind())));
            }
            ends.push(to_u32(links.len()));
        }
        Self { ends, links }
    }

    fn of(&self, surface: u32) -> &[(u32, u32, ConceptKind)] {
        let s = surface as usize;
        let start = s.checked_sub(1).and_then(|p| self.ends.get(p)).copied().unwrap_or(0);
        self.links.get(start as usize..self.ends.get(s).copied().unwrap_or(start) as usize).unwrap_or(&[])
    }
}

impl Lexicon {
    /// Every hit in `text`, by start and then the longest first. Kinds that are tables only (sections, rules) are left out.
    pub fn scan(&self, text: &Normalized, out: &mut Vec<Hit>) {
        out.clear();
        let (plain, folded) = (text.text(), text.folded());
        for (i, pack) in self.packs.iter().enumerate().rev() {
            let (Some(table), Ok(n)) = (self.links.get(i), u8::try_from(i)) else { continue };
            for (start, end, surface) in pack.scan(folded) {
                let links = table.of(surface);
                if links.iter().all(|l| matches!(l.2, ConceptKind::Section | ConceptKind::Ambiguity)) || !boundaries_hold(plain, start, end) {
                    continue;
                }
                for (k, (concept, flags, kind)) in links.iter().enumerate() {
                    if matches!(kind, ConceptKind::Section | ConceptKind::Ambiguity) {
                        continue;
                    }
                    if flags & FLAG_CASED != 0 && pack.links(surface).nth(k).is_some_and(|l| l.cased != sub(plain, start, end)) {
                        continue;
                    }
                    out.push(Hit { start: to_u32(start), end: to_u32(end), concept: ConceptRef { pack: n, index: *concept }, kind: *kind, flags: *flags });
                }
            }
        }
        // stable: at one place the preferred layer and the table's order stay in front
        out.sort_by_key(|h| (h.start, std::cmp::Reverse(h.end)));
    }
}

/// Whether `start..end` may be a word of its own judging by the characters around it: letters do not go on
/// into letters, nor katakana into katakana.
///
/// ```
/// use karuta::lexicon::boundaries_hold;
/// assert!(boundaries_hold("WBC10200", 0, 3));
/// assert!(!boundaries_hold("HTLV", 0, 2));
/// assert!(!boundaries_hold("ガンマナイフ", 0, 6));
/// ```
pub fn boundaries_hold(text: &str, start: usize, end: usize) -> bool {
    let (Some(first), Some(last)) = (char_at(text, start), char_before(text, end)) else { return false };
    let (before, after) = (char_before(text, start).unwrap_or(' '), char_at(text, end).unwrap_or(' '));
    if first.is_ascii_alphabetic() && before.is_ascii_alphabetic() {
        return false;
    }
    if last.is_ascii_alphabetic() && after.is_ascii_alphabetic() && !coma_scale(sub(text, start, end), from(text, end)) {
        return false;
    }
    if first.is_ascii_digit() && (before.is_ascii_digit() || before == '.') || last.is_ascii_digit() && after.is_ascii_digit() {
        return false;
    }
    if is_katakana(first) && is_katakana(before) && first != 'ー' {
        return false;
    }
    if is_katakana(last) && (is_katakana(after)) {
        // a dosage form may follow a product's name: ロキソニンテープ
        let rest = from(text, end);
        return FORMS.iter().any(|f| rest.starts_with(f));
    }
    true
}

/// `JCSII-10`, `GCSE4V5M6`: the value of these two scales is glued on in letters.
fn coma_scale(name: &str, value: &str) -> bool {
    let class = value.trim_start_matches('I');
    (name == "JCS" && class.len() < value.len() && class.starts_with(['-', '0', '1', '2', '3', '桁'])) || (name == "GCS" && value.starts_with('E'))
}

/// Dosage forms in katakana that follow a product's name without a break, and words that follow a substance's.
const FORMS: &[&str] = &[
    "テープ",
    "パップ",
    "カプセル",
    "シロップ",
    "ドライシロップ",
    "ゲル",
    "クリーム",
    "ローション",
    "インヘラー",
    "エアゾール",
    "スプレー",
    "パッチ",
    "キット",
    "シリンジ",
    "ペン",
    "バッグ",
    "フレックス",
    "ソロスター",
    "レスピマット",
    "エリプタ",
    "タービュヘイラー",
    "ディスカス",
    "ブリーズヘラー",
    "カート",
    "ミリオペン",
    "イノレット",
    "チュアブル",
    "ユニット",
    "オイル",
    "スティック",
    "エキス",
    "モーニング",
    "バイアル",
    "アンプル",
    "レジン",
    "ネブライザー",
    "シート",
    "サシェ",
    "タブレット",
    // and what a substance may be to blame for
    "アレルギー",
    "ショック",
];
