//! A phrase as 修飾語 and sites around one base term: 右下葉肺腺癌術後 is 右 + 下葉 + 肺腺癌 + の術後.

use super::names::{Names, is_coded};
use super::near::NearIndex;
use super::{disorder, modifiers, table};
use crate::lexicon::{Attr, ConceptKind, ConceptRef, Hit, Lexicon, System};
use crate::model::Coding;
use crate::note::Normalized;
use crate::recognize::Part;
use crate::text::{char_at, from, sub};
use std::sync::LazyLock;

/// A name that is less sure than this names nothing here.
const NAMED: f64 = 0.85;

static PARTICLES: LazyLock<Vec<String>> =
    LazyLock::new(|| table::rows(include_str!("../../dictionaries/coding/particles.tsv")).filter_map(|r| Some(crate::note::fold(r.get(1)?))).collect());

/// A base term with the parts around it.
#[derive(Debug, Clone)]
pub(super) struct Parsed {
    pub base: ConceptRef,
    pub parts: Vec<Part>,
}

impl Parsed {
    pub const fn base(base: ConceptRef) -> Self {
        Self { base, parts: Vec::new() }
    }

    /// Adds the codes and returns the composed name: prefixes, base, suffixes in the master's order.
    pub fn code(&self, lexicon: &Lexicon, out: &mut Vec<Coding>) -> String {
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

/// Base term with its 修飾語 and sites, all of the phrase covered: score and parse.
pub(super) fn compose(lexicon: &Lexicon, names: &Names, index: &NearIndex, s: &str) -> Option<(f64, Parsed)> {
    let (score, parsed) = parts(lexicon, names, s)?;
    // the parts together may be the name of a row: 胃 + アミロイドーシス
    if !parsed.parts.is_empty() {
        let whole = crate::note::fold(&parsed.code(lexicon, &mut Vec::new()));
        let row = names.find(lexicon, &whole).filter(|f| f.0 >= NAMED).map(|f| f.1).or_else(|| index.same(names, &whole, false).map(|n| n.concept));
        if let Some(row) = row.filter(|r| *r != parsed.base && lexicon.concept(*r).is_some_and(is_coded)) {
            return Some((score, Parsed::base(row)));
        }
    }
    Some((score, parsed))
}

fn parts(lexicon: &Lexicon, names: &Names, s: &str) -> Option<(f64, Parsed)> {
    let name = |form: &str| names.find(lexicon, form).filter(|f| f.0 >= NAMED).map(|f| f.1);
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
        if let Some(c) = name(t).filter(|c| Some(*c) != base.map(|b| b.concept)) {
            let left: Vec<Part> = around.iter().copied().filter(|p| !t.contains(sub(text, p.start, p.end))).collect();
            return Some((0.93 - 0.02 * left.len() as f64, Parsed { base: c, parts: left }));
        }
    }
    // 「黄疸 遷延」 is 遷延性黄疸
    for p in around.iter().filter(|p| p.kind == ConceptKind::Modifier) {
        if let Some(m) = lexicon.concept(p.concept)
            && let Some(c) = name(&crate::note::fold(&format!("{}{}", m.name(), sub(text, core.s(), core.e())))).filter(|c| Some(*c) != base.map(|b| b.concept))
        {
            let left: Vec<Part> = around.iter().copied().filter(|q| q.start != p.start).collect();
            return Some((0.90 - 0.02 * left.len() as f64, Parsed { base: c, parts: left }));
        }
    }
    // the site after its term, or the site's own name: 「浮腫 下腿」, 「リンパ腺 腫脹」
    for p in parts.iter().filter(|p| site(p)) {
        let own = lexicon.concept(p.concept).map_or("", |c| c.name());
        for t in [format!("{}{}", sub(text, p.start, p.end), sub(text, core.s(), core.e())), format!("{own}{}", sub(text, core.s(), core.e()))] {
            if let Some(c) = name(&crate::note::fold(&t)).filter(|c| Some(*c) != base.map(|b| b.concept)) {
                let left: Vec<Part> = around.iter().copied().filter(|q| q.start != p.start).collect();
                return Some((0.90 - 0.02 * left.len() as f64, Parsed { base: c, parts: left }));
            }
        }
    }
    // the organ that a region of it begins with: 小脳半球 + 萎縮 is 小脳萎縮
    for p in parts.iter().rev().filter(|p| site(p)) {
        let region = sub(text, p.start, p.end);
        for (i, _) in region.char_indices().rev().filter(|(i, _)| *i > 0) {
            if let Some(c) = name(&format!("{}{}", sub(region, 0, i), sub(text, core.s(), core.e())))
                .filter(|c| Some(*c) != base.map(|b| b.concept) && lexicon.concept(*c).is_some_and(is_coded))
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
                    let coded = lexicon.concept(h.concept).is_some_and(is_coded);
                    let single = if h.len() <= 3 { 1.0 } else { 0.0 };
                    reach(h.e(), if coded { 1.0 } else { 1.3 } + single, Step::Term(*h));
                }
                ConceptKind::Site | ConceptKind::Modifier => reach(h.e(), 0.7, Step::Part(*h)),
                ConceptKind::Head => reach(h.e(), 1.2, Step::Part(*h)),
                _ => {}
            }
        }
        for p in PARTICLES.iter().filter(|p| from(text, at).starts_with(p.as_str())) {
            reach(at + p.len(), 0.2, Step::Particle);
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
