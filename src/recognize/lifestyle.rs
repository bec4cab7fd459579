//! Smoking and drinking: whether, how much, how long — 「喫煙20本/日×30年」「飲酒 ビール500mL/日」「喫煙歴と飲酒歴はない」.

use super::number::{display, plain_number};
use super::{Claims, Context, Mention};
use crate::lexicon::{Attr, ConceptKind, FLAG_AMBIGUOUS, Hit};
use crate::model::{Assertion, FactKind, Value};
use crate::text::{byte, char_at, char_before, from, is_hiragana, is_kanji, skip_spaces, sub};
use compact_str::CompactString;

/// What a word of the table is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Topic {
    Smoking,
    Alcohol,
    /// A drink, with its alcohol by volume in percent.
    Beverage,
}

/// What is said of a topic.
#[derive(Debug, Clone, Default)]
struct Habit {
    /// `none`, `current`, `former`, `social`.
    status: Option<&'static str>,
    /// Cigarettes a day.
    per_day: Option<f64>,
    years: Option<f64>,
    from_age: Option<f64>,
    to_age: Option<f64>,
    /// Grams of alcohol on a drinking day.
    grams: Option<f64>,
    /// Drinking days a week.
    days: Option<f64>,
    end: usize,
}

/// Grams of alcohol in a millilitre (density of ethanol, e-ヘルスネット 厚生労働省).
const ETHANOL: f64 = 0.8;
/// 一合 in millilitres.
const GO: f64 = 180.0;
/// Cigarettes in a pack.
const PACK: f64 = 20.0;

/// Finds statements on lifestyle in a sentence.
pub fn recognize(ctx: &Context<'_>, claims: &mut Claims, out: &mut Vec<Mention>) {
    let mut at = ctx.start;
    let mut waiting: Vec<(Hit, Topic)> = Vec::new();
    for h in ctx.hits.iter().filter(|h| h.kind == ConceptKind::Lifestyle) {
        let Some((topic, value)) = topic(ctx, h) else { continue };
        if h.s() < at || claims.overlaps(h.s(), h.e()) || incomplete(ctx, h, topic, value) || !stands(ctx, h) {
            continue;
        }
        if h.flags & FLAG_AMBIGUOUS != 0 && topic != Topic::Beverage && !followed(ctx, h.e()) {
            continue;
        }
        // 喫煙、飲酒なし: the first waits for what is said of both
        if topic != Topic::Beverage && value.is_empty() && let Some(next) = listed(ctx, h.e()) {
            waiting.push((*h, topic));
            at = next;
            continue;
        }
        let mut habit = Habit { end: h.e(), ..Habit::default() };
        habit.status = match value {
            "none" => Some("none"),
            "current" => Some("current"),
            "former" => Some("former"),
            "social" => Some("social"),
            _ => None,
        };
        match topic {
            Topic::Beverage => {
                habit.status = None;
                if out.last().is_some_and(|m| m.rule == "lifestyle.alcohol" && m.end + 40 >= h.s()) || habitual(ctx, h) {
                    drink(ctx, h, &mut habit);
                }
            }
            _ => read(ctx, topic, &mut habit),
        }
        let topic = if topic == Topic::Beverage { Topic::Alcohol } else { topic };
        let said = habit.status.is_some() || habit.per_day.is_some() || habit.grams.is_some() || habit.years.is_some();
        if !said {
            waiting.clear();
            continue;
        }
        at = habit.end;
        let start = waiting.first().map_or(h.s(), |w| w.0.s());
        for (w, t) in waiting.drain(..) {
            if t != topic && habit.status == Some("none") {
                push(ctx, &w, t, (start, habit.end), &Habit { status: habit.status, end: habit.end, ..Habit::default() }, out);
            }
        }
        // ビール500mL after 飲酒は is the same statement
        if topic == Topic::Alcohol
            && let Some(last) = out.iter_mut().rev().find(|m| m.kind == FactKind::Lifestyle && m.end + 12 >= h.s() && m.rule == "lifestyle.alcohol")
            && habit.grams.is_some()
            && last.end <= h.s()
        {
            last.end = habit.end;
            last.value = Some(value_of(Topic::Alcohol, &habit));
            claims.claim(h.s(), habit.end);
            continue;
        }
        push(ctx, h, topic, (start, habit.end), &habit, out);
        claims.claim(start, habit.end);
    }
}

fn topic<'a>(ctx: &'a Context<'_>, h: &Hit) -> Option<(Topic, &'a str)> {
    let c = ctx.lexicon.concept(h.concept)?;
    let topic = match c.attr(Attr::Type)? {
        "smoking" => Topic::Smoking,
        "alcohol" if percent(c.name()).is_some() => Topic::Beverage,
        "alcohol" => Topic::Alcohol,
        _ => return None,
    };
    let value = match c.attr(Attr::Value).unwrap_or("") {
        "never" => "none",
        "daily" => "current",
        v => v,
    };
    Some((topic, value))
}

/// Alcohol by volume of a drink in percent (厚生労働省 e-ヘルスネット 飲酒量の単位).
fn percent(name: &str) -> Option<f64> {
    Some(match name {
        "ビール" | "発泡酒" => 5.0,
        "日本酒" => 15.0,
        "焼酎" => 25.0,
        "ワイン" => 12.0,
        "ウイスキー" => 40.0,
        "チューハイ" => 7.0,
        _ => return None,
    })
}

/// A surface that states nothing by itself: a rest of a phrase (から禁煙), an amount (20本/日), 禁煙 as advice.
fn incomplete(ctx: &Context<'_>, h: &Hit, topic: Topic, value: &str) -> bool {
    let written = sub(ctx.text, h.s(), h.e());
    if written.starts_with(|c: char| c.is_ascii_digit()) || ["から", "で", "まで", "以降", "歳"].iter().any(|p| written.starts_with(p)) {
        return true;
    }
    let name = ctx.lexicon.concept(h.concept).map_or("", |c| c.name());
    if matches!(name, "ブリンクマン指数" | "受動喫煙" | "加熱式タバコ" | "葉巻" | "ノンアルコール") {
        return true;
    }
    if topic == Topic::Smoking && name == "禁煙" || value == "former" && matches!(written, "禁酒" | "断酒") {
        let before = sub(ctx.text, ctx.start, h.s());
        let told = ["から", "より", "に", "で", "以降", "現在", "現在は", "前に"].iter().any(|w| before.ends_with(w));
        let after = ["中", "し", "済", "でき"].iter().any(|w| ctx.rest(h.e()).starts_with(w)) && !["してくだ", "して下さ", "しよう", "したい", "しなさい", "しない", "した方", "したほう"].iter().any(|w| ctx.rest(h.e()).starts_with(w));
        return !(told || after);
    }
    false
}

fn push(ctx: &Context<'_>, h: &Hit, topic: Topic, span: (usize, usize), habit: &Habit, out: &mut Vec<Mention>) {
    let mut m = Mention::new(FactKind::Lifestyle, span.0, span.1, if topic == Topic::Smoking { "lifestyle.smoking" } else { "lifestyle.alcohol" });
    m.concept = Some(h.concept);
    m.core_start = h.s();
    m.core_end = h.e();
    m.says = Some(if habit.status == Some("none") { Assertion::Absent } else { Assertion::Present });
    m.value = Some(value_of(topic, habit));
    if let Some(p) = pack_years(habit) {
        m.because.push((format!("lifestyle.brinkman-index={}", display(p.1)), span));
    }
    let _ = ctx;
    out.push(m);
}

/// Pack-years and the Brinkman index (cigarettes a day × years).
fn pack_years(h: &Habit) -> Option<(f64, f64)> {
    let years = h.years.or_else(|| Some(h.to_age? - h.from_age?)).filter(|y| *y > 0.0)?;
    let n = h.per_day?;
    Some(((n / PACK * years * 10.0).round() / 10.0, n * years))
}

fn value_of(topic: Topic, h: &Habit) -> Value {
    let mut words: Vec<String> = Vec::new();
    let status = h.status.unwrap_or(if h.to_age.is_some() { "former" } else { "current" });
    words.push(status.to_owned());
    if let Some(n) = h.per_day {
        words.push(format!("{}本/日", display(n)));
    }
    if let Some(y) = h.years {
        words.push(format!("{}年", display(y)));
    }
    let (number, unit) = match topic {
        Topic::Smoking => (pack_years(h).map(|p| p.0), "{pack-years}"),
        _ => (h.grams.map(|g| (g * h.days.unwrap_or(7.0) / 7.0 * 10.0).round() / 10.0), "g/d"),
    };
    if let Some((_, index)) = pack_years(h) {
        words.push(format!("BI {}", display(index)));
    }
    Value { number, unit: number.map(|_| CompactString::const_new(unit)), text: Some(CompactString::new(words.join(" "))), ..Value::default() }
}

/// A word of lifestyle and not a part of another: 禁煙外来, 飲酒後, アルコール消毒.
fn stands(ctx: &Context<'_>, h: &Hit) -> bool {
    let (first, last) = (char_at(ctx.text, h.s()).unwrap_or(' '), char_before(ctx.text, h.e()).unwrap_or(' '));
    let before = if h.s() > ctx.start { char_before(ctx.text, h.s()).unwrap_or(' ') } else { ' ' };
    let rest = ctx.rest(h.e());
    let covered = ctx.hits.iter().take_while(|x| x.s() <= h.s()).any(|x| {
        x.e() >= h.e() && x.len() > h.len() && matches!(x.kind, ConceptKind::Disorder | ConceptKind::Finding | ConceptKind::Procedure | ConceptKind::Stop)
    });
    !covered
        && !(is_kanji(first) && is_kanji(before) && !ctx.is_word_boundary(h.s()))
        && !["後", "時", "外来", "指導", "欲求", "離脱", "消毒", "綿", "性", "依存", "関連", "治療", "に関", "による", "の影響", "検査", "禁", "アレルギー", "過敏", "補助", "支援", "運転", "教室"].iter().any(|w| rest.starts_with(w))
        && !(is_hiragana(last) && char_at(ctx.text, h.e()).is_some_and(is_hiragana) && !ctx.is_word_boundary(h.e()))
}

/// A drink is told as a habit: 毎日, 1日, 週3回 before it, /日 after it.
fn habitual(ctx: &Context<'_>, h: &Hit) -> bool {
    let before: String = sub(ctx.text, ctx.start, h.s()).chars().rev().take(10).collect::<Vec<_>>().into_iter().rev().collect();
    let after: String = ctx.rest(h.e()).chars().take(14).collect();
    ["毎日", "毎晩", "連日", "1日", "週", "晩酌"].iter().any(|w| before.contains(w)) || after.contains("/日") || after.contains("/day") || after.contains("毎日")
}

/// What is said of an ambiguous word follows at once.
fn followed(ctx: &Context<'_>, end: usize) -> bool {
    let at = particles(ctx, end);
    none(ctx, at).is_some() || positive(ctx, at).is_some() || byte(ctx.text, at).is_ascii_digit()
}

/// Another topic follows as in a list: 喫煙・飲酒, 喫煙歴と飲酒歴. Returns where it starts.
fn listed(ctx: &Context<'_>, end: usize) -> Option<usize> {
    let at = skip_spaces(ctx.text, end);
    let rest = ctx.rest(at);
    let mark = ["、", "・", "と", "や", "/", ",", "および", "及び", "も", "ともに"].iter().find(|m| rest.starts_with(**m))?;
    let next = skip_spaces(ctx.text, at + mark.len());
    ctx.hits_at(next).iter().any(|h| h.kind == ConceptKind::Lifestyle && topic(ctx, h).is_some_and(|t| t.0 != Topic::Beverage && t.1.is_empty())).then_some(next)
}

fn particles(ctx: &Context<'_>, end: usize) -> usize {
    let mut at = end;
    for _ in 0..6 {
        at = skip_spaces(ctx.text, at);
        let rest = ctx.rest(at);
        let Some(w) = ["歴", "習慣", "は", "が", "を", "も", "の", ":", "(", "、", ",", "量", "状況", "とも", "ともに", "共に", "について", "いずれも", "~", "毎日", "で"].iter().find(|w| rest.starts_with(**w)) else { break };
        // (-) and (+) are the statement itself
        if *w == "(" && (none(ctx, at).is_some() || positive(ctx, at).is_some()) {
            break;
        }
        at += w.len();
    }
    at
}

fn none(ctx: &Context<'_>, at: usize) -> Option<usize> {
    let rest = ctx.rest(at);
    let w = ["なし", "無し", "ない", "なく", "無", "(-)", "-", "せず", "しない", "したことはない", "したことがない", "(なし)", "(無)", "吸わない", "吸わず", "飲まない", "飲まず", "飲めない", "ほとんどしない", "ほとんど飲まない", "ほとんどない", "ありません", "never", "Never", "none", "否定"]
        .iter()
        .filter(|w| rest.starts_with(**w))
        .max_by_key(|w| w.len())?;
    (*w != "-" || !char_at(ctx.text, at + 1).is_some_and(char::is_alphanumeric)).then_some(at + w.len())
}

fn positive(ctx: &Context<'_>, at: usize) -> Option<usize> {
    let rest = ctx.rest(at);
    ["あり", "有り", "有", "(+)", "+", "(あり)", "(有)", "している", "していた", "ある", "しており", "する"].iter().find(|w| rest.starts_with(**w)).map(|w| at + w.len())
}

/// Reads what is said after a topic.
fn read(ctx: &Context<'_>, topic: Topic, h: &mut Habit) {
    let mut at = h.end;
    for _ in 0..12 {
        let next = particles(ctx, at);
        if h.status.is_none()
            && let Some(e) = none(ctx, next)
        {
            h.status = Some("none");
            h.end = e;
            return;
        }
        if let Some(e) = positive(ctx, next) {
            h.status = h.status.or(Some("current"));
            h.end = e;
            at = e;
            continue;
        }
        let found = if topic == Topic::Smoking { smoked(ctx, next, h) } else { drunk(ctx, next, h) };
        let Some(e) = found else { break };
        h.end = e;
        at = e;
    }
}

/// `20本/日`, `1日20本`, `1箱/日`, `×30年`, `40年間`, `20歳から`, `60歳まで`, `60歳から禁煙`.
fn smoked(ctx: &Context<'_>, at: usize, h: &mut Habit) -> Option<usize> {
    let text = ctx.text;
    let rest = ctx.rest(at);
    if let Some(w) = ["禁煙中", "禁煙", "やめた", "止めた"].iter().find(|w| rest.starts_with(**w)) {
        h.status = Some("former");
        return Some(at + w.len());
    }
    for w in ["以降", "現在", "今は", "その後", "から", "まで", "に"] {
        if rest.starts_with(w) && rest.get(w.len()..).is_some_and(|r| r.trim_start().starts_with("禁煙")) {
            h.status = Some("former");
            return Some(at + rest.find("禁煙")? + "禁煙".len());
        }
    }
    if let Some(w) = ["機会喫煙"].iter().find(|w| rest.starts_with(**w)) {
        h.status = Some("current");
        return Some(at + w.len());
    }
    let mut p = at;
    for w in ["1日に", "1日", "一日", "×", "x", "X", "*", "-", "約", "計"] {
        if from(text, p).starts_with(w) {
            p = skip_spaces(text, p + w.len());
        }
    }
    let (n, e, _) = plain_number(text, p)?;
    let e = range(text, e);
    let e = skip_spaces(text, e);
    let after = from(text, e);
    if after.starts_with('本') || after.starts_with('箱') {
        h.per_day.get_or_insert(if after.starts_with('箱') { n * PACK } else { n });
        let e = e + '本'.len_utf8();
        let more = ["/日", "/day", "/d", "程度", "くらい", "ほど"].iter().find(|w| from(text, e).starts_with(**w)).map_or(0, |w| w.len());
        return Some(e + more);
    }
    if after.starts_with("歳") {
        let e = e + "歳".len();
        let tail = from(text, skip_spaces(text, e));
        let s = skip_spaces(text, e);
        if let Some(r) = ["から禁煙", "で禁煙", "より禁煙", "時に禁煙", "に禁煙"].iter().find(|w| tail.starts_with(**w)) {
            h.to_age = Some(n);
            h.status = Some("former");
            return Some(s + r.len());
        }
        if let Some(w) = ["まで", "で終了"].iter().find(|w| tail.starts_with(**w)) {
            h.to_age = Some(n);
            h.status = h.status.or(Some("former"));
            return Some(s + w.len());
        }
        if let Some(w) = ["から", "より", "~", "-", "頃から", "ごろから"].iter().find(|w| tail.starts_with(**w)) {
            h.from_age = Some(n);
            return Some(s + w.len());
        }
        return None;
    }
    if let Some(r) = after.strip_prefix("年前") {
        let quit = ["から禁煙", "に禁煙", "まで", "より禁煙"].iter().find(|w| r.starts_with(**w))?;
        h.status = Some("former");
        return Some(e + "年前".len() + quit.len());
    }
    if after.starts_with('年') {
        h.years.get_or_insert(n);
        let e = e + '年'.len_utf8();
        return Some(e + if from(text, e).starts_with('間') { '間'.len_utf8() } else { 0 });
    }
    None
}

fn range(text: &str, e: usize) -> usize {
    if matches!(byte(text, e), b'-' | b'~')
        && let Some((_, e2, false)) = plain_number(text, e + 1)
    {
        return e2;
    }
    e
}

/// `機会飲酒`, `週末`, `週3日`, a drink with its amount.
fn drunk(ctx: &Context<'_>, at: usize, h: &mut Habit) -> Option<usize> {
    let text = ctx.text;
    let rest = ctx.rest(at);
    for (w, status, days) in [("機会飲酒", "social", None), ("機会", "social", None), ("付き合い程度", "social", None), ("つきあい程度", "social", None), ("週末", "current", Some(2.0)), ("毎日", "current", Some(7.0)), ("連日", "current", Some(7.0)), ("晩酌", "current", None), ("たまに", "social", None), ("時々", "social", None), ("禁酒", "former", None), ("断酒", "former", None)] {
        if rest.starts_with(w) {
            h.status = Some(status);
            h.days = h.days.or(days);
            let e = at + w.len();
            return Some(e + if from(text, e).starts_with("程度") { "程度".len() } else { 0 });
        }
    }
    if rest.starts_with('週') {
        let (n, e, _) = plain_number(text, at + '週'.len_utf8())?;
        let e = range(text, e);
        if from(text, e).starts_with(['回', '日']) {
            h.days = Some(n.min(7.0));
            h.status = h.status.or(Some("current"));
            let e = e + '回'.len_utf8();
            return Some(e + if from(text, e).starts_with("程度") { "程度".len() } else { 0 });
        }
        return None;
    }
    if let Some(b) = ctx.hits_at(at).iter().find(|b| b.kind == ConceptKind::Lifestyle && topic(ctx, b).is_some_and(|t| t.0 == Topic::Beverage)) {
        let before = h.grams;
        drink(ctx, b, h);
        return (h.grams != before).then_some(h.end);
    }
    if let Some((g, e)) = volume(ctx, at, 0.0) {
        // 日本酒換算 when only 合 is given
        h.grams = h.grams.or(g);
        return Some(e);
    }
    if byte(text, at).is_ascii_digit() {
        let (n, e, _) = plain_number(text, at)?;
        if from(text, e).starts_with('年') {
            h.years.get_or_insert(n);
            let e = e + '年'.len_utf8();
            return Some(e + if from(text, e).starts_with('間') { '間'.len_utf8() } else { 0 });
        }
        if let Some(w) = ["歳から", "歳台から", "歳ごろから", "歳頃から"].iter().find(|w| from(text, e).starts_with(**w)) {
            h.from_age = Some(n);
            return Some(e + w.len());
        }
    }
    None
}

/// A drink and how much of it: `ビール500mL/日`, `日本酒2合/日`, `缶ビール350mL 2本`.
fn drink(ctx: &Context<'_>, b: &Hit, h: &mut Habit) {
    let percent = ctx.lexicon.concept(b.concept).and_then(|c| percent(c.name())).unwrap_or(0.0);
    let mut at = b.e();
    for _ in 0..3 {
        at = skip_spaces(ctx.text, at);
        let Some(w) = ["を", "は", "換算で", "(", "約", "1日", "毎日", "1日に"].iter().find(|w| ctx.rest(at).starts_with(**w)) else { break };
        at += w.len();
    }
    if let Some((g, e)) = volume(ctx, at, percent) {
        h.grams = Some(h.grams.unwrap_or(0.0) + g.unwrap_or(0.0)).filter(|g| *g > 0.0);
        h.end = e;
        if h.grams.is_some() {
            h.status = h.status.or(Some("current"));
        }
    }
}

/// `500mL/日`, `2合`, `350mL 2本/日`: grams of alcohol at `percent` by volume (0: 日本酒 for 合), and the end.
fn volume(ctx: &Context<'_>, at: usize, percent: f64) -> Option<(Option<f64>, usize)> {
    let text = ctx.text;
    let (n, e, _) = plain_number(text, skip_spaces(text, at))?;
    let mut end = skip_spaces(text, range(text, e));
    let rest = from(text, end);
    let lower = |w: &str| rest.get(..w.len()).is_some_and(|r| r.eq_ignore_ascii_case(w));
    let (ml, len) = if lower("ml") || lower("cc") {
        (n, 2)
    } else if lower("l") {
        (n * 1000.0, 1)
    } else if rest.starts_with('合') {
        (n * GO, '合'.len_utf8())
    } else if rest.starts_with(['本', '杯', '缶']) && percent > 0.0 {
        // a can or glass of beer; a bottle of wine
        (n * if percent > 10.0 { 720.0 } else { 350.0 }, '本'.len_utf8())
    } else {
        return None;
    };
    end += len;
    let mut ml = ml;
    let again = skip_spaces(text, end);
    let again = again + usize::from(matches!(byte(text, again), b'x' | b'X')) + if from(text, again).starts_with('×') || from(text, again).starts_with('を') { 3 - usize::from(from(text, again).starts_with('×')) } else { 0 };
    if let Some((k, e, false)) = plain_number(text, again)
        && from(text, e).starts_with(['本', '杯', '缶'])
    {
        ml *= k;
        end = e + '本'.len_utf8();
        // 2、3本
    }
    let percent = if percent > 0.0 { percent } else if rest.starts_with('合') { 15.0 } else { 0.0 };
    let per = ["/日", "/day", "/d", "程度/日", "程度", "/回", "くらい", "ほど"].iter().find(|w| from(text, end).starts_with(**w)).map_or(0, |w| w.len());
    let grams = (percent > 0.0).then_some(ml * percent / 100.0 * ETHANOL);
    Some((grams, end + per))
}
