//! A prescription after a medicine's name: its items one after another, on this line and those that follow.

use super::amount::{Amount, Per};
use super::item::{Item, Part, item, written};
use super::usage;
use crate::lexicon::{ConceptKind, ConceptRef, System, UsageSort};
use crate::model::{Coding, Medication, Value};
use crate::recognize::Context;
use crate::text::{byte, char_at, from, sub};
use crate::words::words;
use compact_str::CompactString;
use std::sync::LazyLock;

/// Items that belong together.
#[derive(Debug, Clone, Default)]
pub(super) struct Dose {
    /// First byte of the first item, and one past the last item, in this sentence.
    pub start: usize,
    pub end: usize,
    amounts: Vec<Amount>,
    /// A day's dose in so many parts.
    divided: Option<f64>,
    /// So many doses a day.
    times: Option<f64>,
    /// Doses a day that the words for the time of day make.
    timing: f64,
    days: Option<f64>,
    as_needed: bool,
    /// The words that say when it is needed, and whether they tell a condition.
    needs: Vec<(usize, usize, bool)>,
    slots: Vec<f64>,
    route: Option<ConceptRef>,
    /// Where the words for the time of day and the need stand.
    usage: Vec<(usize, usize)>,
    concepts: Vec<ConceptRef>,
    /// Spans of items on later lines.
    pub later: Vec<(usize, usize)>,
    items: usize,
    /// The last item was a time of day: an amount after it is that time's (朝2錠、夕1錠).
    timed: bool,
    /// The amount at hand adds up such amounts.
    summed: bool,
    /// Where 各 or 以上 stands before the days: they are those of the medicines before it too.
    pub shared: Option<(usize, usize)>,
}

/// What may stand between items.
static FILLERS: LazyLock<Vec<&str>> = LazyLock::new(|| words("dose.fillers"));

/// Before days: they are those of all medicines listed.
static ALL: LazyLock<Vec<&str>> = LazyLock::new(|| words("dose.all"));

impl Dose {
    /// Reads items from `at` to `limit`.
    pub fn read(ctx: &Context<'_>, at: usize, limit: usize) -> Self {
        let mut d = Self { start: at, end: at, ..Self::default() };
        d.items(ctx, at, limit);
        d
    }

    pub fn is_empty(&self) -> bool {
        self.items == 0
    }

    /// Whether the items say how often, when or how long: what an amount alone does not.
    fn is_scheduled(&self) -> bool {
        self.divided.is_some() || self.times.is_some() || self.timing > 0.0 || self.days.is_some() || self.as_needed || !self.slots.is_empty()
    }

    /// Whether the items hold an amount with a unit that only medicines are given in.
    pub fn is_plain(&self) -> bool {
        self.is_scheduled() || self.amounts.iter().any(|a| a.is_count() || a.per != Per::Unsaid || matches!(a.unit.as_str(), "mg" | "ug" | "U"))
    }

    /// Reads on from `at`. Returns where the last item ended.
    fn items(&mut self, ctx: &Context<'_>, at: usize, limit: usize) -> usize {
        let (mut at, mut end, mut per) = (at, at, Per::Unsaid);
        for _ in 0..24 {
            let Some(start) = gap(ctx, at, limit) else { break };
            let all = ALL.iter().find(|w| sub(ctx.text, start, limit).starts_with(**w));
            let read = item(ctx, start + all.map_or(0, |w| w.len()), limit).filter(|f| all.is_none() || matches!(f.0, Item::Days(_)));
            let Some((found, e)) = read.or_else(|| item(ctx, start, limit)) else { break };
            if let Some(w) = all
                && matches!(found, Item::Days(_))
            {
                self.shared = Some((start, start + w.len()));
            }
            // a second amount of the same sort is another medicine's, or another day's;
            // 「麻酔薬は1%キシロカイン」: what a name follows at once belongs to that name
            if let Item::Amount(a) = &found
                && (self.closed(a) || ctx.ahead_at(e).iter().any(|h| h.kind == ConceptKind::Drug))
            {
                break;
            }
            // 「40mEq/day内服あり」: a word for the way it is given tells the route and ends no dose
            let way = matches!(found, Item::Route(_)) && !byte(ctx.text, start).is_ascii();
            if !self.take(ctx, found, &mut per, start, e) {
                break;
            }
            at = e;
            if !way {
                if self.items == 0 {
                    self.start = start;
                }
                end = e;
                self.items += 1;
            }
        }
        if end > self.end && self.later.is_empty() {
            self.end = end;
        }
        end
    }

    fn closed(&self, a: &Amount) -> bool {
        if self.timed && self.summed && self.amounts.last().is_some_and(|b| b.unit == a.unit) {
            return false;
        }
        self.amounts.iter().any(|b| b.is_count() == a.is_count() && b.per == a.per && (self.is_scheduled() || a.unit == b.unit)) || self.amounts.len() >= 4
    }

    /// Takes an item in; `false` when it can't belong to this prescription.
    fn take(&mut self, ctx: &Context<'_>, found: Item, per: &mut Per, start: usize, end: usize) -> bool {
        let timed = std::mem::replace(&mut self.timed, matches!(found, Item::Timing(..)));
        match found {
            Item::Amount(a) if timed && self.summed && self.amounts.last().is_some_and(|b| b.unit == a.unit) => {
                if let Some(b) = self.amounts.last_mut() {
                    b.value += a.value;
                    b.per = Per::Day;
                }
            }
            Item::Amount(mut a) => {
                self.summed = timed && self.amounts.is_empty();
                if a.per == Per::Unsaid {
                    a.per = *per;
                }
                *per = Per::Unsaid;
                self.amounts.push(a);
            }
            Item::Per(p) => *per = p,
            Item::Divided(n) if self.divided.is_none() => self.divided = Some(n),
            Item::Times(n, c) => {
                self.concepts.extend(c);
                return self.take_times(n);
            }
            Item::Uneven(parts) => return self.take_parts(parts),
            Item::Divided(_) => return false,
            Item::Supply => {}
            Item::Timing(n, c) => {
                // 夜寝る前 is one time
                let night = self.usage.last().is_some_and(|u| u.1 == start && matches!(sub(ctx.text, u.0, u.1), "夜" | "晩" | "毎晩" | "毎夜" | "夜間"));
                self.timing += if night { 0.0 } else { n };
                self.concepts.extend(c);
                self.usage.push((start, end));
            }
            Item::AsNeeded(c) => {
                self.as_needed = true;
                self.needs.push((start, end, c.and_then(|c| ctx.lexicon.usage(c)).is_none_or(|u| u.value != "prn")));
                self.concepts.extend(c);
                self.usage.push((start, end));
            }
            Item::Days(n) if self.days.is_none() => self.days = Some(n),
            Item::Days(_) => return false,
            Item::Route(c) if self.route.is_none() => self.route = Some(c),
            Item::Route(_) => {}
            Item::Slots(all, unit) => {
                self.times = self.times.or(Some(all.iter().filter(|n| **n > 0.0).fold(0.0, |s, _| s + 1.0)));
                let sum = all.iter().sum();
                let unit = unit.unwrap_or_else(|| CompactString::const_new("U"));
                self.slots = all;
                self.amounts.push(Amount { value: sum, unit, per: Per::Day, start, end, ..Amount::default() });
            }
        }
        true
    }

    fn take_times(&mut self, n: f64) -> bool {
        match self.times {
            None => self.times = Some(n),
            // 1日2回 隔日: how often a day, and on which days
            Some(t) if t >= 1.0 && n < 1.0 || t < 1.0 && n >= 1.0 => self.times = Some(t * n),
            // 週2回 月曜日・木曜日
            Some(t) if t < 1.0 && n < 1.0 => {}
            Some(_) => return false,
        }
        true
    }

    /// Takes in amounts by the time of day. Their sum is the day's; where a count stands before them it must be that sum.
    fn take_parts(&mut self, parts: Vec<Part>) -> bool {
        let sum: f64 = parts.iter().map(|p| p.value).sum();
        let unit = parts.iter().find_map(|p| p.unit.clone());
        let count = self.amounts.iter_mut().find(|a| a.is_count() || unit.as_ref() == Some(&a.unit));
        if !self.slots.is_empty() || self.timing > 0.0 || count.as_ref().is_some_and(|a| (a.value - sum).abs() > 1e-6 || unit.as_ref().is_some_and(|u| *u != a.unit)) {
            return false;
        }
        match count {
            Some(a) => a.per = Per::Day,
            // 朝2-夕1 of a strength: tablets, or units where it is injected
            None => {
                let (start, end) = (parts.first().map_or(0, |p| p.at.0), parts.last().map_or(0, |p| p.at.1));
                self.amounts.push(Amount { value: sum, unit: unit.unwrap_or_default(), per: Per::Day, start, end, ..Amount::default() });
            }
        }
        self.timing = parts.iter().filter(|p| p.value > 0.0).fold(0.0, |n, _| n + 1.0);
        for p in parts {
            self.slots.push(p.value);
            self.concepts.push(p.timing);
            self.usage.push(p.at);
        }
        true
    }

    /// Takes in the lines that follow and hold nothing but items: 「ルセフィ錠2.5mg 1錠」/「分1 朝食後 28日分」.
    ///
    /// A line that names another medicine and its amount is stepped over as long as no schedule was read,
    /// since the schedule under a group of medicines is that of them all.
    pub fn extend(&mut self, ctx: &Context<'_>) {
        let mut group = false;
        for next in ctx.note.sentences.get(ctx.sentence + 1..).unwrap_or(&[]).iter().take(8) {
            if next.section != ctx.note.sentences.get(ctx.sentence).map_or(0, |s| s.section) || next.end - next.start > 240 {
                return;
            }
            if let Some(d) = Self::line(ctx, next.start, next.end) {
                if (self.is_scheduled() && d.is_scheduled() && d.conflicts(self)) || group && !d.amounts.is_empty() {
                    return;
                }
                let before = self.items;
                self.later.push((d.start, next.end));
                let at = d.start;
                self.items(ctx, at, next.end);
                if self.items == before || group {
                    return;
                }
                continue;
            }
            if self.is_scheduled() || !names_medicine(ctx, next.start, next.end) {
                return;
            }
            group = true;
        }
    }

    /// Says of the same matter something else.
    fn conflicts(&self, other: &Self) -> bool {
        self.divided.is_some() && other.divided.is_some() || self.times.is_some() && other.times.is_some() || self.days.is_some() && other.days.is_some()
    }

    /// A whole line of items and nothing else.
    pub fn line(ctx: &Context<'_>, start: usize, end: usize) -> Option<Self> {
        let at = numbering(ctx.text, start);
        let mut d = Self { start: at, end: at, ..Self::default() };
        let stop = d.items(ctx, at, end);
        let stop = place(ctx, stop, end);
        (!d.is_empty() && d.is_plain() && sub(ctx.text, stop, end).chars().all(|c| matches!(c, ' ' | ')' | '、' | ',' | '。' | '.' | '|' | '」'))).then_some(d)
    }

    /// An amount an hour or a minute.
    pub fn is_rate(&self) -> bool {
        self.amounts.iter().any(|a| matches!(a.per, Per::Hour | Per::Minute))
    }

    /// Writes what was read into a medication. `product`: a form was written, so that a strength is no dose by itself;
    /// `bare`: the unit of amounts that are written without one.
    pub fn fill(mut self, ctx: &Context<'_>, product: bool, bare: &'static str, m: &mut Medication) {
        let text = ctx.text;
        for a in self.amounts.iter_mut().filter(|a| a.unit.is_empty()) {
            a.unit = CompactString::const_new(bare);
        }
        let mut words: Vec<String> = Vec::new();
        if self.end > self.start && self.items > 0 {
            words.push(written(text, self.start, self.end));
        }
        words.extend(self.later.iter().map(|l| written(text, l.0, l.1)));
        words.retain(|w| !w.is_empty());
        m.dose = (!words.is_empty()).then(|| words.join(" "));
        let strength = m.strength.as_deref().and_then(parse_strength);
        // 「錠 10mg 1錠 分1」: the mass before a count is the product's strength
        let count = self.amounts.iter().find(|a| a.is_count());
        let mass = self.amounts.iter().find(|a| !a.is_count() && a.per == Per::Unsaid && a.by.is_empty());
        if let (Some(c), Some(w)) = (count, mass)
            && m.strength.is_none()
            && w.is_mass()
            && w.end <= c.start
        {
            m.strength = Some(sub(text, w.start, w.end).replace(' ', ""));
        }
        let strength = strength.or_else(|| m.strength.as_deref().and_then(parse_strength));
        let main = count
            .or_else(|| self.amounts.last())
            .cloned()
            .or_else(|| strength.clone().filter(|_| !product || self.items > 0).map(|(value, unit)| Amount { value, unit, ..Amount::default() }));
        m.times_per_day = self.divided.or(self.times).or((self.timing > 0.0).then_some(self.timing));
        m.days = self.days;
        m.amount = main.as_ref().map(|a| Value { number: Some(round(a.value)), unit: Some(a.ucum()), high: a.high, ..Value::default() });
        m.daily = main
            .as_ref()
            .and_then(|a| self.daily(a, m.times_per_day))
            .map(|(n, unit)| match strength {
                // tablets of a known strength are given as their mass
                Some((s, ref u)) if unit.starts_with("{tablet}") || unit.starts_with("{capsule}") => (n * s, compact_str::format_compact!("{u}/d")),
                _ => (n, unit),
            })
            .map(|(n, unit)| Value { number: Some(round(n)), unit: Some(unit), ..Value::default() });
        if !self.usage.is_empty() || self.as_needed {
            let parts: Vec<String> = self.usage.iter().map(|u| written(text, u.0, u.1)).collect();
            m.usage = Some(parts.join(" "));
        }
        m.as_needed = self.needs.iter().find(|n| n.2).or(self.needs.first()).map(|n| written(text, n.0, n.1));
        if self.slots.len() > 1 && self.slots.iter().any(|n| Some(n) != self.slots.first()) {
            m.parts.clone_from(&self.slots);
        }
        m.usage_codings = usage::codings(ctx.lexicon, &self.concepts, self.divided.or(self.times), &m.parts);
        if let Some(code) = m.amount.as_ref().and_then(|a| a.unit.as_deref()).and_then(usage::merit9) {
            m.unit_codings.push(Coding { system: System::UnitMerit9.text().into(), code: code.into(), display: CompactString::default() });
        }
        if let Some(u) = self.route.and_then(|r| ctx.lexicon.usage(r)) {
            m.route = Some(u.value.clone());
        }
    }

    /// A day's amount with its unit.
    fn daily(&self, a: &Amount, times: Option<f64>) -> Option<(f64, CompactString)> {
        let unit = compact_str::format_compact!("{}{}/d", a.unit, a.by);
        let n = match a.per {
            Per::Day => a.value,
            Per::Hour => a.value * 24.0,
            Per::Minute => a.value * 1440.0,
            _ if a.high.is_some() || self.as_needed && times.is_none() => return None,
            // what was handed out: 14枚 1日1回
            Per::Unsaid
                if a.is_count() && self.divided.is_none() && (a.value > 12.0 || matches!(a.unit.as_str(), "{patch}" | "{kit}" | "{bottle}" | "{tube}") && a.value > 2.0) =>
            {
                return None;
            }
            Per::Dose => a.value * times?,
            // 3錠分3 is a day's; 40mg×2 is a dose's
            Per::Unsaid if self.divided.is_some() => a.value,
            // 「3T×3」 is written for either
            Per::Unsaid if a.is_count() && self.times.is_some_and(|n| n > 1.0 && a.value >= n && (a.value / n).fract() == 0.0) => return None,
            Per::Unsaid if self.times.is_some() => a.value * self.times?,
            // 「3錠 毎食後」 is a day's dose, 「1錠 毎食後」 a dose
            Per::Unsaid => {
                let n = times?;
                if a.is_count() && a.value >= n && (a.value / n).fract() == 0.0 { a.value } else { a.value * n }
            }
        };
        Some((n, unit))
    }
}

/// Skips where it is put (胸部, 顔) at the end of a line.
fn place(ctx: &Context<'_>, at: usize, end: usize) -> usize {
    let mut at = at;
    for _ in 0..4 {
        let next = at + sub(ctx.text, at, end).len() - sub(ctx.text, at, end).trim_start_matches([' ', '、', '・', 'に']).len();
        let words = ["患部", "全身", "上半身", "両側", "左右"].iter().find(|w| sub(ctx.text, next, end).starts_with(**w)).map(|w| next + w.len());
        let Some(e) = ctx.ahead_at(next).iter().find(|h| h.kind == ConceptKind::Site && h.e() <= end).map(|h| h.e()).or(words) else { break };
        at = e;
    }
    at
}

/// `5mg` as a number with its UCUM unit.
fn parse_strength(s: &str) -> Option<(f64, CompactString)> {
    let digits = s.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(s.len());
    let unit = match s.get(digits..)? {
        "mg" | "㎎" => "mg",
        "g" => "g",
        "μg" | "mcg" | "ug" => "ug",
        _ => return None,
    };
    Some((s.get(..digits)?.parse().ok()?, CompactString::const_new(unit)))
}

fn round(n: f64) -> f64 {
    (n * 1e6).round() / 1e6
}

/// Skips what may stand before an item; `None` at the limit.
fn gap(ctx: &Context<'_>, at: usize, limit: usize) -> Option<usize> {
    let text = ctx.text;
    let mut at = at;
    for _ in 0..6 {
        while at < limit && (matches!(byte(text, at), b' ' | b'\t' | b',' | b'(' | b')' | b':' | b';' | b'/') || matches!(char_at(text, at), Some('、' | '・' | '〉' | '〈'))) {
            at += char_at(text, at).map_or(1, char::len_utf8);
        }
        // a word of the tables is longer than a particle: 毎食後 is not 毎
        if at < limit && ctx.ahead_at(at).iter().any(|h| h.kind == ConceptKind::Usage && ctx.lexicon.usage(h.concept).is_some_and(|u| u.sort != UsageSort::Status)) {
            return Some(at);
        }
        let rest = sub(text, at, limit);
        let Some(w) = FILLERS.iter().filter(|w| rest.starts_with(**w)).max_by_key(|w| w.len()) else { break };
        at += w.len();
    }
    (at < limit).then_some(at)
}

/// `1)`, `①`, `・`, `-` before a line's words.
fn numbering(text: &str, start: usize) -> usize {
    let mut at = start;
    while matches!(char_at(text, at), Some('①'..='⑳' | '・' | ' ' | '-' | '(' | '「')) {
        at += char_at(text, at).map_or(1, char::len_utf8);
    }
    at
}

/// Whether a line starts with a medicine's name, as the next line of a group does.
fn names_medicine(ctx: &Context<'_>, start: usize, end: usize) -> bool {
    let mut at = numbering(ctx.text, start);
    // 2) ミヤBM錠
    let digits = from(ctx.text, at).bytes().take(2).take_while(u8::is_ascii_digit).count();
    if digits > 0 && matches!(byte(ctx.text, at + digits), b')' | b'.') {
        at = numbering(ctx.text, at + digits + 1);
    }
    at < end && ctx.ahead_at(at).iter().any(|h| matches!(h.kind, ConceptKind::Drug | ConceptKind::DrugClass))
}
