//! A medicine's name as charts write it: ingredient or brand, form, strength, maker.

use super::amount::{Per, amount};
use super::dose::Dose;
use crate::lexicon::{ConceptKind, FLAG_AMBIGUOUS, Hit, UsageSort};
use crate::note::SectionKind;
use crate::recognize::number::plain_number;
use crate::recognize::{Claims, Context};
use crate::text::{byte, char_at, char_before, from, is_hiragana, is_kanji, is_katakana, skip_spaces, sub};

/// The name of a product with what is glued to it.
#[derive(Debug, Clone, Default)]
pub(super) struct Product {
    pub start: usize,
    pub end: usize,
    pub strength: Option<String>,
    /// The route that the form says.
    pub route: Option<String>,
    /// A form was written: the strength is the product's and not the dose.
    pub form: bool,
    /// The unit of the strength was left out.
    pub assumed: Option<(usize, usize)>,
}

/// Whether a hit is a medicine's name here.
pub(super) fn accept(ctx: &Context<'_>, h: &Hit, claims: &Claims) -> bool {
    if claims.overlaps(h.s(), h.e()) || covered(ctx, h) || !stands(ctx, h) || names_other(ctx, h.e()) || not_medicine(ctx, h) {
        return false;
    }
    // 3A is three ampoules before it is an infusion
    if byte(ctx.text, h.s()).is_ascii_digit() && h.len() <= 3 && amount(ctx, h.s()).is_some() {
        return false;
    }
    if h.kind == ConceptKind::Regimen {
        return h.flags & FLAG_AMBIGUOUS == 0 && !short_code(ctx, h) || regimen_at_home(ctx, h);
    }
    if short_code(ctx, h) && !at_home(ctx, h) {
        return false;
    }
    if h.kind == ConceptKind::DrugClass || h.flags & FLAG_AMBIGUOUS == 0 {
        let shared = ctx.hits_at(h.s()).iter().any(|x| x.end == h.end && matches!(x.kind, ConceptKind::Analyte | ConceptKind::Vital) && x.flags & FLAG_AMBIGUOUS == 0);
        if !shared && h.flags & FLAG_AMBIGUOUS == 0 {
            return true;
        }
    }
    at_home(ctx, h)
}

/// A longer term of another kind holds the name: インスリン抵抗性, ヘパリン起因性血小板減少症.
fn covered(ctx: &Context<'_>, h: &Hit) -> bool {
    ctx.around(h).iter().any(|x| {
        x.e() >= h.e()
            && x.len() > h.len()
            && match x.kind {
                ConceptKind::Drug | ConceptKind::DrugClass | ConceptKind::Regimen => x.s() < h.s(),
                ConceptKind::Disorder
                | ConceptKind::Finding
                | ConceptKind::Procedure
                | ConceptKind::Analyte
                | ConceptKind::Vital
                | ConceptKind::Score
                | ConceptKind::Organism
                | ConceptKind::Stop => true,
                _ => false,
            }
    })
}

/// Whether a hit stands as a word, by the characters around it and, where these do not tell, the tokenizer.
fn stands(ctx: &Context<'_>, h: &Hit) -> bool {
    let surface = sub(ctx.text, h.s(), h.e());
    let (Some(first), Some(last)) = (surface.chars().next(), surface.chars().next_back()) else { return false };
    let before = if h.s() > ctx.start { char_before(ctx.text, h.s()).unwrap_or(' ') } else { ' ' };
    let after = if h.e() < ctx.end { char_at(ctx.text, h.e()).unwrap_or(' ') } else { ' ' };
    let n = surface.chars().count();
    if first.is_ascii_alphabetic() && before.is_ascii_digit() && n <= 3 {
        return false;
    }
    // 生食500 before mL is 生食
    if last.is_ascii_digit() && (after.is_ascii_alphabetic() || after == '%') {
        return false;
    }
    // CR-1, 3-MT: letters that go on after a hyphen are another code
    if surface.is_ascii() && n <= 4 && (before == '-' || after == '-' && char_at(ctx.text, h.e() + 1).is_some_and(char::is_alphanumeric)) {
        return false;
    }
    if is_hiragana(first) && is_hiragana(before) && !ctx.is_word_boundary(h.s()) || is_hiragana(last) && is_hiragana(after) && !ctx.is_word_boundary(h.e()) {
        return false;
    }
    if is_kanji(first) && is_kanji(before) && n <= 4 && !ctx.is_word_boundary(h.s()) {
        return false;
    }
    if is_kanji(last) && is_kanji(after) && n <= 2 && !ctx.is_word_boundary(h.e()) && usage_at(ctx, h.e()).is_none() {
        return false;
    }
    true
}

/// The word of the prescription grammar that starts at `at`, the longest.
fn usage_at(ctx: &Context<'_>, at: usize) -> Option<UsageSort> {
    ctx.ahead_at(at).iter().filter(|h| h.kind == ConceptKind::Usage).find_map(|h| ctx.lexicon.usage(h.concept)).map(|u| u.sort)
}

/// The tables hold the name, but a chart tells it as a procedure: 酸素.
fn not_medicine(ctx: &Context<'_>, h: &Hit) -> bool {
    ctx.hits_at(h.s()).iter().any(|x| x.end == h.end && x.kind == ConceptKind::Usage && ctx.lexicon.usage(x.concept).is_some_and(|u| u.sort == UsageSort::NotMedicine))
}

/// Two or three letters or digits mean many things: SP, TP, VC, 3A.
fn short_code(ctx: &Context<'_>, h: &Hit) -> bool {
    let written = sub(ctx.text, h.s(), h.e());
    written.is_ascii() && written.len() <= 3
}

/// A regimen in letters is told with its course or among treatments, never with a strength.
fn regimen_at_home(ctx: &Context<'_>, h: &Hit) -> bool {
    let rest = ctx.rest(skip_spaces(ctx.text, h.e()));
    ["療法", "コース", "クール", "を開始", "開始", "施行", "を施行", "による", "にて", "レジメン", "x", "×", "継続", "中止", "後", "導入", "変更", "+", "day", "を"]
        .iter()
        .any(|w| rest.starts_with(w))
        || rest.starts_with(|c: char| c.is_ascii_digit())
            && ["コース", "クール", "サイクル", "回目", "コ-ス"].iter().any(|w| rest.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(w))
}

/// What follows makes another thing of the name: 抵抗性, 受容体, 中毒.
fn names_other(ctx: &Context<'_>, end: usize) -> bool {
    ctx.hits_at(end).iter().any(|h| h.kind == ConceptKind::Usage && ctx.lexicon.usage(h.concept).is_some_and(|u| u.sort == UsageSort::Other))
}

/// A name that also means other things is a medicine's with a dose, among medicines, or where medicines are listed.
fn at_home(ctx: &Context<'_>, h: &Hit) -> bool {
    if is_dosed(ctx, h) {
        return true;
    }
    if matches!(ctx.kind(), SectionKind::Medication | SectionKind::DischargeMedication) && !from(ctx.text, skip_spaces(ctx.text, h.e())).starts_with(|c: char| c.is_ascii_digit()) {
        return true;
    }
    let status = ctx
        .hits_at(skip_particles(ctx, h.e()))
        .iter()
        .any(|x| x.kind == ConceptKind::Usage && ctx.lexicon.usage(x.concept).is_some_and(|u| matches!(u.sort, UsageSort::Status | UsageSort::Route | UsageSort::Form)));
    status || among_medicines(ctx, h)
}

fn skip_particles(ctx: &Context<'_>, at: usize) -> usize {
    let at = skip_spaces(ctx.text, at);
    let rest = ctx.rest(at);
    at + ["を", "の", "は", "剤を", "剤", "製剤を", "製剤"].iter().filter(|p| rest.starts_with(**p)).map(|p| p.len()).max().unwrap_or(0)
}

/// An unambiguous medicine stands beside it in a list.
fn among_medicines(ctx: &Context<'_>, h: &Hit) -> bool {
    let lo = ctx.hits.partition_point(|x| x.s() + 40 < h.s());
    let hi = ctx.hits.partition_point(|x| x.s() < h.e() + 40);
    let listed =
        |s: usize, e: usize| e >= s && sub(ctx.text, s, e).chars().count() <= 2 && sub(ctx.text, s, e).chars().all(|c| matches!(c, '、' | ',' | '・' | '/' | ' ' | '+' | 'と'));
    ctx.hits
        .get(lo..hi)
        .unwrap_or(&[])
        .iter()
        .any(|x| x.kind == ConceptKind::Drug && x.flags & FLAG_AMBIGUOUS == 0 && (x.e() <= h.s() && listed(x.e(), h.s()) || x.s() >= h.e() && listed(h.e(), x.s())))
}

/// Whether what follows a name is a medicine's dose and no laboratory value: a schedule, tablets, mg, units.
pub(crate) fn is_dosed(ctx: &Context<'_>, h: &Hit) -> bool {
    let p = product(ctx, h);
    p.strength.is_some() || p.end > h.e() || Dose::read(ctx, p.end, ctx.end).is_plain()
}

/// The name with its form, strength and maker.
pub(super) fn product(ctx: &Context<'_>, h: &Hit) -> Product {
    let text = ctx.text;
    let mut p = Product { start: h.s(), end: h.e(), ..Product::default() };
    lead(ctx, &mut p);
    let mut form = false;
    for _ in 0..8 {
        let at = p.end;
        if let Some((len, sort, value)) = ctx.lexicon.product_word(sub(ctx.folded, at, ctx.end)).map(|(l, u)| (l, u.sort, &u.value))
            && form_stands(ctx, at, at + len)
        {
            p.end = at + len;
            if sort == UsageSort::Form {
                form = true;
                p.form = true;
                if !value.is_empty() {
                    p.route = Some(value.clone());
                }
            }
            continue;
        }
        if strength(ctx, &mut p, form) || mark(text, &mut p, form) || maker(text, &mut p) {
            continue;
        }
        break;
    }
    p
}

/// The route of a form that is part of the name itself: ボルタレン坐剤 is a row of the tables.
pub(super) fn route_of_form(ctx: &Context<'_>, start: usize, end: usize) -> Option<String> {
    let name = sub(ctx.folded, start, end);
    name.char_indices().skip(1).find_map(|(i, _)| {
        let rest = sub(name, i, name.len());
        let (len, u) = ctx.lexicon.product_word(rest)?;
        (len > 'あ'.len_utf8() && u.sort == UsageSort::Form && !u.value.is_empty()).then(|| u.value.clone())
    })
}

/// A form is a word here: 注 in 注意 is none, and 静注 is how it is given unless a strength or maker follows.
fn form_stands(ctx: &Context<'_>, at: usize, end: usize) -> bool {
    let next = char_at(ctx.text, end).unwrap_or(' ');
    let numbered = next.is_ascii_digit() || matches!(next, '「' | '(');
    let route = ctx.ahead_at(at).iter().any(|h| h.e() == end && h.kind == ConceptKind::Usage && ctx.lexicon.usage(h.concept).is_some_and(|u| u.sort == UsageSort::Route));
    if route {
        return numbered;
    }
    let single = sub(ctx.text, at, end).chars().count() == 1;
    !single || numbered || !is_kanji(next) || ctx.ahead_at(end).iter().any(|h| h.kind == ConceptKind::Usage) || ctx.is_word_boundary(end)
}

/// A percentage or maker's name before: 5%ブドウ糖液, ツムラ大建中湯.
fn lead(ctx: &Context<'_>, p: &mut Product) {
    let before = sub(ctx.text, ctx.start, p.start);
    if let Some(digits) = before.strip_suffix('%') {
        let number = digits.len() - digits.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        if number > 0 && number <= 5 {
            p.start -= number + 1;
            p.strength = Some(sub(ctx.text, p.start, p.start + number + 1).to_owned());
            return;
        }
    }
    if let Some(h) = ctx.hit_ending(p.start, &[ConceptKind::Usage])
        && h.s() >= ctx.start
        && ctx.lexicon.usage(h.concept).is_some_and(|u| u.sort == UsageSort::Maker)
    {
        p.start = h.s();
    }
}

/// `5mg`, `0.1%`, `(10mg)`, `(5)`, and the bare `5` of `アムロジン錠5`.
fn strength(ctx: &Context<'_>, p: &mut Product, form: bool) -> bool {
    if p.strength.is_some() {
        return false;
    }
    let text = ctx.text;
    let open = byte(text, p.end) == b'(';
    let at = p.end + usize::from(open);
    if !byte(text, at).is_ascii_digit() {
        return false;
    }
    if let Some(a) = amount(ctx, at).filter(|a| a.per == Per::Unsaid && a.by.is_empty() && a.high.is_none() && (a.is_mass() || a.unit == "%" || a.unit == "mg/mL")) {
        // 「200mg×2」 stays a strength; 「5mg→10mg」 is a change of dose
        let changed = sub(text, at, a.end).contains(['→', 'か', '>']);
        let close = open && byte(text, a.end) == b')';
        if changed || open && !close {
            return false;
        }
        p.strength = Some(sub(text, at, a.end).replace(' ', ""));
        p.end = a.end + usize::from(close);
        return true;
    }
    let Some((n, e, _)) = plain_number(text, at) else { return false };
    let next = char_at(text, e);
    if open {
        if byte(text, e) != b')' || n > 1000.0 {
            return false;
        }
    } else {
        // アムロジン5 ends the word; after a form (錠5) what follows must be no unit and no date
        let named = is_katakana(char_before(text, at).unwrap_or(' '));
        let ends = next.is_none_or(|c| matches!(c, ' ' | '、' | ',' | ')' | '」' | '・' | '\n'));
        let counts = next.is_some_and(|c| c.is_ascii_alphanumeric() || "錠回日年月週時.-/%包枚本単滴分×~個歳".contains(c));
        if counts || !(form || named && ends) {
            return false;
        }
    }
    // the milligram is what charts leave out
    p.strength = Some(format!("{}mg", sub(text, at, e)));
    p.assumed = Some((at, e));
    p.end = e + usize::from(open);
    true
}

/// Letters that belong to a product: HD, LD, T25, D before 錠.
fn mark(text: &str, p: &mut Product, form: bool) -> bool {
    let rest = from(text, p.end);
    let letters = rest.bytes().take(4).take_while(u8::is_ascii_uppercase).count();
    if letters == 0 || letters > 3 {
        return false;
    }
    let run = sub(rest, 0, letters);
    if matches!(run, "IV" | "IM" | "SC" | "PO" | "DIV" | "T" | "C" | "A" | "V" | "P" | "QD") && !form {
        return false;
    }
    let tail = from(rest, letters);
    let digits = tail.bytes().take(3).take_while(u8::is_ascii_digit).count();
    let before_form = ["錠", "カプセル", "配合", "散", "注", "顆粒", "細粒", "軟膏", "クリーム", "点眼", "テープ"].iter().any(|f| tail.starts_with(f));
    // モーラステープL40mg, ティーエスワン配合OD錠T25
    let sized = form && digits > 0 && letters <= 2;
    let ends = form && !tail.starts_with(|c: char| c.is_ascii_alphanumeric());
    if !(before_form || ends || sized) {
        return false;
    }
    p.end += letters;
    if ends && !before_form && matches!(run, "HD" | "LD" | "AP" | "BP" | "MD" | "EX") {
        p.strength.get_or_insert_with(|| run.to_owned());
    }
    if sized && letters == 1 && run == "T" {
        p.end += digits;
        p.strength.get_or_insert_with(|| format!("{run}{}", sub(tail, 0, digits)));
    }
    true
}

/// 「サワイ」 after a product.
fn maker(text: &str, p: &mut Product) -> bool {
    let rest = from(text, p.end);
    let Some(inner) = rest.strip_prefix('「') else { return false };
    let Some(len) = inner.find('」').filter(|l| (2..=24).contains(l)) else { return false };
    let name = sub(inner, 0, len);
    if !name.chars().all(|c| is_katakana(c) || is_kanji(c) || c.is_ascii_alphanumeric() || matches!(c, 'あ'..='ん' | '・' | '.')) || p.end == p.start {
        return false;
    }
    p.end += '「'.len_utf8() + len + '」'.len_utf8();
    true
}
