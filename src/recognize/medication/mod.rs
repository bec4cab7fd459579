//! Medicines: a name, its strength and form, and the prescription after it.
//!
//! The name is a surface of the tables; what is glued to it belongs to the mention. Then the items of
//! the prescription are read one after another — on this line, and on the lines under it when they
//! hold nothing else. What happens to the medicine (開始, 中止) is read with the other assertions.

mod amount;
mod dose;
mod item;
mod name;
mod usage;

use super::{Claims, Context, Mention, Part};
use crate::lexicon::{Attr, ConceptKind, FLAG_AMBIGUOUS, Hit};
use crate::model::{Applicability, FactKind, Medication};
use crate::text::sub;
use dose::Dose;
pub(super) use name::is_dosed;

/// The rule for days that are those of every medicine of the list before them (各56日分).
pub(crate) const DAYS_OF_ALL: &str = "medication.days-of-all";

/// Finds medicines in a sentence.
pub fn recognize(ctx: &Context<'_>, claims: &mut Claims, out: &mut Vec<Mention>) {
    let mut at = ctx.start;
    for h in ctx.hits.iter().filter(|h| matches!(h.kind, ConceptKind::Drug | ConceptKind::DrugClass | ConceptKind::Regimen)) {
        if h.s() < at || !name::accept(ctx, h, claims) {
            continue;
        }
        let m = mention(ctx, h, claims);
        at = m.core_end;
        out.push(m);
    }
}

fn mention(ctx: &Context<'_>, h: &Hit, claims: &mut Claims) -> Mention {
    let p = name::product(ctx, h);
    let mut dose = Dose::read(ctx, p.end, ctx.end);
    let end = if dose.is_empty() { p.end } else { dose.end };
    if sub(ctx.text, end, ctx.end).chars().all(|c| matches!(c, ' ' | ')' | '」' | '|' | '、' | ',' | ':')) {
        dose.extend(ctx);
    }
    let mut m = Mention::new(FactKind::Medication, p.start, p.end, rule(h.kind));
    m.concept = Some(h.concept);
    m.core_start = h.s();
    m.core_end = end;
    if let Some(at) = p.assumed {
        m.because.push(("medication.strength-in-mg".to_owned(), at));
    }
    if h.flags & FLAG_AMBIGUOUS != 0 {
        m.confidence = 0.85;
        m.applicability = Applicability::Confirm;
    }
    claims.claim(p.start, end);
    for l in &dose.later {
        claims.claim(l.0, l.1);
    }
    let mut medication = Medication { strength: p.strength, ..Medication::default() };
    describe(ctx, h, &mut medication);
    let routes = ctx.lexicon.concept(h.concept).and_then(|c| c.attr(Attr::Routes)).unwrap_or("");
    // a medicine of one route only is given by it; what runs by the hour runs into a vein
    let usual = (!routes.is_empty() && !routes.contains('|')).then_some(routes).or_else(|| (dose.is_rate() && routes.split('|').any(|r| r == "iv")).then_some("iv"));
    if let Some(at) = dose.shared {
        m.because.push((DAYS_OF_ALL.to_owned(), at));
    }
    // 朝2-夕1: tablets of what is swallowed, units of what is only injected
    let bare = if routes.split('|').any(|r| r == "po") || routes.is_empty() { "{tablet}" } else { "U" };
    dose.fill(ctx, p.form, bare, &mut medication);
    let rectal = medication.amount.as_ref().is_some_and(|a| a.unit.as_deref().is_some_and(|u| u.starts_with("{suppository}")));
    let shaped = || name::route_of_form(ctx, p.start, p.end);
    medication.route = medication.route.take().or(p.route).or_else(shaped).or_else(|| rectal.then(|| "pr".to_owned())).or_else(|| usual.map(str::to_owned));
    m.parts.push(Part { concept: h.concept, kind: h.kind, start: h.s(), end: h.e() });
    m.medication = Some(Box::new(medication));
    m
}

const fn rule(kind: ConceptKind) -> &'static str {
    match kind {
        ConceptKind::DrugClass => "medication.class",
        ConceptKind::Regimen => "medication.regimen",
        _ => "medication.name",
    }
}

/// Ingredients and classes of the concept.
fn describe(ctx: &Context<'_>, h: &Hit, m: &mut Medication) {
    let Some(c) = ctx.lexicon.concept(h.concept) else { return };
    let parts = |s: &str, by: char| s.split(by).map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    match h.kind {
        ConceptKind::DrugClass => {
            m.classes = vec![c.name().to_owned()];
            // 低分子ヘパリン is a substance and not only a class
            if ctx.hit_ending(h.e(), &[ConceptKind::Drug]).is_some_and(|d| d.s() > h.s()) {
                m.ingredients = vec![sub(ctx.text, h.s(), h.e()).to_owned()];
            }
        }
        ConceptKind::Regimen => m.ingredients = parts(c.attr(Attr::Parts).or(c.attr(Attr::Ingredients)).unwrap_or(""), '|'),
        _ => {
            m.ingredients = parts(c.name(), '・');
            m.classes = parts(c.attr(Attr::Classes).unwrap_or(""), '|');
        }
    }
}
