//! The layout of a pack file, shared by what writes it (also at build time) and what reads it.
//!
//! All numbers are little-endian. A pack is
//! ```text
//! magic "KARUTAPK" | version u32 | sections u32 | hash [u8; 32] | section table | sections
//! section table: sections × (tag [u8; 4], zero u32, offset u64, length u64, hash [u8; 32])
//! META  JSON: name, sources with their dates
//! STRS  UTF-8, addressed by (offset u32, length u32)
//! CNPT  concept records: kind u32 (with the reference bit), id, name, en (string references), code start, code end, attribute start, attribute end
//! KIND  runs of concepts of one kind: kind u32 (as in CNPT), start u32, end u32
//! IDNX  concept numbers, sorted by the concept's id
//! CODE  system u32, code, display
//! CDNX  system u32, code record u32, concept u32; sorted by system, then by the code's bytes
//! ATTR  key u32, value
//! SURF  surface, link start u32, link end u32; sorted by the surface's bytes
//! LINK  concept u32, flags u32 (the concept's kind in the top byte, with the reference bit), cased form
//! TRIE  the trie over the surfaces that are looked for in notes, empty where there is none. Sizes, the first three as
//!       powers of two: bits of the filter of two characters u32, of three u32, slots u32, nodes u32; the filters;
//!       slots × (character u32, second character or 0 u32, children start u32, end u32, value u32, value u32), an
//!       empty one all 2^32-1; nodes × (character u32, children start u32, value u32, value u32), a node's children
//!       ending where the next node's begin. A value is a concept with a link's flags, or a surface number with
//!       2^32-1, or 2^32-1 twice where no surface ends
//! AUTO  (version 1, in the trie's place) the serialised automaton over the same surfaces; its values are surface numbers
//! RNOD  (optional) what relations join: concept u32 (2^32-1 where another pack holds it), id, name, count u32
//! RELN  (optional) relation u32, from u32, to u32 (numbers in RNOD), n u32, of u32, row, note (string references);
//!       sorted by from and relation, and in each as its table orders them
//! ```
//! The hash in the header is BLAKE3 over the section table, which holds the BLAKE3 hash of every section: a
//! reader may check a section when it comes to read it, and the header's hash still names the whole content.

/// First bytes of a pack.
pub const MAGIC: &[u8; 8] = b"KARUTAPK";
/// Version of this layout.
pub const VERSION: u32 = 2;
/// The oldest version that is read.
pub const OLDEST_VERSION: u32 = 1;
/// Bytes before the section table.
pub const HEADER: usize = 8 + 4 + 4 + 32;
/// Bytes of one entry of the section table.
pub const TABLE_ENTRY: usize = 56;
/// Bytes of a concept record.
pub const CONCEPT: usize = 44;
/// Bytes of a run of concepts of one kind.
pub const KIND_RUN: usize = 12;
/// Bytes of a code record.
pub const CODE: usize = 20;
/// Bytes of an entry of the index of codes.
pub const CODE_INDEX: usize = 12;
/// Bytes of an attribute record.
pub const ATTR: usize = 12;
/// Bytes of a surface record.
pub const SURFACE: usize = 16;
/// Bytes of a link record.
pub const LINK: usize = 16;
/// Bytes of a node of the relations.
pub const NODE: usize = 24;
/// Bytes of a relation.
pub const RELATION: usize = 36;
/// In the trie: no node, no surface.
pub const TRIE_NONE: u32 = u32::MAX;
/// In place of a link's flags in the trie: the surface has several links, or one whose case counts.
pub const TRIE_SEVERAL: u32 = u32::MAX;
/// How far from its own slot a pair may lie in the trie's table.
pub const TRIE_PROBES: usize = 32;
/// Numbers in a slot of the trie's table.
pub const TRIE_SLOT: usize = 6;

/// The hash of the first two characters of a surface.
pub const fn pair_hash(a: u32, b: u32) -> u32 {
    (a.wrapping_mul(0x9E37_79B1) ^ b.wrapping_mul(0x85EB_CA6B)).wrapping_mul(0xC2B2_AE35)
}

/// The hash of the first three, from that of the first two.
pub const fn triple_hash(pair: u32, c: u32) -> u32 {
    (pair ^ c.wrapping_mul(0x27D4_EB2F)).wrapping_mul(0x1656_67B1)
}

/// The place of a hash among 2^`bits`.
pub const fn trie_slot(hash: u32, bits: u32) -> usize {
    if bits == 0 { 0 } else { (hash >> (32 - bits)) as usize }
}

/// The concept of a node that another pack holds; its id says which.
pub const ELSEWHERE: u32 = u32::MAX;

/// The surface is a synonym, not the concept's own name.
pub const FLAG_ALIAS: u32 = 1;
/// The surface also means other things; it needs the context that the ambiguity table or its section gives.
pub const FLAG_AMBIGUOUS: u32 = 2;
/// Letters must match in case.
pub const FLAG_CASED: u32 = 4;
/// Counts only under a heading that names the specimen.
pub const FLAG_UNDER: u32 = 8;
/// Made from another surface by the variant table (癌 → がん).
pub const FLAG_VARIANT: u32 = 16;
/// From a source that pairs words with terms by machine: some pairs are wrong.
pub const FLAG_UNSURE: u32 = 32;
/// For coding and search only: the recognizer passes over it.
pub const FLAG_LOOKUP: u32 = 64;
/// An index's term, whose ICD-10 code led to the concept. Always with [`FLAG_UNSURE`].
pub const FLAG_INDEX: u32 = 128;
/// Two sources pair the word with the concept, or one that states a high reliability. Always with [`FLAG_UNSURE`].
pub const FLAG_AGREED: u32 = 256;
/// The bits of a link's flags that are flags; the byte above them is the concept's kind.
pub const FLAG_BITS: u32 = 0x00FF_FFFF;
/// In a concept's kind: a concept for looking up (an ontology's class, a code list's entry), which no stage recognises.
pub const KIND_REFERENCE: u32 = 128;

macro_rules! numbered {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $n:literal $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$doc])* $variant = $n,)* }
        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
            /// The number in a pack file.
            pub const fn number(self) -> u32 { self as u32 }
            /// The value of that number, if there is one.
            pub const fn from_number(n: u32) -> Option<Self> { match n { $($n => Some(Self::$variant),)* _ => None } }
            /// Its name in tables, or the URL of a code system.
            pub const fn text(self) -> &'static str { match self { $(Self::$variant => $text,)* } }
            /// The value of that name.
            pub fn from_text(s: &str) -> Option<Self> { match s { $($text => Some(Self::$variant),)* _ => None } }
        }
    };
}

numbered! {
    /// What a concept is.
    ConceptKind {
        /// A disease, syndrome or injury.
        Disorder = 1 "disorder",
        /// A symptom, sign or abnormal finding.
        Finding = 2 "finding",
        /// A generic finding that means something only with a site: 腫大, 肥厚.
        Head = 3 "head",
        /// A body site.
        Site = 4 "site",
        /// A 修飾語 that is no site: laterality, course, severity.
        Modifier = 5 "modifier",
        /// A laboratory analyte.
        Analyte = 6 "analyte",
        /// A bedside measurement.
        Vital = 7 "vital",
        /// A clinical score or stage.
        Score = 8 "score",
        /// A medicine's ingredient or fixed combination.
        Drug = 9 "drug",
        /// A class of medicines.
        DrugClass = 10 "drug_class",
        /// A regimen: a named combination of medicines.
        Regimen = 11 "regimen",
        /// A procedure, operation, imaging study or treatment.
        Procedure = 12 "procedure",
        /// A microorganism.
        Organism = 13 "organism",
        /// An allergen.
        Allergen = 14 "allergen",
        /// A cue of assertion, time or scope.
        Cue = 15 "cue",
        /// A unit.
        Unit = 16 "unit",
        /// A relative or other person.
        Person = 17 "person",
        /// A section title.
        Section = 18 "section",
        /// A qualitative result: 陽性, (+).
        Qualitative = 19 "qualitative",
        /// A rule that settles an ambiguous abbreviation.
        Ambiguity = 20 "ambiguity",
        /// A rule that derives a fact from a measurement.
        Derivation = 21 "derivation",
        /// Words of lifestyle: smoking, alcohol.
        Lifestyle = 22 "lifestyle",
        /// Words of a patient's wish or an advance directive.
        Preference = 23 "preference",
        /// A word of the prescription grammar: 朝食後, 頓用.
        Usage = 24 "usage",
        /// A word that looks like a term and is none: it keeps its span from shorter terms.
        Stop = 25 "stop",
        /// An entry of an imported code list that is none of the above.
        Entry = 26 "entry",
        /// A word of time: 昨日, 翌朝, 入院 as what a count of days starts from.
        TimeWord = 27 "time",
        /// An abnormal state that chains of causes pass through (浸透圧利尿): no stage recognises it.
        State = 28 "state",
        /// A chapter or block of ICD-10.
        Block = 29 "block",
    }
}

numbered! {
    /// A code system; the text is its FHIR `system`.
    System {
        /// 病名管理番号.
        DiseaseKey = 1 "http://medis.or.jp/CodeSystem/master-disease-keyNumber",
        /// 病名交換用コード.
        DiseaseExchange = 2 "http://medis.or.jp/CodeSystem/master-disease-exCode",
        /// 修飾語管理番号.
        ModifierKey = 3 "http://medis.or.jp/CodeSystem/master-disease-modKeyNumber",
        /// 修飾語交換用コード.
        ModifierExchange = 4 "http://medis.or.jp/CodeSystem/master-disease-modExCode",
        /// レセプト電算 傷病名コード.
        DiseaseReceipt = 5 "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/masterB-disease",
        /// レセプト電算 修飾語コード.
        ModifierReceipt = 6 "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/masterZ-disease-modifier",
        /// ICD-10 (2013).
        Icd10 = 7 "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/ICD10-2013-full",
        /// HOT7.
        Hot7 = 8 "http://medis.or.jp/CodeSystem/master-HOT7",
        /// HOT9.
        Hot9 = 9 "http://medis.or.jp/CodeSystem/master-HOT9",
        /// HOT13.
        Hot13 = 10 "http://medis.or.jp/CodeSystem/master-HOT13",
        /// YJ.
        Yj = 11 "http://capstandard.jp/iyaku.info/CodeSystem/YJ-code",
        /// 一般名処方.
        GenericOrder = 12 "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationGeneralOrderCode",
        /// JLAC10, 17 digits.
        Jlac10 = 13 "http://medis.or.jp/CodeSystem/master-JLAC10-17digits",
        /// JLAC10 of the CLINS core labs.
        ClinsJlac10 = 14 "http://jpfhir.jp/fhir/clins/CodeSystem/JLAC10/JP_CLINS_ObsLabResult_CoreLabo_CS",
        /// JLAC11 of the CLINS core labs.
        ClinsJlac11 = 15 "http://jpfhir.jp/fhir/clins/CodeSystem/JLAC11/JP_CLINS_ObsLabResult_CoreLabo_CS",
        /// LOINC.
        Loinc = 16 "http://loinc.org",
        /// LOINC of the qualitative result.
        LoincQualitative = 17 "http://loinc.org#qualitative",
        /// HPO.
        Hpo = 18 "http://human-phenotype-ontology.org",
        /// MONDO.
        Mondo = 19 "http://purl.obolibrary.org/obo/mondo.owl",
        /// NANDO.
        Nando = 20 "http://nanbyodata.jp/ontology/nando",
        /// JAMI 用法 16桁.
        Usage = 21 "http://jami.jp/CodeSystem/MedicationUsage",
        /// JAMI 補足用法 8桁.
        UsageAdditional = 22 "http://jami.jp/CodeSystem/MedicationUsageAdditional",
        /// MERIT9 薬剤単位.
        UnitMerit9 = 23 "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationUnitMERIT9Code",
        /// J-FAGY food allergens.
        JfagyFood = 24 "http://jpfhir.jp/fhir/core/CodeSystem/JP_JfagyFoodAllergen_CS",
        /// J-FAGY medication allergens.
        JfagyMedication = 25 "http://jpfhir.jp/fhir/core/CodeSystem/JP_JfagyMedicationAllergen_CS",
        /// J-FAGY other allergens.
        JfagyOther = 26 "http://jpfhir.jp/fhir/core/CodeSystem/JP_JfagyNonFoodNonMedicationAllergen_CS",
        /// 看護観察.
        NursingObservation = 27 "http://medis.or.jp/CodeSystem/master-nursingObservationKeyCode",
        /// レセプト電算 医薬品コード.
        DrugReceipt = 28 "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/masterY-drug",
        /// A FHIR CodeSystem that the user imported; the code is written `system|code`.
        Fhir = 29 "urn:karuta:fhir-codesystem",
        /// ATC.
        Atc = 30 "http://www.whocc.no/atc",
        /// An abolished レセプト電算 傷病名コード whose successor carries it; the display is the old name.
        DiseaseReceiptFormer = 31 "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/masterB-disease#former",
        /// The first digits of a YJ code: seven for an ingredient with its use, nine for one of its forms and strengths.
        YjPrefix = 32 "http://capstandard.jp/iyaku.info/CodeSystem/YJ-code#prefix",
    }
}

numbered! {
    /// How one concept stands to another. Each is stored in one direction; its inverse is walked, not stored.
    ///
    /// The names are those of published ontologies where there is one: `subClassOf` (RDFS), `hasResult` (river-flow
    /// model of diseases), `findingSite` (SNOMED CT) …; [`Relation::property`] gives them.
    Relation {
        /// The first is a kind of the second.
        IsA = 1 "is_a",
        /// A disorder and the body site where it is found.
        FindingSite = 2 "finding_site",
        /// A disorder and a symptom that it shows.
        HasSymptom = 3 "has_symptom",
        /// A disorder and an abnormal finding of its tests.
        HasFinding = 4 "has_finding",
        /// A cause and its result.
        HasResult = 5 "has_result",
        /// A disorder and one that it may lead to.
        HasComplication = 6 "has_complication",
        /// A disorder and the microorganism that causes it.
        CausedByOrganism = 7 "caused_by_organism",
        /// A disorder and a test that shows it.
        DiagnosedBy = 8 "diagnosed_by",
        /// A finding and the measurement that states it.
        MeasuredBy = 9 "measured_by",
        /// A disorder and what it is treated with.
        TreatedBy = 10 "treated_by",
        /// A finding or disorder and the medicine that it is an adverse effect of.
        AdverseEffectOf = 11 "adverse_effect_of",
        /// A medicine and a disorder in which it must not be given.
        ContraindicatedIn = 12 "contraindicated_in",
        /// The same thing in another terminology.
        SameAs = 13 "same_as",
        /// Nearly the same thing in another terminology.
        CloseMatch = 14 "close_match",
        /// Counted in notes: a disorder, and a finding, medicine or other thing told in the same notes.
        SeenWith = 15 "seen_with",
    }
}

numbered! {
    /// A property of a concept beyond its names and codes.
    Attr {
        /// Default UCUM unit.
        Unit = 1 "unit",
        /// How a bare number is read by magnitude.
        Implied = 2 "implied",
        /// Specimen of an analyte.
        Specimen = 3 "specimen",
        /// Reference interval, low.
        Low = 4 "low",
        /// Reference interval, high.
        High = 5 "high",
        /// Reference interval by sex.
        SexLowHigh = 6 "sex_low_high",
        /// Source of the reference interval or threshold.
        RefSource = 7 "ref_source",
        /// Least physically possible value.
        Min = 8 "min",
        /// Greatest physically possible value.
        Max = 9 "max",
        /// Other units and their factors.
        Convert = 10 "convert",
        /// JLAC10 analyte code, five characters.
        JlacAnalyte = 11 "jlac10",
        /// Type: of a cue, a modifier, a section kind, a person.
        Type = 12 "type",
        /// prefix or suffix; post or pre.
        Position = 13 "position",
        /// ICD-10 where a head has one.
        Icd10 = 14 "icd10",
        /// UCUM code of a unit.
        Ucum = 15 "ucum",
        /// disorder, finding, lab, vital, drug.
        Sort = 16 "kind",
        /// Multiplier of a unit.
        Factor = 17 "factor",
        /// Drug classes.
        Classes = 18 "classes",
        /// Routes.
        Routes = 19 "routes",
        /// How a score's value is written.
        Pattern = 20 "pattern",
        /// Reach of a cue.
        Scope = 21 "scope",
        /// Condition of an ambiguity or derivation rule.
        When = 22 "when",
        /// What a rule yields.
        Then = 23 "then",
        /// Free remark.
        Note = 24 "note",
        /// CLINS section code.
        Clins = 25 "clins",
        /// Parts of a composed 標準病名 and of regimens.
        Parts = 26 "parts",
        /// Kana reading.
        Kana = 27 "kana",
        /// Whether left and right apply.
        Laterality = 28 "laterality",
        /// Normalised value (of qualitative words, usage words, lifestyles).
        Value = 29 "value",
        /// Ingredients of a product.
        Ingredients = 30 "ingredients",
        /// Strength of a product.
        Strength = 31 "strength",
        /// Dosage form of a product.
        Form = 32 "form",
        /// The master's 単独使用禁止 and other flags.
        Flags = 33 "flags",
        /// The master's own display.
        Standard = 34 "standard",
        /// The maker of a product.
        Maker = 35 "maker",
    }
}

impl System {
    /// Its short name, for tables and messages.
    pub const fn label(self) -> &'static str {
        match self {
            Self::DiseaseKey => "病名管理番号",
            Self::DiseaseExchange => "病名交換用コード",
            Self::ModifierKey => "修飾語管理番号",
            Self::ModifierExchange => "修飾語交換用コード",
            Self::DiseaseReceipt => "レセ電 傷病名コード",
            Self::ModifierReceipt => "レセ電 修飾語コード",
            Self::Icd10 => "ICD-10",
            Self::Hot7 => "HOT7",
            Self::Hot9 => "HOT9",
            Self::Hot13 => "HOT13",
            Self::Yj => "YJ",
            Self::GenericOrder => "一般名コード",
            Self::Jlac10 => "JLAC10",
            Self::ClinsJlac10 => "JLAC10 (CLINS)",
            Self::ClinsJlac11 => "JLAC11 (CLINS)",
            Self::Loinc => "LOINC",
            Self::LoincQualitative => "LOINC (qualitative)",
            Self::Hpo => "HPO",
            Self::Mondo => "MONDO",
            Self::Nando => "NANDO",
            Self::Usage => "用法コード",
            Self::UsageAdditional => "補足用法コード",
            Self::UnitMerit9 => "薬剤単位 (MERIT9)",
            Self::JfagyFood => "J-FAGY (food)",
            Self::JfagyMedication => "J-FAGY (medication)",
            Self::JfagyOther => "J-FAGY (other)",
            Self::NursingObservation => "看護観察",
            Self::DrugReceipt => "レセ電 医薬品コード",
            Self::Fhir => "code list",
            Self::Atc => "ATC",
            Self::DiseaseReceiptFormer => "レセ電 旧傷病名コード",
            Self::YjPrefix => "YJ (成分)",
        }
    }
}
