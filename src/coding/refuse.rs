//! What is no disorder: a phrase that denies, a measurement, a site and no more. Its words are `dictionaries/coding/refusals.tsv`.

use super::table;
use crate::lexicon::{ConceptKind, CueType, Hit, Lexicon};
use crate::note::Normalized;
use crate::recognize::plain_number;
use crate::text::{byte, char_at, from};
use std::sync::LazyLock;

struct Words {
    end: Vec<String>,
    any: Vec<String>,
    counted: Vec<String>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let of = |place| table::written(include_str!("../../dictionaries/coding/refusals.tsv"), 2, place);
    Words { end: of("end"), any: of("any"), counted: of("counted") }
});

/// What the lexicon has in a phrase (folded).
pub(super) fn hits(lexicon: &Lexicon, s: &str) -> Vec<Hit> {
    let mut hits = Vec::new();
    lexicon.scan(&Normalized::new(s), &mut hits);
    hits
}

/// Whether a phrase (folded) is a site and no more, a side before it perhaps: a disease of that site is not said.
pub(super) fn is_site(hits: &[Hit], s: &str) -> bool {
    let (mut at, mut last) = (0, ConceptKind::Modifier);
    while let Some(h) =
        hits.iter().filter(|h| h.s() == at && !h.is_empty() && matches!(h.kind, ConceptKind::Site | ConceptKind::Modifier)).max_by_key(|h| (h.len(), h.kind == ConceptKind::Site))
    {
        (at, last) = (h.e(), h.kind);
    }
    at == s.len() && last == ConceptKind::Site
}

/// Why a phrase (folded) is no disorder, if so.
pub(super) fn refuse(lexicon: &Lexicon, hits: &[Hit], s: &str) -> Option<&'static str> {
    let denies = hits.iter().any(|h| h.kind == ConceptKind::Cue && h.len() > 3 && lexicon.cue(h.concept).is_some_and(|c| c.says == CueType::Absent) && h.e() + 6 >= s.len());
    // a disease's own name may hold such a word: グラム陰性菌敗血症, 正常眼圧緑内障
    let own = |at: usize, w: &str| hits.iter().any(|h| h.kind == ConceptKind::Disorder && h.s() <= at && at + w.len() <= h.e() && h.len() > w.len() + 3);
    let said = |w: &String| s.match_indices(w.as_str()).any(|(at, w)| !own(at, w));
    if denies || WORDS.end.iter().any(|w| s.ends_with(w.as_str())) || WORDS.any.iter().any(said) {
        return Some("phrase.denied");
    }
    // a number with a unit, or three digits: a measurement
    let mut i = 0;
    while i < s.len() {
        if byte(s, i).is_ascii_digit()
            && let Some((_, e, decimal)) = plain_number(s, i)
        {
            let unit = hits.iter().any(|h| h.s() == e && h.kind == ConceptKind::Unit) || WORDS.counted.iter().any(|w| from(s, e).starts_with(w.as_str()));
            if unit || decimal || e - i >= 3 {
                return Some("phrase.measurement");
            }
            i = e;
            continue;
        }
        i += char_at(s, i).map_or(1, char::len_utf8);
    }
    None
}
