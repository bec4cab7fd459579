//! From rows of masters to a pack.

mod disorders;
mod drugs;
mod labs;
mod modifiers;
mod others;
mod relations;
mod synonyms;
mod systems;

pub(crate) use systems::of as system_of_url;

use super::masters::Masters;
use super::surfaces::Surfaces;
use crate::lexicon::Pack;
use crate::lexicon::compile::tables;
use crate::lexicon::compile::writer::{PackWriter, WriteError};
use crate::note::fold;
use std::path::Path;

/// Spellings that stand for one another, as in the curated pack.
const VARIANTS: &str = include_str!("../../../../dictionaries/variants.tsv");

/// The bytes of a pack of these masters. The same masters give the same bytes.
pub(super) fn pack(masters: &Masters, name: &str) -> Result<Vec<u8>, WriteError> {
    let curated = Pack::embedded().map_err(|e| WriteError(e.to_string()))?;
    let mut writer = PackWriter::new(fold);
    tables::read(&mut writer, Path::new("variants.tsv"), VARIANTS).map_err(|e| WriteError(e.to_string()))?;
    let mut out = Surfaces { pack: &mut writer, curated: &curated };
    // concepts of one kind stand together, those for looking up last
    let rest = disorders::add(masters, &mut out);
    modifiers::add(masters, &mut out);
    drugs::add(masters, &mut out);
    others::allergens(masters, &mut out);
    labs::add(masters, &mut out);
    others::classes(&rest, &mut out);
    others::diseases(masters, &mut out);
    others::entries(masters, &mut out);
    relations::add(masters, out.pack);
    let meta = serde_json::json!({
        "name": name,
        "version": env!("CARGO_PKG_VERSION"),
        "concepts": writer.concepts(),
        "surfaces": writer.surfaces(),
        "relations": writer.relations(),
        "sources": masters.sources(),
    });
    writer.finish(&meta.to_string())
}

/// A name as charts are normalised: full-width letters and digits made plain.
fn plain(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    name.trim().nfkc().collect()
}
