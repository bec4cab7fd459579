//! Compiles the curated tables under `dictionaries/` into the pack that the library embeds.

#[path = "src/lexicon/compile/mod.rs"]
#[allow(dead_code, clippy::all)]
mod compile;
#[path = "src/note/normalize.rs"]
#[allow(dead_code)]
mod normalize;
#[path = "src/text.rs"]
#[allow(dead_code)]
mod text;

use std::{env, error::Error, fs, path::PathBuf};

fn main() {
    // an error of a table tells its place; as a panic or a Debug text it would be hard to read
    if let Err(e) = build() {
        println!("cargo::error={e}");
        std::process::exit(1);
    }
}

fn build() -> Result<(), Box<dyn Error>> {
    for watched in ["dictionaries", "build.rs", "src/lexicon/compile", "src/note/normalize.rs", "src/text.rs"] {
        println!("cargo:rerun-if-changed={watched}");
    }
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("dictionaries");
    let mut pack = compile::writer::PackWriter::new(normalize::fold);
    let mut counts = Vec::new();
    let mut files = compile::tables::files(&root)?;
    // spellings first: they apply to every surface added after them; directions join terms that must be there
    files.sort_by_key(|f| {
        let stem = f.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        (stem != "variants", stem == "directions", f.clone())
    });
    for file in files {
        let n = compile::tables::read(&mut pack, &file, &fs::read_to_string(&file)?)?;
        let name = file.strip_prefix(&root)?.to_string_lossy().into_owned();
        counts.push(serde_json::json!({ "name": name, "concepts": n }));
    }
    for (name, rows) in compile::relations::compile(&mut pack, &root)? {
        counts.push(serde_json::json!({ "name": name, "rows": rows }));
    }
    let meta = serde_json::json!({
        "name": "curated",
        "version": env::var("CARGO_PKG_VERSION")?,
        "concepts": pack.concepts(),
        "surfaces": pack.surfaces(),
        "relations": pack.relations(),
        "sources": counts,
    });
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("curated.kpack"), pack.finish(&meta.to_string())?)?;
    Ok(())
}
