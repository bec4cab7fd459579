//! Allergies: a substance and アレルギー, a substance and its reaction, what stands under the title, and that there is none.

use super::{Claims, Context, Mention};
use crate::lexicon::{ConceptKind, FLAG_AMBIGUOUS, Hit};
use crate::model::{Applicability, Assertion, FactKind, Value};
use crate::note::SectionKind;
use crate::text::{byte, char_at, from, is_kanji, is_katakana, skip_spaces, sub};
use crate::words::words;
use compact_str::CompactString;
use std::sync::LazyLock;

/// Words that deny, right after the title or the term.
static NONE: LazyLock<Vec<&str>> = LazyLock::new(|| words("allergy.none"));

/// What may stand between the term and what is said of it.
static BETWEEN: LazyLock<Vec<&str>> = LazyLock::new(|| words("allergy.between"));

/// A substance and one of these is an allergy.
static REACTIONS: LazyLock<Vec<&str>> = LazyLock::new(|| words("allergy.reactions"));

/// How a reaction is said to come of a substance.
static BY: LazyLock<Vec<&str>> = LazyLock::new(|| words("allergy.by"));

const SUBSTANCES: &[ConceptKind] = &[ConceptKind::Allergen, ConceptKind::Drug, ConceptKind::DrugClass];

/// Finds allergies in a sentence.
pub fn recognize(ctx: &Context<'_>, claims: &mut Claims, out: &mut Vec<Mention>) {
    let section = ctx.kind() == SectionKind::Allergy;
    let text = sub(ctx.text, ctx.start, ctx.end);
    let first = out.len();
    if section && under_title(ctx, claims, out) {
        return;
    }
    if text.contains("アレルギー") {
        named(ctx, claims, out);
    }
    reactions(ctx, out);
    if section && out.get(first..).is_none_or(<[Mention]>::is_empty) {
        listed(ctx, claims, out);
    }
}

fn push(out: &mut Vec<Mention>, span: (usize, usize), substance: Option<&Hit>, says: Assertion, rule: &'static str) {
    let mut m = Mention::new(FactKind::Allergy, span.0, span.1, rule);
    m.concept = substance.map(|h| h.concept);
    m.says = Some(says);
    if substance.is_none() {
        m.name = Some("アレルギー".to_owned());
    }
    out.push(m);
}

/// 「アレルギー：なし」: the title and the word that denies are one fact.
fn under_title(ctx: &Context<'_>, claims: &mut Claims, out: &mut Vec<Mention>) -> bool {
    let title = ctx.section.title;
    let opens = sub(ctx.text, title.1, ctx.start).chars().all(|c| matches!(c, ' ' | '|' | '\n' | ':'));
    let Some(end) = denied(ctx, ctx.start).filter(|_| opens && title.1 > title.0) else { return false };
    // 「なし 食物：卵」 goes on
    if ctx.hits.iter().any(|h| h.s() >= end && SUBSTANCES.contains(&h.kind) && h.s() < end + 30) {
        return false;
    }
    push(out, (title.0, end), None, Assertion::Absent, "allergy.title-none");
    claims.claim(ctx.start, end);
    true
}

/// Where a denial that starts at `at` ends.
fn denied(ctx: &Context<'_>, at: usize) -> Option<usize> {
    let rest = ctx.rest(at);
    let word = NONE.iter().filter(|w| rest.starts_with(**w)).max_by_key(|w| w.len())?;
    let end = at + word.len();
    let next = char_at(ctx.text, end).filter(|_| end < ctx.end);
    let goes_on = match *word {
        "無" => next.is_some_and(is_kanji),
        "-" => next.is_some_and(char::is_alphanumeric),
        w if w.is_ascii() && !w.ends_with(')') => next.is_some_and(|c| c.is_ascii_alphanumeric()),
        _ => false,
    };
    (!goes_on).then_some(end)
}

/// 「卵アレルギー」「薬剤アレルギーなし」「造影剤にアレルギーあり」.
fn named(ctx: &Context<'_>, claims: &mut Claims, out: &mut Vec<Mention>) {
    const WORD: &str = "アレルギー";
    let mut at = ctx.start;
    while let Some(i) = sub(ctx.text, at, ctx.end).find(WORD) {
        let (start, end) = (at + i, at + i + WORD.len());
        at = end;
        // アレルギー性鼻炎, アレルギー検査, アレルギー科 are other things
        if from(ctx.text, end).starts_with(['性', '科', '学', '専'])
            || ["検査", "反応", "症状", "外来", "マーチ", "素因", "食品", "対応", "除去", "表示"].iter().any(|w| from(ctx.text, end).starts_with(w))
        {
            continue;
        }
        let subjects = substances_before(ctx, start);
        let general = general_before(ctx, start);
        let (says, stop) = said(ctx, end);
        match (subjects.is_empty(), says) {
            // a bare アレルギー says something only with a denial
            (true, Some(Assertion::Absent)) => {
                push(out, (general, stop), None, Assertion::Absent, "allergy.none");
                claims.claim(general, stop);
            }
            (true, _) => {}
            (false, says) => {
                let last = subjects.len() - 1;
                for (n, h) in subjects.iter().enumerate() {
                    let absent = says == Some(Assertion::Absent);
                    let span = (h.s(), if n == last { if absent { stop } else { end } } else { h.e() });
                    push(out, span, Some(h), says.unwrap_or(Assertion::Present), "allergy.named");
                    claims.claim(span.0, span.1);
                }
            }
        }
    }
}

/// What is said after アレルギー, and where that ends.
fn said(ctx: &Context<'_>, end: usize) -> (Option<Assertion>, usize) {
    let mut at = end;
    for _ in 0..8 {
        if let Some(e) = denied(ctx, at) {
            return (Some(Assertion::Absent), e);
        }
        let rest = ctx.rest(at);
        if ["?", "疑い", "の疑い", "(?)", "(疑い)", "かも"].iter().any(|w| rest.starts_with(w)) {
            return (Some(Assertion::Possible), end);
        }
        if let Some(w) = ["あり", "有り", "有", "(+)", "+", "(あり)", "ある"].iter().find(|w| rest.starts_with(**w)) {
            return (Some(Assertion::Present), at + w.len());
        }
        let Some(w) = BETWEEN.iter().filter(|w| rest.starts_with(**w)).max_by_key(|w| w.len()) else { break };
        at += w.len();
    }
    (None, end)
}

/// The substances that アレルギー at `start` is to: one, or a list (卵・牛乳アレルギー).
fn substances_before<'a>(ctx: &Context<'a>, start: usize) -> Vec<&'a Hit> {
    let mut found: Vec<&Hit> = Vec::new();
    let mut at = start;
    for joint in ["", "に", "の", "への", "に対する", "に対し", "系"] {
        if sub(ctx.text, ctx.start, start).ends_with(joint) && hit_before(ctx, start - joint.len()).is_some() {
            at = start - joint.len();
            break;
        }
    }
    while let Some(h) = hit_before(ctx, at) {
        found.push(h);
        let before = sub(ctx.text, ctx.start, h.s());
        let Some(sep) = ["、", "・", ",", "/", "と", "や"].iter().find(|s| before.ends_with(**s)) else { break };
        at = h.s() - sep.len();
        if found.len() >= 10 {
            break;
        }
    }
    found.reverse();
    found
}

fn hit_before<'a>(ctx: &Context<'a>, at: usize) -> Option<&'a Hit> {
    let hi = ctx.hits.partition_point(|h| h.s() < at);
    let lo = ctx.hits.partition_point(|h| h.s() + 60 < at);
    ctx.hits.get(lo..hi).unwrap_or(&[]).iter().find(|h| h.e() == at && SUBSTANCES.contains(&h.kind) && (h.kind == ConceptKind::Allergen || h.flags & FLAG_AMBIGUOUS == 0))
}

/// Where 薬剤, 食物・薬物, 特記すべき … before アレルギー starts.
fn general_before(ctx: &Context<'_>, start: usize) -> usize {
    let mut at = start;
    for _ in 0..4 {
        let before = sub(ctx.text, ctx.start, at);
        let Some(w) = ["薬剤", "薬物", "薬", "食物", "食品", "食べ物", "環境", "その他", "金属", "特記すべき", "既知の", "明らかな", "・", "、", "/", "や"]
            .iter()
            .find(|w| before.ends_with(**w))
        else {
            break;
        };
        at -= w.len();
    }
    // a separator alone belongs to what stands before it
    while matches!(char_at(ctx.text, at), Some('・' | '、' | '/' | 'や')) && at < start {
        at += char_at(ctx.text, at).map_or(1, char::len_utf8);
    }
    at
}

/// 「ペニシリンで皮疹」「エビで蕁麻疹」.
fn reactions(ctx: &Context<'_>, out: &mut Vec<Mention>) {
    for h in ctx.hits.iter().filter(|h| SUBSTANCES.contains(&h.kind) && h.flags & FLAG_AMBIGUOUS == 0) {
        if out.iter().any(|m| m.kind == FactKind::Allergy && m.start <= h.s() && h.e() <= m.end) {
            continue;
        }
        let end = out.iter().find(|m| m.kind == FactKind::Medication && m.start <= h.s() && h.e() <= m.end).map_or(h.e(), |m| m.end.max(m.core_end));
        let at = skip_spaces(ctx.text, end);
        let rest = ctx.rest(at);
        let Some(by) = BY.iter().filter(|w| rest.starts_with(**w)).max_by_key(|w| w.len()) else { continue };
        let after = at + by.len();
        let lo = ctx.hits.partition_point(|x| x.s() < after);
        let near = ctx.hits.get(lo..).unwrap_or(&[]).iter().take_while(|x| x.s() <= after + 24);
        let Some(r) = near.filter(|x| matches!(x.kind, ConceptKind::Finding | ConceptKind::Disorder)).find(|x| REACTIONS.iter().any(|r| sub(ctx.text, x.s(), x.e()).contains(r)))
        else {
            continue;
        };
        let gap = sub(ctx.text, after, r.s());
        let better = ["改善", "軽快", "消失", "軽減", "加療", "治療", "消退", "なし", "は改善", "は軽快", "認めず", "出現なし", "は認め"]
            .iter()
            .any(|w| from(ctx.text, r.e()).starts_with(w));
        let denied_later = ctx.rest(r.e()).chars().take(18).collect::<String>();
        let better = better || ["ない", "なし", "ありません", "なく", "認めず"].iter().any(|w| denied_later.contains(w));
        if better || gap.contains(['。', '、', '\n']) || !stands(ctx, h) {
            continue;
        }
        let reaction = sub(ctx.text, r.s(), r.e()).trim_end_matches(['が', 'は', 'を', 'も', 'の']);
        let mut m = Mention::new(FactKind::Allergy, h.s(), r.s() + reaction.len(), "allergy.reaction");
        m.concept = Some(h.concept);
        m.core_end = h.e();
        m.value = Some(Value { text: Some(CompactString::new(reaction)), ..Value::default() });
        m.says = Some(Assertion::Present);
        m.applicability = Applicability::Confirm;
        m.confidence = 0.85;
        out.push(m);
    }
}

/// Not a part of another word: 卵 in 卵巣, 酒 in 酒精綿.
fn stands(ctx: &Context<'_>, h: &Hit) -> bool {
    let covers = |x: &Hit| x.e() >= h.e() && x.len() > h.len() && !matches!(x.kind, ConceptKind::Cue | ConceptKind::Unit);
    ctx.apart(h) && !ctx.around(h).iter().any(covers)
}

/// Under the title, each substance is an allergy, and 「薬：なし」 denies one sort.
fn listed(ctx: &Context<'_>, claims: &mut Claims, out: &mut Vec<Mention>) {
    let mut at = ctx.start;
    let mut any = false;
    for sort in ["薬剤", "薬物", "薬", "食物", "食べ物", "食品", "その他", "環境", "花粉", "金属", "動物"] {
        for (i, _) in sub(ctx.text, ctx.start, ctx.end).match_indices(sort).take(4) {
            let (s, e) = (ctx.start + i, ctx.start + i + sort.len());
            let after = skip_spaces(ctx.text, e + usize::from(byte(ctx.text, e) == b':'));
            let particle = ["は", "に", "アレルギー"].iter().find(|p| ctx.rest(after).starts_with(**p)).map_or(0, |p| p.len());
            if let Some(end) = denied(ctx, skip_spaces(ctx.text, after + particle)).filter(|_| !claims.overlaps(s, e)) {
                push(out, (s, end), None, Assertion::Absent, "allergy.none-of-sort");
                claims.claim(s, end);
                any = true;
            }
        }
    }
    for h in ctx.hits.iter().filter(|h| SUBSTANCES.contains(&h.kind)) {
        let medicine = out.iter().any(|m| m.kind == FactKind::Medication && m.start <= h.s() && h.e() <= m.end);
        if h.s() < at || h.kind != ConceptKind::Allergen && !medicine || h.kind == ConceptKind::Allergen && (claims.overlaps(h.s(), h.e()) || !stands(ctx, h)) {
            continue;
        }
        at = h.e();
        let (says, stop) = said(ctx, h.e());
        let absent = says == Some(Assertion::Absent);
        push(out, (h.s(), if absent { stop } else { h.e() }), Some(h), says.unwrap_or(Assertion::Present), "allergy.listed");
        if h.kind == ConceptKind::Allergen {
            claims.claim(h.s(), h.e());
        }
        any = true;
    }
    if !any {
        unknown(ctx, out);
    }
}

/// One short word alone under the title is a substance that the tables do not know.
fn unknown(ctx: &Context<'_>, out: &mut Vec<Mention>) {
    let word = sub(ctx.text, ctx.start, ctx.end).trim_end_matches(['。', ' ', '、']);
    if ctx.hits.iter().any(|h| matches!(h.kind, ConceptKind::Disorder | ConceptKind::Finding | ConceptKind::Procedure)) {
        return;
    }
    let named = word.chars().all(|c| is_katakana(c) || is_kanji(c));
    let other = ["あり", "不明", "未", "詳細", "特記", "問題", "確認", "聴取"].iter().any(|w| word.contains(w));
    if !named || other || !(2..=10).contains(&word.chars().count()) {
        return;
    }
    let mut m = Mention::new(FactKind::Allergy, ctx.start, ctx.start + word.len(), "allergy.unknown-substance");
    m.name = Some(word.to_owned());
    m.says = Some(Assertion::Present);
    m.applicability = Applicability::Confirm;
    m.confidence = 0.6;
    out.push(m);
}
