//! A note on its way to FHIR: who its patient is, what its facts are called, how they hang together.

use super::plan::{self, Kind};
use super::types::{Annotation, Beside, Coding, Concept, Extension, Quantity, Reference, Text};
use super::when::{When, age};
use crate::export::source::Words;
use crate::export::{Settings, Source};
use crate::model::{self, Fact, Relation, RelationKind, Value};
use crate::note::OffsetUnit;
use std::collections::HashMap;

/// The systems of 修飾語, which stand beside the code they modify.
const MODIFIERS: [&str; 3] = [
    "http://medis.or.jp/CodeSystem/master-disease-modExCode",
    "http://medis.or.jp/CodeSystem/master-disease-modKeyNumber",
    "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/masterZ-disease-modifier",
];

pub(in crate::export) fn is_modifier(system: &str) -> bool {
    MODIFIERS.contains(&system)
}

/// The notes with what every resource of it needs.
pub(super) struct Record<'a> {
    pub note: &'a Source<'a>,
    pub settings: &'a Settings,
    pub words: Words<'a>,
    /// Whether references are `Type/id`; else `urn:uuid:` within a Bundle.
    by_type: bool,
    /// The resource of each fact that has one, by the fact's id.
    kinds: HashMap<&'a str, Kind>,
    /// The facts that say the same as an earlier one and share its resource.
    same: HashMap<&'a str, &'a str>,
    /// The same the other way round.
    shared: HashMap<&'a str, Vec<&'a Fact>>,
    /// Relations by the fact they start from.
    relations: HashMap<&'a str, Vec<&'a Relation>>,
}

impl<'a> Record<'a> {
    pub fn new(note: &'a Source<'a>, settings: &'a Settings, by_type: bool) -> Self {
        let facts = &note.found.facts;
        let kinds: HashMap<&str, Kind> = facts.iter().filter_map(|f| Some((f.id.as_str(), plan::kind(f).ok()?))).collect();
        let by_id: HashMap<&str, &Fact> = facts.iter().map(|f| (f.id.as_str(), f)).collect();
        let (mut same, mut shared, mut relations) = (HashMap::new(), HashMap::<&str, Vec<&Fact>>::new(), HashMap::<&str, Vec<&Relation>>::new());
        for r in &note.found.relations {
            relations.entry(&r.from).or_default().push(r);
        }
        for r in note.found.relations.iter().filter(|r| r.kind == RelationKind::SameAs) {
            let (Some(later), Some(first)) = (by_id.get(r.from.as_str()), by_id.get(r.to.as_str())) else { continue };
            let mergeable = kinds.get(first.id.as_str()) == Some(&Kind::Condition)
                && kinds.get(later.id.as_str()) == Some(&Kind::Condition)
                && later.temporality == first.temporality
                && later.applicability == first.applicability
                && later.codings == first.codings
                && (later.time.is_none() || later.time == first.time)
                && later.from.is_empty();
            if mergeable {
                same.insert(r.from.as_str(), r.to.as_str());
                shared.entry(&r.to).or_default().push(later);
            }
        }
        for (medicine, allergy) in plan::told_by_allergies(facts) {
            same.insert(&medicine.id, &allergy.id);
            shared.entry(&allergy.id).or_default().push(medicine);
        }
        Self { note, settings, words: note.words(OffsetUnit::CodePoints), by_type, kinds, same, shared, relations }
    }

    /// The fact whose resource holds this one: itself, or an earlier one that says the same.
    pub fn holder(&self, id: &'a str) -> &'a str {
        self.same.get(id).copied().unwrap_or(id)
    }

    /// The facts that share the resource of `f`, itself first.
    pub fn mentions<'s>(&'s self, f: &'a Fact) -> impl Iterator<Item = &'a Fact> + 's {
        std::iter::once(f).chain(self.shared.get(f.id.as_str()).into_iter().flatten().copied())
    }

    /// A reference to a resource of the note by its type and the part of the note that it stands for.
    pub fn reference(&self, kind: &str, part: &str) -> Reference<'a> {
        let uuid = self.note.uuid(part);
        Reference::to(if self.by_type { format!("{kind}/{uuid}") } else { format!("urn:uuid:{uuid}") })
    }

    pub fn subject(&self) -> Reference<'a> {
        self.reference("Patient", PATIENT)
    }

    /// References to the resources that `f` points to by relations of that kind.
    pub fn related(&self, f: &'a Fact, relation: RelationKind, kinds: &[Kind]) -> Vec<Reference<'a>> {
        let ends = self.relations.get(f.id.as_str()).into_iter().flatten().filter(|r| r.kind == relation).map(|r| r.to.as_str());
        let mut holders: Vec<&str> = ends.map(|id| self.holder(id)).filter(|id| *id != f.id).collect();
        holders.dedup();
        holders.into_iter().filter_map(|id| self.refer(id, kinds)).collect()
    }

    /// A reference to the resource of a fact, if it is of one of those kinds.
    pub fn refer(&self, id: &'a str, kinds: &[Kind]) -> Option<Reference<'a>> {
        let kind = self.kinds.get(id).filter(|k| kinds.contains(k))?;
        Some(self.reference(kind.name(), id))
    }

    /// The kind of resource that a fact has.
    pub fn refer_kind(&self, id: &str) -> Option<Kind> {
        self.kinds.get(id).copied()
    }

    pub fn when(&self, f: &Fact) -> When {
        When::of(f.time.as_ref(), self.settings.offset())
    }

    /// The fact's codes without its 修飾語, and its words.
    pub fn concept(&self, f: &'a Fact) -> Concept<'a> {
        let coding = codings(f).collect();
        // a derived fact's words are those of the measurement that it follows from
        let text = if f.from.is_empty() && !f.text.trim().is_empty() { &f.text } else { &f.name };
        Concept { coding, text: Some(Text::Borrowed(text)), ..Concept::default() }
    }

    /// The instant of recording: the setting's, else the note's own day.
    pub fn recorded(&self) -> Option<Text<'a>> {
        match &self.settings.recorded {
            Some(r) => Some(Text::Borrowed(r)),
            None => self.note.day().map(|d| format!("{d}T00:00:00{}", self.settings.offset()).into()),
        }
    }
}

/// What stands for the patient among the parts of a note.
pub(super) const PATIENT: &str = "patient";

pub(super) fn codings(f: &Fact) -> impl Iterator<Item = Coding<'_>> {
    f.codings.iter().filter(|c| !is_modifier(&c.system)).map(coding)
}

pub(super) fn coding(c: &model::Coding) -> Coding<'_> {
    Coding { system: &c.system, code: Text::Borrowed(&c.code), display: &c.display }
}

/// A number with its UCUM unit. FHIR knows no "about": that is told by a note ([`about`]).
pub(super) fn quantity<'a>(number: f64, v: &'a Value) -> Quantity<'a> {
    let unit = v.unit.as_deref();
    Quantity {
        value: number,
        comparator: v.comparator.as_deref().filter(|c| matches!(*c, "<" | "<=" | ">" | ">=")),
        unit: unit.map(Text::Borrowed),
        system: unit.map(|_| super::UCUM),
        code: unit.map(Text::Borrowed),
    }
}

/// What a value says that a FHIR quantity does not.
pub(super) fn about<'a>(v: &'a Value) -> Vec<Annotation<'a>> {
    let mut out = Vec::new();
    if v.comparator.as_deref() == Some("~") {
        out.push(Annotation { text: "およその値".into() });
    }
    if let Some(t) = v.text.as_deref().filter(|_| v.number.is_some()) {
        out.push(Annotation { text: Text::Borrowed(t) });
    }
    out
}

/// A moment that a profile demands, or that it is unknown.
pub(super) fn demanded<'a>(at: Option<String>) -> (Option<String>, Option<Beside<'a>>) {
    let beside = at.is_none().then(Beside::unknown);
    (at, beside)
}

/// An age in years.
pub(super) fn onset_age<'a>(when: &When) -> Option<Quantity<'a>> {
    when.age.map(age)
}

/// A reference that is demanded but whose target the note does not tell.
pub(super) fn unknown_reference<'a>() -> Reference<'a> {
    Reference { extension: vec![Extension::unknown()], ..Reference::default() }
}
