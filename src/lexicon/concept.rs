//! A concept as it is read out of a pack, and out of the packs layered over it.

use super::compile::format::{self as f, Attr, ConceptKind, System};
use super::pack::{ATTRS, CNPT, CODES, Pack, u32_at};

/// A concept of a pack. Where a pack that is layered over its own holds the same one, that pack's codes come
/// first and its attributes fill what is missing.
#[derive(Clone, Copy)]
pub struct Concept<'p> {
    pack: &'p Pack,
    record: usize,
    over: Option<Over<'p>>,
}

/// What an upper layer holds under the same key number.
#[derive(Clone, Copy)]
struct Over<'p> {
    pack: &'p Pack,
    record: usize,
    /// The same concept, by its name too; else one that this one is coded as.
    same: bool,
}

/// A code with its system and the master's own display (empty where there is none).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code<'p> {
    /// The code system.
    pub system: System,
    /// The code.
    pub code: &'p str,
    /// The master's display.
    pub display: &'p str,
}

impl<'p> Concept<'p> {
    pub(super) const fn new(pack: &'p Pack, record: usize) -> Self {
        Self { pack, record, over: None }
    }

    /// The concept with what the upper layer says of it (`same`), or of the one that it is coded as.
    pub(super) const fn under(self, upper: Self, same: bool) -> Self {
        Self { over: Some(Over { pack: upper.pack, record: upper.record, same }), ..self }
    }

    fn field(self, i: usize) -> u32 {
        u32_at(self.pack.section(CNPT), self.record + i * 4)
    }

    fn text(self, i: usize) -> &'p str {
        self.pack.string(self.pack.section(CNPT), self.record + i * 4)
    }

    /// What it is.
    pub fn kind(self) -> ConceptKind {
        ConceptKind::from_number(self.field(0) & !f::KIND_REFERENCE).unwrap_or(ConceptKind::Stop)
    }

    /// Whether it is there for looking up only (an ontology's class, a code list's entry): no stage recognises it.
    pub fn is_reference(self) -> bool {
        self.field(0) & f::KIND_REFERENCE != 0
    }

    /// Its stable id.
    pub fn id(self) -> &'p str {
        self.text(1)
    }

    /// Its Japanese name.
    pub fn name(self) -> &'p str {
        self.text(3)
    }

    /// Its English name, empty where none is given.
    pub fn en(self) -> &'p str {
        match (self.text(5), self.same()) {
            ("", Some(u)) => u.text(5),
            (en, _) => en,
        }
    }

    /// Its codes. Of a system that the upper layer knows, that layer's: it is the edition that the user chose. But an
    /// ontology's class was paired with a term of a master by its name alone, so that there the lower layer's holds.
    pub fn codes(self) -> impl Iterator<Item = Code<'p>> {
        let (upper, same) = (self.upper(), self.same().is_some());
        let has = |c: Self, system: System| c.own_codes().any(|k| k.system == system);
        let above = upper.into_iter().flat_map(Self::own_codes).filter(move |k| !is_of_name(k.system) || same && !has(self, k.system));
        let below = self.own_codes().filter(move |k| is_of_name(k.system) || upper.is_none_or(|u| !has(u, k.system)));
        above.chain(below)
    }

    /// The first code of that system.
    pub fn code(self, system: System) -> Option<&'p str> {
        self.codes().find(|c| c.system == system).map(|c| c.code)
    }

    /// A property.
    pub fn attr(self, key: Attr) -> Option<&'p str> {
        self.own_attrs().find(|a| a.0 == key.number()).or_else(|| self.same()?.own_attrs().find(|a| a.0 == key.number())).map(|a| a.1)
    }

    /// Every property, its own first.
    pub fn attrs(self) -> impl Iterator<Item = (Attr, &'p str)> {
        let own = move |key: u32| self.own_attrs().any(|a| a.0 == key);
        let upper = self.same().into_iter().flat_map(Self::own_attrs).filter(move |a| !own(a.0));
        self.own_attrs().chain(upper).filter_map(|(k, v)| Some((Attr::from_number(k)?, v)))
    }

    /// A property read as a number.
    pub fn number(self, key: Attr) -> Option<f64> {
        self.attr(key)?.parse().ok()
    }

    /// The systems of its own codes, one for each code.
    pub(super) fn systems(self) -> impl Iterator<Item = System> {
        let table = self.pack.section(CODES);
        let most = crate::text::to_u32(table.len() / f::CODE);
        (self.field(7)..self.field(8).min(most)).filter_map(move |i| System::from_number(u32_at(table, i as usize * f::CODE)))
    }

    fn upper(self) -> Option<Self> {
        self.over.map(|o| Self::new(o.pack, o.record))
    }

    fn same(self) -> Option<Self> {
        self.over.filter(|o| o.same).map(|o| Self::new(o.pack, o.record))
    }

    fn own_codes(self) -> impl Iterator<Item = Code<'p>> {
        let most = crate::text::to_u32(self.pack.section(CODES).len() / f::CODE);
        (self.field(7)..self.field(8).min(most)).filter_map(move |i| self.pack.code(i))
    }

    fn own_attrs(self) -> impl Iterator<Item = (u32, &'p str)> {
        let table = self.pack.section(ATTRS);
        (self.field(9)..self.field(10)).map_while(move |i| {
            let at = (i as usize).checked_mul(f::ATTR)?;
            (at < table.len()).then(|| (u32_at(table, at), self.pack.string(table, at + 4)))
        })
    }
}

/// Codes that follow the name, not the key number.
const fn is_of_name(system: System) -> bool {
    matches!(system, System::Hpo | System::Mondo | System::Nando | System::DiseaseReceiptFormer)
}

impl std::fmt::Debug for Concept<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} {} {:?}", self.kind().text(), self.id(), self.name())
    }
}

impl Pack {
    /// The bytes of a code, to be compared.
    pub(super) fn code_bytes(&self, n: u32) -> &[u8] {
        (n as usize).checked_mul(f::CODE).map_or(&[], |at| self.string_bytes(self.section(CODES), at + 4))
    }

    /// A code record.
    pub(super) fn code(&self, n: u32) -> Option<Code<'_>> {
        let table = self.section(CODES);
        let at = (n as usize).checked_mul(f::CODE)?;
        (at < table.len()).then_some(())?;
        Some(Code { system: System::from_number(u32_at(table, at))?, code: self.string(table, at + 4), display: self.string(table, at + 12) })
    }
}
