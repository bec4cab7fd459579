#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used)] // a build that cannot rebuild the dictionary must stop
//! Rebuilds IPADIC for the current lindera format from the crate `lindera-ipadic` 0.3.1, without a network.
use lindera_dictionary::builder::DictionaryBuilder;
use std::{collections::BTreeMap, env, fmt::Write as _, fs, path::PathBuf};
fn q(s: &str) -> String {
    // CP51932 -> JIS code points (as in the npm seed), then CSV quoting
    let s = s.replace('－', "−").replace('∥', "‖").replace('￡', "£");
    if s.contains([',', '"']) { format!("\"{}\"", s.replace('"', "\"\"")) } else { s }
}
fn u32at(b: &[u8], o: usize) -> usize {
    u32::from_le_bytes(b[o..o + 4].try_into().unwrap()) as usize
}
fn main() {
    println!("cargo:rerun-if-changed=build.rs\ncargo:rerun-if-changed=metadata.json");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap());
    let (src, dst) = (out.join("src"), out.join("lindera-ipadic"));
    fs::create_dir_all(&src).unwrap();
    let (pd, idx, words) = (old::prefix_dict(), old::words_idx_data(), old::words_data());
    let mut rows = vec![(String::new(), 0u16, 0i16); idx.len() / 4]; // by word number
    for (surface, v) in pd.fst.stream().into_str_vec().unwrap() {
        let (off, n) = ((v >> 5) as usize * 8, (v & 31) as usize * 8);
        for e in pd.vals_data[off..off + n].chunks_exact(8) {
            // u32 word, i16 cost, u16 context id
            rows[u32at(e, 0)] = (surface.clone(), u16::from_le_bytes([e[6], e[7]]), i16::from_le_bytes([e[4], e[5]]));
        }
    }
    assert!(rows.len() == 392_126 && rows.iter().all(|r| !r.0.is_empty()));
    let (mut csv, mut pos) = (String::new(), BTreeMap::new());
    for (i, (surface, id, cost)) in rows.iter().enumerate() {
        let mut o = u32at(&idx, i * 4);
        let f: Vec<String> = (0..9)
            .map(|_| {
                // bincode 1: u64 length + UTF-8
                let n = u32at(&words, o);
                o += 8 + n;
                q(std::str::from_utf8(&words[o - n..o]).unwrap())
            })
            .collect();
        writeln!(csv, "{},{id},{id},{cost},{}", q(surface), f.join(",")).unwrap();
        pos.entry(*id).or_insert_with(|| f[..6].join(",")); // context id fixes the POS columns
    }
    let (m, c, k) = (old::connection(), old::char_def(), old::unknown_dict());
    let (n, mut mtx, mut chr, mut unk) = (m.backward_size, String::new(), String::new(), String::new());
    writeln!(mtx, "{n} {n}").unwrap();
    for r in 0..n {
        for l in 0..n {
            writeln!(mtx, "{r} {l} {}", m.cost(r, l)).unwrap();
        }
    }
    for (name, d) in c.category_names.iter().zip(&c.category_definitions) {
        writeln!(chr, "{name} {} {} {}", d.invoke as u8, d.group as u8, d.length).unwrap();
    }
    // where char.def names a character twice the old format joined both, in the order of its categories; MeCab takes what stands last
    let cats = |u: u32| match char::from_u32(u) {
        Some('Ð') => "ALPHA".to_owned(),
        Some('々') => "SYMBOL".to_owned(),
        Some('〇') => "SYMBOL KANJINUMERIC".to_owned(),
        Some(n) if "一二三四五六七八九十百千万億兆".contains(n) => "KANJINUMERIC KANJI".to_owned(),
        _ => c.mapping.eval(u).iter().map(|x| c.category_name(*x)).collect::<Vec<_>>().join(" "),
    };
    let mut lo = 0;
    for u in 1..=0x10000 {
        if u < 0x10000 && cats(u) == cats(lo) {
            continue;
        }
        if cats(lo) != "DEFAULT" {
            writeln!(chr, "0x{lo:04X}..0x{:04X} {}", u - 1, cats(lo)).unwrap();
        }
        lo = u;
    }
    for (i, w) in k.costs.iter().enumerate() {
        // features not stored: take the POS of the id
        let cat = k.category_references.iter().position(|r| r.contains(&(i as u32))).unwrap();
        writeln!(unk, "{},{},{},{},{},*", c.category_names[cat], w.cost_id, w.cost_id, w.word_cost, pos[&w.cost_id]).unwrap();
    }
    for (f, s) in [("lex.csv", csv), ("matrix.def", mtx), ("char.def", chr), ("unk.def", unk)] {
        fs::write(src.join(f), s).unwrap();
    }
    let meta = serde_json::from_slice(&fs::read("metadata.json").unwrap()).unwrap();
    DictionaryBuilder::new(meta).build_dictionary(&src, &dst).unwrap();
    fs::remove_dir_all(&src).unwrap();
    println!("cargo:rustc-env=LINDERA_WORKDIR={}", out.display()); // read by embedded_dictionary!
}
