//! Coding a phrase that stands alone: 「右下葉肺腺癌術後再発疑い」, 「血糖 高値」, 「高Ca血症」.
//!
//! The phrase is tried whole, then without the words that only say it is there, then as 修飾語 and sites
//! around one base term, then against spellings that differ by a letter or two. What is no disorder or
//! finding is refused; what is less than sure is refused too, and its candidates are listed.

use super::fuzzy::FuzzyIndex;
use super::{disorder, modifiers};
use crate::lexicon::{Attr, ConceptKind, ConceptRef, CueType, FLAG_AMBIGUOUS, Hit, Lexicon, System};
use crate::model::{Applicability, Coding};
use crate::note::Normalized;
use crate::recognize::{Part, plain_number};
use crate::text::{byte, char_at, from, sub};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

/// At or above this score a phrase is coded; below it candidates are listed and nothing is coded.
pub const ACCEPT: f64 = 0.70;

/// A phrase longer than this many characters is a sentence, not a name.
const LONGEST: usize = 60;

/// What a phrase was coded as.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Coded {
    /// The phrase as given.
    pub text: String,
    /// The codes; empty refuses.
    pub codings: Vec<Coding>,
    /// The composed 標準病名.
    pub name: String,
    /// Further readings, the best first, with the one that was taken.
    pub candidates: Vec<Candidate>,
    /// Why nothing was coded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// A reading of a phrase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Candidate {
    /// Its name.
    pub name: String,
    /// Its codes.
    pub codings: Vec<Coding>,
    /// 0 to 1.
    pub score: f64,
    /// How surely it may be used.
    pub applicability: Applicability,
    /// The rule that found it.
    pub rule: String,
}

/// Codes phrases over a lexicon.
#[derive(Debug, Default)]
pub struct Coder {
    fuzzy: OnceLock<FuzzyIndex>,
}

impl Coder {
    /// Codes one phrase.
    pub fn code(&self, lexicon: &Lexicon, phrase: &str) -> Coded {
        let mut out = Coded { text: phrase.to_owned(), ..Coded::default() };
        let clean = clean(phrase);
        if clean.is_empty() || clean.chars().count() > LONGEST {
            out.refused = Some(if clean.is_empty() { "phrase.empty" } else { "phrase.too-long" }.to_owned());
            return out;
        }
        let mut found: Vec<(f64, &'static str, Parsed)> = Vec::new();
        // names in Latin letters keep their spaces
        let spaced = Normalized::new(phrase.trim()).folded().split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some(c) = name(lexicon, &clean).or_else(|| name(lexicon, &spaced)) {
            found.push((1.0, "phrase.exact", Parsed::base(c)));
        } else if let Some(why) = refuse(lexicon, &clean) {
            out.refused = Some(why.to_owned());
            return out;
        } else {
            // one that the master has is preferred to one that it has not
            let coded = |c: ConceptRef| lexicon.concept(c).is_some_and(|c| c.code(System::DiseaseExchange).is_some());
            let tries: Vec<_> = rewritten(&clean).into_iter().filter_map(|(score, rule, s)| Some((score, rule, name(lexicon, &s)?))).collect();
            if let Some((score, rule, c)) = tries.iter().find(|t| coded(t.2)).or(tries.first()) {
                found.push((*score, rule, Parsed::base(*c)));
            }
            if found.is_empty()
                && let Some((score, p)) = compose(lexicon, &clean)
            {
                found.push((score, "phrase.composed", p));
            }
            if found.first().is_none_or(|f| f.0 < ACCEPT) {
                let index = self.fuzzy.get_or_init(|| FuzzyIndex::new(lexicon));
                for (score, c) in index.search(lexicon, &clean, 5) {
                    found.push((score, "phrase.fuzzy", Parsed::base(c)));
                }
            }
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (score, rule, parsed) in found {
            let mut codings = Vec::new();
            let name = parsed.code(lexicon, &mut codings);
            if out.candidates.iter().any(|c| c.name == name) {
                continue;
            }
            let applicability = if score >= 0.9 {
                Applicability::Auto
            } else if score >= ACCEPT {
                Applicability::Confirm
            } else {
                Applicability::Show
            };
            out.candidates.push(Candidate { name, codings, score: (score * 1000.0).round() / 1000.0, applicability, rule: rule.to_owned() });
        }
        match out.candidates.first() {
            Some(best) if best.score >= ACCEPT => {
                out.codings.clone_from(&best.codings);
                out.name.clone_from(&best.name);
            }
            _ => out.refused = Some("phrase.nothing-sure".to_owned()),
        }
        out
    }
}

/// A base term with the parts around it.
#[derive(Debug, Clone)]
struct Parsed {
    base: ConceptRef,
    parts: Vec<Part>,
}

impl Parsed {
    const fn base(base: ConceptRef) -> Self {
        Self { base, parts: Vec::new() }
    }

    /// Adds the codes and returns the composed name: prefixes, base, suffixes in the master's order.
    fn code(&self, lexicon: &Lexicon, out: &mut Vec<Coding>) -> String {
        let Some(base) = lexicon.concept(self.base) else { return String::new() };
        disorder(base, out);
        let own = base.attr(Attr::Standard).filter(|s| *s != "-").map_or_else(|| base.name().to_owned(), |s| s.replace('+', ""));
        modifiers(lexicon, &self.parts, base.name(), out);
        let (mut before, mut after) = (String::new(), String::new());
        for p in &self.parts {
            let Some(c) = lexicon.concept(p.concept) else { continue };
            if base.name().contains(c.name()) || !c.codes().any(|k| k.system == System::ModifierExchange) {
                continue;
            }
            let display = c.codes().find(|k| k.system == System::ModifierExchange && !k.display.is_empty()).map_or(c.name(), |k| k.display);
            if c.attr(Attr::Position) == Some("suffix") { after.push_str(display) } else { before.push_str(display) }
        }
        format!("{before}{own}{after}")
    }
}

/// The phrase without spaces, brackets that hold all of it, and closing punctuation.
fn clean(phrase: &str) -> String {
    let n = Normalized::new(phrase);
    let mut s: String = n.folded().chars().filter(|c| !c.is_whitespace()).collect();
    for (open, close) in [('(', ')'), ('「', '」'), ('"', '"'), ('『', '』'), ('[', ']')] {
        if let Some(t) = s.strip_prefix(open).and_then(|t| t.strip_suffix(close)) {
            s = t.to_owned();
        }
    }
    s.trim_matches(['。', '.', '、', ',', ':', '・', '-', '?', '!', ';', '#']).to_owned()
}

/// The disorder or finding of that name; one with a 交換用コード before one without.
fn name(lexicon: &Lexicon, folded: &str) -> Option<ConceptRef> {
    let mut best = None;
    for (r, flags) in lexicon.lookup_folded(folded) {
        let Some(c) = lexicon.concept(r) else { continue };
        if !matches!(c.kind(), ConceptKind::Disorder | ConceptKind::Finding) || flags & FLAG_AMBIGUOUS != 0 && folded.chars().count() < 2 {
            continue;
        }
        let coded = c.code(System::DiseaseExchange).is_some();
        if coded {
            return Some(r);
        }
        best = best.or(Some(r));
    }
    best
}

/// Why a phrase is no disorder: it denies, it is a measurement, it names a test.
fn refuse(lexicon: &Lexicon, s: &str) -> Option<&'static str> {
    let mut hits = Vec::new();
    lexicon.scan(&Normalized::new(s), &mut hits);
    let denies = hits.iter().any(|h| h.kind == ConceptKind::Cue && h.len() > 3 && lexicon.cue(h.concept).is_some_and(|c| c.says == CueType::Absent) && h.e() + 6 >= s.len());
    if denies || ["ず", "ない", "なかった", "なく", "陰性", "正常", "良好", "清明", "平坦", "軟", "整"].iter().any(|w| s.ends_with(w)) {
        return Some("phrase.denied");
    }
    if ["陰性", "正常", "異常なし", "認めず", "認めな", "なかった", "できず"].iter().any(|w| s.contains(w)) {
        return Some("phrase.denied");
    }
    // a number with a unit, or three digits: a measurement
    let mut i = 0;
    while i < s.len() {
        if byte(s, i).is_ascii_digit()
            && let Some((_, e, decimal)) = plain_number(s, i)
        {
            let unit =
                hits.iter().any(|h| h.s() == e && h.kind == ConceptKind::Unit) || from(s, e).starts_with(['倍', '歳', '回', '日', '年', '月', '時', '分', '点', '×', '%', '/']);
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

/// The phrase with one thing taken off or put on, the surest first.
fn rewritten(s: &str) -> Vec<(f64, &'static str, String)> {
    let mut out = Vec::new();
    // words that only say that it is there, or doubt it
    let mut core = s.to_owned();
    for _ in 0..2 {
        for end in ENDINGS {
            if let Some(t) = core.strip_suffix(end)
                && t.chars().count() >= 2
            {
                core = t.trim_end_matches(['を', 'が', 'の', 'は', 'も', 'に', 'と']).to_owned();
                out.push((0.88, "phrase.said-to-be-there", core.clone()));
                break;
            }
        }
    }
    for (from, to) in [
        ("値", ""),
        ("の", ""),
        ("を", ""),
        ("血清", ""),
        ("血中", ""),
        ("異常高値", "高値"),
        ("上昇", "高値"),
        ("高値", "上昇"),
        ("低下", "低値"),
        ("減少", "低下"),
        ("低下", "減少"),
        ("増加", "増多"),
        ("増加", "上昇"),
        ("所見", ""),
        ("徴候", ""),
        ("症状", ""),
        ("性", ""),
        ("様", ""),
        ("強陽性", "陽性"),
        ("の像", ""),
        ("像", ""),
        ("著明", ""),
        ("軽度", ""),
        ("高度", ""),
        ("認め", ""),
        ("2+", "陽性"),
        ("1+", "陽性"),
        ("3+", "陽性"),
        ("(+)", "陽性"),
        ("なりにく", "困難"),
    ] {
        if core.contains(from) {
            let t = core.replace(from, to);
            if t.chars().count() >= 2 && t != *s {
                out.push((0.84, "phrase.rewritten", t));
            }
        }
    }
    for end in ["症", "病", "症候群"] {
        out.push((0.86, "phrase.ending", format!("{core}{end}")));
        if let Some(t) = core.strip_suffix(end)
            && t.chars().count() >= 2
        {
            out.push((0.86, "phrase.ending", t.to_owned()));
        }
    }
    out
}

/// Endings that only say that the thing is there, or doubt it.
const ENDINGS: &[&str] = &[
    "を認めた",
    "を認める",
    "認めた",
    "認める",
    "認められた",
    "認められる",
    "認め",
    "がみられた",
    "みられた",
    "みられる",
    "を呈した",
    "を呈する",
    "呈した",
    "あり",
    "がある",
    "出現",
    "出現し",
    "が出現",
    "疑い",
    "の疑い",
    "疑われた",
    "を疑った",
    "疑",
    "の可能性",
    "可能性",
    "陽性",
    "存在",
    "を伴う",
    "伴う",
    "合併",
    "併発",
    "を合併",
    "診断",
    "と診断",
    "の診断",
    "で",
    "であった",
    "となった",
    "をきたした",
    "きたした",
    "を来した",
    "した",
    "既往",
    "の既往",
    "発症",
    "状態",
    "傾向",
    "所見",
    "疾患",
    "を指摘",
    "指摘",
    "を自覚",
    "自覚",
    "増悪",
    "の増悪",
    "持続",
    "例",
];

/// Base term with its 修飾語 and sites, all of the phrase covered: score and parse.
fn compose(lexicon: &Lexicon, s: &str) -> Option<(f64, Parsed)> {
    let mut hits = Vec::new();
    let n = Normalized::new(s);
    lexicon.scan(&n, &mut hits);
    let text = n.text();
    let best = cover(lexicon, text, &hits)?;
    let mut parts: Vec<Part> = Vec::new();
    let (mut base, mut head, mut unknown) = (None, None, 0);
    for step in &best {
        match step {
            Step::Term(h) if base.is_none() => {
                base = Some(*h);
                parts.push(Part { concept: h.concept, kind: h.kind, start: h.s(), end: h.e() });
            }
            Step::Term(_) => unknown += 3,
            Step::Part(h) => {
                if h.kind == ConceptKind::Head {
                    head = Some(*h);
                }
                parts.push(Part { concept: h.concept, kind: h.kind, start: h.s(), end: h.e() });
            }
            Step::Particle => {}
            Step::Unknown => unknown += 1,
        }
    }
    if unknown > 0 {
        return None;
    }
    let around: Vec<Part> = parts.iter().copied().filter(|p| matches!(p.kind, ConceptKind::Site | ConceptKind::Modifier)).collect();
    let words = |keep: &dyn Fn(&Part) -> bool| -> String { parts.iter().filter(|p| keep(p)).map(|p| sub(text, p.start, p.end)).collect() };
    let side = |p: &Part| lexicon.concept(p.concept).is_some_and(|c| c.attr(Attr::Type) == Some("laterality"));
    let severity = |p: &Part| lexicon.concept(p.concept).is_some_and(|c| c.attr(Attr::Type) == Some("severity"));
    // a row of its own for the words together, particles, side and degree apart
    let core = base.or(head)?;
    let is_core = |p: &Part| p.start == core.s();
    let site = |p: &Part| p.kind == ConceptKind::Site;
    let tries = [words(&|_| true), words(&|p| !side(p)), words(&|p| !side(p) && !severity(p)), words(&|p| is_core(p) || site(p))];
    for t in &tries {
        if let Some(c) = name(lexicon, t).filter(|c| Some(*c) != base.map(|b| b.concept)) {
            let left: Vec<Part> = around.iter().copied().filter(|p| !t.contains(sub(text, p.start, p.end))).collect();
            return Some((0.93 - 0.02 * left.len() as f64, Parsed { base: c, parts: left }));
        }
    }
    // 「黄疸 遷延」 is 遷延性黄疸
    for p in around.iter().filter(|p| p.kind == ConceptKind::Modifier) {
        if let Some(m) = lexicon.concept(p.concept)
            && let Some(c) = name(lexicon, &crate::note::fold(&format!("{}{}", m.name(), sub(text, core.s(), core.e())))).filter(|c| Some(*c) != base.map(|b| b.concept))
        {
            let left: Vec<Part> = around.iter().copied().filter(|q| q.start != p.start).collect();
            return Some((0.90 - 0.02 * left.len() as f64, Parsed { base: c, parts: left }));
        }
    }
    // the site after its term, or the site's own name: 「浮腫 下腿」, 「リンパ腺 腫脹」
    for p in parts.iter().filter(|p| site(p)) {
        let own = lexicon.concept(p.concept).map_or("", |c| c.name());
        for t in [format!("{}{}", sub(text, p.start, p.end), sub(text, core.s(), core.e())), format!("{own}{}", sub(text, core.s(), core.e()))] {
            if let Some(c) = name(lexicon, &crate::note::fold(&t)).filter(|c| Some(*c) != base.map(|b| b.concept)) {
                let left: Vec<Part> = around.iter().copied().filter(|q| q.start != p.start).collect();
                return Some((0.90 - 0.02 * left.len() as f64, Parsed { base: c, parts: left }));
            }
        }
    }
    // the organ that a region of it begins with: 小脳半球 + 萎縮 is 小脳萎縮
    for p in parts.iter().rev().filter(|p| site(p)) {
        let region = sub(text, p.start, p.end);
        for (i, _) in region.char_indices().rev().filter(|(i, _)| *i > 0) {
            if let Some(c) = name(lexicon, &format!("{}{}", sub(region, 0, i), sub(text, core.s(), core.e())))
                .filter(|c| Some(*c) != base.map(|b| b.concept) && lexicon.concept(*c).is_some_and(|c| c.code(System::DiseaseExchange).is_some()))
            {
                return Some((0.80, Parsed { base: c, parts: Vec::new() }));
            }
        }
    }
    if let Some(b) = base {
        return Some((0.92 - 0.03 * around.len() as f64, Parsed { base: b.concept, parts: around }));
    }
    None
}

/// A step of a cover.
#[derive(Debug, Clone, Copy)]
enum Step {
    Term(Hit),
    Part(Hit),
    Particle,
    Unknown,
}

/// The cheapest way to cover `text` with hits and particles.
fn cover(lexicon: &Lexicon, text: &str, hits: &[Hit]) -> Option<Vec<Step>> {
    let n = text.len();
    // cost, previous position, step
    let mut best: Vec<Option<(f64, usize, Step)>> = vec![None; n + 1];
    *best.first_mut()? = Some((0.0, 0, Step::Particle));
    for at in 0..n {
        let Some((cost, ..)) = best.get(at).copied().flatten() else { continue };
        let mut reach = |to: usize, c: f64, step: Step| {
            if let Some(slot) = best.get_mut(to)
                && slot.as_ref().is_none_or(|b| cost + c < b.0)
            {
                *slot = Some((cost + c, at, step));
            }
        };
        for h in hits.iter().filter(|h| h.s() == at) {
            match h.kind {
                ConceptKind::Disorder | ConceptKind::Finding => {
                    let coded = lexicon.concept(h.concept).is_some_and(|c| c.code(System::DiseaseExchange).is_some());
                    let single = if h.len() <= 3 { 1.0 } else { 0.0 };
                    reach(h.e(), if coded { 1.0 } else { 1.3 } + single, Step::Term(*h));
                }
                ConceptKind::Site | ConceptKind::Modifier => reach(h.e(), 0.7, Step::Part(*h)),
                ConceptKind::Head => reach(h.e(), 1.2, Step::Part(*h)),
                _ => {}
            }
        }
        for p in ["の", "に", "な", "は", "が", "を", "・", "、", "による", "に伴う", "及び", "と"] {
            if from(text, at).starts_with(p) {
                reach(at + p.len(), 0.2, Step::Particle);
            }
        }
        let len = char_at(text, at).map_or(1, char::len_utf8);
        reach(at + len, 5.0, Step::Unknown);
    }
    let mut out = Vec::new();
    let mut at = n;
    while at > 0 {
        let (_, from, step) = best.get(at).copied().flatten()?;
        out.push(step);
        at = from;
    }
    out.reverse();
    Some(out)
}
