//! Facts: mentions made ready for use — spans of the original, what follows from them, what says the same.

mod frequency;
mod prescription;
mod refine;
mod time;
mod treatment;

use crate::coding;
use crate::lexicon::{Attr, ConceptRef, Hit, Lexicon};
pub use crate::model::*;
use crate::note::Note;
use crate::recognize::Mention;
use crate::text::sub;
use compact_str::CompactString;
use rustc_hash::FxHashMap as HashMap;

/// A mention with what was read about it.
pub(crate) struct Asserted {
    pub mention: Mention,
    pub reading: crate::assertion::Reading,
}

/// Makes the facts of a note out of its mentions. `date` is the note's own.
pub(crate) fn assemble(lexicon: &Lexicon, note: &Note, hits: &[Hit], original: &str, date: Option<jiff::civil::Date>, mut mentions: Vec<Asserted>) -> Structured {
    time::resolve(lexicon, note, hits, date, &mut mentions);
    let norm = note.norm.text();
    let mut out = Structured::default();
    for s in &note.sections {
        let (start, title_end) = note.norm.original_span(s.title.0, s.title.1);
        let (_, end) = note.norm.original_span(s.title.0, s.content.1.max(s.title.1));
        if end > start {
            out.sections.push(SectionInfo { kind: s.kind, code: s.kind.clins().to_owned(), title: sub(original, start, title_end).trim().to_owned(), start, end });
        }
    }
    let mut concepts: Vec<Option<ConceptRef>> = Vec::with_capacity(mentions.len());
    let mut places = Vec::with_capacity(mentions.len());
    for a in mentions {
        places.push(treatment::Place { sentence: a.mention.sentence, start: a.mention.start, end: a.mention.core_end.max(a.mention.end) });
        let (fact, concept) = fact(lexicon, note, norm, original, a, out.facts.len() + 1);
        out.facts.push(fact);
        concepts.push(concept);
    }
    prescription::share(&mut out.facts, &places, norm);
    refine::refine(lexicon, &mut out, &mut concepts);
    frequency::read(&mut out.facts, &places, &note.norm);
    relate(&mut out, &concepts);
    treatment::relate(&mut out, &places, note);
    derive(lexicon, &mut out, &concepts, is_child(norm));
    out
}

fn fact(lexicon: &Lexicon, note: &Note, norm: &str, original: &str, a: Asserted, number: usize) -> (Fact, Option<ConceptRef>) {
    let Asserted { mention: m, reading } = a;
    let (start, end) = note.norm.original_span(m.start, m.end);
    let (codings, concept) = coding::code(lexicon, norm, &m);
    let chosen = concept.or(m.concept);
    let name = match (&m.name, chosen.and_then(|r| lexicon.concept(r))) {
        // a time is called what was written, a recurrence by its disease and itself; all else by its concept
        (_, Some(c)) if concept.is_some() && m.kind != FactKind::Time && m.rule != "head.recurrence" => c.name().to_owned(),
        (Some(n), _) => n.clone(),
        (None, Some(c)) => c.name().to_owned(),
        (None, None) => sub(original, start, end).to_owned(),
    };
    let pack = m.concept.map_or("", |r| lexicon.label(r));
    let span = |s: (usize, usize)| note.norm.original_span(s.0, s.1);
    let mut because = vec![Reason {
        rule: chosen.and_then(|r| lexicon.concept(r)).map_or_else(|| CompactString::const_new(m.rule), |c| compact_str::format_compact!("{}:{}", m.rule, c.id())),
        spans: vec![span((m.core_start, m.core_end))],
        pack: CompactString::new(pack),
    }];
    for (rule, at) in m.because.into_iter().chain(reading.because) {
        because.push(Reason { rule: CompactString::new(rule), spans: vec![span(at)], pack: CompactString::default() });
    }
    let section = note.sentences.get(m.sentence).and_then(|s| note.sections.get(s.section)).map_or_else(Default::default, |s| s.kind);
    let mut applicability = m.applicability;
    if matches!(m.kind, FactKind::Disorder | FactKind::Finding) && (codings.is_empty() || m.confidence < 0.9) {
        applicability = applicability.max(Applicability::Confirm);
    }
    let mut medication = m.medication;
    if let Some(x) = &mut medication {
        x.status = reading.status;
    }
    let fact = Fact {
        id: format!("f{number}"),
        kind: m.kind,
        text: sub(original, start, end).to_owned(),
        start,
        end,
        name,
        codings,
        value: m.value,
        assertion: reading.assertion,
        subject: reading.subject,
        relative: relative(lexicon, reading.relative.filter(|_| reading.subject == Subject::Family)),
        temporality: reading.temporality,
        time: m.time,
        medication,
        section,
        confidence: m.confidence,
        applicability,
        because,
        from: Vec::new(),
    };
    (fact, chosen)
}

/// A person of the tables as a RoleCode.
fn relative(lexicon: &Lexicon, person: Option<ConceptRef>) -> Option<Coding> {
    let c = lexicon.concept(person?)?;
    let code = c.attr(Attr::Value).filter(|v| !v.is_empty())?;
    Some(Coding { system: CompactString::const_new("http://terminology.hl7.org/CodeSystem/v3-RoleCode"), code: code.into(), display: c.attr(Attr::Note).unwrap_or("").into() })
}

/// What says the same, and which measurement states the degree of which finding.
fn relate(out: &mut Structured, concepts: &[Option<ConceptRef>]) {
    let mut first: HashMap<(ConceptRef, Assertion, Subject), usize> = HashMap::default();
    for (i, f) in out.facts.iter().enumerate() {
        if !matches!(f.kind, FactKind::Disorder | FactKind::Finding) {
            continue;
        }
        let Some(c) = concepts.get(i).copied().flatten() else { continue };
        match first.get(&(c, f.assertion, f.subject)).and_then(|j| out.facts.get(*j)) {
            Some(g) if g.codings.first() == f.codings.first() => {
                out.relations.push(Relation { kind: RelationKind::SameAs, from: f.id.clone(), to: g.id.clone(), rule: "fact.same-concept".to_owned(), evidence: None });
            }
            _ => {
                first.insert((c, f.assertion, f.subject), i);
            }
        }
        // 「39度以上の発熱」: the measurement directly before the finding states its degree
        if let Some(v) = i.checked_sub(1).and_then(|j| out.facts.get(j))
            && v.kind == FactKind::Vital
            && v.end <= f.start
            && f.start - v.end <= 12
            && measures(v, f)
        {
            out.relations.push(Relation { kind: RelationKind::HasValue, from: f.id.clone(), to: v.id.clone(), rule: "fact.degree-before".to_owned(), evidence: None });
        }
        if let Some(v) = out.facts.get(i + 1)
            && v.kind == FactKind::Vital
            && v.start >= f.end
            && v.start - f.end <= 12
            && measures(v, f)
        {
            out.relations.push(Relation { kind: RelationKind::HasValue, from: f.id.clone(), to: v.id.clone(), rule: "fact.degree-after".to_owned(), evidence: None });
        }
    }
}

fn measures(v: &Fact, f: &Fact) -> bool {
    v.name == "体温" && (f.name.contains('熱') || f.name == "低体温") || v.name.contains("血圧") && f.name.contains("血圧")
}

/// Whether the note is about a child, whom thresholds for adults do not fit.
fn is_child(norm: &str) -> bool {
    if ["男児", "女児", "患児", "乳児", "新生児", "生後", "日齢"].iter().any(|w| norm.contains(w)) {
        return true;
    }
    // the first age in the note
    let Some(i) = norm.find('歳') else { return false };
    let digits: String = sub(norm, 0, i).chars().rev().take_while(char::is_ascii_digit).collect();
    digits.chars().rev().collect::<String>().parse::<u32>().is_ok_and(|age| age < 16)
}

/// What follows from measurements by a guideline's threshold: BT39.2 is 発熱.
fn derive(lexicon: &Lexicon, out: &mut Structured, concepts: &[Option<ConceptRef>], child: bool) {
    let mut derived = Vec::new();
    for (i, f) in out.facts.iter().enumerate() {
        if f.kind != FactKind::Vital || f.subject != Subject::Patient || f.applicability != Applicability::Auto || f.assertion != Assertion::Present {
            continue;
        }
        let (Some(c), Some(v)) = (concepts.get(i).copied().flatten(), f.value.as_ref()) else { continue };
        let Some(number) = v.number else { continue };
        let number = lexicon.analyte(c).and_then(|a| a.in_unit(number, v.unit.as_deref().unwrap_or(""))).unwrap_or(number);
        for rule in lexicon.derivations().iter().filter(|d| d.measured == c && !(d.adult && child) && d.comparison.holds(number, d.threshold)) {
            // 「37.5以下」 does not say that it was reached
            let open = matches!(
                (v.comparator.as_deref(), rule.comparison),
                (Some("<" | "<="), crate::lexicon::Comparison::AtLeast | crate::lexicon::Comparison::MoreThan)
                    | (Some(">" | ">="), crate::lexicon::Comparison::LessThan | crate::lexicon::Comparison::AtMost)
            );
            let Some(concept) = lexicon.concept(rule.then).filter(|_| !open) else { continue };
            let mut m = Mention::new(FactKind::Finding, 0, 0, "derive");
            m.concept = Some(rule.then);
            let codings = coding::code(lexicon, "", &m).0;
            derived.push(Fact {
                id: String::new(),
                kind: if concept.kind() == crate::lexicon::ConceptKind::Disorder { FactKind::Disorder } else { FactKind::Finding },
                name: concept.name().to_owned(),
                codings,
                value: Some(v.clone()),
                because: vec![Reason { rule: CompactString::new(&rule.id), spans: vec![(f.start, f.end)], pack: CompactString::new(&rule.source) }],
                from: vec![f.id.clone()],
                applicability: if rule.adult { Applicability::Confirm } else { Applicability::Auto },
                confidence: f.confidence,
                medication: None,
                ..f.clone()
            });
        }
    }
    let n = out.facts.len();
    for (i, mut f) in derived.into_iter().enumerate() {
        f.id = format!("f{}", n + i + 1);
        out.facts.push(f);
    }
}
