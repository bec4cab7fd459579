//! The tokenizer against MeCab with the same dictionary, where MeCab is installed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::io::Write;
use std::process::{Command, Stdio};

#[test]
fn words_are_those_of_mecab() {
    let lines: Vec<String> = lines();
    let Ok(mut child) = Command::new("mecab").arg("-Owakati").arg("-b").arg("100000").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn() else {
        eprintln!("mecab is not installed: not compared");
        return;
    };
    let mut stdin = child.stdin.take().unwrap();
    let input = lines.join("\n") + "\n";
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let out = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    if !out.status.success() {
        eprintln!("mecab has no dictionary: not compared");
        return;
    }
    let out = String::from_utf8(out.stdout).unwrap();
    let mut words = karuta::token::Tokenizer::ipadic().unwrap().words();
    let (mut same, mut all) = (0, 0);
    for (line, mecab) in lines.iter().zip(out.lines()) {
        let ours: Vec<&str> = words.split(line).iter().map(|(s, e)| &line[*s as usize..*e as usize]).collect();
        let theirs: Vec<&str> = mecab.split_whitespace().collect();
        all += 1;
        if ours == theirs {
            same += 1;
        } else {
            eprintln!("ours {ours:?}\nmecab {theirs:?}");
        }
    }
    println!("{same} of {all} lines have the same words");
    assert!(all > 30 && same * 100 >= all * 98, "{same} of {all} lines have the same words");
}

/// Lines of the literate cases, normalised as the engine gives them to the tokenizer.
fn lines() -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora/cases");
    let mut out = Vec::new();
    for f in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(f.unwrap().path()).unwrap();
        out.extend(text.lines().filter(|l| !l.starts_with(['|', '#', '`'])).map(|l| karuta::note::Normalized::new(l).text().trim().to_owned()).filter(|l| !l.is_empty()));
    }
    out.extend(["すもももももももものうち", "右下腹部に圧痛を認めるが、反跳痛は認めない。", "昨夜から発熱と咳嗽が出現し、改善しないため受診した。"].map(str::to_owned));
    out
}
