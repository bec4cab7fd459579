//! Lists the files of the default model, which the library carries.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a build that cannot write the list must stop

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

const FILES: [&str; 7] = ["config.json", "karuta.json", "tokenizer_config.json", "tokenizer.json", "vocab.txt", "labels.tsv", "model.safetensors"];

fn main() {
    println!("cargo:rerun-if-changed=build.rs\ncargo:rerun-if-changed=.");
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap());
    let mut list = String::from("&[");
    if folder.join("model.safetensors").is_file() {
        for name in FILES {
            let path = folder.join(name);
            if path.is_file() {
                println!("cargo:rerun-if-changed={}", path.display());
                write!(list, "({name:?}, include_bytes!({path:?}).as_slice()), ").unwrap();
            }
        }
    }
    list.push(']');
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap()).join("files.rs"), list).unwrap();
}
