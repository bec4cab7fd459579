//! The rules that packs carry, read once when a lexicon is opened.

use super::compile::format::{Attr, ConceptKind};
use super::{Concept, ConceptRef, Lexicon};
use crate::note::{SectionKind, Specimen, fold};

/// An analyte or a vital sign: its unit, how bare numbers are read, what is possible.
#[derive(Debug, Clone, Default)]
pub struct Analyte {
    /// UCUM unit when the chart gives none.
    pub unit: String,
    /// A bare number in `lo..=hi` is in this unit.
    pub implied: Vec<(f64, f64, String)>,
    /// Its specimen.
    pub specimen: Specimen,
    /// Reference interval in `unit`.
    pub low: Option<f64>,
    /// Reference interval in `unit`.
    pub high: Option<f64>,
    /// Least physically possible value in `unit`.
    pub min: Option<f64>,
    /// Greatest physically possible value in `unit`.
    pub max: Option<f64>,
    /// Other units and the factor to `unit`.
    pub convert: Vec<(String, f64)>,
    /// How the value is written: of a vital sign (`pressure`, `gcs` …); empty for a laboratory value.
    pub form: String,
}

impl Analyte {
    fn new(c: Concept<'_>) -> Self {
        let text = |k| c.attr(k).unwrap_or("").to_owned();
        let pairs = |k| c.attr(k).unwrap_or("").split('|').filter_map(|p| p.split_once('=')).map(|(a, b)| (a.to_owned(), b.to_owned())).collect::<Vec<_>>();
        Self {
            unit: text(Attr::Unit),
            implied: pairs(Attr::Implied)
                .into_iter()
                .filter_map(|(range, unit)| {
                    let (lo, hi) = range.split_once("..")?;
                    Some((lo.parse().unwrap_or(f64::NEG_INFINITY), hi.trim_start_matches('=').parse().unwrap_or(f64::INFINITY), unit))
                })
                .collect(),
            specimen: Specimen::from_name(c.attr(Attr::Specimen).unwrap_or("")),
            low: c.number(Attr::Low),
            high: c.number(Attr::High),
            min: c.number(Attr::Min),
            max: c.number(Attr::Max),
            convert: pairs(Attr::Convert).into_iter().filter_map(|(u, f)| Some((u, f.parse().ok()?))).collect(),
            form: text(Attr::Type),
        }
    }

    /// The unit that a bare number of this size is in.
    pub fn implied_unit(&self, number: f64) -> &str {
        self.implied.iter().find(|(lo, hi, _)| *lo <= number && number <= *hi).map_or(&self.unit, |i| &i.2)
    }

    /// The number in [`Self::unit`], where the unit it was given in is known.
    pub fn in_unit(&self, number: f64, unit: &str) -> Option<f64> {
        if unit == self.unit {
            return Some(number);
        }
        self.convert.iter().find(|c| c.0 == unit).map(|c| number * c.1)
    }

    /// Whether the value is within what is physically possible; `true` where that is not known.
    pub fn is_possible(&self, number: f64, unit: &str) -> bool {
        self.in_unit(number, unit).is_none_or(|n| self.min.is_none_or(|m| n >= m) && self.max.is_none_or(|m| n <= m))
    }
}

/// What a cue says of the term in its reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CueType {
    /// The term is there.
    Present,
    /// The term is not there.
    Absent,
    /// The term is doubted.
    Possible,
    /// The term is a condition, a risk, something watched for.
    Conditional,
    /// It is intended.
    Planned,
    /// It was decided against, or could not be done.
    NotDone,
    /// It belongs to the past.
    Past,
    /// The reach of cues ends here.
    Break,
}

/// Where a cue stands to its term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// After the term.
    Post,
    /// Before the term.
    Pre,
    /// Directly after the term.
    Adjacent,
    /// Anywhere in the clause.
    Any,
}

/// A cue.
#[derive(Debug, Clone)]
pub struct Cue {
    /// The rule's id, as it stands in explanations.
    pub id: String,
    /// What it says.
    pub says: CueType,
    /// Where it stands.
    pub reach: Reach,
}

impl Cue {
    fn new(c: Concept<'_>) -> Option<Self> {
        let says = match c.attr(Attr::Type)? {
            "present" => CueType::Present,
            "absent" => CueType::Absent,
            "possible" => CueType::Possible,
            "conditional" => CueType::Conditional,
            "planned" => CueType::Planned,
            "notdone" => CueType::NotDone,
            "past" => CueType::Past,
            "break" => CueType::Break,
            _ => return None,
        };
        let reach = match c.attr(Attr::Position)? {
            "post" => Reach::Post,
            "pre" => Reach::Pre,
            "adjacent" => Reach::Adjacent,
            _ => Reach::Any,
        };
        Some(Self { id: c.id().to_owned(), says, reach })
    }
}

/// A unit as charts write it.
#[derive(Debug, Clone, Default)]
pub struct UnitEntry {
    /// Its UCUM code.
    pub ucum: String,
    /// lab, vital, drug or any.
    pub sort: String,
    /// Multiplier, 1 for most.
    pub factor: f64,
}

/// One condition of a rule for an ambiguous abbreviation.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// In one of these sections.
    Section(Vec<SectionKind>),
    /// One of these (folded) stands in the same sentence.
    Near(Vec<String>),
    /// One of these stands anywhere in the note.
    Note(Vec<String>),
    /// One of these stands directly before.
    Before(Vec<String>),
    /// One of these stands directly after.
    After(Vec<String>),
    /// A number follows.
    Value,
}

/// A rule that settles what an ambiguous abbreviation means.
#[derive(Debug, Clone)]
pub struct AmbiguityRule {
    /// The rule's id.
    pub id: String,
    /// All must hold.
    pub when: Vec<Condition>,
    /// The concept meant; `None` when it is no term at all.
    pub then: Option<ConceptRef>,
}

/// How a measured value is compared with a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// At least.
    AtLeast,
    /// More than.
    MoreThan,
    /// Less than.
    LessThan,
    /// At most.
    AtMost,
}

impl Comparison {
    /// Whether `value` stands so to `threshold`.
    pub fn holds(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::AtLeast => value >= threshold,
            Self::MoreThan => value > threshold,
            Self::LessThan => value < threshold,
            Self::AtMost => value <= threshold,
        }
    }
}

/// A rule that derives a finding from a measurement.
#[derive(Debug, Clone)]
pub struct Derivation {
    /// The rule's id.
    pub id: String,
    /// The measurement.
    pub measured: ConceptRef,
    /// How its value, in the measurement's own unit, is compared.
    pub comparison: Comparison,
    /// With what.
    pub threshold: f64,
    /// The finding.
    pub then: ConceptRef,
    /// The guideline that sets the threshold.
    pub source: String,
    /// The rule is for adults only.
    pub adult: bool,
}

/// The kinds that are read when a lexicon is opened.
const RULES: [ConceptKind; 11] = [
    ConceptKind::Analyte,
    ConceptKind::Vital,
    ConceptKind::Cue,
    ConceptKind::Unit,
    ConceptKind::Usage,
    ConceptKind::TimeWord,
    ConceptKind::Ambiguity,
    ConceptKind::Derivation,
    ConceptKind::Section,
    ConceptKind::Modifier,
    ConceptKind::Stop,
];

/// Those whose words are read as well.
const SPELLED: [ConceptKind; 3] = [ConceptKind::Section, ConceptKind::TimeWord, ConceptKind::Usage];

impl Lexicon {
    pub(super) fn load_tables(&mut self) {
        let (mut rules, mut derivations) = (Vec::new(), Vec::new());
        for (p, pack) in self.packs.iter().enumerate() {
            let Ok(p) = u8::try_from(p) else { continue };
            // only the kinds that are rules: a pack of masters has a few of them, and hundreds of thousands of others
            let numbers = pack.runs().filter(|(kind, reference, _)| !reference && RULES.contains(kind)).flat_map(|run| run.2);
            for (index, c) in numbers.filter_map(|n| Some((n, pack.concept(n)?))) {
                let r = ConceptRef { pack: p, index };
                match c.kind() {
                    ConceptKind::Analyte | ConceptKind::Vital => {
                        self.analytes.insert(r, Analyte::new(c));
                        self.by_id.entry(c.id().to_owned()).or_insert(r);
                    }
                    ConceptKind::Cue => {
                        if let Some(cue) = Cue::new(c) {
                            self.cues.insert(r, cue);
                        }
                    }
                    ConceptKind::Unit => {
                        let entry = UnitEntry {
                            ucum: c.attr(Attr::Ucum).unwrap_or("").to_owned(),
                            sort: c.attr(Attr::Sort).unwrap_or("any").to_owned(),
                            factor: c.number(Attr::Factor).unwrap_or(1.0),
                        };
                        self.units.insert(r, entry);
                    }
                    ConceptKind::TimeWord => self.times.add(r, c),
                    ConceptKind::Usage => {
                        if let Some(usage) = super::Usage::new(c) {
                            self.usages.insert(r, usage);
                        }
                    }
                    ConceptKind::Modifier | ConceptKind::Stop => {
                        self.traits.insert(r, traits(c));
                    }
                    ConceptKind::Ambiguity => rules.push(r),
                    ConceptKind::Derivation => derivations.push(r),
                    ConceptKind::Section => {
                        let kind = c.attr(Attr::Type).and_then(SectionKind::from_name).unwrap_or_default();
                        let specimen = Specimen::from_name(c.attr(Attr::Specimen).unwrap_or(""));
                        self.titles.insert(c.name(), kind, specimen);
                    }
                    _ => {}
                }
            }
            // the other titles of a section, the spellings of a word of time, forms and makers are surfaces
            if pack.runs().all(|run| !SPELLED.contains(&run.0)) {
                continue;
            }
            for s in 0..crate::text::to_u32(pack.surfaces()) {
                for l in pack.links(s).filter(|l| SPELLED.contains(&l.kind)) {
                    let r = ConceptRef { pack: p, index: l.concept };
                    match l.kind {
                        ConceptKind::TimeWord => self.times.spelled(r, pack.surface_text(s)),
                        ConceptKind::Usage => {
                            let product = self.usages.get(&r).is_some_and(|u| matches!(u.sort, super::UsageSort::Form | super::UsageSort::Maker));
                            if product && l.flags & super::FLAG_AMBIGUOUS == 0 {
                                let word = pack.surface_text(s);
                                if let Some(first) = word.chars().next() {
                                    self.product_words.entry(first).or_default().push((word.to_owned(), r));
                                }
                            }
                        }
                        _ => {
                            if let Some(c) = pack.concept(l.concept) {
                                let kind = c.attr(Attr::Type).and_then(SectionKind::from_name).unwrap_or_default();
                                self.titles.insert(pack.surface_text(s), kind, Specimen::from_name(c.attr(Attr::Specimen).unwrap_or("")));
                            }
                        }
                    }
                }
            }
        }
        for words in self.product_words.values_mut() {
            words.sort_by_key(|w| std::cmp::Reverse(w.0.len()));
        }
        for (i, r) in rules.into_iter().enumerate() {
            let Some(c) = self.concept(r) else { continue };
            let written = c.name().to_owned();
            let then = match c.attr(Attr::Then).unwrap_or("none") {
                "none" => None,
                name => match self.term(name) {
                    Some(t) => Some(t),
                    None => continue,
                },
            };
            let when = c.attr(Attr::When).unwrap_or("").split(" & ").filter_map(condition).collect();
            self.ambiguities.entry(written.clone()).or_default().push(AmbiguityRule { id: format!("ambiguous.{written}.{i}"), when, then });
        }
        for r in derivations {
            let Some(d) = self.concept(r).and_then(|c| self.derivation(c)) else { continue };
            self.derivations.push(d);
        }
    }

    /// The disorder or finding of that name.
    fn term(&self, name: &str) -> Option<ConceptRef> {
        self.lookup(name).map(|l| l.0).find(|r| self.concept(*r).is_some_and(|c| matches!(c.kind(), ConceptKind::Disorder | ConceptKind::Finding)))
    }

    fn derivation(&self, c: Concept<'_>) -> Option<Derivation> {
        let when = c.attr(Attr::When)?;
        let at = when.find(['<', '>'])?;
        let (id, rest) = when.split_at(at);
        let (comparison, number) = match rest.split_at(if rest.as_bytes().get(1) == Some(&b'=') { 2 } else { 1 }) {
            (">=", n) => (Comparison::AtLeast, n),
            (">", n) => (Comparison::MoreThan, n),
            ("<=", n) => (Comparison::AtMost, n),
            (_, n) => (Comparison::LessThan, n),
        };
        Some(Derivation {
            id: c.id().to_owned(),
            measured: self.by_id(id)?,
            comparison,
            threshold: number.parse().ok()?,
            then: self.term(c.name())?,
            source: c.attr(Attr::RefSource).unwrap_or("").to_owned(),
            adult: c.attr(Attr::Note) == Some("adult"),
        })
    }
}

fn condition(s: &str) -> Option<Condition> {
    let words = |w: &str| w.split('|').map(fold).filter(|w| !w.is_empty()).collect();
    Some(match s.trim().split_once(':') {
        Some(("section", w)) => Condition::Section(w.split(',').filter_map(SectionKind::from_name).collect()),
        Some(("near", w)) => Condition::Near(words(w)),
        Some(("note", w)) => Condition::Note(words(w)),
        Some(("before", w)) => Condition::Before(words(w)),
        Some(("after", w)) => Condition::After(words(w)),
        None if s.trim() == "value" => Condition::Value,
        _ => return None,
    })
}

fn traits(c: Concept<'_>) -> u8 {
    use super::trait_of as t;
    let sort = match (c.kind(), c.attr(Attr::Type)) {
        (ConceptKind::Stop, Some("suffix")) => t::STOP_SUFFIX,
        (ConceptKind::Stop, Some("word")) => t::STOP_WORD,
        (ConceptKind::Modifier, Some("certainty")) => t::CERTAINTY,
        (ConceptKind::Modifier, Some("cause")) => t::CAUSE,
        (ConceptKind::Modifier, Some("laterality")) => t::LATERALITY,
        (ConceptKind::Modifier, Some("severity")) => t::SEVERITY,
        _ => 0,
    };
    if c.kind() == ConceptKind::Modifier && c.attr(Attr::Position) == Some("suffix") { sort | t::SUFFIX } else { sort }
}
