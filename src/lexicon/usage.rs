//! Words of the prescription grammar: timing, frequency, route, form, status.

use super::Concept;
use super::compile::format::{Attr, System};

/// What a word of the prescription grammar is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UsageSort {
    /// When in the day: 朝食後, 眠前. Its value is how often a day that makes.
    Timing,
    /// How often: 隔日, bid. Its value is how often a day that makes.
    Frequency,
    /// Only when needed: 頓用, 疼痛時.
    AsNeeded,
    /// How it is given: 内服, 点滴, po.
    Route,
    /// A dosage form: 錠, OD錠, 散. Its value is the route.
    Form,
    /// A mark that belongs to a product's name: ツムラ, HD.
    Maker,
    /// What happens to the medicine: 開始, 継続, 中止.
    Status,
    /// A name in the tables of medicines that a chart tells as something else (酸素).
    NotMedicine,
    /// After a medicine's name: the word names something else (抵抗性, 中毒).
    Other,
}

/// A word of the prescription grammar.
#[derive(Debug, Clone)]
pub struct Usage {
    /// The rule's id, as it stands in explanations.
    pub id: String,
    /// What it is.
    pub sort: UsageSort,
    /// Its value: a number of times a day, a route, a status.
    pub value: String,
    /// How many doses a day it makes.
    pub number: Option<f64>,
    /// JAMI 用法コード (16 digits), where the word alone has one.
    pub code: Option<String>,
    /// JAMI 補足用法コード (8 characters).
    pub additional: Option<String>,
}

impl Usage {
    pub(super) fn new(c: Concept<'_>) -> Option<Self> {
        let value = c.attr(Attr::Value).unwrap_or("");
        let (sort, number) = match c.attr(Attr::Type)? {
            "timing" | "frequency" if value.starts_with("prn") => (UsageSort::AsNeeded, None),
            "timing" | "frequency" => timing(c.id(), value),
            "prn" => (UsageSort::AsNeeded, None),
            "route" => (UsageSort::Route, None),
            "form" => (UsageSort::Form, None),
            "maker" => (UsageSort::Maker, None),
            "status" => (UsageSort::Status, None),
            "other" => (UsageSort::Other, None),
            "notdrug" => (UsageSort::NotMedicine, None),
            _ => return None,
        };
        let value = if matches!(sort, UsageSort::Form | UsageSort::Route) { route(value) } else { value };
        Some(Self {
            id: c.id().to_owned(),
            sort,
            number,
            value: value.to_owned(),
            code: c.code(System::Usage).map(str::to_owned),
            additional: c.code(System::UsageAdditional).map(str::to_owned),
        })
    }
}

/// How many doses a day a word for time makes: a place in the day (朝食後), or a frequency that holds whatever the place (隔日, bid).
fn timing(id: &str, value: &str) -> (UsageSort, Option<f64>) {
    let per_day = match value {
        "weekly" | "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday" => Some(1.0 / 7.0),
        "twice-weekly" | "mon-thu" | "tue-fri" | "wed-sat" | "mon-fri" | "sat-sun" => Some(2.0 / 7.0),
        "three-times-weekly" | "mon-wed-fri" | "tue-thu-sat" | "dialysis-days" => Some(3.0 / 7.0),
        "five-times-weekly" => Some(5.0 / 7.0),
        "every-2-weeks" => Some(1.0 / 14.0),
        "every-3-weeks" => Some(1.0 / 21.0),
        "every-4-weeks" => Some(1.0 / 28.0),
        "every-6-weeks" => Some(1.0 / 42.0),
        "every-8-weeks" => Some(1.0 / 56.0),
        "every-12-weeks" => Some(1.0 / 84.0),
        "monthly" => Some(1.0 / 30.0),
        "every-6-months" => Some(1.0 / 182.0),
        "yearly" => Some(1.0 / 365.0),
        _ => None,
    };
    let number = per_day.or_else(|| value.parse().ok());
    let name = id.rsplit('.').next().unwrap_or(id);
    // 毎日 says nothing of how often a day when the places in the day are written too
    let frequency = per_day.is_some() || name != "daily" && (name.ends_with("-daily") || name.starts_with("every-") || name.starts_with("alternate"));
    if frequency && number.is_some() { (UsageSort::Frequency, number) } else { (UsageSort::Timing, number.filter(|_| name != "daily")) }
}

/// The route that a dosage form or a word for giving implies; empty where the form leaves it open.
fn route(value: &str) -> &str {
    match value {
        "tablet" | "od-tablet" | "chewable" | "combination" | "capsule" | "powder" | "fine-granule" | "granule" | "kampo" | "dry-syrup" | "syrup" | "jelly" | "film" | "troche"
        | "drop" | "packet" => "po",
        "sublingual-tablet" => "sl",
        "buccal-tablet" => "buccal",
        "infusion" | "blood" | "iv-continuous" => "iv",
        "im-injection" | "depot" => "im",
        "sc-injection" | "pen" | "sc-continuous" => "sc",
        "ointment" | "cream" | "lotion" | "gel" | "foam" | "shampoo" | "poultice" => "top",
        "tape" => "patch",
        "eye-drops" | "eye-ointment" => "eye",
        "ear-drops" => "ear",
        "nasal-spray" => "nasal",
        "inhaler" => "inh",
        "suppository" | "enema" => "pr",
        "vaginal" => "vag",
        "extended" | "liquid" | "injection" | "kit" | "spray" => "",
        other => other,
    }
}
