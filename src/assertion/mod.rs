//! Present, absent, possible, conditional, planned; whose; when — with the scope it was read from.
//!
//! A term takes the nearest cue that it can reach. Between a term and a cue after it only a list may
//! stand: other terms, commas, particles, adverbs. A verb, a measurement or a date ends the reach, so
//! that 「発熱を主訴に受診し、咳嗽なし」 denies the cough alone and 「悪心・嘔吐は認めない」 denies both.

mod cue;
mod medicine;
mod reach;
mod when;

use crate::lexicon::{ConceptKind, ConceptRef, CueType, Hit, Reach};
use crate::model::{Assertion, FactKind, Subject, Temporality};
use crate::note::SectionKind;
use crate::recognize::{Context, Mention};
use crate::text::{char_at, char_before, from, is_kanji, sub};
use crate::words::words;
use cue::{inside_term, keep_longest, stands};
use reach::{is_numeric, linked, negated_word, reaches, stated, transparent};
use std::sync::LazyLock;
use when::read_time;

/// What was read about a mention.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// Whether it is there.
    pub assertion: Assertion,
    /// Whose it is.
    pub subject: Subject,
    /// The relative that is spoken of.
    pub relative: Option<ConceptRef>,
    /// When, coarsely.
    pub temporality: Temporality,
    /// What happens to a medicine: `active`, `started`, `stopped`, `held`, `planned`, `past`, `allergy`.
    pub status: Option<String>,
    /// Rules and the places they were read at, in bytes of the normalised text.
    pub because: Vec<(String, (usize, usize))>,
}

/// The cues and people of one sentence.
#[derive(Debug, Default)]
pub struct Scope {
    /// For terms, then for procedures: start, end, what it says, where it stands, number of the hit.
    terms: Vec<Found>,
    acts: Vec<Found>,
    people: Vec<(usize, usize, Subject, ConceptRef)>,
    statuses: Vec<medicine::Status>,
}

#[derive(Debug, Clone, Copy)]
struct Found {
    start: usize,
    end: usize,
    says: CueType,
    reach: Reach,
    hit: Hit,
}

impl Scope {
    /// Reads the cues of a sentence; those inside a measurement belong to it.
    pub fn new(ctx: &Context<'_>, mentions: &[Mention]) -> Self {
        let mut scope = Self::default();
        if mentions.iter().any(|m| m.kind == FactKind::Medication) {
            scope.statuses = medicine::statuses(ctx);
        }
        for h in ctx.hits {
            match h.kind {
                ConceptKind::Cue => {
                    let Some(cue) = ctx.lexicon.cue(h.concept) else { continue };
                    if mentions.iter().any(|m| {
                        m.start <= h.s()
                            && h.e() <= m.end
                            && (matches!(m.kind, FactKind::Lab | FactKind::Vital | FactKind::Score) || m.kind == FactKind::Time && is_numeric(ctx, m))
                    }) || inside_term(h, mentions)
                        || !stands(ctx, h, &cue.id, mentions, scope.terms.iter().chain(&scope.acts).any(|c| c.end == h.s()))
                    {
                        continue;
                    }
                    let found = Found { start: h.s(), end: h.e(), says: cue.says, reach: cue.reach, hit: *h };
                    if !matches!(cue.says, CueType::Planned | CueType::NotDone) {
                        keep_longest(&mut scope.terms, found);
                    }
                    if !matches!(cue.says, CueType::Possible) {
                        keep_longest(&mut scope.acts, found);
                    }
                }
                ConceptKind::Person => {
                    let subject = match ctx.lexicon.concept(h.concept).and_then(|c| c.attr(crate::lexicon::Attr::Type)) {
                        Some("family") => Subject::Family,
                        Some("other") => Subject::Other,
                        _ => Subject::Patient,
                    };
                    if scope.people.last().is_none_or(|p| p.1 <= h.s()) {
                        scope.people.push((h.s(), h.e(), subject, h.concept));
                    }
                }
                _ => {}
            }
        }
        scope
    }

    /// Reads what is said of one mention.
    pub fn read(&self, ctx: &Context<'_>, m: &Mention, mentions: &[Mention]) -> Reading {
        let mut r = Reading { assertion: m.says.unwrap_or_default(), ..Reading::default() };
        match m.kind {
            FactKind::Disorder | FactKind::Finding => self.read_term(ctx, m, mentions, &mut r),
            FactKind::Procedure => self.read_act(ctx, m, mentions, &mut r),
            FactKind::Vital | FactKind::Lab => {
                // 「38.5℃以上の時」 is a condition, not a measurement
                if let Some(c) = self.terms.iter().find(|c| {
                    c.says == CueType::Conditional
                        && c.start >= m.end
                        && matches!(sub(ctx.text, m.end, c.start), "" | "の" | "が" | "で" | "を超える" | "が続く" | "の発熱" | "の発熱が")
                }) {
                    r.assertion = Assertion::Conditional;
                    r.because.push((cue_id(ctx, &c.hit), (c.start, c.end)));
                } else if m.value.as_ref().is_some_and(|v| matches!(v.comparator.as_deref(), Some(">=" | "<=" | ">" | "<")))
                    && let Some(w) = ORDERED.iter().find(|w| from(ctx.text, m.end).starts_with(**w))
                {
                    r.assertion = Assertion::Conditional;
                    r.because.push(("conditional.threshold".to_owned(), (m.end, m.end + w.len())));
                }
            }
            FactKind::Medication => self.read_medicine(ctx, m, mentions, &mut r),
            FactKind::Time | FactKind::Preference => return r,
            _ => {}
        }
        self.read_subject(ctx, m, &mut r);
        if matches!(m.kind, FactKind::Disorder | FactKind::Finding | FactKind::Procedure) {
            read_time(ctx, m, &mut r);
        }
        r
    }

    fn read_term(&self, ctx: &Context<'_>, m: &Mention, mentions: &[Mention], r: &mut Reading) {
        let mut first: Option<(usize, Found)> = None;
        for (i, c) in self.terms.iter().enumerate() {
            if c.start < m.core_end || !matches!(c.reach, Reach::Post | Reach::Adjacent | Reach::Any) {
                continue;
            }
            if c.reach == Reach::Adjacent && sub(ctx.text, m.core_end, c.start).chars().any(|x| !matches!(x, ')' | ' ' | '」' | 'の')) {
                continue;
            }
            if c.says == CueType::Break {
                break;
            }
            if reaches(ctx, m.core_end, c, mentions) && !(c.says == CueType::Absent && stated(ctx, m, c, mentions)) {
                first = Some((i, *c));
            }
            break;
        }
        // an adjacent question mark wins over nothing at all, so look for it past unreachable cues
        if first.is_none() {
            first = self
                .terms
                .iter()
                .enumerate()
                .find(|(_, c)| c.reach == Reach::Adjacent && c.start >= m.core_end && sub(ctx.text, m.core_end, c.start).chars().all(|x| matches!(x, ')' | ' ' | '」')))
                .map(|(i, c)| (i, *c));
        }
        let after = from(ctx.text, m.core_end).trim_start_matches(['が', 'を', 'も', 'は']);
        if AVOIDED.iter().any(|w| after.starts_with(w)) && aimed(ctx, m) {
            r.assertion = Assertion::Conditional;
            r.because.push(("conditional.goal".to_owned(), (m.core_start, m.core_end)));
            return;
        }
        if let Some(end) = negated_word(ctx, m) {
            r.assertion = Assertion::Absent;
            r.because.push(("absent.inflected".to_owned(), (m.core_start, end)));
            return;
        }
        if let Some((i, cue)) = first {
            let (says, used) = self.chain(ctx, i, cue, mentions);
            for u in used {
                r.because.push((cue_id(ctx, &u.hit), (u.start, u.end)));
            }
            match says {
                // 「目標:誤嚥性肺炎を起こさない」 is what is aimed at
                CueType::Absent if aimed(ctx, m) => r.assertion = Assertion::Conditional,
                CueType::Absent => r.assertion = Assertion::Absent,
                CueType::Possible => r.assertion = Assertion::Possible,
                CueType::Conditional => r.assertion = Assertion::Conditional,
                CueType::Past => r.temporality = Temporality::Past,
                _ => {}
            }
            if r.assertion != Assertion::Present {
                return;
            }
        }
        for c in self.terms.iter().rev().filter(|c| c.reach == Reach::Pre && c.end <= m.start) {
            let gap = sub(ctx.text, c.end, m.start);
            if gap.chars().count() > 24 || gap.contains(['。', '、', '\n']) && !matches!(c.says, CueType::Past) && !transparent(ctx, c.end, m.start, mentions) {
                continue;
            }
            match c.says {
                CueType::Possible if transparent(ctx, c.end, m.start, mentions) && (c.start <= ctx.start + 3 || first.is_none_or(|f| f.1.says != CueType::Present)) => {
                    r.assertion = Assertion::Possible
                }
                CueType::Absent if gap.is_ascii() => r.assertion = Assertion::Absent,
                CueType::Conditional => r.assertion = Assertion::Conditional,
                CueType::Past => r.temporality = Temporality::Past,
                _ => continue,
            }
            r.because.push((cue_id(ctx, &c.hit), (c.start, c.end)));
            break;
        }
        if r.assertion == Assertion::Present && ctx.kind() == SectionKind::Consideration && first.is_none_or(|f| cue_id(ctx, &f.1.hit) != "present.exist") {
            r.assertion = Assertion::Possible;
            r.because.push(("section.consideration".to_owned(), ctx.section.title));
        }
    }

    /// A cue and the one that directly follows it say one thing together: 出現-なし, 疑い-は否定, 再発-の可能性.
    fn chain(&self, ctx: &Context<'_>, i: usize, cue: Found, mentions: &[Mention]) -> (CueType, Vec<Found>) {
        let Some(next) = self.terms.get(i + 1).filter(|n| n.start >= cue.end && n.start <= cue.end + 30) else { return (cue.says, vec![cue]) };
        let gap = sub(ctx.text, cue.end, next.start).trim();
        // a sign ends what is said of its term, and another term in between takes the next cue
        let sign = cue_id(ctx, &cue.hit) == "present.exist" && !gap.is_empty();
        let other = mentions.iter().any(|m| m.start >= cue.end && m.start < next.start);
        let linked = !sign && !other && linked(gap);
        if !linked || gap == "に" && next.says == CueType::Present {
            return (cue.says, vec![cue]);
        }
        let word = sub(ctx.text, cue.start, cue.end);
        let change = ["増悪", "悪化", "進行", "改善", "軽減", "軽快", "増大", "変化", "著変", "コントロール", "持続", "続"].iter().any(|w| word.starts_with(w));
        let both = vec![cue, *next];
        match (cue.says, next.says) {
            (CueType::Present, CueType::Absent) if change => (CueType::Present, both),
            (CueType::Present | CueType::Possible | CueType::Past, CueType::Absent) => (CueType::Absent, both),
            (CueType::Present, CueType::Possible | CueType::Conditional) if !change || next.says == CueType::Conditional => (next.says, both),
            (CueType::Absent, CueType::Possible) if word.starts_with("否定") || word.starts_with("除外") => (CueType::Possible, both),
            (CueType::Absent, CueType::Absent) if word.starts_with("否定") || word.starts_with("除外") => (CueType::Possible, both),
            _ => (cue.says, vec![cue]),
        }
    }

    fn read_act(&self, ctx: &Context<'_>, m: &Mention, mentions: &[Mention], r: &mut Reading) {
        if let Some(c) = self.acts.iter().find(|c| c.start >= m.core_end && c.reach != Reach::Pre && c.reach != Reach::Adjacent)
            && c.says != CueType::Break
            && transparent(ctx, m.core_end, c.start, mentions)
        {
            match c.says {
                CueType::Planned => r.assertion = Assertion::Planned,
                CueType::NotDone | CueType::Absent => r.assertion = Assertion::Absent,
                CueType::Conditional => r.assertion = Assertion::Conditional,
                CueType::Past => r.temporality = Temporality::Past,
                _ => {}
            }
            r.because.push((cue_id(ctx, &c.hit), (c.start, c.end)));
            return;
        }
        if matches!(ctx.kind(), SectionKind::Plan | SectionKind::DischargePlan) {
            r.assertion = Assertion::Planned;
            r.because.push(("section.plan".to_owned(), ctx.section.title));
        }
    }

    /// Whose disease a history of the family tells of: 「糖尿病(母)」, else the relative named before it.
    fn relative(&self, ctx: &Context<'_>, m: &Mention) -> Option<ConceptRef> {
        let family = || self.people.iter().filter(|p| p.2 == Subject::Family);
        let behind = family().find(|p| p.0 >= m.end).filter(|p| matches!(sub(ctx.text, m.end, p.0).trim(), "(" | ":(" | "は(") || sub(ctx.text, m.end, p.0) == ":");
        behind.or_else(|| family().rev().find(|p| p.1 <= m.start)).map(|p| p.3)
    }

    fn read_subject(&self, ctx: &Context<'_>, m: &Mention, r: &mut Reading) {
        if ctx.kind() == SectionKind::FamilyHistory && !matches!(m.kind, FactKind::Vital | FactKind::Lab | FactKind::Procedure) {
            r.subject = Subject::Family;
            r.relative = self.relative(ctx, m);
            r.because.push(("section.family-history".to_owned(), ctx.section.title));
            return;
        }
        if matches!(m.kind, FactKind::Disorder | FactKind::Finding)
            && let Some(w) = AROUND.iter().find(|w| from(ctx.text, m.end.max(m.core_end)).starts_with(**w))
        {
            let at = m.end.max(m.core_end);
            r.subject = Subject::Other;
            r.because.push(("person.around".to_owned(), (at, at + w.len())));
            return;
        }
        for (s, e, subject, person) in self.people.iter().rev().filter(|p| p.1 <= m.start) {
            let rest = from(ctx.text, *e).trim_start_matches([' ', ')', '('].as_slice());
            let marked = ["が", "は", "も", ":", "の", "、", "方", "系", "親族"].iter().any(|p| rest.starts_with(p)) || from(ctx.text, *e).starts_with([' ', '(', '/']);
            let single = sub(ctx.text, *s, *e).chars().count() == 1;
            let alone = !single || !char_before(ctx.text, *s).is_some_and(|c| is_kanji(c) && *s > ctx.start) && !char_at(ctx.text, *e).is_some_and(is_kanji);
            if *subject == Subject::Patient && marked {
                return;
            }
            let gap = sub(ctx.text, *e, m.start);
            let reset = gap.contains('。')
                || gap.contains("本人")
                || gap.contains("患者")
                || gap.chars().count() > 40
                || ["来院", "受診", "付き", "同居", "搬送", "相談", "連れ", "心配", "説明", "希望", "気付", "電話", "暮らし", "救急要請", "呼びかけ"]
                    .iter()
                    .any(|w| gap.contains(w));
            let speaks = rest.trim_start_matches([':', ' ']).starts_with('「') || rest.starts_with("より");
            if !marked || !alone || reset || speaks {
                continue;
            }
            if *subject == Subject::Other && !rest.starts_with(['が', 'は', 'も']) {
                continue;
            }
            r.subject = *subject;
            r.relative = Some(*person);
            r.because.push(("person.before".to_owned(), (*s, *e)));
            return;
        }
    }
}

/// After a threshold: what is to be done when it is reached.
static ORDERED: LazyLock<Vec<&str>> = LazyLock::new(|| words("assertion.ordered"));

/// After a disease: it goes about among others, or another has it.
static AROUND: LazyLock<Vec<&str>> = LazyLock::new(|| words("assertion.around"));

/// After a term: what a goal wants not to happen.
static AVOIDED: LazyLock<Vec<&str>> = LazyLock::new(|| words("assertion.avoided"));

/// Whether a mention stands in a goal: `目標:` opens its line or its section.
fn aimed(ctx: &Context<'_>, m: &Mention) -> bool {
    let mut low = ctx.section.title.0.max(m.start.saturating_sub(180)).min(m.start);
    while !ctx.text.is_char_boundary(low) {
        low += 1;
    }
    let before = sub(ctx.text, low, m.start);
    let line = before.rfind('\n').map_or(before, |i| sub(before, i + 1, before.len()));
    line.find("目標").is_some_and(|i| from(line, i + "目標".len()).trim_start().starts_with([':', '】', ']', ')', '>', ' ', 'は', 'と'])) && !line.contains("評価")
}

fn cue_id(ctx: &Context<'_>, h: &Hit) -> String {
    ctx.lexicon.cue(h.concept).map_or_else(String::new, |c| c.id.clone())
}
