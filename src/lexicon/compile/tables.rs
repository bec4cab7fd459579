//! Reads the curated TSV tables into a pack.

use super::format::{Attr, ConceptKind, FLAG_ALIAS, FLAG_AMBIGUOUS, FLAG_CASED, FLAG_LOOKUP, FLAG_UNDER, System};
use super::writer::{NewConcept, PackWriter};
use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// What is wrong with a table, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableError {
    /// The file.
    pub file: PathBuf,
    /// Its line, from 1.
    pub line: usize,
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: &'static str,
}

impl fmt::Display for TableError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: found {}, expected {}", self.file.display(), self.line, self.found, self.expected)
    }
}

impl std::error::Error for TableError {}

/// The kind of concept that a table of this name holds; `None` where a column says it.
fn kind_of(stem: &str, folder: &str) -> Option<Option<ConceptKind>> {
    Some(match (folder, stem) {
        ("disorders", _) => None,
        ("drugs", "classes") => Some(ConceptKind::DrugClass),
        ("drugs", "regimens") => Some(ConceptKind::Regimen),
        ("drugs", "usage" | "products") => Some(ConceptKind::Usage),
        ("drugs", _) => Some(ConceptKind::Drug),
        ("procedures", "stops") => Some(ConceptKind::Stop),
        ("procedures", _) => Some(ConceptKind::Procedure),
        (_, "analytes") => Some(ConceptKind::Analyte),
        (_, "units") => Some(ConceptKind::Unit),
        (_, "sites") => Some(ConceptKind::Site),
        (_, "modifiers") => Some(ConceptKind::Modifier),
        (_, "heads") => Some(ConceptKind::Head),
        (_, "scores") => Some(ConceptKind::Score),
        (_, "vitals") => Some(ConceptKind::Vital),
        (_, "organisms") => Some(ConceptKind::Organism),
        (_, "allergens") => Some(ConceptKind::Allergen),
        (_, "cues") => Some(ConceptKind::Cue),
        (_, "persons") => Some(ConceptKind::Person),
        (_, "sections") => Some(ConceptKind::Section),
        (_, "qualitative") => Some(ConceptKind::Qualitative),
        (_, "ambiguous") => Some(ConceptKind::Ambiguity),
        (_, "derive") => Some(ConceptKind::Derivation),
        (_, "lifestyle") => Some(ConceptKind::Lifestyle),
        (_, "preferences") => Some(ConceptKind::Preference),
        (_, "stops") => Some(ConceptKind::Stop),
        (_, "times") => Some(ConceptKind::TimeWord),
        _ => return None,
    })
}

/// Folders under `dictionaries/` that hold no concepts: tables of other stages, and scripts.
const ELSEWHERE: &[&str] = &["codes", "coding", "export", "import", "neural", "record", "relations", "tools", "words"];

/// Every curated table of concepts under `root`, in the order in which they are compiled.
pub fn files(root: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(root)? {
        let path = entry?.path();
        if path.is_dir() && path.file_name().and_then(|n| n.to_str()).is_some_and(|n| !ELSEWHERE.contains(&n)) {
            for inner in std::fs::read_dir(&path)? {
                out.push(inner?.path());
            }
        } else {
            out.push(path);
        }
    }
    out.retain(|p| p.extension().is_some_and(|e| e == "tsv"));
    out.sort();
    Ok(out)
}

/// The tables of one folder, in order; none where there is no such folder.
pub fn in_folder(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    if folder.is_dir() {
        for entry in std::fs::read_dir(folder)? {
            out.push(entry?.path());
        }
    }
    out.retain(|p| p.extension().is_some_and(|e| e == "tsv"));
    out.sort();
    Ok(out)
}

/// Adds one table to `pack`. Returns how many concepts it held.
pub fn read(pack: &mut PackWriter, file: &Path, text: &str) -> Result<usize, TableError> {
    let lines = text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty() && !l.starts_with('#')).skip(1);
    match stem(file).as_str() {
        "variants" => {
            for (_, l) in lines {
                let group: Vec<&str> = l.split('\t').next().unwrap_or("").split('|').filter(|s| !s.is_empty()).collect();
                pack.variant_group(&group);
            }
            return Ok(0);
        }
        "directions" => {
            for (i, l) in lines {
                let expected = "a finding and an analyte that the tables before it name";
                direction(pack, l).map_err(|found| TableError { file: file.to_owned(), line: i + 1, found, expected })?;
            }
            return Ok(0);
        }
        _ => {}
    }
    let mut n = 0;
    each(file, text, &mut |_, row| {
        let (c, cell) = row?;
        surfaces(pack, &c, cell);
        n += 1;
        Ok(())
    })?;
    Ok(n)
}

/// The concepts of one table with their lines, without their surfaces; a row that can't be read is an error of its own.
pub fn concepts(file: &Path, text: &str) -> Vec<Result<(usize, NewConcept), TableError>> {
    let mut out = Vec::new();
    if !matches!(stem(file).as_str(), "variants" | "directions") {
        let whole = each(file, text, &mut |line, row| {
            out.push(row.map(|(c, _)| (line, c)));
            Ok(())
        });
        out.extend(whole.err().map(Err));
    }
    out
}

fn stem(file: &Path) -> String {
    file.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The cells of a row by their column's name.
type Cell<'a, 'f> = &'f dyn Fn(&str) -> &'a str;

/// What is done with a row: its line, and its concept with its cells, or what is wrong with it.
type With<'f> = &'f mut dyn FnMut(usize, Result<(NewConcept, Cell<'_, '_>), TableError>) -> Result<(), TableError>;

/// Hands every row to `with`.
fn each(file: &Path, text: &str, with: With<'_>) -> Result<(), TableError> {
    let stem = stem(file);
    let folder = file.parent().and_then(Path::file_name).map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let fail = |line: usize, found: String, expected: &'static str| TableError { file: file.to_owned(), line, found, expected };
    let mut lines = text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty() && !l.starts_with('#'));
    let Some((_, header)) = lines.next() else { return Ok(()) };
    let header: Vec<&str> = header.trim_start_matches('\u{FEFF}').split('\t').collect();
    let Some(kind) = kind_of(&stem, &folder) else { return Err(fail(1, format!("the table {stem}"), "a table of a known name")) };
    for (i, l) in lines {
        let cells: HashMap<&str, &str> = header.iter().copied().zip(l.split('\t').map(str::trim)).collect();
        let columns = l.split('\t').count();
        let cell = |k: &str| cells.get(k).copied().unwrap_or("");
        let row = if columns > header.len() {
            Err((format!("{columns} columns"), "no more columns than the header has"))
        } else {
            let kind = kind.or_else(|| ConceptKind::from_text(cell("kind"))).ok_or_else(|| (format!("kind {:?}", cell("kind")), "disorder or finding"));
            kind.and_then(|kind| concept(kind, &stem, &header, &cell))
        };
        with(i + 1, row.map(|c| (c, &cell as Cell<'_, '_>)).map_err(|(found, expected)| fail(i + 1, found, expected)))?;
    }
    Ok(())
}

/// `高プロラクチン血症  プロラクチン  high`: every name of the analyte with every word of the direction names the finding.
fn direction(pack: &mut PackWriter, line: &str) -> Result<(), String> {
    let mut cells = line.split('\t').skip(1).map(str::trim);
    let (name, analyte, direction) = (cells.next().unwrap_or(""), cells.next().unwrap_or(""), cells.next().unwrap_or(""));
    let words: &[&str] = match direction {
        "high" => &["高値", "上昇", "増加", "↑", "増多", "異常高値", "値上昇", "値高値", "著増", "値の上昇"],
        "low" => &["低値", "低下", "減少", "↓", "異常低値", "値低下", "値低値", "値の低下"],
        "positive" => &["陽性", "(+)"],
        other => return Err(format!("the direction {other:?}")),
    };
    let finding = pack.named(name, &[ConceptKind::Disorder, ConceptKind::Finding]).ok_or_else(|| format!("the finding {name:?}"))?;
    let measured = pack.named(analyte, &[ConceptKind::Analyte, ConceptKind::Vital]).ok_or_else(|| format!("the analyte {analyte:?}"))?;
    for surface in pack.surfaces_of(measured) {
        for word in words {
            let s = format!("{surface}{word}");
            // a row of its own, where there is one, knows better
            if pack.named(&s, &[ConceptKind::Disorder, ConceptKind::Finding]).is_none() {
                pack.surface(&s, finding, FLAG_ALIAS);
            }
        }
    }
    Ok(())
}

fn concept<'a>(kind: ConceptKind, stem: &str, header: &[&str], cell: &dyn Fn(&str) -> &'a str) -> Result<NewConcept, (String, &'static str)> {
    let name = ["name", "head", "written", "title"].iter().map(|k| cell(k)).find(|s| !s.is_empty()).ok_or_else(|| ("an empty name".to_owned(), "a name"))?;
    let id = if cell("id").is_empty() { format!("{stem}:{name}") } else { cell("id").to_owned() };
    let mut c = NewConcept::new(kind, &id, name);
    c.en = cell("en").to_owned();
    codes(&mut c, cell)?;
    for column in header {
        if let Some(attr) = Attr::from_text(column)
            && !cell(column).is_empty()
            && !(attr == Attr::Sort && matches!(kind, ConceptKind::Disorder | ConceptKind::Finding))
        {
            c.attrs.push((attr, cell(column).to_owned()));
        }
    }
    Ok(c)
}

fn surfaces(pack: &mut PackWriter, c: &NewConcept, cell: Cell<'_, '_>) {
    let (kind, name) = (c.kind, c.name.as_str());
    let n = pack.concept(c);
    if matches!(kind, ConceptKind::Section) {
        for title in std::iter::once(name).chain(cell("aliases").split('|')) {
            pack.surface(title, n, FLAG_ALIAS);
        }
        return;
    }
    if matches!(kind, ConceptKind::Derivation) {
        return;
    }
    add(pack, kind, n, name, 0);
    for column in ["aliases", "brands"] {
        for alias in cell(column).split('|').filter(|a| !a.trim().is_empty()) {
            add(pack, kind, n, alias.trim(), FLAG_ALIAS);
        }
    }
    // a composed name, written out, is the row's whatever else its parts could mean
    if matches!(kind, ConceptKind::Disorder | ConceptKind::Finding) && cell("standard").contains('+') {
        pack.surface(&cell("standard").replace('+', ""), n, FLAG_ALIAS | FLAG_LOOKUP);
    }
    for under in cell("under").split('|').filter(|a| !a.trim().is_empty()) {
        add(pack, kind, n, under.trim(), FLAG_ALIAS | FLAG_UNDER);
    }
}

/// Endings that say that a term is there or doubted: an alias that has one would hide the cue. (食欲なし is a name of its own.)
const CUE_ENDINGS: &[&str] = &["あり", "有り", "がある", "疑い", "の疑い", "を認める", "を認めた", "を指摘", "を主訴", "を自覚", "(+)"];

/// One surface: `?` at its end marks an ambiguous one, `=` before it an exact case.
fn add(pack: &mut PackWriter, kind: ConceptKind, concept: u32, written: &str, flags: u32) {
    let (mut s, mut flags) = (written, flags);
    // a qualitative or cue form may be a bare question mark
    if s.chars().count() > 1
        && !matches!(kind, ConceptKind::Cue | ConceptKind::Qualitative)
        && let Some(t) = s.strip_suffix('?')
    {
        (s, flags) = (t, flags | FLAG_AMBIGUOUS);
    }
    if let Some(t) = s.strip_prefix('=')
        && !t.is_empty()
    {
        (s, flags) = (t, flags | FLAG_CASED);
    }
    // nor is a case particle part of one
    if flags & FLAG_ALIAS != 0
        && matches!(kind, ConceptKind::Disorder | ConceptKind::Finding)
        && let Some(t) = s.strip_suffix(['が', 'を'])
        && t.chars().count() > 1
    {
        s = t;
    }
    // a cue of assertion is never part of a term
    if flags & FLAG_ALIAS != 0
        && matches!(kind, ConceptKind::Disorder | ConceptKind::Finding)
        && CUE_ENDINGS.iter().any(|c| s.strip_suffix(c).is_some_and(|t| t.chars().count() > 1))
    {
        return;
    }
    let letters = s.chars().filter(char::is_ascii_alphabetic).count();
    let short = s.is_ascii() && letters > 0 && s.chars().any(|c| c.is_ascii_uppercase());
    let limit = match kind {
        ConceptKind::Disorder
        | ConceptKind::Finding
        | ConceptKind::Drug
        | ConceptKind::DrugClass
        | ConceptKind::Procedure
        | ConceptKind::Site
        | ConceptKind::Organism
        | ConceptKind::Regimen
        | ConceptKind::Score => 4,
        ConceptKind::Analyte => 2,
        _ => 0,
    };
    if short && letters <= limit {
        flags |= FLAG_CASED;
    }
    pack.surface(s, concept, flags);
}

fn codes<'a>(c: &mut NewConcept, cell: &dyn Fn(&str) -> &'a str) -> Result<(), (String, &'static str)> {
    match c.kind {
        ConceptKind::Disorder | ConceptKind::Finding => {
            let split = |k: &str| -> Vec<&'a str> { cell(k).split('+').filter(|s| !s.is_empty()).collect() };
            let (kanri, exchange, receipt, standard) = (split("kanri"), split("exchange"), split("receipt"), split("standard"));
            if kanri.len() != exchange.len() || exchange.len() != receipt.len() {
                return Err((format!("{} 管理番号, {} 交換用コード and {} レセ電コード", kanri.len(), exchange.len(), receipt.len()), "as many of each"));
            }
            for (i, key) in kanri.iter().enumerate() {
                let modifier = key.starts_with("27");
                let display = standard.get(i).copied().unwrap_or("");
                let at = |v: &[&str]| v.get(i).copied().unwrap_or("").to_owned();
                let systems = if modifier {
                    [System::ModifierKey, System::ModifierExchange, System::ModifierReceipt]
                } else {
                    [System::DiseaseKey, System::DiseaseExchange, System::DiseaseReceipt]
                };
                for (system, code) in systems.into_iter().zip([at(&kanri), at(&exchange), at(&receipt)]) {
                    c.codes.push((system, code, display.to_owned()));
                }
            }
            for k in ["icd10", "icd10_2"] {
                if !cell(k).is_empty() {
                    c.codes.push((System::Icd10, cell(k).to_owned(), String::new()));
                }
            }
            for (k, system) in [("hpo", System::Hpo), ("mondo", System::Mondo), ("nando", System::Nando)] {
                if !cell(k).is_empty() {
                    c.codes.push((system, cell(k).to_owned(), String::new()));
                }
            }
        }
        ConceptKind::Site => {
            for (k, system) in [("modifier_kanri", System::ModifierKey), ("modifier_exchange", System::ModifierExchange), ("modifier_receipt", System::ModifierReceipt)] {
                if !cell(k).is_empty() {
                    c.codes.push((system, cell(k).to_owned(), cell("modifier_name").to_owned()));
                }
            }
        }
        ConceptKind::Modifier => {
            for (k, system) in [("kanri", System::ModifierKey), ("exchange", System::ModifierExchange), ("receipt", System::ModifierReceipt)] {
                if !cell(k).is_empty() {
                    c.codes.push((system, cell(k).to_owned(), String::new()));
                }
            }
        }
        _ => {
            for (k, system, display) in [
                ("loinc", System::Loinc, "display"),
                ("loinc_qual", System::LoincQualitative, "display_qual"),
                ("jlac10_17", System::Jlac10, "display_jlac10"),
                ("jlac11", System::ClinsJlac11, ""),
                ("hot9", System::Hot9, ""),
                ("yj", System::Yj, ""),
                ("general", System::GenericOrder, ""),
                ("atc", System::Atc, ""),
                ("nursing", System::NursingObservation, ""),
                ("jfagy_food", System::JfagyFood, "display"),
                ("jfagy_medication", System::JfagyMedication, "display"),
                ("jfagy_other", System::JfagyOther, "display"),
                ("usage_code", System::Usage, ""),
                ("usage_additional", System::UsageAdditional, ""),
                ("merit9", System::UnitMerit9, ""),
            ] {
                let code = cell(k);
                if !code.is_empty() && code != "-" {
                    c.codes.push((system, code.to_owned(), cell(display).to_owned()));
                }
            }
        }
    }
    Ok(())
}
