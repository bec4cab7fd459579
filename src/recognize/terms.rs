//! Disorders, findings and procedures: the longest term that stands as a word, with its modifiers and site.

use super::act::{self, Weight};
use super::{Claims, Context, Mention, Part};
use crate::coding;
use crate::lexicon::{Attr, ConceptKind, ConceptRef, Condition, FLAG_AMBIGUOUS, Hit, Lexicon, System, trait_of};
use crate::model::{Applicability, Assertion, FactKind};
use crate::note::{Normalized, SectionKind};
use crate::text::{byte, char_at, char_before, from, is_hiragana, is_kanji, sub};
use crate::words::words;
use std::sync::LazyLock;

const TERMS: &[ConceptKind] = &[ConceptKind::Disorder, ConceptKind::Finding, ConceptKind::Procedure];

/// Finds terms in a sentence.
pub fn recognize(ctx: &Context<'_>, claims: &mut Claims, out: &mut Vec<Mention>) {
    let mut at = ctx.start;
    for h in ctx.hits {
        if h.s() < at {
            continue;
        }
        match h.kind {
            // a word that is no term keeps its span
            ConceptKind::Stop if ctx.lexicon.has_trait(h.concept, trait_of::STOP_WORD) => at = h.e(),
            k if TERMS.contains(&k) => {
                if claims.overlaps(h.s(), h.e()) {
                    // a questionnaire with its score was done as well: HDS-R 19点
                    if k == ConceptKind::Procedure {
                        out.extend(act::scored(h, out));
                    }
                    continue;
                }
                if k != ConceptKind::Procedure && act::preferred(ctx, h) {
                    continue;
                }
                if stopped(ctx, h) {
                    // 糖尿病食: nor is the shorter 糖尿 meant
                    at = h.e();
                    continue;
                }
                let Some((concept, rule)) = accept(ctx, h) else { continue };
                let mut m = mention(ctx, h, concept, rule, claims);
                if k == ConceptKind::Procedure {
                    let inside = act::with_disease(ctx, h, &mut m);
                    match act::weight(ctx, h) {
                        Weight::None if !inside => continue,
                        Weight::Generic if !(inside || act::acted(ctx, h) || m.parts.iter().any(|p| p.kind == ConceptKind::Site)) => continue,
                        _ => {}
                    }
                    if let Some(d) = act::disease_within(ctx, h) {
                        let mut disease = mention(ctx, &d, d.concept, "term.within-procedure".to_owned(), claims);
                        (disease.end, disease.core_end) = (d.e(), m.core_end);
                        out.push(disease);
                    }
                }
                at = h.e();
                claims.claim(m.start, m.end);
                out.push(m);
            }
            _ => {}
        }
    }
    act::titled(ctx, out);
    heads(ctx, claims, out);
}

/// A word follows that makes another thing of the term: 糖尿病内科.
fn stopped(ctx: &Context<'_>, h: &Hit) -> bool {
    if h.kind == ConceptKind::Procedure {
        return act::names_other(ctx, h.e());
    }
    ctx.hits_at(h.e()).iter().any(|x| x.kind == ConceptKind::Stop && ctx.lexicon.has_trait(x.concept, trait_of::STOP_SUFFIX))
}

/// Whether a hit is the term here: its concept (an abbreviation may mean another) and the rule that says so.
fn accept(ctx: &Context<'_>, h: &Hit) -> Option<(ConceptRef, String)> {
    if !is_word(ctx, h) {
        return None;
    }
    let written = sub(ctx.text, h.s(), h.e());
    for rule in ctx.lexicon.ambiguity(written) {
        if rule.when.iter().all(|c| holds(ctx, h, c)) {
            return rule.then.map(|t| (t, rule.id.clone()));
        }
    }
    if coordinated(ctx, h) {
        return None;
    }
    if h.flags & FLAG_AMBIGUOUS == 0 {
        return Some((h.concept, "term".to_owned()));
    }
    let home = if h.kind == ConceptKind::Procedure { act::at_home(ctx, h) } else { at_home(ctx, h) };
    home.then(|| (h.concept, "term.abbreviation-in-context".to_owned()))
}

/// `悪心・嘔吐` is two terms, each found by itself.
fn coordinated(ctx: &Context<'_>, h: &Hit) -> bool {
    let surface = sub(ctx.text, h.s(), h.e());
    let term = |at: usize, end: usize| ctx.hits_at(at).iter().any(|x| x.e() == end && matches!(x.kind, ConceptKind::Disorder | ConceptKind::Finding));
    surface.char_indices().filter(|(_, c)| matches!(c, '・' | '、' | 'と' | '/')).any(|(i, c)| term(h.s(), h.s() + i) && term(h.s() + i + c.len_utf8(), h.e()))
}

/// Whether `h` stands as a word of its own, by the characters around it and, where these do not tell, the tokenizer.
fn is_word(ctx: &Context<'_>, h: &Hit) -> bool {
    let surface = sub(ctx.text, h.s(), h.e());
    let (Some(first), Some(last)) = (surface.chars().next(), surface.chars().next_back()) else { return false };
    let before = if h.s() > ctx.start { char_before(ctx.text, h.s()).unwrap_or(' ') } else { ' ' };
    let after = if h.e() < ctx.end { char_at(ctx.text, h.e()).unwrap_or(' ') } else { ' ' };
    let n = surface.chars().count();
    if surface.is_ascii()
        && n <= 4
        && (after.is_ascii_digit() || before.is_ascii_digit() || after == '-' && char_at(ctx.text, h.e() + 1).is_some_and(char::is_alphanumeric) || before == '-' || after == '%')
    {
        return false;
    }
    if after == '性' && matches!(h.kind, ConceptKind::Disorder | ConceptKind::Finding) || after == '科' {
        return false;
    }
    if is_hiragana(first) && is_hiragana(before) && n <= 4 && !ctx.is_word_boundary(h.s()) {
        return false;
    }
    let joined = |at: usize, kinds: &[ConceptKind]| ctx.hit_ending(at, kinds).is_some();
    if n <= 2 {
        if is_kanji(first) && is_kanji(before) {
            let site = joined(h.s(), &[ConceptKind::Site, ConceptKind::Modifier, ConceptKind::Disorder, ConceptKind::Finding, ConceptKind::Procedure]);
            if !site && (n == 1 || !ctx.is_word_boundary(h.s())) {
                return false;
            }
        }
        if is_kanji(last) && is_kanji(after) {
            let goes_on = ctx.hits_at(h.e()).iter().any(|x| {
                matches!(
                    x.kind,
                    ConceptKind::Cue | ConceptKind::Modifier | ConceptKind::Head | ConceptKind::Disorder | ConceptKind::Finding | ConceptKind::Drug | ConceptKind::Procedure
                )
            });
            if !goes_on && (n == 1 || !ctx.is_word_boundary(h.e())) {
                return false;
            }
        }
        if n == 1 && is_kanji(first) && is_hiragana(after) && !matches!(after, 'あ' | 'な' | 'が' | 'は' | 'も' | 'を' | 'に' | 'の' | 'で' | 'と' | 'や' | 'み') {
            return false;
        }
    } else if is_kanji(last) && is_kanji(after) && n == 3 && !ctx.is_word_boundary(h.e()) && !ctx.is_word_boundary(h.s()) {
        return false;
    }
    // hiragana that goes on into another word: 「いたい」 in 「していたい」
    if is_hiragana(last) && is_hiragana(first) && n <= 3 && !ctx.is_word_boundary(h.s()) {
        return false;
    }
    true
}

fn holds(ctx: &Context<'_>, h: &Hit, c: &Condition) -> bool {
    // the title of the section and what stands just before belong to the neighbourhood
    let mut near = ctx.start.saturating_sub(90).max(ctx.section.title.0.min(ctx.start));
    while !ctx.folded.is_char_boundary(near) {
        near += 1;
    }
    let sentence = sub(ctx.folded, near, ctx.end);
    match c {
        Condition::Section(kinds) => kinds.contains(&ctx.kind()),
        Condition::Near(words) => words.iter().any(|w| sentence.match_indices(w.as_str()).any(|(i, _)| near + i >= h.e() || near + i + w.len() <= h.s())),
        Condition::Note(words) => words.iter().any(|w| ctx.folded.contains(w.as_str())),
        Condition::Before(words) => words.iter().any(|w| sub(ctx.folded, ctx.start, h.s()).trim_end().ends_with(w.as_str())),
        Condition::After(words) => words.iter().any(|w| sub(ctx.folded, h.e(), ctx.end).trim_start().starts_with(w.as_str())),
        Condition::Value => from(ctx.text, h.e()).trim_start_matches([' ', ':', '=']).starts_with(|c: char| c.is_ascii_digit()),
    }
}

/// An ambiguous abbreviation among terms: a problem title, a history, a list of terms, a clinical cue after it.
fn at_home(ctx: &Context<'_>, h: &Hit) -> bool {
    if ctx.lexicon.ambiguity(sub(ctx.text, h.s(), h.e())).iter().any(|r| r.when.iter().all(|c| matches!(c, Condition::Value)) && holds(ctx, h, &Condition::Value)) {
        return false;
    }
    let next = from(ctx.text, h.e()).trim_start_matches(' ');
    let surface = sub(ctx.text, h.s(), h.e());
    if !surface.is_ascii() {
        // a short Japanese word: the tokenizer tells whether it is one
        return ctx.is_word_boundary(h.s()) && ctx.is_word_boundary(h.e());
    }
    if next.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let titled = matches!(ctx.kind(), SectionKind::PastHistory | SectionKind::DischargeDiagnosis | SectionKind::AdmissionDiagnosis | SectionKind::FamilyHistory);
    let heading = ctx.kind() == SectionKind::Problem && ctx.start <= ctx.section.content.0 + 2;
    if titled || heading {
        return true;
    }
    let relative = ctx.hit_ending(h.s(), &[ConceptKind::Person]).is_some()
        || ["が", "は", "も", ":", " ", "に"].iter().any(|p| sub(ctx.text, ctx.start, h.s()).ends_with(p) && ctx.hit_ending(h.s() - p.len(), &[ConceptKind::Person]).is_some());
    if relative {
        return true;
    }
    let cue = ctx.hits_at(h.e()).iter().any(|x| x.kind == ConceptKind::Cue)
        || ["の既往", "に対し", "にて", "で入院", "で加療", "で通院", "発症", "合併", "疑い", "の診断", "と診断"].iter().any(|w| next.starts_with(w));
    let listed = |c: char| matches!(c, '、' | '・' | '/' | ',' | ' ');
    let neighbour = ctx.hits.iter().any(|x| {
        matches!(x.kind, ConceptKind::Disorder)
            && x.flags & FLAG_AMBIGUOUS == 0
            && (x.s() > h.e() && x.s() <= h.e() + 4 && sub(ctx.text, h.e(), x.s()).chars().all(listed)
                || x.e() < h.s() && x.e() + 4 >= h.s() && sub(ctx.text, x.e(), h.s()).chars().all(listed))
    });
    cue || neighbour
}

fn fact_kind(kind: ConceptKind) -> FactKind {
    match kind {
        ConceptKind::Disorder => FactKind::Disorder,
        ConceptKind::Procedure => FactKind::Procedure,
        _ => FactKind::Finding,
    }
}

fn mention(ctx: &Context<'_>, h: &Hit, concept: ConceptRef, rule: String, claims: &Claims) -> Mention {
    let kind = ctx.lexicon.concept(concept).map_or(h.kind, |c| c.kind());
    let mut m = Mention::new(fact_kind(kind), h.s(), h.e(), "term");
    m.concept = Some(concept);
    if rule != "term" {
        m.because.push((rule, (h.s(), h.e())));
        m.confidence = 0.85;
    }
    if sub(ctx.text, h.s(), h.e()).is_ascii() && h.len() <= 3 {
        m.confidence = m.confidence.min(0.85);
    }
    m.start = extend_left(ctx, h.s(), kind == ConceptKind::Procedure, claims, &mut m.parts);
    if kind != ConceptKind::Procedure
        && !m.parts.iter().any(|p| p.kind == ConceptKind::Site)
        && coding::mass(ctx.lexicon, concept, sub(ctx.text, h.s(), h.e())).is_some()
        && let Some((side, site)) = site_before(ctx, m.start)
    {
        m.because.push(("term.site-before".to_owned(), (site.start, site.end)));
        m.confidence = m.confidence.min(0.85);
        m.parts.splice(0..0, side.into_iter().chain([site]));
    }
    m.parts.push(Part { concept, kind: h.kind, start: h.s(), end: h.e() });
    m.end = extend_right(ctx, h.e(), claims, &mut m.parts);
    m.end = adjective(ctx, m.end);
    m.core_end = m.end;
    m
}

/// Takes in the ending of an adjective that the table gives as a stem: 熱っぽ-い.
fn adjective(ctx: &Context<'_>, end: usize) -> usize {
    let rest = sub(ctx.text, end, ctx.end);
    let stem = char_before(ctx.text, end).is_some_and(|c| c != 'な' && (is_hiragana(c) || is_kanji(c)));
    if stem && rest.starts_with('い') && !["いる", "いた", "いて", "いま", "いな", "いく", "いっ", "いず", "いつ", "いち"].iter().any(|w| rest.starts_with(w))
    {
        end + 'い'.len_utf8()
    } else {
        end
    }
}

/// Walks left over modifiers, sites and the particles between them. Returns where the phrase starts.
fn extend_left(ctx: &Context<'_>, start: usize, act: bool, claims: &Claims, parts: &mut Vec<Part>) -> usize {
    let (mut at, mut begin) = (start, start);
    let mut found: Vec<Part> = Vec::new();
    for _ in 0..8 {
        if let Some(h) = ctx.hit_ending(at, &[ConceptKind::Modifier, ConceptKind::Site])
            && h.s() >= ctx.start
            && !claims.overlaps(h.s(), h.e())
            && site_stands(ctx, h)
            && !is_type(ctx, h, trait_of::CERTAINTY)
            && !is_suffix(ctx, h)
        {
            found.push(Part { concept: h.concept, kind: h.kind, start: h.s(), end: h.e() });
            at = h.s();
            begin = at;
            continue;
        }
        if let Some(s) = size_before(ctx, at)
            && !claims.overlaps(s, at)
        {
            at = s;
            begin = s;
            continue;
        }
        let before = sub(ctx.text, ctx.start, at);
        let Some(p) = PARTICLES.iter().filter(|p| before.ends_with(**p)).max_by_key(|p| p.len()) else { break };
        let next = at - p.len();
        // of an act: the body's part it is done to, and not what stands before it by chance
        if act && !matches!(*p, "の" | "・") {
            break;
        }
        // a particle belongs to the phrase only when a site or modifier stands before it
        let ok = ctx
            .hit_ending(next, &[ConceptKind::Modifier, ConceptKind::Site])
            .is_some_and(|h| site_stands(ctx, h) && !claims.overlaps(h.s(), h.e()) && (*p == "の" || *p == "な" || h.kind == ConceptKind::Site))
            || size_before(ctx, next).is_some() && *p == "の";
        if !ok {
            break;
        }
        at = next;
    }
    found.reverse();
    parts.extend(found);
    begin
}

/// Bytes between a site and what is found there.
const FOUND_WITHIN: usize = 90;

/// The site that a sentence says a mass lies in, and its side, with words for the mass between: 「左副腎に辺縁整な腫瘤」.
fn site_before(ctx: &Context<'_>, start: usize) -> Option<(Option<Part>, Part)> {
    let mut near = start.saturating_sub(FOUND_WITHIN).max(ctx.start);
    while !ctx.text.is_char_boundary(near) {
        near += 1;
    }
    let clause = sub(ctx.text, near, start);
    let from = near + clause.rfind(['。', '、', ',', '\n', ':']).map_or(0, |i| i + 1);
    let (lo, hi) = (ctx.hits.partition_point(|h| h.s() < from), ctx.hits.partition_point(|h| h.s() < start));
    let between = ctx.hits.get(lo..hi)?;
    let site = between
        .iter()
        .rev()
        .find(|h| h.kind == ConceptKind::Site && h.e() < start && site_stands(ctx, h) && FOUND_IN.iter().any(|p| sub(ctx.text, h.e(), start).starts_with(p)))?;
    // nothing else is said between the two, and no other place is named; an edge is one of the mass itself
    let parts_them = |h: &Hit| match h.kind {
        ConceptKind::Site => !OF_A_MASS.contains(&sub(ctx.text, h.s(), h.e())),
        // 「転移を疑う結節」, 「石灰化を伴う結節」: words that go with the mass
        ConceptKind::Cue => !sub(ctx.text, h.s(), h.e()).ends_with(['う', 'る', 'な', 'の', 'い', 'た']),
        k => matches!(k, ConceptKind::Procedure | ConceptKind::Person),
    };
    if between.iter().any(|h| h.s() >= site.e() && parts_them(h)) {
        return None;
    }
    // 肝 + S8
    let first = ctx.hit_ending(site.s(), &[ConceptKind::Site]).filter(|o| o.s() >= from).map_or(site.s(), |o| o.s());
    let side = ctx.hit_ending(first, &[ConceptKind::Modifier]).filter(|h| h.s() >= from && is_type(ctx, h, trait_of::LATERALITY));
    let part = |h: &Hit, start: usize| Part { concept: h.concept, kind: h.kind, start, end: h.e() };
    Some((side.map(|h| part(h, h.s())), part(site, first)))
}

static OF_A_MASS: LazyLock<Vec<&str>> = LazyLock::new(|| words("terms.of-a-mass"));
static FOUND_IN: LazyLock<Vec<&str>> = LazyLock::new(|| words("terms.found-in"));
static PARTICLES: LazyLock<Vec<&str>> = LazyLock::new(|| words("terms.particles"));

fn is_suffix(ctx: &Context<'_>, h: &Hit) -> bool {
    h.kind == ConceptKind::Modifier && ctx.lexicon.has_trait(h.concept, trait_of::SUFFIX)
}

/// Whether a modifier is of that type.
fn is_type(ctx: &Context<'_>, h: &Hit, wanted: u8) -> bool {
    h.kind == ConceptKind::Modifier && ctx.lexicon.has_trait(h.concept, wanted)
}

/// A site or modifier is not the tail of another word.
fn site_stands(ctx: &Context<'_>, h: &Hit) -> bool {
    let surface = sub(ctx.text, h.s(), h.e());
    let before = if h.s() > ctx.start { char_before(ctx.text, h.s()).unwrap_or(' ') } else { ' ' };
    let Some(first) = surface.chars().next() else { return false };
    if h.flags & FLAG_AMBIGUOUS != 0 {
        return false;
    }
    let single = surface.chars().count() == 1;
    !(single && is_kanji(first) && is_kanji(before) && ctx.hit_ending(h.s(), &[ConceptKind::Site, ConceptKind::Modifier]).is_none() && !ctx.is_word_boundary(h.s()))
        && !(is_hiragana(first) && is_hiragana(before) && !ctx.is_word_boundary(h.s()))
}

/// `15mm大の`, `2cmの`, `長径3cmの` before `at`: where it starts.
fn size_before(ctx: &Context<'_>, at: usize) -> Option<usize> {
    let before = sub(ctx.text, ctx.start, at);
    let t = before.strip_suffix('大').or_else(|| before.strip_suffix("大の")).unwrap_or(before);
    let t = t.trim_end_matches(' ');
    let t = t.strip_suffix("mm").or_else(|| t.strip_suffix("cm"))?.trim_end_matches(' ');
    let digits = t.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '×' | 'x' | '~' | '-' | '*'));
    (digits.len() < t.len()).then_some(ctx.start + digits.len())
}

/// Suffix modifiers: 術後, 後遺症, 再発.
fn extend_right(ctx: &Context<'_>, end: usize, claims: &Claims, parts: &mut Vec<Part>) -> usize {
    let mut at = end;
    for _ in 0..3 {
        let Some(h) = ctx.hit_at(at, ConceptKind::Modifier) else { break };
        // 「の既往」「の増悪」 are cues before they are 修飾語
        let cue = ctx.hits_at(at).iter().any(|x| x.kind == ConceptKind::Cue && x.e() <= h.e() + 12)
            || ctx.hits_at(at + 'の'.len_utf8()).iter().any(|x| x.kind == ConceptKind::Cue && x.s() < h.e());
        if !is_suffix(ctx, h) || cue || is_type(ctx, h, trait_of::CERTAINTY | trait_of::CAUSE) || claims.overlaps(h.s(), h.e()) || h.flags & FLAG_AMBIGUOUS != 0 {
            break;
        }
        parts.push(Part { concept: h.concept, kind: ConceptKind::Modifier, start: h.s(), end: h.e() });
        at = h.e();
    }
    at
}

/// Generic findings that need a site: 「胆嚢の腫大」「左副腎に腫瘤」; with an analyte: 「CRP上昇」.
fn heads(ctx: &Context<'_>, claims: &mut Claims, out: &mut Vec<Mention>) {
    let mut at = ctx.start;
    for h in ctx.hits.iter().filter(|h| h.kind == ConceptKind::Head) {
        if h.s() < at || claims.overlaps(h.s(), h.e()) || stopped(ctx, h) {
            continue;
        }
        let mut parts = Vec::new();
        let start = extend_left(ctx, h.s(), false, claims, &mut parts);
        let site = parts.iter().any(|p| p.kind == ConceptKind::Site);
        let (start, rule) = if site {
            (start, "head.with-site")
        } else if let Some(m) = recurrence(ctx, h) {
            claims.claim(m.start, m.end);
            at = h.e();
            out.push(m);
            continue;
        } else {
            let before = sub(ctx.text, ctx.start, start);
            let t = before.trim_end_matches(['の', 'は', 'が', 'も', ' ', '値']);
            let Some(a) = ctx.hit_ending(ctx.start + t.len(), &[ConceptKind::Analyte, ConceptKind::Vital]).filter(|a| !claims.overlaps(a.s(), a.e())) else { continue };
            if byte(ctx.text, a.s()) == b' ' {
                continue;
            }
            parts.insert(0, Part { concept: a.concept, kind: a.kind, start: a.s(), end: a.e() });
            (a.s(), "head.with-analyte")
        };
        let disorder = ctx.lexicon.concept(h.concept).is_some_and(|c| matches!(c.attr(Attr::Sort), Some("disorder" | "recurrence")));
        let mut m = Mention::new(if disorder { FactKind::Disorder } else { FactKind::Finding }, start, h.e(), rule);
        m.concept = Some(h.concept);
        m.core_start = h.s();
        parts.push(Part { concept: h.concept, kind: ConceptKind::Head, start: h.s(), end: h.e() });
        m.name = Some(sub(ctx.text, start, h.e()).chars().filter(|c| *c != ' ').collect());
        m.parts = parts;
        m.confidence = 0.8;
        m.applicability = Applicability::Confirm;
        claims.claim(start, h.e());
        at = h.e();
        out.push(m);
    }
}

/// Whether what follows a word makes another thing of it, as it does of terms: 糖尿病-内科, 再発-予防.
pub fn names_other(lexicon: &Lexicon, word: &str, rest: &str) -> bool {
    let mut hits = Vec::new();
    let mut end = rest.len().min(60);
    while !rest.is_char_boundary(end) {
        end -= 1;
    }
    let rest = Normalized::new(sub(rest, 0, end));
    lexicon.scan(&rest, &mut hits);
    let stop = |h: &Hit| h.s() == 0 && h.kind == ConceptKind::Stop && lexicon.has_trait(h.concept, trait_of::STOP_SUFFIX);
    let recurs = || lexicon.lookup(word).any(|l| lexicon.concept(l.0).is_some_and(|c| c.attr(Attr::Sort) == Some("recurrence")));
    hits.iter().any(stop) || NOT_RECURRENCE.iter().any(|w| rest.text().starts_with(w)) && recurs()
}

static NOT_RECURRENCE: LazyLock<Vec<&str>> = LazyLock::new(|| words("terms.not-recurrence"));

/// Hits before a bare 再発 among which the cancer is looked for that came back.
const BACK: usize = 400;

/// A bare 再発 is that of the cancer that the note names before it, where it names but one: 「直腸癌術後。…再発なく経過」.
fn recurrence(ctx: &Context<'_>, h: &Hit) -> Option<Mention> {
    let recurs = ctx.lexicon.concept(h.concept).is_some_and(|c| c.attr(Attr::Sort) == Some("recurrence"));
    if !recurs || NOT_RECURRENCE.iter().any(|w| ctx.rest(h.e()).starts_with(w)) {
        return None;
    }
    let end = ctx.all_hits.partition_point(|x| x.s() < h.s());
    let mut cancer: Option<(&Hit, &str)> = None;
    for x in ctx.all_hits.get(end.saturating_sub(BACK)..end).unwrap_or(&[]).iter().rev().filter(|x| x.kind == ConceptKind::Disorder && x.flags & FLAG_AMBIGUOUS == 0) {
        let Some(code) = ctx.lexicon.concept(x.concept).and_then(|c| c.codes().find(|k| k.system == System::Icd10)).and_then(|k| k.code.get(..3)) else { continue };
        // C77 to C80: metastases, and what has no site
        if !("C00".."C77").contains(&code) && !("C81".."C97").contains(&code) {
            continue;
        }
        match cancer {
            // the longer word that the shorter one stands in
            Some((shorter, _)) if x.s() <= shorter.s() && shorter.e() <= x.e() => cancer = Some((x, code)),
            Some((_, first)) if first != code => return None,
            Some(_) => {}
            None => cancer = Some((x, code)),
        }
    }
    let (cancer, _) = cancer?;
    let name = ctx.lexicon.concept(cancer.concept)?.name();
    let free = sub(ctx.text, ctx.start, h.s()).ends_with('無');
    let mut m = Mention::new(FactKind::Disorder, h.s(), h.e(), "head.recurrence");
    m.concept = Some(cancer.concept);
    m.name = Some(format!("{name}の再発"));
    let suffix = ctx.hits_at(h.s()).iter().find(|x| x.e() <= h.e() && is_suffix(ctx, x));
    m.parts.extend(suffix.map(|x| Part { concept: x.concept, kind: ConceptKind::Modifier, start: x.s(), end: x.e() }));
    m.because.push(("head.recurrence".to_owned(), (cancer.s(), cancer.e())));
    m.says = free.then_some(Assertion::Absent);
    m.confidence = 0.8;
    m.applicability = Applicability::Confirm;
    Some(m)
}
