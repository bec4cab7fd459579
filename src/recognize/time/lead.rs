//! What stands before an amount of time and belongs to it.

use super::Seen;
use crate::lexicon::{ConceptKind, Event, Hit, TimeSort, TimeWord};
use crate::recognize::Context;
use crate::text::{byte, sub};

/// What stands before an amount and belongs to it: 約, 術後, 妊娠.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lead {
    /// Where the expression starts with 約 only.
    pub about: usize,
    /// Where it starts with the event.
    pub start: usize,
    pub event: Option<Event>,
    /// 後 stands after the event.
    pub after: bool,
    pub sort: Option<TimeSort>,
    /// その, or の after another time.
    pub told: bool,
}

/// Reads what stands before the amount at `at`.
pub(super) fn lead(ctx: &Context<'_>, at: usize, seen: &Seen) -> Lead {
    let text = ctx.text;
    let mut about = at;
    let before = |to: usize| sub(text, ctx.start, to);
    for w in ["約", "およそ", "おおよそ", "ほぼ", "おおむね"] {
        if before(at).ends_with(w) {
            about = at - w.len();
            break;
        }
    }
    let mut out = Lead { about, start: about, event: None, after: false, sort: None, told: false };
    let mut j = about;
    if byte(text, j.wrapping_sub(1)) == b' ' {
        j -= 1;
    }
    out.told = before(j).ends_with("その") || seen.end > ctx.start && before(j).ends_with('の') && seen.end + 'の'.len_utf8() == j;
    for w in ["してから", "から", "より", "して", "の", "を行い", "し"] {
        if before(j).ends_with(w) {
            j -= w.len();
            break;
        }
    }
    let linked = j;
    if before(j).ends_with('後') {
        j -= '後'.len_utf8();
        out.after = true;
        if before(j).ends_with('直') {
            j -= '直'.len_utf8();
        }
    }
    if let Some((h, w)) = word_ending(ctx, j, &[TimeSort::Event, TimeSort::Gestation, TimeSort::Life]) {
        out.start = h.s();
        out.sort = Some(w.sort);
        if w.sort == TimeSort::Event {
            // 投与から3日: only as much as 投与後3日
            out.after |= before(about).ends_with("から");
            out.event = Some(w.event);
        }
    } else if let Some((h, w)) = word_ending(ctx, linked, &[TimeSort::Life]) {
        // 産後3日
        (out.start, out.sort, out.after) = (h.s(), Some(w.sort), false);
    } else if out.after {
        let h = ctx.hit_ending(j, &[ConceptKind::Procedure, ConceptKind::Drug, ConceptKind::Regimen, ConceptKind::Disorder, ConceptKind::Finding]);
        let operation = h.is_some_and(|h| h.kind == ConceptKind::Procedure && sub(text, h.s(), h.e()).ends_with('術'));
        out.start = h.map_or(about, |h| h.s());
        out.event = Some(if operation { Event::Operation } else { Event::Other });
    }
    out
}

/// The longest word of one of these sorts that ends at `at`.
pub(super) fn word_ending<'c>(ctx: &Context<'c>, at: usize, sorts: &[TimeSort]) -> Option<(&'c Hit, &'c TimeWord)> {
    let hi = ctx.hits.partition_point(|h| h.s() < at);
    let lo = ctx.hits.partition_point(|h| h.s() + 60 < at);
    ctx.hits
        .get(lo..hi)?
        .iter()
        .filter(|h| h.e() == at && h.kind == ConceptKind::TimeWord)
        .find_map(|h| ctx.lexicon.time_word(h.concept).filter(|w| sorts.contains(&w.sort)).map(|w| (h, w)))
}
