//! What makes a word a procedure: words too general to be one by themselves, abbreviations among acts, titles that name a study.

use super::{Context, Mention, Part};
use crate::lexicon::{Attr, ConceptKind, FLAG_AMBIGUOUS, Hit, System};
use crate::model::FactKind;
use crate::note::SectionKind;
use crate::text::{byte, from, is_kanji, skip_spaces, sub};
use crate::words::words;
use std::sync::LazyLock;

/// What the table of stops says of the very words of a hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// A procedure.
    Full,
    /// A procedure only where the act is told, or with a site or disease before it.
    Generic,
    /// No procedure.
    None,
}

/// How much a procedure's name says by itself.
pub(super) fn weight(ctx: &Context<'_>, h: &Hit) -> Weight {
    for x in ctx.hits_at(h.s()).iter().filter(|x| x.kind == ConceptKind::Stop && x.end == h.end) {
        match ctx.lexicon.concept(x.concept).and_then(|c| c.attr(Attr::Type)) {
            Some("generic") => return Weight::Generic,
            Some("act" | "word") => return Weight::None,
            _ => {}
        }
    }
    Weight::Full
}

/// What tells that an act was done, is meant, or was left.
static ACTS: LazyLock<Vec<&str>> = LazyLock::new(|| words("act.acts"));

/// Whether the words after a name tell the act: 検査を施行, 指導を行っていく, 治療継続.
pub(super) fn acted(ctx: &Context<'_>, h: &Hit) -> bool {
    let at = skip_spaces(ctx.text, h.e());
    let rest = ctx.rest(at);
    let rest = ["を", "も", "は", "の"].iter().find_map(|p| rest.strip_prefix(*p)).unwrap_or(rest);
    ACTS.iter().any(|a| rest.starts_with(a))
}

/// An ambiguous abbreviation of a procedure among acts: 「CFにて」「SATを行い」「CF施行」.
pub(super) fn at_home(ctx: &Context<'_>, h: &Hit) -> bool {
    let at = skip_spaces(ctx.text, h.e());
    let rest = ctx.rest(at);
    if acted(ctx, h) || ["にて", "では", "上、", "所見", "検査", "下に", "術", "クリア", "後", "前", "を", "画像", "像"].iter().any(|w| rest.starts_with(w)) {
        return true;
    }
    if matches!(ctx.kind(), SectionKind::Treatment | SectionKind::Imaging) && (byte(ctx.text, at) == b':' || h.s() == ctx.start) {
        return true;
    }
    // SAT、SBTクリアし: beside another procedure in a list
    let lo = ctx.hits.partition_point(|x| x.s() + 30 < h.s());
    let hi = ctx.hits.partition_point(|x| x.s() <= h.e() + 6);
    let listed = |s: usize, e: usize| e > s && e - s <= 6 && sub(ctx.text, s, e).chars().all(|c| matches!(c, '、' | '・' | ',' | '/' | ' ' | '+' | '→'));
    ctx.hits
        .get(lo..hi)
        .unwrap_or(&[])
        .iter()
        .any(|x| x.kind == ConceptKind::Procedure && x.flags & FLAG_AMBIGUOUS == 0 && (listed(x.e(), h.s()) || listed(h.e(), x.s())) && weight(ctx, x) == Weight::Full)
}

/// After a procedure's name: the word names something else.
pub(super) fn names_other(ctx: &Context<'_>, end: usize) -> bool {
    let rest = ctx.rest(end);
    ["歴", "室", "科", "センター", "薬", "剤", "台", "同意書", "承諾書", "説明書", "外来", "専門医", "学会", "チーム", "用品", "器具", "認定", "士", "教室"]
        .iter()
        .any(|w| rest.starts_with(w))
}

/// The same words are a nursing act as well as a dependence (歩行介助): the act is what a note tells.
pub(super) fn preferred(ctx: &Context<'_>, h: &Hit) -> bool {
    let care = ctx.hits_at(h.s()).iter().any(|x| {
        x.end == h.end
            && x.kind == ConceptKind::Procedure
            && x.flags & FLAG_AMBIGUOUS == 0
            && ctx.lexicon.concept(x.concept).and_then(|c| c.attr(Attr::Type)).is_some_and(|t| matches!(t, "nursing" | "rehabilitation"))
    });
    care && ctx.lexicon.concept(h.concept).and_then(|c| c.code(System::Icd10)).is_some_and(|c| c.starts_with('Z'))
}

/// A questionnaire or test whose score was read is a procedure that was done.
pub(super) fn scored(h: &Hit, out: &[Mention]) -> Option<Mention> {
    let score = out.iter().find(|m| m.kind == FactKind::Score && m.start <= h.s() && h.e() <= m.end && h.len() >= 4)?;
    if score.start != h.s() || out.iter().any(|m| m.kind == FactKind::Procedure && m.start == h.s()) || h.flags & FLAG_AMBIGUOUS != 0 {
        return None;
    }
    let mut m = Mention::new(FactKind::Procedure, h.s(), h.e(), "procedure.scored");
    m.concept = Some(h.concept);
    m.core_end = score.end;
    m.parts.push(Part { concept: h.concept, kind: ConceptKind::Procedure, start: h.s(), end: h.e() });
    Some(m)
}

/// Words that turn a disease into what is done about it: the disease is told as well.
static ABOUT: LazyLock<Vec<&str>> = LazyLock::new(|| words("act.about"));

/// Words that turn a disease into its removal.
static REMOVED: LazyLock<Vec<&str>> = LazyLock::new(|| words("act.removed"));

/// The disease inside a procedure's name: 結核 in 結核治療, ヘルニア in ヘルニア手術, 副腎腫瘍 in 副腎腫瘍摘出術.
pub(super) fn disease_within(ctx: &Context<'_>, h: &Hit) -> Option<Hit> {
    ctx.hits_at(h.s())
        .iter()
        .find(|x| x.kind == ConceptKind::Disorder && x.end < h.end && x.flags & FLAG_AMBIGUOUS == 0 && [&ABOUT, &REMOVED].iter().any(|w| w.contains(&sub(ctx.text, x.e(), h.e()))))
        .copied()
}

/// 治療 or 手術 right after a disease takes it in: 肺炎治療.
pub(super) fn with_disease(ctx: &Context<'_>, h: &Hit, m: &mut Mention) -> bool {
    let removal = REMOVED.contains(&sub(ctx.text, h.s(), h.e()));
    if !removal && !ABOUT.contains(&sub(ctx.text, h.s(), h.e())) {
        return false;
    }
    let Some(d) = ctx.hit_ending(h.s(), &[ConceptKind::Disorder]).filter(|d| d.flags & FLAG_AMBIGUOUS == 0 && d.s() >= ctx.start) else { return false };
    m.parts.insert(0, Part { concept: d.concept, kind: d.kind, start: d.s(), end: d.e() });
    m.start = m.start.min(d.s());
    // 左副腎腫瘍摘出術: the side belongs to the operation
    if removal
        && let Some(side) =
            ctx.hit_ending(m.start, &[ConceptKind::Modifier, ConceptKind::Site]).filter(|s| s.s() >= ctx.start && sub(ctx.text, s.s(), s.e()).starts_with(['左', '右', '両']))
    {
        m.start = side.s();
    }
    m.name = Some(sub(ctx.text, m.start, m.end).to_owned());
    true
}

/// 「CT：虫垂腫大」: a title inside the running text that names a study tells that it was done.
pub(super) fn titled(ctx: &Context<'_>, out: &mut Vec<Mention>) {
    let (start, end) = ctx.section.title;
    let first = ctx.sentence.checked_sub(1).and_then(|b| ctx.note.sentences.get(b)).is_none_or(|b| b.section != ctx.note.sentences.get(ctx.sentence).map_or(0, |s| s.section));
    if ctx.kind() != SectionKind::Imaging || !first {
        return;
    }
    let written = sub(ctx.text, start, end);
    let name = written.trim_end_matches([':', ' ', '\n']);
    // 【画像】 and ## CT are headings of a form
    if name.len() == written.len() || !from(name, 0).starts_with(|c: char| c.is_alphanumeric() || is_kanji(c)) {
        return;
    }
    let Some(concept) = ctx.lexicon.lookup(name).map(|l| l.0).find(|r| ctx.lexicon.concept(*r).is_some_and(|c| c.kind() == ConceptKind::Procedure)) else { return };
    let mut m = Mention::new(FactKind::Procedure, start, start + name.len(), "procedure.title");
    m.concept = Some(concept);
    m.parts.push(Part { concept, kind: ConceptKind::Procedure, start, end: start + name.len() });
    out.push(m);
}
