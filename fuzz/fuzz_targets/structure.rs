//! Any bytes, in any encoding, cut into notes: no panic, spans inside the text, the same facts twice.
#![no_main]

use arbitrary::Arbitrary;
use karuta::Engine;
use karuta::note::{OffsetUnit, decode};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new().expect("engine"));

/// Everything that a caller may vary.
#[derive(Debug, Arbitrary)]
struct Input<'a> {
    encoding: u8,
    unit: u8,
    before: &'a str,
    bytes: &'a [u8],
}

fuzz_target!(|input: Input<'_>| {
    let label = [None, Some("utf-8"), Some("cp932"), Some("euc-jp"), Some("utf-16le")][usize::from(input.encoding) % 5];
    let Ok(text) = decode(input.bytes, label) else { return };
    let mut worker = ENGINE.worker();
    worker.structure(input.before);
    let mut found = worker.structure(&text);
    assert_eq!(found, ENGINE.worker().structure(&text));
    for f in &found.facts {
        assert_eq!(text.get(f.start..f.end), Some(f.text.as_str()));
    }
    found.count_in(&text, [OffsetUnit::Bytes, OffsetUnit::CodePoints, OffsetUnit::Utf16][usize::from(input.unit) % 3]);
});
