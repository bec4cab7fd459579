//! `karuta.h` is what the sources say, and every exported function has its panic boundary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;

#[test]
fn the_header_is_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).unwrap();
    let mut made = Vec::new();
    cbindgen::Builder::new().with_config(config).with_crate(root).generate().unwrap().write(&mut made);
    let path = root.join("include/karuta.h");
    if std::env::var_os("KARUTA_UPDATE").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read(&path).unwrap_or_default();
    assert!(kept == made, "{} is not what ffi/src says: KARUTA_UPDATE=1 cargo test -p karuta-ffi --test header", path.display());
}

#[test]
fn every_function_goes_through_the_boundary() {
    let mut seen = 0;
    for file in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        for part in text.split("#[unsafe(no_mangle)]").skip(1) {
            let body = part.split_once("{\n").unwrap().1.trim_start();
            assert!(body.starts_with("run(||") || body.starts_with("guard("), "{}: {}", path.display(), part.lines().nth(1).unwrap());
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}
