//! One file a master.

mod babelon;
mod clins;
mod disease;
mod drug;
mod fhir;
mod general;
mod hot;
mod index_terms;
mod jfagy;
mod jlac10;
mod loinc;
mod manbyo;
mod modifier;
mod mondo;
mod nando;
mod obo;
mod obograph;
mod phenotype;
mod price;
mod successor;

use super::Event;
use super::kind::MasterKind;
use super::masters::Masters;
use super::rows::RowError;
use super::source::{Member, decode};

/// Counts rows and hands on the broken ones.
pub(super) struct Report<'a> {
    pub file: &'a str,
    rows: usize,
    set_aside: usize,
    on: &'a mut dyn FnMut(Event<'_>),
}

impl<'a> Report<'a> {
    pub fn new(file: &'a str, on: &'a mut dyn FnMut(Event<'_>)) -> Self {
        Self { file, rows: 0, set_aside: 0, on }
    }

    /// A row: kept, or set aside with its error.
    pub fn take<T>(&mut self, row: Result<T, RowError>) -> Option<T> {
        match row {
            Ok(row) => {
                self.rows += 1;
                if self.rows.is_multiple_of(1024) {
                    (self.on)(Event::Rows(self.rows));
                }
                Some(row)
            }
            Err(e) => {
                self.broken(&e);
                None
            }
        }
    }

    /// Something that is no row: the whole file.
    pub fn broken(&mut self, e: &RowError) {
        self.set_aside += 1;
        (self.on)(Event::Broken(e));
    }

    /// Rows read, rows set aside.
    pub const fn counts(&self) -> (usize, usize) {
        (self.rows, self.set_aside)
    }

    /// An error of the file as a whole.
    pub fn whole(&mut self, found: String, expected: &str) {
        let e = RowError { file: self.file.to_owned(), line: 1, column: 1, text: String::new(), found, expected: expected.to_owned() };
        self.broken(&e);
    }
}

pub(super) fn read(kind: MasterKind, member: &Member, out: &mut Masters, report: &mut Report<'_>) {
    match kind {
        MasterKind::Price => return price::read(&member.bytes, out, report),
        MasterKind::General => return general::read(&member.bytes, out, report),
        MasterKind::Jlac10 => return jlac10::read(&member.bytes, out, report),
        MasterKind::Nando => return nando::read(&member.bytes, out, report),
        MasterKind::OboGraph => return obograph::read(&member.bytes, out, report),
        _ => {}
    }
    let (text, _) = decode(&member.bytes);
    match kind {
        MasterKind::Disease => disease::read(&text, out, report),
        MasterKind::Successor => successor::read(&text, out, report),
        MasterKind::Modifier => modifier::read(&text, out, report),
        MasterKind::Drug => drug::read(&text, out, report),
        MasterKind::Hot => hot::read(&text, out, report),
        MasterKind::Clins => clins::read(&text, out, report),
        MasterKind::Loinc | MasterKind::LoincJa => loinc::read(&text, kind == MasterKind::LoincJa, out, report),
        MasterKind::LoincUnits => loinc::units(&text, out, report),
        MasterKind::Manbyo => manbyo::read(&text, out, report),
        MasterKind::IndexTerms => index_terms::read(&text, out, report),
        MasterKind::Hpo => babelon::read(&text, out, report),
        MasterKind::Mondo => mondo::read(&text, out, report),
        MasterKind::Obo => obo::read(&text, out, report),
        MasterKind::Hpoa => phenotype::read(&text, out, report),
        MasterKind::Jfagy => jfagy::read(&text, out, report),
        MasterKind::Fhir => fhir::read(&text, out, report),
        MasterKind::Price | MasterKind::General | MasterKind::Jlac10 | MasterKind::Nando | MasterKind::OboGraph => {}
    }
}
