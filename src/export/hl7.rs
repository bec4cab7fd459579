//! HL7 v2.5 messages as SS-MIX2 stores them: PPR^ZD1 problems, OUL^R22 results, RDE^O11 prescriptions, ADT^A60
//! allergies. Text is UTF-8 (MSH-18 says so); a store in ISO-2022-JP converts it.

use super::fhir::{is_modifier, resource_kind, specimen_material, told_by_allergies, verification};
use super::{ExportError, Exporter, Format, Left, Settings, Source, said, tables};
use crate::model::{Assertion, Coding, Fact, FactKind, Value};
use std::collections::{BTreeMap, HashSet};
use std::io::Write;

pub(super) const SSMIX2: Format = Format::stream("ss-mix2", "hl7", "HL7 v2.5 messages like SS-MIX2's: PPR^ZD1, OUL^R22, RDE^O11, ADT^A60");

#[derive(Debug)]
struct Ssmix2 {
    settings: Settings,
}

pub(super) fn make(settings: &Settings) -> Result<Box<dyn Exporter>, ExportError> {
    Ok(Box::new(Ssmix2 { settings: settings.clone() }))
}

impl Exporter for Ssmix2 {
    fn format(&self) -> &'static Format {
        &SSMIX2
    }

    fn note(&self, note: &Source<'_>, out: &mut dyn Write) -> Result<Vec<Left>, ExportError> {
        let mut left = Vec::new();
        let (mut problems, mut results, mut medicines, mut allergies) = (Vec::new(), BTreeMap::<&str, Vec<&Fact>>::new(), Vec::new(), Vec::new());
        let twice: HashSet<&str> = told_by_allergies(&note.found.facts).into_iter().map(|(medicine, _)| medicine.id.as_str()).collect();
        for f in note.found.facts.iter().filter(|f| !twice.contains(f.id.as_str())) {
            match resource_kind(f) {
                Ok("Condition") => problems.push(f),
                Ok("Observation") if f.kind == FactKind::Lab => results.entry(specimen_material(f).unwrap_or("")).or_default().push(f),
                Ok("MedicationRequest") => medicines.push(f),
                Ok("AllergyIntolerance") => allergies.push(f),
                Ok(_) => left.push(leave(f, "SS-MIX2 messages here carry problems, results, prescriptions and allergies")),
                Err(why) => left.push(leave(f, why)),
            }
        }
        let m = Messages { settings: &self.settings, note };
        if !problems.is_empty() {
            m.write(out, "PPR^ZD1^PPR_ZD1", "PPR", problems.iter().flat_map(|f| m.problem(f)).collect())?;
        }
        if !results.is_empty() {
            m.write(out, "OUL^R22^OUL_R22", "OUL", m.results(&results))?;
        }
        if !medicines.is_empty() {
            m.write(out, "RDE^O11^RDE_O11", "RDE", (1..).zip(&medicines).flat_map(|(n, f)| m.prescription(n, f)).collect())?;
        }
        if !allergies.is_empty() {
            m.write(out, "ADT^A60^ADT_A60", "ADT", (1..).zip(&allergies).map(|(n, f)| m.allergy(n, f)).collect())?;
        }
        Ok(left)
    }
}

fn leave(f: &Fact, why: &'static str) -> Left {
    Left { id: f.id.clone(), text: f.text.clone(), why }
}

/// A segment's fields from the first.
type Segment = Vec<String>;

struct Messages<'a> {
    settings: &'a Settings,
    note: &'a Source<'a>,
}

impl Messages<'_> {
    fn write(&self, out: &mut dyn Write, kind: &str, short: &str, segments: Vec<Segment>) -> std::io::Result<()> {
        let at = self.settings.recorded.as_deref().map(moment).or_else(|| self.note.day().map(|d| moment(&d))).unwrap_or_default();
        let id: String = self.note.uuid(short).chars().filter(char::is_ascii_alphanumeric).take(20).collect();
        let institution = escape(self.settings.institution.as_deref().unwrap_or(""));
        write!(out, "MSH|^~\\&|KARUTA|{institution}|||{at}||{kind}|{id}|P|2.5||||||UNICODE UTF-8||ISO 2022-1994|SS-MIX2_1.20^SS-MIX2^1.2.392.200250.2.1.100.1.2.120^ISO\r")?;
        write!(out, "PID|0001||{}^^^^PI||\r", escape(self.note.patient.unwrap_or(self.note.id)))?;
        for s in segments {
            write!(out, "{}\r", s.join("|").trim_end_matches('|'))?;
        }
        Ok(())
    }

    /// PRB: the base's code with the term as written; its 修飾語 follow as notes, each with its place.
    fn problem(&self, f: &Fact) -> Vec<Segment> {
        let start = f.time.as_ref().and_then(|t| t.start.as_deref()).and_then(date).unwrap_or_default();
        let recorded = self.note.day().map(|d| moment(&d)).unwrap_or_default();
        let base: Vec<&Coding> = f.codings.iter().filter(|c| !is_modifier(&c.system)).collect();
        let mut prb = vec!["PRB".to_owned(), "AD".to_owned(), recorded, coded(&base, if f.from.is_empty() { &f.text } else { &f.name }), self.note.uuid(&f.id)];
        prb.resize(13, String::new());
        prb.push(format!("{}^^HL7-FHIR", verification(f)));
        prb.resize(16, String::new());
        prb.push(start);
        prb.push(f.time.as_ref().map(|t| escape(&said::time(t))).unwrap_or_default());
        let mut out = vec![prb];
        for (n, e) in (1..).zip(super::fhir::modifier_groups(f)) {
            let text = e.1.iter().map(|c| format!("{} {} ({})", c.code, c.display, c.system)).collect::<Vec<_>>().join(", ");
            out.push(vec!["NTE".to_owned(), n.to_string(), "P".to_owned(), escape(&format!("修飾語 {}: {text}", if e.0 { "接尾語" } else { "接頭語" }))]);
        }
        out
    }

    /// SPM, OBR and OBX for each material.
    fn results(&self, by_material: &BTreeMap<&str, Vec<&Fact>>) -> Vec<Segment> {
        let mut out = Vec::new();
        for (n, (material, facts)) in (1..).zip(by_material) {
            let kind = if material.is_empty() { "^不明".to_owned() } else { format!("{material}^^JC10") };
            out.push(vec!["SPM".to_owned(), n.to_string(), String::new(), String::new(), kind]);
            let at = self.note.day().map(|d| moment(&d)).unwrap_or_default();
            out.push(vec!["OBR".to_owned(), n.to_string(), String::new(), String::new(), "^検体検査".to_owned(), String::new(), String::new(), at.clone()]);
            for (i, f) in (1..).zip(facts) {
                out.push(self.result(i, f, &at));
            }
        }
        out
    }

    fn result(&self, n: usize, f: &Fact, day: &str) -> Segment {
        let mut codes: Vec<&Coding> = f.codings.iter().collect();
        // JLAC10 is the store's own
        codes.sort_by_key(|c| !c.system.ends_with("master-JLAC10-17digits"));
        let (kind, value, unit) = f.value.as_ref().map_or(("ST", String::new(), String::new()), valued);
        let at = f.time.as_ref().and_then(|t| t.start.as_deref()).and_then(date).unwrap_or_else(|| day.to_owned());
        let mut obx = vec!["OBX".to_owned(), n.to_string(), kind.to_owned(), coded(&codes, &f.name), String::new(), value, unit];
        obx.resize(11, String::new());
        // final, or told with a doubt
        obx.push(if f.assertion == Assertion::Possible { "P" } else { "F" }.to_owned());
        obx.resize(14, String::new());
        obx.push(at);
        obx
    }

    /// ORC, RXE, TQ1, RXR.
    fn prescription(&self, n: usize, f: &Fact) -> Vec<Segment> {
        let m = f.medication.as_deref().cloned().unwrap_or_default();
        let codes: Vec<&Coding> = f.codings.iter().collect();
        let authored = f.time.as_ref().and_then(|t| t.start.as_deref()).and_then(date).or_else(|| self.note.day().map(|d| moment(&d))).unwrap_or_default();
        let mut orc = vec!["ORC".to_owned(), "NW".to_owned(), format!("{}-{n}", self.note.number)];
        orc.resize(9, String::new());
        orc.push(authored);
        let amount = m.amount.as_ref().and_then(|a| a.number).map(|n| n.to_string()).unwrap_or_default();
        let unit = m.amount.as_ref().and_then(|a| a.unit.as_deref()).map(dose_unit).unwrap_or_default();
        let mut rxe = vec!["RXE".to_owned(), String::new(), coded(&codes, &f.text), amount, String::new(), unit];
        rxe.resize(7, String::new());
        rxe.push(format!("^{}", escape(&said::dose(f))));
        let usage = m.usage_codings.iter().find_map(|c| Some((c, tables::system(&c.system).filter(|s| !s.hl7v2.is_empty())?.hl7v2)));
        let pattern = usage
            .map_or_else(|| format!("&{}", escape(m.usage.as_deref().unwrap_or(""))), |(c, s)| format!("{}&{}&{s}", escape(&c.code), escape(m.usage.as_deref().unwrap_or(""))));
        let days = m.days.map(|d| format!("{d}^D&日&ISO+")).unwrap_or_default();
        let tq1 = vec!["TQ1".to_owned(), "1".to_owned(), String::new(), pattern, String::new(), String::new(), days];
        let route = m.route.as_deref().map(|r| tables::code("route", r).map_or_else(|| format!("^{}", escape(r)), |c| format!("{}^^HL70162", c.code)));
        let mut out = vec![orc, rxe, tq1];
        out.extend(route.map(|r| vec!["RXR".to_owned(), r]));
        out
    }

    fn allergy(&self, n: usize, f: &Fact) -> Segment {
        let of = |part: &str| f.codings.iter().any(|c| c.system.contains(part));
        let kind = match () {
            () if f.kind == FactKind::Medication || of("MedicationAllergen") || of("YJ-code") => "DA^薬剤アレルギー^HL70127",
            () if of("JfagyFood") => "FA^食品アレルギー^HL70127",
            () if of("NonFoodNonMedication") => "EA^環境アレルギー^HL70127",
            () => "MA^その他^HL70127",
        };
        let codes: Vec<&Coding> = f.codings.iter().collect();
        let reaction = f.value.as_ref().and_then(|v| v.text.as_deref()).map(escape).unwrap_or_default();
        let name = if f.assertion == Assertion::Absent { format!("{} なし", f.name) } else { f.name.clone() };
        vec!["IAM".to_owned(), n.to_string(), kind.to_owned(), coded(&codes, &name), String::new(), reaction, "A".to_owned()]
    }
}

/// Two codes of systems that HL7 v2 has names for, and the words (CWE).
fn coded(codes: &[&Coding], words: &str) -> String {
    let mut named = codes.iter().filter_map(|c| Some((c, tables::system(&c.system).filter(|s| !s.hl7v2.is_empty())?.hl7v2)));
    let triple = |c: &Coding, s: &str| format!("{}^{}^{s}", escape(&c.code), escape(&c.display));
    let words = escape(words);
    match (named.next(), named.next()) {
        (Some((a, sa)), Some((b, sb))) => format!("{}^{}^^^{words}", triple(a, sa), triple(b, sb)),
        (Some((a, sa)), None) => format!("{}^^^^^^{words}", triple(a, sa)),
        _ => format!("^{words}"),
    }
}

/// OBX-2, -5 and -6.
fn valued(v: &Value) -> (&'static str, String, String) {
    let unit = v.unit.as_deref().map(|u| format!("{0}^{0}^UCUM", escape(u))).unwrap_or_default();
    match (v.number, v.high, v.comparator.as_deref()) {
        (Some(n), None, None) => ("NM", n.to_string(), unit),
        (Some(n), Some(h), _) => ("SN", format!("^{n}^-^{h}"), unit),
        (Some(n), None, Some(c)) if c != "~" => ("SN", format!("{}^{n}", escape(c)), unit),
        _ => ("ST", escape(&said::value(v)), String::new()),
    }
}

fn dose_unit(unit: &str) -> String {
    tables::code("dose-unit", unit).map_or_else(|| escape(unit), |u| format!("{}^{}^MR9P", u.code, u.display))
}

/// `2024-05-04T06:00:00+09:00` is `20240504060000`.
fn moment(iso: &str) -> String {
    iso.split(['+', 'Z']).next().unwrap_or("").chars().filter(char::is_ascii_digit).collect()
}

/// The same of a time that is a date.
fn date(iso: &str) -> Option<String> {
    super::fhir::date_time(iso, "").map(|t| moment(&t))
}

/// HL7 v2 escapes; a line break would end the segment.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\E\\"),
            '|' => out.push_str("\\F\\"),
            '^' => out.push_str("\\S\\"),
            '&' => out.push_str("\\T\\"),
            '~' => out.push_str("\\R\\"),
            '\n' => out.push_str("\\.br\\"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_ends_no_field() {
        assert_eq!(escape("a|b^c&d~e\\f\r\ng"), "a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f\\.br\\g");
        assert_eq!(moment("2024-05-04T06:00:00+09:00"), "20240504060000");
        assert_eq!(date("-P3D"), None);
    }
}
