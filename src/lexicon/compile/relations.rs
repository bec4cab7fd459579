//! Reads the tables of relations between concepts (`dictionaries/relations/*.tsv`) into a pack.
//!
//! A name that no table holds, and a circle of broader concepts, are errors with their place: a relation that
//! points nowhere would be lost without anybody noticing.

use super::format::{Attr, ConceptKind, FLAG_LOOKUP, Relation, System};
use super::icd::{self, Block};
use super::names::Names;
use super::tables::{self, TableError};
use super::writer::{NewConcept, NewRelation, PackWriter};
use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// The columns of a profile, each with its relation, the kinds of concept that may stand in it, the kind of a name
/// without a prefix, and whether the disorder is what the relation leads to.
const PROFILE: [(&str, Relation, &[&str], &str, bool); 9] = [
    ("is_a", Relation::IsA, &[""], "", false),
    ("site", Relation::FindingSite, &["site"], "site", false),
    ("causes", Relation::HasResult, &["", "state", "drug", "class", "proc", "org"], "", true),
    ("symptoms", Relation::HasSymptom, &["", "state"], "", false),
    ("lab_findings", Relation::HasFinding, &["", "state"], "", false),
    ("tests", Relation::DiagnosedBy, &["lab", "vital", "score", "proc"], "-", false),
    ("treatments", Relation::TreatedBy, &["drug", "class", "regimen", "proc"], "-", false),
    ("complications", Relation::HasComplication, &["", "state"], "", false),
    ("organisms", Relation::CausedByOrganism, &["org"], "org", false),
];

/// The columns of a medicine's row, as in [`PROFILE`].
const DRUG: [(&str, Relation, &[&str], &str, bool); 3] = [
    ("adverse_effects", Relation::AdverseEffectOf, &["", "state"], "", true),
    ("contraindicated_in", Relation::ContraindicatedIn, &["", "state"], "", false),
    ("treats", Relation::TreatedBy, &["", "state"], "", true),
];

/// Adds what `root/relations` holds to `pack`, which must hold the concepts of `root` already. Returns what each file
/// gave: its name and the number of its rows.
///
/// # Errors
/// [`TableError`] with file, line, what was found and what was expected; an error of reading.
pub fn compile(pack: &mut PackWriter, root: &Path) -> Result<Vec<(String, usize)>, Box<dyn Error>> {
    let mut concepts = Vec::new();
    for file in tables::files(root)? {
        let stem = file.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        for row in tables::concepts(&file, &fs::read_to_string(&file)?) {
            concepts.push((stem.clone(), row?.1));
        }
    }
    let mut files = tables::in_folder(&root.join("relations"))?;
    // what other tables name comes first
    files.sort_by_key(|f| (stem(f) != "states", f.clone()));
    let mut out = Reader { names: Names::new(&concepts, pack.ids()), pack, broader: Vec::new(), blocks: Vec::new(), ids: HashMap::new() };
    let mut counts = Vec::new();
    for file in &files {
        let name = file.strip_prefix(root)?.to_string_lossy().into_owned();
        counts.push((name, out.table(file, &fs::read_to_string(file)?)?));
    }
    out.acyclic()?;
    let concepts: Vec<NewConcept> = concepts.into_iter().map(|c| c.1).collect();
    out.classes(&concepts);
    out.composed(&concepts);
    out.classify(&concepts);
    Ok(counts)
}

fn stem(file: &Path) -> String {
    file.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A row with its place.
struct Row<'t> {
    file: &'t Path,
    line: usize,
    cells: HashMap<&'t str, &'t str>,
}

impl<'t> Row<'t> {
    fn get(&self, column: &str) -> &'t str {
        self.cells.get(column).copied().unwrap_or("")
    }

    fn values(&self, column: &str) -> impl Iterator<Item = &'t str> {
        self.get(column).split('|').map(str::trim).filter(|v| !v.is_empty())
    }

    fn fail(&self, found: String, expected: &'static str) -> TableError {
        TableError { file: self.file.to_owned(), line: self.line, found, expected }
    }
}

struct Reader<'p> {
    names: Names,
    pack: &'p mut PackWriter,
    /// Narrower node, broader node, file, line, and their names.
    broader: Vec<(u32, u32, PathBuf, usize, String)>,
    blocks: Vec<(Block, u32)>,
    /// Ids of rows with their place.
    ids: HashMap<String, (PathBuf, usize)>,
}

impl Reader<'_> {
    fn table(&mut self, file: &Path, text: &str) -> Result<usize, TableError> {
        let stem = stem(file);
        let kind = stem.split('-').next().unwrap_or("").to_owned();
        let mut lines = text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty() && !l.starts_with('#'));
        let Some((at, header)) = lines.next() else { return Ok(0) };
        let header: Vec<&str> = header.trim_start_matches('\u{FEFF}').split('\t').collect();
        let wanted: &[&str] = match kind.as_str() {
            "states" => &["id", "name", "en"],
            "icd10" => &["id", "name", "en", "is_a"],
            "hierarchy" => &["id", "disorder", "is_a"],
            "profiles" => &["id", "disorder", "is_a", "site", "causes", "symptoms", "lab_findings", "tests", "treatments", "complications", "organisms"],
            "causal" => &["id", "chain"],
            "measured" => &["id", "finding", "measured_by", "direction"],
            "drugs" => &["id", "drug", "adverse_effects", "contraindicated_in", "treats"],
            _ => {
                return Err(TableError {
                    file: file.to_owned(),
                    line: 1,
                    found: format!("the table {stem}"),
                    expected: "states, icd10, hierarchy, profiles-…, causal, measured or drugs",
                });
            }
        };
        if let Some(missing) = wanted.iter().find(|w| !header.contains(w)) {
            return Err(TableError { file: file.to_owned(), line: at + 1, found: format!("a header without {missing}"), expected: "the columns of such a table" });
        }
        let mut n = 0;
        for (i, l) in lines {
            let cells: Vec<&str> = l.split('\t').map(str::trim).collect();
            let row = Row { file, line: i + 1, cells: header.iter().copied().zip(cells.iter().copied()).collect() };
            if cells.len() > header.len() {
                return Err(row.fail(format!("{} columns", cells.len()), "no more columns than the header has"));
            }
            self.unique(&row)?;
            match kind.as_str() {
                "states" => self.state(&row)?,
                "icd10" => self.block(&row)?,
                "profiles" => self.columns(&row, "disorder", &[""], &PROFILE)?,
                "hierarchy" => self.columns(&row, "disorder", &["", "class", "org", "proc"], PROFILE.get(..1).unwrap_or(&[]))?,
                "drugs" => self.columns(&row, "drug", &["drug", "class", "regimen"], &DRUG)?,
                "causal" => self.chain(&row)?,
                _ => self.measured(&row)?,
            }
            n += 1;
        }
        Ok(n)
    }

    fn unique(&mut self, row: &Row<'_>) -> Result<(), TableError> {
        let id = row.get("id");
        if id.is_empty() || id.contains(['|', ' ']) {
            return Err(row.fail(format!("the id {id:?}"), "an id without blanks and bars"));
        }
        match self.ids.insert(id.to_owned(), (row.file.to_owned(), row.line)) {
            Some((file, line)) => Err(row.fail(format!("the id {id}, which stands in {}:{line} already", file.display()), "an id of its own")),
            None => Ok(()),
        }
    }

    /// A concept that other tables may name: it is for looking up only.
    fn add(&mut self, kind: ConceptKind, prefix: &'static str, id: &str, row: &Row<'_>) -> u32 {
        let mut c = NewConcept::new(kind, id, row.get("name"));
        c.en = row.get("en").to_owned();
        c.reference = true;
        if !row.get("note").is_empty() {
            c.attrs.push((Attr::Note, row.get("note").to_owned()));
        }
        let n = self.pack.concept(&c);
        for word in [row.get("name"), row.get("en")] {
            self.pack.surface_as_written(word, n, FLAG_LOOKUP);
        }
        self.names.add(prefix, row.get("name"), id, n);
        n
    }

    fn state(&mut self, row: &Row<'_>) -> Result<(), TableError> {
        if row.get("name").is_empty() {
            return Err(row.fail("an empty name".to_owned(), "the name of a state"));
        }
        self.add(ConceptKind::State, "state", row.get("id"), row);
        Ok(())
    }

    fn block(&mut self, row: &Row<'_>) -> Result<(), TableError> {
        let range = row.get("id").trim_start_matches("icd10:");
        let block = Block::parse(range).ok_or_else(|| row.fail(format!("the range {range:?}"), "a range of ICD-10 categories such as J09-J18"))?;
        let concept = self.add(ConceptKind::Block, "block", &format!("icd10:{range}"), row);
        let node = self.pack.node(Some(concept), &format!("icd10:{range}"), row.get("name"));
        for v in row.values("is_a") {
            let (to, name) = self.named(row, "is_a", v, &["", "state"], "")?;
            self.edge(row, Relation::IsA, (node, row.get("name")), (to, &name), "");
        }
        self.blocks.push((block, node));
        Ok(())
    }

    fn columns(&mut self, row: &Row<'_>, subject: &str, kinds: &[&str], columns: &[(&'static str, Relation, &[&str], &str, bool)]) -> Result<(), TableError> {
        let about = row.get(subject);
        let default = if subject == "disorder" { "" } else { "-" };
        let (from, from_name) = self.named(row, subject, about, kinds, default)?;
        for (column, relation, kinds, default, inverse) in columns {
            for v in row.values(column) {
                let kinds: &[&str] = if subject == "disorder" && *relation == Relation::IsA { &["", "class", "org", "proc"] } else { kinds };
                let (to, to_name) = self.named(row, column, v, kinds, default)?;
                let (a, b) = ((from, from_name.as_str()), (to, to_name.as_str()));
                let (a, b) = if *inverse { (b, a) } else { (a, b) };
                self.edge(row, *relation, a, b, row.get("note"));
            }
        }
        Ok(())
    }

    fn chain(&mut self, row: &Row<'_>) -> Result<(), TableError> {
        let mut before: Option<(u32, String)> = None;
        let mut steps = 0;
        for step in row.get("chain").split('>').map(str::trim) {
            let (node, name) = self.named(row, "chain", step, &["", "state", "drug", "class", "proc", "org"], "")?;
            if let Some((from, from_name)) = &before {
                self.edge(row, Relation::HasResult, (*from, from_name), (node, &name), row.get("note"));
            }
            before = Some((node, name));
            steps += 1;
        }
        if steps < 2 { Err(row.fail(format!("the chain {:?}", row.get("chain")), "two steps or more, joined by >")) } else { Ok(()) }
    }

    fn measured(&mut self, row: &Row<'_>) -> Result<(), TableError> {
        let direction = row.get("direction");
        if !matches!(direction, "high" | "low" | "positive") {
            return Err(row.fail(format!("the direction {direction:?}"), "high, low or positive"));
        }
        let (from, from_name) = self.named(row, "finding", row.get("finding"), &["", "state"], "")?;
        for v in row.values("measured_by") {
            let (to, name) = self.named(row, "measured_by", v, &["lab", "vital", "score"], "-")?;
            self.edge(row, Relation::MeasuredBy, (from, &from_name), (to, &name), direction);
        }
        Ok(())
    }

    /// The node that a reference stands for, and the name.
    fn named(&mut self, row: &Row<'_>, column: &str, written: &str, kinds: &[&str], default: &str) -> Result<(u32, String), TableError> {
        let found = self.names.resolve(written, kinds, default).map_err(|why| row.fail(format!("{column}: {why}"), "the main name of a concept in the tables"))?;
        Ok((self.pack.node(Some(found.number), &found.id, &found.name), found.name.clone()))
    }

    fn edge(&mut self, row: &Row<'_>, relation: Relation, from: (u32, &str), to: (u32, &str), note: &str) {
        if relation == Relation::IsA {
            self.broader.push((from.0, to.0, row.file.to_owned(), row.line, format!("{} is_a {}", from.1, to.1)));
        }
        self.pack.relation(from.0, relation, to.0, NewRelation { row: row.get("id").to_owned(), note: note.to_owned(), ..NewRelation::default() });
    }

    /// Nothing may be broader than itself.
    fn acyclic(&self) -> Result<(), TableError> {
        let mut up: HashMap<u32, Vec<u32>> = HashMap::new();
        for (from, to, file, line, words) in &self.broader {
            if from == to || icd::reaches(&up, *to, *from) {
                return Err(TableError { file: file.clone(), line: *line, found: format!("{words}, which closes a circle"), expected: "broader concepts that do not come back" });
            }
            up.entry(*from).or_default().push(*to);
        }
        Ok(())
    }

    /// A medicine is one of its classes, which its own table names.
    fn classes(&mut self, concepts: &[NewConcept]) {
        for c in concepts.iter().filter(|c| c.kind == ConceptKind::Drug) {
            let classes = c.attrs.iter().filter(|a| a.0 == Attr::Classes).flat_map(|a| a.1.split('|'));
            for class in classes.map(str::trim).filter(|s| !s.is_empty()) {
                let (Ok(class), Some(number)) = (self.names.resolve(class, &["class"], "class"), self.names.number(&c.id)) else { continue };
                let (class, number, id, name) = (class.clone(), number, c.id.clone(), c.name.clone());
                let (a, b) = (self.pack.node(Some(number), &id, &name), self.pack.node(Some(class.number), &class.id, &class.name));
                self.pack.relation(a, Relation::IsA, b, NewRelation { row: id, ..NewRelation::default() });
            }
        }
    }

    /// A 標準病名 with 修飾語 before it is a kind of that 標準病名: 右+片麻痺 is a 片麻痺. What follows it may say that it is
    /// over (の術後) and makes no kind.
    fn composed(&mut self, concepts: &[NewConcept]) {
        let is_term = |c: &&NewConcept| matches!(c.kind, ConceptKind::Disorder | ConceptKind::Finding);
        let mut bases: HashMap<&str, &NewConcept> = HashMap::new();
        for c in concepts.iter().filter(is_term) {
            if let Some(standard) = standard(c).filter(|s| !s.contains('+')) {
                let base = bases.entry(standard).or_insert(c);
                // of several rows with one 標準病名, the one that bears its name
                if c.name == standard {
                    *base = c;
                }
            }
        }
        let mut up: HashMap<u32, Vec<u32>> = HashMap::new();
        for (from, to, ..) in &self.broader {
            up.entry(*from).or_default().push(*to);
        }
        for c in concepts.iter().filter(is_term) {
            let Some(base) = standard(c).and_then(|s| s.rsplit_once('+')).and_then(|s| bases.get(s.1)) else { continue };
            let (Some(number), Some(over)) = (self.names.number(&c.id), self.names.number(&base.id)) else { continue };
            let (from, to) = (self.pack.node(Some(number), &c.id, &c.name), self.pack.node(Some(over), &base.id, &base.name));
            if from != to && !icd::reaches(&up, to, from) {
                up.entry(from).or_default().push(to);
                self.broader.push((from, to, PathBuf::new(), 0, format!("{} is_a {}", c.name, base.name)));
                self.pack.relation(from, Relation::IsA, to, NewRelation { row: c.id.clone(), ..NewRelation::default() });
            }
        }
    }

    /// Disorders and findings fall under the blocks of their ICD-10 codes, and blocks under those around them.
    fn classify(&mut self, concepts: &[NewConcept]) {
        let mut up: HashMap<u32, Vec<u32>> = HashMap::new();
        for (from, to, ..) in &self.broader {
            up.entry(*from).or_default().push(*to);
        }
        let blocks = std::mem::take(&mut self.blocks);
        let mut link = |pack: &mut PackWriter, from: u32, to: u32, row: String| {
            // 感染症 (B99) is what the chapter of infections falls under, not the other way round
            let free = from != to && !icd::reaches(&up, to, from);
            if free {
                up.entry(from).or_default().push(to);
                pack.relation(from, Relation::IsA, to, NewRelation { row, ..NewRelation::default() });
            }
            free
        };
        for (block, node) in &blocks {
            if let Some((outer, around)) = icd::around(&blocks, block) {
                link(self.pack, *node, around, format!("icd10:{}", outer.text()));
            }
        }
        for c in concepts.iter().filter(|c| matches!(c.kind, ConceptKind::Disorder | ConceptKind::Finding)) {
            let Some(number) = self.names.number(&c.id) else { continue };
            for code in c.codes.iter().filter(|k| k.0 == System::Icd10) {
                let mut at = icd::of(&blocks, &code.1);
                while let Some((block, around)) = at {
                    let node = self.pack.node(Some(number), &c.id, &c.name);
                    if link(self.pack, node, around, format!("icd10:{}", code.1)) {
                        break;
                    }
                    at = icd::around(&blocks, &block);
                }
            }
        }
    }
}

fn standard(c: &NewConcept) -> Option<&str> {
    c.attrs.iter().find(|a| a.0 == Attr::Standard).map(|a| a.1.as_str())
}
