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
    /// After a medicine's name: the word names something else (抵抗性, 中毒).
    Other,
    /// A word that may stand between the items of a prescription: 計, ずつ.
    Filler,
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
    /// The value as a number, where it is one.
    pub number: Option<f64>,
    /// JAMI 用法コード (16 digits), where the word alone has one.
    pub code: Option<String>,
    /// JAMI 補足用法コード (8 characters).
    pub additional: Option<String>,
}

impl Usage {
    pub(super) fn new(c: Concept<'_>) -> Option<Self> {
        let sort = match c.attr(Attr::Type)? {
            "timing" => UsageSort::Timing,
            "frequency" => UsageSort::Frequency,
            "prn" | "as_needed" | "condition" => UsageSort::AsNeeded,
            "route" => UsageSort::Route,
            "form" => UsageSort::Form,
            "maker" => UsageSort::Maker,
            "status" => UsageSort::Status,
            "other" => UsageSort::Other,
            "filler" => UsageSort::Filler,
            _ => return None,
        };
        let value = c.attr(Attr::Value).unwrap_or("").to_owned();
        Some(Self {
            id: c.id().to_owned(),
            sort,
            number: value.parse().ok(),
            value,
            code: c.code(System::Usage).map(str::to_owned),
            additional: c.code(System::UsageAdditional).map(str::to_owned),
        })
    }
}
