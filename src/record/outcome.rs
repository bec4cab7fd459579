//! What became of a disease, and how the stay ended.

use super::Diagnosis;
use super::source::Source;
use super::stay::{Happening, happenings};
use super::words::{self, Kind, Said};
use crate::model::Coding;
use crate::note::SectionKind;
use crate::text::{from, sub};
use compact_str::CompactString;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What became of a disease or a patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// `cured`, `improved`, `remission`, `recurrence_free`, `unchanged`, `worsened`, `died`, `sequelae`, `continuing`, `discontinued`, `removed`,
    /// `good`, `transferred`, `facility`, `discharged`, `unknown` or `other` (the rows of `dictionaries/record/outcomes.tsv`).
    #[schemars(with = "String")]
    pub code: CompactString,
    /// As written.
    pub text: String,
    /// First unit of the words.
    pub start: usize,
    /// One past the last unit of the words.
    pub end: usize,
    /// HL7 table 0241, JHSD table 0006, the claim's 転帰区分, and where the patient went (FHIR discharge disposition).
    pub codings: Vec<Coding>,
    /// The row of the table.
    #[schemars(with = "String")]
    pub rule: CompactString,
}

/// How a stay ended.
#[derive(Debug, Default)]
pub(super) struct Ending {
    pub outcome: Option<Outcome>,
    pub disposition: Option<Outcome>,
}

/// The outcome that the words `start..end` of the normalised text say, whole; the most telling where they say several.
pub(super) fn stated(source: &Source<'_>, start: usize, end: usize) -> Option<Outcome> {
    let text = sub(source.text, start, end);
    let said = words::outcome(text)?;
    let (s, e) = source.original(start, end);
    Some(said.outcome(text, s, e))
}

/// What became of the patient: a field that says so, a death, the first diagnosis's outcome, what is said where the stay ends.
pub(super) fn ending(source: &Source<'_>, diagnoses: &[Diagnosis]) -> Ending {
    let told = happenings(source);
    let last = told.iter().rev().find(|h| matches!(h.event, "discharge" | "transfer" | "death"));
    let field = |sense: &str| source.form.field(sense).and_then(|f| stated(source, f.start, f.end));
    let stated_outcome = field("outcome");
    let death = last.filter(|h| h.event == "death").and_then(|h| word(source, h));
    let of_diseases = diagnoses.iter().filter(|d| d.role != "admission").filter_map(|d| d.outcome.clone());
    // in order of weight: how the disease stands outweighs that its organ was taken out, and that where the patient went
    let mut said: Vec<Outcome> = death.iter().cloned().chain(stated_outcome.clone()).chain(of_diseases).collect();
    said.extend(last.and_then(|h| state_before(source, h)));
    said.extend(field("condition"));
    if said.iter().all(is_leaving) {
        said.extend(at_the_end(source));
    }
    said.sort_by_key(|o| words::kind_of(&o.code));
    let outcome = said.into_iter().next();
    let disposition = field("disposition").or(death).or_else(|| last.and_then(|h| word(source, h))).or_else(|| stated_outcome.filter(is_leaving));
    Ending { outcome, disposition }
}

fn is_leaving(o: &Outcome) -> bool {
    matches!(o.code.as_str(), "transferred" | "facility" | "discharged")
}

/// The outcome that an event's own word is.
fn word(source: &Source<'_>, h: &Happening) -> Option<Outcome> {
    let text = sub(source.text, h.start, h.end);
    // 「軽快退院」 tells both: here the way of leaving counts
    let said = words::outcomes(text).into_iter().max_by_key(Said::is_leaving)?;
    let (start, end) = source.original(h.start, h.end);
    Some(said.outcome(text, start, end))
}

/// How the disease stood when the patient left: the last word for it in that sentence, or in the one before.
fn state_before(source: &Source<'_>, h: &Happening) -> Option<Outcome> {
    let (start, _) = h.sentence;
    state_in(source, start, h.end).or_else(|| {
        let before = source.sentences().take_while(|s| s.0 < start).last()?;
        state_in(source, before.0, before.1)
    })
}

/// The last word in `start..end` for how a disease stands.
fn state_in(source: &Source<'_>, start: usize, end: usize) -> Option<Outcome> {
    let text = sub(source.text, start, end);
    let said = words::outcomes(text).into_iter().rev().find(|s| s.kind() == Kind::State && stands(text, s))?;
    let (s, e) = source.original(start + said.start, start + said.end);
    Some(said.outcome(sub(text, said.start, said.end), s, e))
}

/// 進行癌, 悪化を認めず, 改善を目的に: words that say no outcome.
pub(super) fn stands(text: &str, said: &Said) -> bool {
    let rest = from(text, said.end);
    let denied: String = rest.chars().take(8).take_while(|c| !matches!(c, '。' | '、' | ',')).collect();
    let negated = ["認めず", "認めな", "なく", "なし", "せず", "ない", "なかっ", "みられず", "乏し"].iter().any(|w| denied.contains(w))
        && !sub(text, said.start, said.end).contains(['な', 'ず']);
    let other = ["癌", "性", "度", "期", "型", "胃", "大腸", "肺", "薬", "剤", "率", "目的", "を目", "困難", "が期待", "を期待", "因子", "時", "し得", "すれば", "の可能"]
        .iter()
        .any(|w| rest.starts_with(w));
    !negated && !other
}

/// What the last two sentences before the discussion say.
fn at_the_end(source: &Source<'_>) -> Option<Outcome> {
    use SectionKind as S;
    let told = source.sentences().filter(|s| matches!(s.2, S::HospitalCourse | S::DischargeDetails | S::PresentIllness | S::Other | S::Treatment));
    told.rev().take(2).find_map(|(start, end, _)| state_in(source, start, end))
}

impl Said {
    /// Whether it says where the patient went.
    fn is_leaving(&self) -> bool {
        self.kind() == Kind::Leaving
    }
}
