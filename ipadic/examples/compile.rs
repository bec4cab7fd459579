//! Compiles the sources of a MeCab dictionary (lex.csv, matrix.def, char.def, unk.def, metadata.json) for lindera:
//!
//! ```text
//! cargo run --release -p karuta-ipadic --example compile -- SOURCES OUT
//! ```
//!
//! `karuta structure --words OUT` takes the result for models whose words are not those of IPADIC.

use lindera_dictionary::builder::DictionaryBuilder;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [sources, out] = args.as_slice() else {
        eprintln!("usage: compile SOURCES OUT");
        return ExitCode::from(2);
    };
    match compile(Path::new(sources), Path::new(out)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{sources}: {e}");
            ExitCode::from(1)
        }
    }
}

fn compile(sources: &Path, out: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let metadata = serde_json::from_slice(&std::fs::read(sources.join("metadata.json"))?)?;
    DictionaryBuilder::new(metadata).build_dictionary(sources, out)?;
    Ok(())
}
