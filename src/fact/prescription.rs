//! Prescriptions of several medicines: what is written once for all of them.

use super::treatment::Place;
use super::{Fact, Reason};
use crate::model::Medication;
use crate::recognize::DAYS_OF_ALL;
use crate::text::sub;
use compact_str::CompactString;

/// Gives the days that are written once to every medicine that they are for: `… 各56日分` to the whole list before it,
/// `A 3T3X、B 3T3X 毎食後 5日分` to the medicines of that line, with the time of day.
pub(super) fn share(facts: &mut [Fact], places: &[Place], text: &str) {
    for i in (1..facts.len()).rev() {
        let Some(last) = facts.get(i) else { continue };
        let Some(m) = last.medication.as_deref().filter(|m| m.days.is_some()) else { continue };
        let of_all = last.because.iter().find(|r| r.rule == DAYS_OF_ALL).map(|r| r.spans.clone());
        let from = Shared { days: m.days, usage: m.usage.clone(), codings: m.usage_codings.clone(), times: m.times_per_day };
        let spans = of_all.clone().unwrap_or_else(|| vec![(last.start, last.end)]);
        let mut j = i;
        while let Some(before) = j.checked_sub(1) {
            let (Some(p), Some(next)) = (places.get(before), places.get(j)) else { break };
            let gap = sub(text, p.end.min(next.start), next.start);
            let listed = if of_all.is_some() { gap.len() <= 40 && gap.chars().all(is_of_list) } else { p.sentence == next.sentence && is_comma(gap) };
            let Some(f) = facts.get_mut(before).filter(|f| listed && f.medication.is_some()) else { break };
            let Some(m) = f.medication.as_deref_mut().filter(|m| m.days.is_none()) else { break };
            j = before;
            // 疼痛時 1個: what is taken when needed has no days
            if m.times_per_day.is_none() && m.usage.is_some() {
                continue;
            }
            from.give(m, of_all.is_none());
            let rule = CompactString::const_new(if of_all.is_some() { DAYS_OF_ALL } else { "medication.days-of-list" });
            f.because.push(Reason { rule, spans: spans.clone(), pack: CompactString::default() });
        }
    }
}

struct Shared {
    days: Option<f64>,
    usage: Option<String>,
    codings: Vec<crate::model::Coding>,
    times: Option<f64>,
}

impl Shared {
    fn give(&self, m: &mut Medication, whole: bool) {
        m.days = self.days;
        if !whole || m.usage.is_some() || m.times_per_day.is_some() && m.times_per_day != self.times {
            return;
        }
        m.usage.clone_from(&self.usage);
        m.usage_codings.clone_from(&self.codings);
        m.times_per_day = m.times_per_day.or(self.times);
    }
}

/// What may stand between the medicines of a list that spreads over lines: marks, numbers, the title of a prescription.
fn is_of_list(c: char) -> bool {
    c.is_whitespace() || c.is_ascii_digit() || matches!(c, '、' | ',' | '・' | '-' | '*' | '(' | ')' | '.' | ':' | '/' | '+' | '|' | 'R' | 'p' | 'P' | '①'..='⑳' | '○' | '●')
}

/// A comma and nothing else: a list on one line.
fn is_comma(gap: &str) -> bool {
    !gap.is_empty() && gap.len() <= 8 && !gap.contains('\n') && gap.chars().all(|c| matches!(c, '、' | ',' | '・' | ' ' | '+' | '/' | '|'))
}
