//! JP-CLINS eCS: what the national sharing service of charts takes. It holds less than JP Core and demands more: a
//! Bundle for each type of resource, the institution, the department, the insured patient, and displays of every code.

use super::condition::{clinical, verification};
use super::plan::Kind;
use super::record::Record;
use super::resources::{AllergyIntolerance, Bundle, Condition, Encounter, Entry, MedicationRequest, Observation, Resource};
use super::types::{Beside, Coding, Concept, Extension, Identifier, Meta, Period, Reference, Text};
use super::{CLINS, allergy, bundle, condition, measure, medicine};
use crate::export::{ExportError, Exporter, Format, Left, Settings, Source, tables};
use crate::model::{self, Assertion, Fact, FactKind};
use std::io::Write;

const RESOURCE_ID: &str = "http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier";
const BUNDLE_ID: &str = "http://jpfhir.jp/fhir/clins/bundle-identifier";
const RESOURCE_TYPE: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/BundleResourceType_CS";
const INSTITUTION: &str = "http://jpfhir.jp/fhir/clins/Extension/StructureDefinition/JP_eCS_InstitutionNumber";
const INSTITUTION_NUMBER: &str = "http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no";
const DEPARTMENT: &str = "http://jpfhir.jp/fhir/eCS/Extension/StructureDefinition/JP_eCS_Department";
const DEPARTMENT_CODE: &str = "http://jami.jp/SS-MIX2/CodeSystem/ClinicalDepartment";
const PERIOD_OF_USE: &str = "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_MedicationDosage_PeriodOfUse";
const KEY_NUMBER: &str = "http://medis.or.jp/CodeSystem/master-disease-keyNumber";
const YJ: &str = "http://capstandard.jp/iyaku.info/CodeSystem/YJ-code";
const GENERAL: &str = "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationGeneralOrderCode";
const JLAC10: &str = "http://medis.or.jp/CodeSystem/master-JLAC10-17digits";
const CORE_LAB: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/JLAC10/JP_CLINS_ObsLabResult_CoreLabo_CS";
const FOOD: &str = "http://jpfhir.jp/fhir/core/CodeSystem/JP_JfagyFoodAllergen_CS";
const OTHER_ALLERGEN: &str = "http://jpfhir.jp/fhir/core/CodeSystem/JP_JfagyNonFoodNonMedicationAllergen_CS";
/// 一般名 and YJ codes as allergens: each with its prefix.
const GENERAL_ALLERGEN: &str = "http://jpfhir.jp/fhir/core/CodeSystem/GCM/JP_JfagyMedicationAllergen_CS";
const YJ_ALLERGEN: &str = "http://jpfhir.jp/fhir/core/CodeSystem/YCM/JP_JfagyMedicationAllergen_CS";
const TYPES: [&str; 3] = ["Condition", "Observation", "AllergyIntolerance"];

#[derive(Debug)]
pub(super) struct Clins {
    settings: Settings,
    institution: String,
    department: (String, String),
    patient: serde_json::Value,
    patient_url: String,
}

impl Clins {
    pub fn new(settings: &Settings) -> Result<Self, ExportError> {
        let wrong = |found: &str, expected| ExportError::Setting { format: CLINS.name, found: found.to_owned(), expected };
        let number = settings.institution.clone().ok_or_else(|| wrong("no institution", INSTITUTION_FORM))?;
        let b = number.as_bytes();
        let in_range = |i: usize, least: u8, most: u8| b.get(i).is_some_and(|c| (least..=most).contains(c));
        if b.len() != 10 || !b.iter().all(u8::is_ascii_digit) || !in_range(0, b'0', b'4') || !in_range(2, b'1', b'3') {
            return Err(wrong(&format!("institution \"{number}\""), INSTITUTION_FORM));
        }
        let department = settings.department.clone().ok_or_else(|| wrong("no department", "a department's SS-MIX2 code and name"))?;
        let expected = "a FHIR Patient that meets JP_Patient_eCS";
        let patient = settings.patient.clone().ok_or_else(|| wrong("no patient", expected))?;
        if patient.get("resourceType").and_then(|t| t.as_str()) != Some("Patient") {
            return Err(wrong("JSON that is no Patient", expected));
        }
        let patient_url = format!("urn:uuid:{}", Source::new(&patient.to_string(), "", &crate::model::Structured::default()).uuid("patient"));
        Ok(Self { settings: settings.clone(), institution: number, department, patient, patient_url })
    }
}

/// What the profile asks of an institution's number.
const INSTITUTION_FORM: &str = "an institution's ten-digit number: prefecture, kind (1 to 3), seven digits";

impl Exporter for Clins {
    fn format(&self) -> &'static Format {
        &CLINS
    }

    fn note(&self, note: &Source<'_>, out: &mut dyn Write) -> Result<Vec<Left>, ExportError> {
        let record = Record::new(note, &self.settings, false);
        let missing = || ExportError::Note { format: CLINS.name, id: note.id.to_owned(), found: "no date", expected: "a \"date\" in the record, or the instant of recording" };
        let recorded = record.recorded().ok_or_else(missing)?;
        let mut made = Made { clins: self, record: &record, recorded, left: Vec::new() };
        let mut groups: [Vec<Entry<'_>>; 3] = Default::default();
        let mut prescriptions = Vec::new();
        for (f, kind) in bundle::kinds(&record) {
            if let Some((group, resource)) = made.resource(f, kind) {
                let entry = Entry { full_url: format!("urn:uuid:{}", note.uuid(&f.id)), resource };
                groups.get_mut(group).unwrap_or(&mut prescriptions).push(entry);
            }
        }
        // the service has no Bundle of prescriptions alone
        match groups.iter_mut().find(|g| !g.is_empty()) {
            Some(first) => first.append(&mut prescriptions),
            None if prescriptions.is_empty() => {}
            None => made.left.push(Left { id: String::new(), text: String::new(), why: "prescriptions without a diagnosis, result or allergy to be sent with" }),
        }
        for (name, entries) in TYPES.into_iter().zip(groups).filter(|g| !g.1.is_empty()) {
            serde_json::to_writer(&mut *out, &made.bundle(name, entries))?;
            out.write_all(b"\n")?;
        }
        Ok(made.left)
    }
}

/// What is being made of one note.
struct Made<'r, 'a> {
    clins: &'a Clins,
    record: &'r Record<'a>,
    recorded: Text<'a>,
    left: Vec<Left>,
}

impl<'a> Made<'_, 'a> {
    /// The resource of a fact with the number of its Bundle; prescriptions have none of their own.
    fn resource(&mut self, f: &'a Fact, kind: Result<Kind, &'static str>) -> Option<(usize, Resource<'a>)> {
        let made = match kind {
            Ok(Kind::Condition) => self.condition(f).map(|c| (0, Resource::Condition(Box::new(c)))),
            Ok(Kind::Observation) if f.kind == FactKind::Lab => self.lab(f).map(|o| (1, Resource::Observation(Box::new(o)))),
            Ok(Kind::AllergyIntolerance) => self.allergy(f).map(|a| (2, Resource::AllergyIntolerance(Box::new(a)))),
            Ok(Kind::MedicationRequest) => self.request(f).map(|r| (3, Resource::MedicationRequest(Box::new(r)))),
            Ok(_) => Err("JP-CLINS takes diagnoses, allergies, laboratory results and prescriptions only"),
            Err(why) => Err(why),
        };
        made.map_err(|why| self.left.push(Left { id: f.id.clone(), text: f.text.clone(), why })).ok()
    }

    fn condition(&self, f: &'a Fact) -> Result<Condition<'a>, &'static str> {
        let mut c = condition::condition(self.record, f);
        c.code.coding.retain(|k| !k.display.is_empty());
        if c.code.coding.iter().all(|k| k.system != KEY_NUMBER) {
            return Err("a diagnosis without 病名管理番号");
        }
        for e in &mut c.code.extension {
            e.value_codeable_concept.iter_mut().for_each(|v| v.coding.retain(|k| !k.display.is_empty()));
        }
        c.verification_status = Some(Concept::coded("http://terminology.hl7.org/CodeSystem/condition-ver-status", verification(f)));
        c.clinical_status = clinical(f).map(|s| Concept::coded("http://terminology.hl7.org/CodeSystem/condition-clinical", s));
        if c.category.is_empty() {
            c.category = vec![Concept::coded("http://terminology.hl7.org/CodeSystem/condition-category", "encounter-diagnosis")];
        }
        // the service demands a date; what the note tells otherwise goes to a note, and the date is marked unknown
        let told = c.onset_period.take().and_then(|p| p.start).or_else(|| c.onset_date_time.take());
        c.onset_beside = told.is_none().then(Beside::unknown);
        c.onset_date_time = told;
        c.onset_age = None;
        let open = c.onset_string.take();
        c.note.extend(open.map(|t| super::types::Annotation { text: t }));
        c.evidence.clear();
        c.extension.clear();
        c.subject = self.subject();
        self.dress(f, &mut c.meta, &mut c.identifier, &mut c.extension, "clins.Condition");
        c.contained = vec![self.encounter(f)];
        Ok(c)
    }

    fn lab(&self, f: &'a Fact) -> Result<Observation<'a>, &'static str> {
        let mut o = measure::observation(self.record, f);
        o.code.coding.retain(|k| !k.display.is_empty());
        // the service's own list of tests, under the display that the profile fixes for each
        let core = f.codings.iter().filter(|k| k.system == JLAC10).find_map(|k| tables::code("core-lab", &k.code));
        o.code.coding.extend(core.map(|c| Coding { system: c.system, code: c.code.into(), display: c.display }));
        if !o.code.coding.iter().any(|k| k.system == JLAC10 || k.system == CORE_LAB) {
            o.code.coding.push(Coding {
                system: "http://jpfhir.jp/fhir/clins/CodeSystem/JP_CLINS_ObsLabResult_Uncoded_CS",
                code: "99999999999999999".into(),
                display: "未標準化コード項目(JLAC)",
            });
        }
        if let Some(p) = o.effective_period.take() {
            o.effective_date_time = p.start;
        }
        o.effective_beside = o.effective_date_time.is_none().then(Beside::unknown);
        o.specimen = o.specimen.or_else(|| Some(super::record::unknown_reference()));
        o.derived_from.clear();
        o.subject = self.subject();
        self.dress(f, &mut o.meta, &mut o.identifier, &mut o.extension, "clins.LabResult");
        o.contained.push(self.encounter(f));
        Ok(o)
    }

    fn allergy(&self, f: &'a Fact) -> Result<AllergyIntolerance<'a>, &'static str> {
        let mut a = allergy::allergy(self.record, f);
        let medicine = a.category == ["medication"];
        a.code.coding = self.record.mentions(f).flat_map(|m| &m.codings).filter_map(allergen).collect();
        a.code.coding.dedup_by(|b, a| a.system == b.system && a.code == b.code);
        if a.code.coding.is_empty() {
            return Err(match (f.assertion, medicine) {
                (Assertion::Absent, _) if f.codings.is_empty() => "no known allergy: JP-CLINS has no code that says so",
                (_, true) => "a medicine's allergy without a product: JP-CLINS asks for its YJ or 一般名 code and the master's display",
                _ => "an allergen without a J-FAGY code and its display",
            });
        }
        if medicine {
            a.criticality = Some("high");
        }
        a.patient = self.subject();
        self.dress(f, &mut a.meta, &mut a.identifier, &mut a.extension, "clins.AllergyIntolerance");
        Ok(a)
    }

    fn request(&self, f: &'a Fact) -> Result<MedicationRequest<'a>, &'static str> {
        let mut r = medicine::request(self.record, f, 1);
        if r.intent != "order" {
            return Err("a prescription that is only planned");
        }
        r.status = "completed";
        let start = r.authored_on.clone().ok_or("a prescription without a date")?;
        r.medication_codeable_concept.coding.retain(|k| !matches!(k.system, YJ | GENERAL) || !k.display.is_empty());
        if !r.medication_codeable_concept.coding.iter().any(|k| matches!(k.system, YJ | GENERAL)) {
            let coding = Coding { system: "http://jpfhir.jp/fhir/eCS/CodeSystem/MedicationCodeNocoded_CS", code: "NOCODED".into(), display: "標準コードなし" };
            r.medication_codeable_concept.coding.push(coding);
        }
        let dosage = r.dosage_instruction.first_mut().ok_or("a prescription without a dosage")?;
        let text = dosage.text.get_or_insert(Text::Borrowed("用法の記載なし")).clone();
        dosage.extension = vec![Extension { url: PERIOD_OF_USE, value_period: Some(Period { start: Some(start), end: None }), ..Extension::default() }];
        dosage.dose_and_rate.clear();
        let timing = dosage.timing.get_or_insert_default();
        // 厚労省の用法コードか、ダミーの用法コードのどちらか一方
        let dummy =
            Coding { system: "http://jpfhir.jp/fhir/clins/CodeSystem/JP_CLINS_MedicationUsage_Uncoded_CS", code: "0X0XXXXXXXXX0000".into(), display: "ダミー用法コード" };
        timing.code = Some(Concept { coding: vec![dummy], text: Some(text), ..Concept::default() });
        r.reason_reference.clear();
        r.subject = self.subject();
        self.dress(f, &mut r.meta, &mut r.identifier, &mut r.extension, "clins.MedicationRequest");
        Ok(r)
    }

    /// What every resource of the service carries.
    fn dress(&self, f: &'a Fact, meta: &mut Option<Meta<'a>>, identifier: &mut Vec<Identifier<'a>>, extension: &mut Vec<Extension<'a>>, profile: &str) {
        *meta = Some(Meta { last_updated: Some(self.recorded.clone()), profile: vec![tables::profile(profile)], tag: Vec::new() });
        identifier.push(Identifier::new(RESOURCE_ID, self.record.note.uuid(&f.id)));
        extension.push(Extension { url: INSTITUTION, value_identifier: Some(Identifier::new(INSTITUTION_NUMBER, self.clins.institution.as_str())), ..Extension::default() });
        let (code, name) = &self.clins.department;
        let department =
            Concept { coding: vec![Coding { system: DEPARTMENT_CODE, code: Text::Borrowed(code), display: name }], text: Some(Text::Borrowed(name)), ..Concept::default() };
        extension.push(Extension { url: DEPARTMENT, value_codeable_concept: Some(department), ..Extension::default() });
    }

    /// The visit that the service wants within each diagnosis and result; whether it was one of an inpatient is not told.
    fn encounter(&self, _f: &'a Fact) -> Resource<'a> {
        let mut e = Encounter::new("encounter", tables::profile("Encounter"));
        e.status = "unknown";
        e.class = Some(Coding { system: "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", code: "UNK".into(), display: "" });
        Resource::Encounter(e)
    }

    fn subject(&self) -> Reference<'a> {
        Reference::to(self.clins.patient_url.as_str())
    }

    fn bundle(&self, name: &'static str, mut entries: Vec<Entry<'a>>) -> Bundle<'a> {
        let uuid = self.record.note.uuid(&format!("bundle/{name}"));
        let year = self.recorded.get(..4).unwrap_or("");
        entries.insert(0, Entry { full_url: self.clins.patient_url.clone(), resource: Resource::Given(&self.clins.patient) });
        Bundle {
            resource_type: "Bundle",
            meta: Meta {
                last_updated: Some(self.recorded.clone()),
                profile: vec![tables::profile("clins.Bundle")],
                tag: vec![Coding { system: RESOURCE_TYPE, code: name.into(), display: "" }],
            },
            identifier: Identifier::new(BUNDLE_ID, format!("{}^{year}^{uuid}", self.clins.institution)),
            id: uuid,
            kind: "collection",
            timestamp: Some(self.recorded.clone()),
            entry: entries,
        }
    }
}

/// A code as one of the systems that JP_AllergyIntolerance_eCS takes; it demands the display.
///
/// J-FAGY's dummy code of a medicine is none: the service asks for the product.
fn allergen(c: &model::Coding) -> Option<Coding<'_>> {
    let display = c.display.strip_prefix("【般】").unwrap_or(&c.display);
    if display.is_empty() {
        return None;
    }
    let (system, code) = match c.system.as_str() {
        s @ (FOOD | OTHER_ALLERGEN) => (s, Text::Borrowed(c.code.as_str())),
        GENERAL => (GENERAL_ALLERGEN, format!("GCM{}", c.code).into()),
        YJ => (YJ_ALLERGEN, format!("YCM{}", c.code).into()),
        _ => return None,
    };
    Some(Coding { system, code, display })
}
