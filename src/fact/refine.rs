//! A general term made more exact by what else its note says: 糖尿病 is 1型糖尿病 where GAD抗体 is positive.
//!
//! The rules are `dictionaries/coding/refinements.tsv`. A term stays as it is where the note says two things of it,
//! and it always says in its explanation what made it more exact.

use super::{Applicability, Assertion, Fact, FactKind, Reason, Structured, Subject};
use crate::coding;
use crate::lexicon::{ConceptRef, Lexicon, System};
use compact_str::CompactString;
use std::sync::LazyLock;

struct Rule {
    id: &'static str,
    general: &'static str,
    said: &'static str,
    value: &'static str,
    refined: &'static str,
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let table = include_str!("../../dictionaries/coding/refinements.tsv");
    let cells = |l: &'static str| -> Option<Rule> {
        let mut c = l.split('\t');
        Some(Rule { id: c.next()?, general: c.next()?, said: c.next()?, value: c.next()?, refined: c.next()? })
    };
    table.lines().skip(1).filter_map(cells).collect()
});

/// Makes the general terms of a note more exact, in place.
pub(super) fn refine(lexicon: &Lexicon, out: &mut Structured, concepts: &mut [Option<ConceptRef>]) {
    let holds = |f: &Fact, said: &str, value: &str| {
        f.name == said
            && f.assertion == Assertion::Present
            && f.subject == Subject::Patient
            && (value.is_empty() || f.value.as_ref().and_then(|v| v.text.as_deref()) == Some(value))
    };
    for i in 0..out.facts.len() {
        let Some(general) = out.facts.get(i).filter(|f| f.kind == FactKind::Disorder && f.assertion == Assertion::Present && f.subject == Subject::Patient) else { continue };
        let said: Vec<(&Rule, (usize, usize))> =
            RULES.iter().filter(|r| r.general == general.name).filter_map(|r| Some((r, out.facts.iter().find(|f| holds(f, r.said, r.value)).map(|f| (f.start, f.end))?))).collect();
        let Some((rule, span)) = said.first().filter(|s| said.iter().all(|t| t.0.refined == s.0.refined)) else { continue };
        let Some(refined) = coding::term(lexicon, rule.refined) else { continue };
        let (codings, name) = coding::of_term(lexicon, refined);
        let reason = Reason { rule: CompactString::const_new(rule.id), spans: vec![*span], pack: CompactString::default() };
        if let Some(f) = out.facts.get_mut(i) {
            // 修飾語 that the mention has stay
            let modifiers = [System::ModifierExchange, System::ModifierKey, System::ModifierReceipt].map(System::text);
            let old: Vec<_> = f.codings.iter().filter(|c| modifiers.contains(&c.system.as_str())).cloned().collect();
            f.codings = codings.into_iter().chain(old).collect();
            f.name = name;
            f.because.push(reason);
            f.applicability = f.applicability.max(Applicability::Confirm);
        }
        if let Some(c) = concepts.get_mut(i) {
            *c = Some(refined);
        }
    }
}
