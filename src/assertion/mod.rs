//! Present, absent, possible, conditional, planned; whose; when — with the scope it was read from.
//!
//! A term takes the nearest cue that it can reach. Between a term and a cue after it only a list may
//! stand: other terms, commas, particles, adverbs. A verb, a measurement or a date ends the reach, so
//! that 「発熱を主訴に受診し、咳嗽なし」 denies the cough alone and 「悪心・嘔吐は認めない」 denies both.

mod medicine;

use crate::lexicon::{ConceptKind, CueType, Hit, Reach};
use crate::model::{Assertion, FactKind, Subject, Temporality};
use crate::note::SectionKind;
use crate::recognize::{Context, Mention};
use crate::text::{char_at, char_before, from, is_hiragana, is_kanji, is_katakana, sub};

/// What was read about a mention.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// Whether it is there.
    pub assertion: Assertion,
    /// Whose it is.
    pub subject: Subject,
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
    people: Vec<(usize, usize, Subject)>,
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
                        scope.people.push((h.s(), h.e(), subject));
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

    fn read_subject(&self, ctx: &Context<'_>, m: &Mention, r: &mut Reading) {
        if ctx.kind() == SectionKind::FamilyHistory && !matches!(m.kind, FactKind::Vital | FactKind::Lab | FactKind::Procedure) {
            r.subject = Subject::Family;
            r.because.push(("section.family-history".to_owned(), ctx.section.title));
            return;
        }
        for (s, e, subject) in self.people.iter().rev().filter(|p| p.1 <= m.start) {
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
            r.because.push(("person.before".to_owned(), (*s, *e)));
            return;
        }
    }
}

/// What may stand between two cues that say one thing together: particles, a noun with its particle, a light verb.
fn linked(gap: &str) -> bool {
    let g = gap.trim_start_matches("する").trim_start_matches("した").trim_start_matches("ような").trim_start_matches("など").trim_start_matches("まで").trim_start_matches("こと");
    let noun: usize = g.chars().take(6).take_while(|c| is_kanji(*c) || is_katakana(*c)).map(char::len_utf8).sum();
    matches!(sub(g, noun, g.len()), "" | "は" | "も" | "を" | "が" | "の" | "に" | "には" | "は明らかで" | "のは" | "ものは" | "傾向は")
}

/// When: a past history is past unless the disease lasts; an age or a span of years before the term puts it there.
fn read_time(ctx: &Context<'_>, m: &Mention, r: &mut Reading) {
    let before = sub(ctx.text, ctx.start, m.start);
    let sentence = sub(ctx.text, ctx.start, ctx.end);
    if ctx.kind() == SectionKind::PastHistory && r.temporality == Temporality::Current && r.assertion == Assertion::Present {
        let lasting = ctx.lexicon.concept(m.concept.unwrap_or_default_ref()).is_some_and(|c| c.code(crate::lexicon::System::Icd10).is_some_and(is_chronic));
        let done = ["手術", "術後", "歳時に", "歳で", "年前", "治癒", "完治", "切除"].iter().any(|w| sentence.contains(w));
        if !lasting || done {
            r.temporality = Temporality::Past;
            r.because.push(("section.past-history".to_owned(), ctx.section.title));
        }
    } else if before.rfind("年前に").or_else(|| before.rfind("年前、")).is_some_and(|i| before.len() - i < 60)
        && !ctx.lexicon.concept(m.concept.unwrap_or_default_ref()).is_some_and(|c| c.code(crate::lexicon::System::Icd10).is_some_and(is_chronic))
        && ["を切除", "で手術", "の手術", "を手術", "を摘出", "に罹患", "で入院", "で治療", "手術"].iter().any(|w| sub(ctx.text, m.end, ctx.end).starts_with(w))
    {
        r.temporality = Temporality::Past;
        r.because.push(("time.years-ago".to_owned(), (m.start, m.end)));
    } else if let Some(i) = before.rfind("歳時に").or_else(|| before.rfind("歳の時")).filter(|i| before.len() - i < 60) {
        r.temporality = Temporality::Past;
        r.because.push(("time.age-before".to_owned(), (ctx.start + i, ctx.start + i + "歳時に".len())));
    }
}

/// ICD-10 categories of diseases that stay: what a past-history section names is still there.
fn is_chronic(icd: &str) -> bool {
    const LASTING: &[(&str, &str)] = &[
        ("B18", "B24"),
        ("D55", "D58"),
        ("E03", "E06"),
        ("E10", "E14"),
        ("E66", "E88"),
        ("F00", "F99"),
        ("G10", "G47"),
        ("H25", "H54"),
        ("I10", "I15"),
        ("I20", "I20"),
        ("I25", "I25"),
        ("I42", "I51"),
        ("J30", "J30"),
        ("J40", "J47"),
        ("J84", "J84"),
        ("K21", "K21"),
        ("K50", "K52"),
        ("K58", "K59"),
        ("K70", "K77"),
        ("L20", "L20"),
        ("L40", "L40"),
        ("M05", "M36"),
        ("M40", "M54"),
        ("M80", "M82"),
        ("N18", "N19"),
        ("N40", "N40"),
    ];
    let category = icd.get(..3).unwrap_or("");
    LASTING.iter().any(|(a, b)| *a <= category && category <= *b)
}

trait OrNowhere {
    fn unwrap_or_default_ref(self) -> crate::lexicon::ConceptRef;
}

impl OrNowhere for Option<crate::lexicon::ConceptRef> {
    fn unwrap_or_default_ref(self) -> crate::lexicon::ConceptRef {
        self.unwrap_or(crate::lexicon::ConceptRef { pack: u8::MAX, index: u32::MAX })
    }
}

fn cue_id(ctx: &Context<'_>, h: &Hit) -> String {
    ctx.lexicon.cue(h.concept).map_or_else(String::new, |c| c.id.clone())
}

fn inside_term(h: &Hit, mentions: &[Mention]) -> bool {
    let inside = |m: &Mention| m.core_start <= h.s() && h.e() <= m.core_end && h.len() < m.core_end - m.core_start;
    let across = |m: &Mention| m.core_start < h.s() && h.s() < m.core_end;
    // 「化学療法は希望せず」 is a wish, and its end the cue of the act in it
    mentions.iter().any(|m| !matches!(m.kind, FactKind::Time | FactKind::Preference) && (inside(m) || across(m)))
}

/// Of cues that overlap, the longest stays; of two of one length the first.
fn keep_longest(cues: &mut Vec<Found>, new: Found) {
    if let Some(last) = cues.last().copied()
        && new.start < last.end
    {
        if new.end - new.start > last.end - last.start && new.start == last.start || new.start > last.start && new.end <= last.end {
            if new.start == last.start {
                cues.pop();
                cues.push(new);
            }
            return;
        }
        // 「s/o」 stands before or after its term
        if new.start == last.start && new.end == last.end && new.reach != last.reach {
            cues.push(new);
        }
        // partial overlap: 「認め」+「めない」 can't both be read; the earlier stands
        return;
    }
    cues.push(new);
}

/// Whether a cue is a word here and not the tail of another.
fn stands(ctx: &Context<'_>, h: &Hit, id: &str, mentions: &[Mention], after_cue: bool) -> bool {
    let word = sub(ctx.text, h.s(), h.e());
    let before = if h.s() > ctx.start { char_before(ctx.text, h.s()).unwrap_or(' ') } else { ' ' };
    let after = if h.e() < ctx.end { char_at(ctx.text, h.e()).unwrap_or(' ') } else { ' ' };
    let adjacent = after_cue || mentions.iter().any(|m| m.end == h.s() || m.core_end == h.s());
    match word {
        "無" | "有" | "疑" => return !is_kanji(after) && !is_hiragana(after) && (adjacent || !is_kanji(before) && !is_hiragana(before)),
        "様" | "様の" | "っぽい" | "らしい" => return adjacent,
        "-" | "+" | "±" | "(-" | "1+" | "2+" | "3+" => return adjacent && !after.is_alphanumeric() && !(after == '>' || after == '-' && word == "-"),
        "?" | "?)" | "??" => return true,
        "時" | "時に" | "時には" | "時は" | "時、" | "時:" => {
            return mentions.iter().any(|m| {
                m.end == h.s() && matches!(m.kind, FactKind::Disorder | FactKind::Finding | FactKind::Vital)
                    || matches!(m.kind, FactKind::Vital) && sub(ctx.text, m.end, h.s()) == "の"
            }) && !is_kanji(after)
                && !matches!(before, 'た' | 'だ');
        }
        "なら" => return !matches!(after, 'ず' | 'び' | 'な' | 'し'),
        "歴" => return adjacent,
        "ある" | "あり" | "有り" | "あった" | "あって" => {
            return adjacent || !is_hiragana(before) || matches!(before, 'は' | 'も' | 'が' | 'に' | 'の' | 'と' | 'で' | 'や' | 'ど');
        }
        _ => {}
    }
    if id == "absent.nai" || id == "absent.none" {
        // 少ない, 危ない, できない: the tail of another word
        let particle = matches!(before, 'は' | 'も' | 'が' | 'の' | 'と' | 'に' | 'や' | 'ど' | 'を');
        return adjacent || (!is_hiragana(before) || particle) && !matches!(before, '少' | '危' | '来' | '足' | '切');
    }
    if word.chars().count() == 1 && is_kanji(before) && !adjacent {
        return false;
    }
    true
}

/// 「痛くない」「熱も出てない」「咳も出ません」: the word itself is negated. Returns where the negation ends.
fn negated_word(ctx: &Context<'_>, m: &Mention) -> Option<usize> {
    let (surface, rest) = (sub(ctx.text, m.core_start, m.core_end), sub(ctx.text, m.core_end, ctx.end));
    if surface.ends_with("くな") && rest.starts_with(['い', 'か']) {
        return Some(m.core_end + 'い'.len_utf8());
    }
    let last = surface.chars().next_back()?;
    if !is_hiragana(last) && !surface.chars().any(is_hiragana) || last == 'な' {
        return None;
    }
    let forms = [
        "くない",
        "くなかった",
        "くありません",
        "くはない",
        "くもない",
        "てない",
        "ていない",
        "ていません",
        "てません",
        "ません",
        "ませんでした",
        "ておらず",
        "たことはない",
        "たことがない",
        "ることはな",
        "ることもな",
        "なくなった",
    ];
    forms.iter().filter(|f| rest.starts_with(**f)).map(|f| m.core_end + f.len()).max()
}

/// Whether a cue after a term speaks of it.
fn reaches(ctx: &Context<'_>, end: usize, cue: &Found, mentions: &[Mention]) -> bool {
    let gap = sub(ctx.text, end, cue.start);
    // 「発熱の他に」: the term stands, and others are spoken of
    if ["の他", "のほか", "以外", "を除"].iter().any(|w| gap.starts_with(w)) {
        return false;
    }
    // what a parenthesis says of something else stays in it: 「右下肢痛(歩行時に増悪、安静時なし)」
    if let Some(open) = gap.rfind('(')
        && !sub(gap, open, gap.len()).contains(')')
        && open + 1 < gap.len()
    {
        return false;
    }
    // a problem title stands, whatever its line goes on to deny
    if ctx.kind() == SectionKind::Problem
        && end <= ctx.section.content.0 + 60
        && gap.starts_with(' ')
        && !gap.trim().is_empty()
        && mentions.iter().all(|m| m.start >= end || m.end == end)
    {
        return false;
    }
    // 「骨折、骨盤骨折疑い」: the suffix doubts its own word
    if cue.says == CueType::Possible && gap.contains(['、', ',']) && mentions.iter().any(|m| m.end == cue.start && m.start > end) {
        return false;
    }
    // 「乳癌の転移はなく」: of two terms joined by の the second is meant
    if !matches!(cue.says, CueType::Present | CueType::Past)
        && gap.starts_with('の')
        && mentions.iter().any(|m| m.start == end + 'の'.len_utf8() && matches!(m.kind, FactKind::Disorder | FactKind::Finding))
    {
        return false;
    }
    // a sign belongs to the word it stands at: in 「リンパ節腫脹、ツ反陰性」 only the test is negative
    let sign = ctx.lexicon.cue(cue.hit.concept).is_some_and(|c| c.id == "absent.minus");
    if sign {
        let last = mentions.iter().filter(|m| m.end <= cue.start && m.end >= end).map(|m| m.end).max().unwrap_or(end);
        if sub(ctx.text, last.max(end), cue.start).chars().any(|c| is_kanji(c) || is_katakana(c) || c.is_alphanumeric() && !is_hiragana(c)) {
            return false;
        }
    }
    transparent(ctx, end, cue.start, mentions)
}

/// 「咽頭軽度発赤、扁桃腫大なし」「左背側にラ音、喘鳴なし」「腎症2期、網膜症なし」: what has a degree, a stage or one side is
/// there, and the denial at the end of the line is of the bare term before it.
fn stated(ctx: &Context<'_>, m: &Mention, cue: &Found, mentions: &[Mention]) -> bool {
    let gap = sub(ctx.text, m.core_end, cue.start);
    if !gap.starts_with(['、', ',', ' ']) || gap.starts_with(" (") {
        return false;
    }
    let another = mentions.iter().any(|x| x.start >= m.core_end && x.end <= cue.start && matches!(x.kind, FactKind::Disorder | FactKind::Finding) && !specified(ctx, x));
    another && specified(ctx, m)
}

/// Whether a mention says how much, which stage, or on which one side.
fn specified(ctx: &Context<'_>, m: &Mention) -> bool {
    let degree = m.parts.iter().any(|p| p.kind == ConceptKind::Modifier && ctx.lexicon.has_trait(p.concept, crate::lexicon::trait_of::SEVERITY));
    let words = sub(ctx.text, m.start, m.core_end);
    let one_side = sub(ctx.text, m.start, m.core_start).trim_end().ends_with('に') && words.starts_with(['左', '右']) && !words.starts_with("左右");
    degree || one_side || words.bytes().any(|b| b.is_ascii_digit())
}

/// Whether only a list stands in `start..end`: terms, sites, particles, adverbs, nouns.
fn transparent(ctx: &Context<'_>, start: usize, end: usize, mentions: &[Mention]) -> bool {
    let mut at = start;
    let mut nouns = 0;
    if end.saturating_sub(start) > 240 {
        return false;
    }
    while at < end {
        if let Some(m) = mentions.iter().filter(|m| m.start <= at && m.end > at && m.start >= start.min(at)).max_by_key(|m| m.end) {
            match m.kind {
                // 「皮疹はプレドニゾロン内服により消退」
                FactKind::Medication => {
                    at = m.end.max(m.core_end);
                    continue;
                }
                FactKind::Disorder | FactKind::Finding | FactKind::Procedure | FactKind::Allergy => {
                    at = m.end;
                    nouns = 0;
                    continue;
                }
                // 昨日, 以前 are adverbs; a date ends the reach
                FactKind::Time if !is_numeric(ctx, m) => {
                    at = m.end;
                    continue;
                }
                _ => return false,
            }
        }
        let rest = sub(ctx.text, at, end);
        if let Some(w) = LINKS.iter().filter(|w| rest.starts_with(**w)).max_by_key(|w| w.len()) {
            if *w == "が" && matches!(char_at(rest, w.len()), Some('、' | ',')) {
                return false;
            }
            at += w.len();
            continue;
        }
        if let Some(h) = ctx
            .hits_at(at)
            .iter()
            .find(|h| matches!(h.kind, ConceptKind::Site | ConceptKind::Modifier | ConceptKind::Disorder | ConceptKind::Finding | ConceptKind::Head) && h.e() <= end)
        {
            at = h.e();
            continue;
        }
        let Some(c) = char_at(ctx.text, at) else { return false };
        if is_kanji(c) || is_katakana(c) || c.is_ascii_alphabetic() {
            nouns += 1;
            if nouns > 14 {
                return false;
            }
            at += c.len_utf8();
            continue;
        }
        return false;
    }
    true
}

fn is_numeric(ctx: &Context<'_>, m: &Mention) -> bool {
    sub(ctx.text, m.start, m.end).bytes().any(|b| b.is_ascii_digit())
}

/// What may stand between the terms of a list and their cue.
const LINKS: &[&str] = &[
    "、",
    "，",
    ",",
    "・",
    "/",
    " ",
    "　",
    "(",
    ")",
    "〈",
    "〉",
    "「",
    "」",
    ":",
    ";",
    "~",
    "\t",
    "は",
    "も",
    "が",
    "の",
    "を",
    "に",
    "と",
    "や",
    "および",
    "及び",
    "または",
    "又は",
    "もしくは",
    "ならびに",
    "並びに",
    "あるいは",
    "などの",
    "などは",
    "などを",
    "などが",
    "など",
    "等の",
    "等は",
    "等",
    "とも",
    "のみ",
    "その他",
    "明らかな",
    "明らかに",
    "特に",
    "有意な",
    "特記すべき",
    "新たな",
    "新規の",
    "著明な",
    "目立った",
    "いずれも",
    "共に",
    "ともに",
    "現在",
    "今のところ",
    "らしき",
    "ような",
    "といった",
    "という",
    "自体",
    "まで",
    "には",
    "にも",
    "では",
    "でも",
    "へ",
    "感は",
    "的な",
    "性の",
    "その",
    "これら",
    "はっきりした",
    "はっきりとした",
    "粗大な",
    "有害な",
    "大きな",
    "強い",
    "強く",
    "積極的に",
    "殆ど",
    "ほとんど",
    "ほぼ",
    "急速に",
    "完全に",
    "速やかに",
    "自然に",
    "最も",
    "全例で",
    "全例に",
    "いずれの部位にも",
    "のいずれの",
    "いずれの",
    "積極的な",
    "高い",
    "な",
];
