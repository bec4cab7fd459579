//! Coding a phrase that stands alone: 「右下葉肺腺癌術後再発疑い」, 「血糖 高値」, 「高Ca血症」.
//!
//! The phrase is tried whole, then without the words that only say it is there, then with one word written as
//! another, then as 修飾語 and sites around one base term, then against the names that are near it. What is no
//! disorder or finding is refused; what is less than sure is refused too, and its candidates are listed.

use super::abbreviation::{Meaning, meaning};
use super::compose::{Parsed, compose};
use super::names::{Names, is_coded, standard};
use super::near::NearIndex;
use super::refuse;
use super::rewrite;
use crate::lexicon::{ConceptRef, Lexicon};
use crate::model::{Applicability, Coding};
use crate::note::Normalized;
use crate::text::is_hiragana;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

/// At or above this score a phrase is coded; below it candidates are listed and nothing is coded.
pub const ACCEPT: f64 = 0.70;

/// What a name that is near starts with; half of the share of phrases that mean it is added. The shares were measured
/// on words of every kind: of a phrase that is a noun more is meant, of a clause less.
mod near {
    /// Accepted from a share of 0.27 on.
    pub const NOUN: f64 = 0.565;
    /// Our tables know the phrase and say that the master has no name for it: from 0.8 on.
    pub const KNOWN: f64 = 0.30;
    /// From 0.7 on.
    pub const CLAUSE: f64 = 0.35;
    /// A third of the phrase or more is Latin letters, in which words of another meaning share many pairs: from 0.9 on.
    pub const LATIN: f64 = 0.25;
}

/// A name that scores no more than this is one that a machine paired: another rule may know better.
const PAIRED: f64 = 0.90;

/// The rule of a phrase that names several diseases, and the score that each is listed with: below [`ACCEPT`].
const SEVERAL: &str = "phrase.several";
const SEVERAL_SCORE: f64 = 0.69;

/// The rule of a name that is near the phrase.
pub(crate) const NEAR: &str = "phrase.near";

/// What stands between the names of several.
const BETWEEN: [char; 7] = [' ', '、', ',', '・', '/', '+', '&'];

/// A phrase longer than this many characters is a sentence, not a name.
const LONGEST: usize = 60;

/// What a phrase was coded as.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Coded {
    /// The phrase as given.
    pub text: String,
    /// The codes; empty refuses.
    pub codings: Vec<Coding>,
    /// The composed 標準病名.
    pub name: String,
    /// Further readings, the best first, with the one that was taken.
    pub candidates: Vec<Candidate>,
    /// Why nothing was coded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// A reading of a phrase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Candidate {
    /// Its name.
    pub name: String,
    /// Its codes.
    pub codings: Vec<Coding>,
    /// 0 to 1.
    pub score: f64,
    /// How surely it may be used.
    pub applicability: Applicability,
    /// The rule that found it.
    pub rule: String,
    /// Where a ranker gave it its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranked: Option<Ranked>,
}

/// Why a candidate stands where it does, where the string alone did not decide.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ranked {
    /// The measure that left it open.
    pub rule: String,
    /// Its place by the string alone, from 1.
    pub place: usize,
    /// The cosine between the phrase's vector and its name's, -1 to 1.
    pub likeness: f64,
}

/// Codes phrases over a lexicon.
#[derive(Debug, Default)]
pub struct Coder {
    names: OnceLock<Names>,
    near: OnceLock<NearIndex>,
}

/// A reading of a phrase: its score, the rule that found it, what it says.
type Reading = (f64, &'static str, Parsed);

impl Coder {
    /// Codes one phrase.
    pub fn code(&self, lexicon: &Lexicon, phrase: &str) -> Coded {
        let mut out = Coded { text: phrase.to_owned(), ..Coded::default() };
        let clean = clean(phrase);
        if clean.is_empty() || clean.chars().count() > LONGEST {
            out.refused = Some(if clean.is_empty() { "phrase.empty" } else { "phrase.too-long" }.to_owned());
            return out;
        }
        match self.readings(lexicon, phrase, &clean) {
            Ok(readings) => list(lexicon, readings, &mut out),
            Err(why) => out.refused = Some(why.to_owned()),
        }
        out
    }

    /// The readings of a phrase, in no order; or why it is no disorder.
    fn readings(&self, lexicon: &Lexicon, phrase: &str, clean: &str) -> Result<Vec<Reading>, &'static str> {
        let names = self.names.get_or_init(|| Names::new(lexicon));
        let index = self.near.get_or_init(|| NearIndex::new(lexicon, names));
        let coded = |c: ConceptRef| lexicon.concept(c).is_some_and(is_coded);
        let named = |rule: &'static str, form: &str| names.find(lexicon, form).map(|(score, c)| (score, rule, Parsed::base(c)));
        // names in Latin letters keep their spaces
        let spaced = Normalized::new(phrase.trim()).folded().split_whitespace().collect::<Vec<_>>().join(" ");
        let mut found: Vec<Reading> = Vec::new();
        // each of several diseases is listed; to take one would lose the others
        let listed = |each: Vec<ConceptRef>| each.into_iter().map(|c| (SEVERAL_SCORE, SEVERAL, Parsed::base(c))).collect();
        match meaning(lexicon, clean) {
            Some(Meaning::One(c)) => return Ok(vec![(1.0, "phrase.abbreviation", Parsed::base(c))]),
            Some(Meaning::Several(each)) => return Ok(listed(each)),
            None => {}
        }
        let whole = named("phrase.exact", clean).or_else(|| named("phrase.exact", &spaced));
        if let Some(r) = whole {
            if coded(r.2.base) && r.0 > PAIRED {
                // a synonym of another row gives way to the row that bears the name
                let own = lexicon.concept(r.2.base).is_some_and(|c| crate::note::fold(&standard(c)) == clean);
                let bears = if own || lexicon.packs().len() < 2 { None } else { index.own(clean).filter(|o| *o != r.2.base) };
                return Ok(vec![bears.map_or(r, |o| (0.95, "phrase.spelling", Parsed::base(o)))]);
            }
            found.push(r);
        }
        let spelt = |s: &str, is_known: bool| index.same(names, s, is_known).map(|n| (n.score, "phrase.spelling", Parsed::base(n.concept)));
        let first = |forms: Vec<rewrite::Form>| {
            // one that the master has is preferred to one that it has not
            let known = |rule: &str, s: &str| {
                let spelt = || index.same(names, s, false).filter(|_| rule != rewrite::ENDING).map(|n| n.concept);
                names.find(lexicon, s).filter(|f| f.0 >= PAIRED).map(|f| f.1).or_else(spelt)
            };
            let tries: Vec<_> = forms.into_iter().filter_map(|(score, rule, s)| Some((score, rule, known(rule, &s)?))).collect();
            tries.iter().find(|t| coded(t.2)).or(tries.first()).map(|t| (t.0, t.1, Parsed::base(t.2)))
        };
        if found.is_empty() {
            let hits = refuse::hits(lexicon, clean);
            if refuse::is_site(&hits, clean) {
                return Err("phrase.site");
            }
            if let Some(r) = spelt(clean, false).or_else(|| first(rewrite::inability(clean))) {
                return Ok(vec![r]);
            }
            if let Some(why) = refuse::refuse(lexicon, &hits, clean) {
                return Err(why);
            }
        }
        let remarked = rewrite::without_remarks(clean);
        if let Some(r) = remarked.as_deref().and_then(|s| named("phrase.remark", s)) {
            return Ok(vec![(0.93, r.1, r.2)]);
        }
        let clean = remarked.as_deref().unwrap_or(clean);
        if let Some(r) = rewrite::reading(clean).and_then(|s| names.read(lexicon, &s)) {
            return Ok(vec![(0.90, "phrase.reading", Parsed::base(r))]);
        }
        let bare = rewrite::bare(clean);
        let core = bare.last().map_or(clean, |b| b.2.as_str()).to_owned();
        if let Some(Meaning::Several(each)) = meaning(lexicon, &core) {
            return Ok(listed(each));
        }
        found.extend(first(bare));
        let sure = |found: &[Reading]| found.iter().any(|f| f.0 >= ACCEPT && coded(f.2.base));
        if !sure(&found) || found.iter().all(|f| f.1 == "phrase.exact") {
            found.extend(spelt(&core, !found.is_empty()));
        }
        if !sure(&found) {
            found.extend(first(rewrite::rewritten(&core)));
        }
        if !sure(&found) {
            found.extend(compose(lexicon, names, index, clean).map(|(score, p)| (score, "phrase.composed", p)));
        }
        if !sure(&found) {
            let parts: Vec<&str> = spaced.split(BETWEEN).filter(|p| !p.is_empty()).collect();
            let each: Vec<_> = parts.iter().filter_map(|p| names.find(lexicon, p).filter(|f| f.0 > PAIRED && coded(f.1)).map(|f| f.1)).collect();
            if each.len() > 1 && each.len() == parts.len() {
                return Ok(listed(each));
            }
        }
        if !sure(&found) {
            for form in rewrite::written_out(lexicon, &spaced) {
                let near = names.find(lexicon, &form).map(|f| f.1).or_else(|| index.same(names, &form, false).map(|n| n.concept));
                found.extend(near.map(|c| (0.86, "phrase.written-out", Parsed::base(c))));
            }
        }
        if !sure(&found) {
            // our tables may know the name and say that the master has none
            let start = match (is_noun(clean), found.iter().any(|f| !coded(f.2.base))) {
                _ if is_latin(clean) => near::LATIN,
                (true, false) => near::NOUN,
                (true, true) => near::KNOWN,
                (false, _) => near::CLAUSE,
            };
            found.extend(index.search(lexicon, names, &core, 5).into_iter().map(|n| (start + 0.5 * n.score, NEAR, Parsed::base(n.concept))));
        }
        // a name without a code of the master gives way to one that has it
        if sure(&found) {
            found.retain(|f| coded(f.2.base));
        }
        Ok(found)
    }
}

/// Whether a phrase is a noun: no verb or adjective at its end, no number, mostly not hiragana.
fn is_noun(s: &str) -> bool {
    let hiragana = s.chars().filter(|c| is_hiragana(*c)).count();
    let all = hiragana == s.chars().count();
    all || (!s.ends_with(is_hiragana) && hiragana * 10 < s.chars().count() * 4 && !s.bytes().any(|b| b.is_ascii_digit()))
}

/// Whether a third or more of a phrase is Latin letters.
fn is_latin(s: &str) -> bool {
    s.chars().filter(char::is_ascii_alphabetic).count() * 3 >= s.chars().count()
}

/// Lists the readings as candidates, and takes the first where it is sure enough.
fn list(lexicon: &Lexicon, mut readings: Vec<Reading>, out: &mut Coded) {
    readings.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (score, rule, parsed) in readings {
        let mut codings = Vec::new();
        let name = parsed.code(lexicon, &mut codings);
        if out.candidates.iter().any(|c| c.name == name) {
            continue;
        }
        let applicability = if score >= 0.9 {
            Applicability::Auto
        } else if score >= ACCEPT {
            Applicability::Confirm
        } else {
            Applicability::Show
        };
        out.candidates.push(Candidate { name, codings, score: (score * 1000.0).round() / 1000.0, applicability, rule: rule.to_owned(), ranked: None });
    }
    match out.candidates.first() {
        Some(best) if best.score >= ACCEPT => {
            out.codings.clone_from(&best.codings);
            out.name.clone_from(&best.name);
        }
        Some(best) if best.rule == SEVERAL => out.refused = Some(SEVERAL.to_owned()),
        _ => out.refused = Some("phrase.nothing-sure".to_owned()),
    }
}

/// The phrase without spaces, brackets that hold all of it, and closing punctuation.
fn clean(phrase: &str) -> String {
    let n = Normalized::new(phrase);
    let mut s: String = n.folded().chars().filter(|c| !c.is_whitespace()).collect();
    for (open, close) in [('(', ')'), ('「', '」'), ('"', '"'), ('『', '』'), ('[', ']')] {
        if let Some(t) = s.strip_prefix(open).and_then(|t| t.strip_suffix(close)) {
            s = t.to_owned();
        }
    }
    s.trim_matches(['。', '.', '、', ',', ':', '・', '-', '?', '!', ';', '#']).to_owned()
}
