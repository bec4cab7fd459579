//! Smoking and drinking: whether, how much, how long — 「喫煙20本/日×30年」「飲酒 ビール500mL/日」「喫煙歴と飲酒歴はない」.

mod habit;

use super::number::display;
use super::{Claims, Context, Mention};
use crate::lexicon::{Attr, ConceptKind, FLAG_AMBIGUOUS, Hit};
use crate::model::{Assertion, FactKind, Value};
use crate::note::SectionKind;
use crate::text::{byte, char_at, char_before, is_hiragana, skip_spaces, sub};
use crate::words::words;
use compact_str::CompactString;
use std::sync::LazyLock;

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

impl Habit {
    fn is_said(&self) -> bool {
        self.status.is_some() || self.per_day.is_some() || self.grams.is_some() || self.years.is_some()
    }
}

/// Cigarettes in a pack.
const PACK: f64 = 20.0;

/// Finds statements on lifestyle in a sentence.
pub fn recognize(ctx: &Context<'_>, claims: &mut Claims, out: &mut Vec<Mention>) {
    let mut at = titled(ctx, claims, out);
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
        if topic != Topic::Beverage
            && value.is_empty()
            && let Some(next) = listed(ctx, h.e())
        {
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
                    habit::drink(ctx, h, &mut habit);
                }
            }
            _ => habit::read(ctx, topic, &mut habit),
        }
        let topic = if topic == Topic::Beverage { Topic::Alcohol } else { topic };
        if !habit.is_said() {
            waiting.clear();
            continue;
        }
        at = habit.end;
        let start = waiting.first().map_or(h.s(), |w| w.0.s());
        for (w, t) in waiting.drain(..) {
            if t != topic && habit.status == Some("none") {
                push(&w, t, (start, habit.end), &Habit { status: habit.status, end: habit.end, ..Habit::default() }, out);
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
        push(h, topic, (start, habit.end), &habit, out);
        claims.claim(start, habit.end);
    }
}

/// 「喫煙：20歳から40本/日」: the title is the topic. Returns where reading goes on.
fn titled(ctx: &Context<'_>, claims: &mut Claims, out: &mut Vec<Mention>) -> usize {
    let (start, end) = ctx.section.title;
    if ctx.kind() != SectionKind::SocialHistory || !sub(ctx.text, end, ctx.start).trim().is_empty() || end <= start {
        return ctx.start;
    }
    let name = sub(ctx.text, start, end).trim_end_matches([':', ' ', '>', '】', '/']);
    let Some(concept) = ctx.lexicon.lookup(name).map(|l| l.0).find(|r| ctx.lexicon.concept(*r).is_some_and(|c| c.kind() == ConceptKind::Lifestyle)) else { return ctx.start };
    let h = Hit { start: crate::text::to_u32(start), end: crate::text::to_u32(start + name.len()), concept, kind: ConceptKind::Lifestyle, flags: 0 };
    let Some((topic, "")) = topic(ctx, &h) else { return ctx.start };
    let mut habit = Habit { end: ctx.start, ..Habit::default() };
    habit::read(ctx, topic, &mut habit);
    if habit.end <= ctx.start || !habit.is_said() {
        return ctx.start;
    }
    push(&h, topic, (start, habit.end), &habit, out);
    claims.claim(ctx.start, habit.end);
    habit.end
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
    // the amount in ビール500mL is read as an amount
    if written.starts_with(|c: char| c.is_ascii_digit())
        || topic == Topic::Beverage && written.contains(|c: char| c.is_ascii_digit())
        || ["から", "で", "まで", "以降", "歳"].iter().any(|p| written.starts_with(p))
    {
        return true;
    }
    // 飲めない, 吸わない may be of anything
    let told = ["酒", "喫煙", "煙", "タバコ", "たばこ", "アルコール", "シガ", "スモーカー"].iter().any(|w| written.contains(w)) || written.is_ascii();
    if topic != Topic::Beverage && !told && ctx.kind() != SectionKind::SocialHistory {
        return true;
    }
    let name = ctx.lexicon.concept(h.concept).map_or("", |c| c.name());
    if matches!(name, "ブリンクマン指数" | "受動喫煙" | "加熱式タバコ" | "葉巻" | "ノンアルコール") {
        return true;
    }
    if topic == Topic::Smoking && name == "禁煙" || value == "former" && matches!(written, "禁酒" | "断酒") {
        let before = sub(ctx.text, ctx.start, h.s());
        let told = ["から", "より", "に", "で", "以降", "現在", "現在は", "前に"].iter().any(|w| before.ends_with(w));
        let after = ["中", "し", "済", "でき"].iter().any(|w| ctx.rest(h.e()).starts_with(w))
            && !["してくだ", "して下さ", "しよう", "したい", "しなさい", "しない", "した方", "したほう"].iter().any(|w| ctx.rest(h.e()).starts_with(w));
        return !(told || after);
    }
    false
}

fn push(h: &Hit, topic: Topic, span: (usize, usize), habit: &Habit, out: &mut Vec<Mention>) {
    let mut m = Mention::new(FactKind::Lifestyle, span.0, span.1, if topic == Topic::Smoking { "lifestyle.smoking" } else { "lifestyle.alcohol" });
    m.concept = Some(h.concept);
    m.core_start = h.s();
    m.core_end = h.e();
    m.says = Some(if habit.status == Some("none") { Assertion::Absent } else { Assertion::Present });
    m.value = Some(value_of(topic, habit));
    if let Some(p) = pack_years(habit) {
        m.because.push((format!("lifestyle.brinkman-index={}", display(p.1)), span));
    }
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

/// After a word of lifestyle: it names something else.
static NOT_HABIT: LazyLock<Vec<&str>> = LazyLock::new(|| words("lifestyle.not-habit"));

/// A word of lifestyle and not a part of another: 禁煙外来, 飲酒後, アルコール消毒.
fn stands(ctx: &Context<'_>, h: &Hit) -> bool {
    let rest = ctx.rest(h.e());
    let last = char_before(ctx.text, h.e()).unwrap_or(' ');
    let covers = |x: &Hit| x.e() >= h.e() && x.len() > h.len() && matches!(x.kind, ConceptKind::Disorder | ConceptKind::Finding | ConceptKind::Procedure | ConceptKind::Stop);
    let other = NOT_HABIT.iter().any(|w| rest.starts_with(w));
    let goes_on = is_hiragana(last) && char_at(ctx.text, h.e()).is_some_and(is_hiragana) && !ctx.is_word_boundary(h.e());
    ctx.apart(h) && !other && !goes_on && !ctx.around(h).iter().any(covers)
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
        let Some(w) = ["歴", "習慣", "は", "が", "を", "も", "の", ":", "(", "、", ",", "量", "状況", "とも", "ともに", "共に", "について", "いずれも", "~", "毎日", "で"]
            .iter()
            .find(|w| rest.starts_with(**w))
        else {
            break;
        };
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
    let w = [
        "なし",
        "無し",
        "ない",
        "なく",
        "無",
        "(-)",
        "-",
        "せず",
        "しない",
        "したことはない",
        "したことがない",
        "(なし)",
        "(無)",
        "吸わない",
        "吸わず",
        "飲まない",
        "飲まず",
        "飲めない",
        "ほとんどしない",
        "ほとんど飲まない",
        "ほとんどない",
        "ありません",
        "never",
        "Never",
        "none",
        "否定",
    ]
    .iter()
    .filter(|w| rest.starts_with(**w))
    .max_by_key(|w| w.len())?;
    (*w != "-" || !char_at(ctx.text, at + 1).is_some_and(char::is_alphanumeric)).then_some(at + w.len())
}

fn positive(ctx: &Context<'_>, at: usize) -> Option<usize> {
    let rest = ctx.rest(at);
    ["あり", "有り", "有", "(+)", "+", "(あり)", "(有)", "している", "していた", "ある", "しており", "する"].iter().find(|w| rest.starts_with(**w)).map(|w| at + w.len())
}
