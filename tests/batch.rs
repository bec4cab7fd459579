//! Archives: every kind of input, resumption after a kill at any moment, the same bytes from any number of threads.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::Value;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

const NOTES: &[(&str, &str)] =
    &[("甲-1", "S) 昨夜から39度以上の発熱あり。\nO) BT39.2 WBC 12,300"), ("乙-2", "咳嗽（＋）、嘔気(-)\n\"引用\", 肺炎疑い"), ("丙-3", "父がHT。<5mg> & アムロジピン5mg 1錠 分1")];

fn command(args: &[&str]) -> Command {
    let mut c = Command::new(env!("CARGO_BIN_EXE_karuta"));
    c.arg("batch").args(args).env_remove("KARUTA_PACKS").env("NO_COLOR", "1").stdout(Stdio::piped()).stderr(Stdio::piped());
    c
}

fn batch(args: &[&str]) -> (String, i32) {
    let out = command(args).output().unwrap();
    assert!(out.stdout.is_empty());
    // reports are wrapped to the width of a terminal
    let err = String::from_utf8(out.stderr).unwrap().replace('│', " ");
    (err.split_whitespace().collect::<Vec<_>>().join(" "), out.status.code().unwrap())
}

fn run(input: &Path, out: &Path, more: &[&str]) -> (String, i32) {
    let mut args = vec![input.to_str().unwrap(), "-o", out.to_str().unwrap()];
    args.extend(more);
    batch(&args)
}

fn lines(folder: &Path, name: &str) -> Vec<Value> {
    std::fs::read_to_string(folder.join(name)).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

fn jsonl(notes: &[(&str, &str)]) -> Vec<u8> {
    notes.iter().flat_map(|(id, text)| format!("{}\n", serde_json::json!({"id": id, "text": text, "date": "2024-05-04", "ward": 3})).into_bytes()).collect()
}

fn csv(delimiter: char) -> String {
    let quoted = |s: &str| format!("\"{}\"", s.replace('"', "\"\""));
    let rows: String = NOTES.iter().map(|(id, text)| format!("{}{delimiter}2024/5/4{delimiter}{}\n", quoted(id), quoted(text))).collect();
    format!("番号{delimiter}記載日{delimiter}本文\n{rows}")
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(bytes).unwrap();
    gz.finish().unwrap()
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut head = tar::Header::new_gnu();
        head.set_size(bytes.len() as u64);
        tar.append_data(&mut head, name, *bytes).unwrap();
    }
    tar.into_inner().unwrap()
}

fn parquet(path: &Path) {
    use arrow_array::{Date32Array, RecordBatch, StringArray};
    use arrow_schema::{DataType, Field, Schema};
    let fields = [("other", DataType::Utf8), ("番号", DataType::Utf8), ("本文", DataType::Utf8), ("記載日", DataType::Date32)];
    let schema = Arc::new(Schema::new(fields.map(|(n, t)| Field::new(n, t, true)).to_vec()));
    let strings = |v: Vec<&str>| Arc::new(StringArray::from(v));
    let rows = RecordBatch::try_new(
        schema.clone(),
        vec![strings(vec!["x"; 3]), strings(NOTES.iter().map(|n| n.0).collect()), strings(NOTES.iter().map(|n| n.1).collect()), Arc::new(Date32Array::from(vec![19847; 3]))],
    )
    .unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(File::create(path).unwrap(), schema, None).unwrap();
    writer.write(&rows).unwrap();
    writer.close().unwrap();
}

fn xml(encoding: &str) -> String {
    let escape = |s: &str| s.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&#x22;");
    let records: String = NOTES.iter().map(|(id, t)| format!("<k:症例 番号=\"{id}\" 記載日='2024-05-04'><head>前</head><本文>{}</本文></k:症例>\n", escape(t))).collect();
    format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>\n<!DOCTYPE x>\n<all xmlns:k=\"urn:k\">{records}</all>")
}

const NAMED: &[&str] = &["--id", "番号", "--text", "本文", "--date", "記載日"];

#[test]
fn every_kind_of_input_gives_the_same_facts() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| -> PathBuf {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let cp932 = |s: &str| encoding_rs::SHIFT_JIS.encode(s).0.into_owned();
    let euc = |s: &str| encoding_rs::EUC_JP.encode(s).0.into_owned();
    let one = jsonl(NOTES);
    let named: Vec<&str> = NAMED.to_vec();
    let in_xml = [NAMED, &["--record", "症例"]].concat();
    parquet(&dir.path().join("a.parquet"));
    let inputs: Vec<(PathBuf, Vec<&str>)> = vec![
        (write("a.jsonl", &one), vec![]),
        (write("a.dat", &one), vec!["--input-format", "jsonl"]),
        (write("a.jsonl.gz", &gzip(&one)), vec![]),
        (write("a.zip", &zip(&[("__MACOSX/._a.jsonl", b"x"), ("症例/a.jsonl", &one), ("図.png", b"\x89")])), vec![]),
        (write("a.tar", &tar(&[("a.jsonl", &one)])), vec![]),
        (write("a.tar.gz", &gzip(&tar(&[("症例/a.jsonl", &jsonl(&NOTES[..1])), ("症例/b.jsonl", &jsonl(&NOTES[1..]))]))), vec![]),
        (write("a.csv", csv(',').as_bytes()), named.clone()),
        (write("bom.csv", format!("\u{FEFF}{}", csv(',')).as_bytes()), named.clone()),
        (write("cp932.csv", &cp932(&csv(','))), named.clone()),
        (write("euc.csv", &euc(&csv(','))), named.clone()),
        (write("a.tsv", csv('\t').as_bytes()), named.clone()),
        (write("csv.zip", &zip(&[("a.csv", &cp932(&csv(',')))])), named.clone()),
        (dir.path().join("a.parquet"), named.clone()),
        (write("a.xml", xml("UTF-8").as_bytes()), in_xml.clone()),
        (write("cp932.xml", &cp932(&xml("Shift_JIS"))), in_xml.clone()),
        (write("folder/1.jsonl", &jsonl(&NOTES[..2])).parent().unwrap().to_owned(), vec![]),
    ];
    write("folder/sub/2.jsonl", &jsonl(&NOTES[2..]));
    let mut expected = None;
    for (i, (input, more)) in inputs.iter().enumerate() {
        let out = dir.path().join(format!("run-{i}"));
        let (err, code) = run(input, &out, more);
        assert_eq!(code, 0, "{}: {err}\n{}", input.display(), std::fs::read_to_string(out.join("rejected.jsonl")).unwrap_or_default());
        let found = lines(&out, "facts.jsonl");
        assert_eq!(found.len(), 3, "{}", input.display());
        assert_eq!(&found, expected.get_or_insert(found.clone()), "{}", input.display());
    }
    let expected = expected.unwrap();
    assert_eq!(expected[0]["id"], "甲-1");
    assert!(expected[0].to_string().contains("2024-05-03"), "昨夜 is resolved against the record's day");
}

#[test]
fn a_file_may_be_a_note() {
    let dir = tempfile::tempdir().unwrap();
    let archive = dir.path().join("notes.zip");
    let sjis = encoding_rs::SHIFT_JIS.encode("体温39.2℃、咳嗽あり").0.into_owned();
    std::fs::write(&archive, zip(&[("a/1.txt", &sjis), ("a/2.txt", "BT38.1".as_bytes()), ("a/3.zip", b"PK"), ("a/4.txt", b" \n")])).unwrap();
    let out = dir.path().join("run");
    let (_, code) = run(&archive, &out, &[]);
    assert_eq!(code, 1);
    let ids: Vec<String> = lines(&out, "facts.jsonl").iter().map(|l| l["id"].as_str().unwrap().rsplit('!').next().unwrap().to_owned()).collect();
    assert_eq!(ids, ["a/1.txt", "a/2.txt"]);
    let reasons: Vec<Value> = lines(&out, "rejected.jsonl").iter().map(|l| l["reason"].clone()).collect();
    assert_eq!(reasons, ["archive", "empty"]);
}

#[test]
fn bad_records_are_set_aside_with_reasons() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("notes.jsonl");
    let bad = b"{\"id\":1,\"text\":\"BT37.0\"}\n\n{\"id\":2,\"text\":\n{\"id\":3}\n{\"id\":4,\"text\":5}\n[1]\n\xff\xfe\n{\"id\":7,\"text\":\" \"}\n{\"text\":\"\\ud83dBT38.0\"}";
    std::fs::write(&input, bad).unwrap();
    std::fs::write(dir.path().join("rows.csv"), "id,text\n1,BT39\n2\n").unwrap();
    std::fs::write(dir.path().join("none.csv"), "a,b\n1,2\n").unwrap();
    std::fs::write(dir.path().join("broken.xml"), "<record><text>BT39</text></record><record><text>BT40").unwrap();
    std::fs::write(dir.path().join("broken.zip"), "PK\u{3}\u{4}").unwrap();
    std::fs::write(dir.path().join("broken.parquet"), "PAR1").unwrap();
    let cut = gzip(&tar(&[("a.txt", b"BT39")]));
    std::fs::write(dir.path().join("cut.tar.gz"), &cut[..cut.len() / 2]).unwrap();
    let out = dir.path().join("run");
    let (err, code) = run(dir.path(), &out, &[]);
    assert_eq!(code, 1);
    assert!(err.contains("set aside"), "{err}");
    let shown: String = lines(&out, "rejected.jsonl")
        .iter()
        .map(|l| {
            let file = Path::new(l["file"].as_str().unwrap()).strip_prefix(dir.path()).unwrap().display().to_string();
            format!("{file}:{} {}: {} | {}\n", l["line"], l["reason"].as_str().unwrap(), l["found"].as_str().unwrap(), l["expected"].as_str().unwrap())
        })
        .collect();
    insta::assert_snapshot!(shown);
    let ids: Vec<Value> = lines(&out, "facts.jsonl").iter().map(|l| l["id"].clone()).collect();
    assert_eq!(ids.len(), 4, "{ids:?}");
}

/// Notes enough for several parts of the table.
fn many(path: &Path, n: usize) {
    let mut out = std::io::BufWriter::new(File::create(path).unwrap());
    for i in 0..n {
        match i % 997 {
            5 => writeln!(out, "{{\"id\":{i}}}").unwrap(),
            _ => writeln!(out, "{{\"id\":{i},\"text\":\"O) BT3{}.{} WBC {}00。{}\"}}", 6 + i % 4, i % 10, 40 + i % 90, ["咳嗽なし", "肺炎疑い", "嘔気（－）"][i % 3]).unwrap(),
        }
    }
}

/// The files that a run's reader takes: all but where it stands.
fn outputs(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    all.sort();
    let name = |p: &Path| p.file_name().unwrap().to_str().unwrap().to_owned();
    all.iter().filter(|p| !matches!(name(p).as_str(), "checkpoint.json" | ".lock")).map(|p| (name(p), std::fs::read(p).unwrap())).collect()
}

fn same(a: &[(String, Vec<u8>)], b: &[(String, Vec<u8>)], what: &str) {
    let names = |x: &[(String, Vec<u8>)]| x.iter().map(|f| (f.0.clone(), f.1.len())).collect::<Vec<_>>();
    assert_eq!(names(a), names(b), "{what}");
    for (x, y) in a.iter().zip(b) {
        assert!(x.1 == y.1, "{what}: {} differs", x.0);
    }
}

#[test]
fn a_run_killed_at_any_moment_ends_with_the_same_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("notes.jsonl");
    many(&input, 23_000);
    let mut random = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = move |below: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % below
    };
    for (i, formats) in [&["--format", "jsonl"][..], &["--format", "jsonl", "--format", "parquet"][..]].into_iter().enumerate() {
        let whole = dir.path().join(format!("whole-{i}"));
        let started = std::time::Instant::now();
        let (err, code) = run(&input, &whole, &[formats, &["--threads", "1"]].concat());
        assert_eq!(code, 1, "{err}");
        let took = started.elapsed();
        let expected = outputs(&whole);
        assert_eq!(expected.len(), if i == 0 { 3 } else { 6 });

        let killed = dir.path().join(format!("killed-{i}"));
        let args = [&[input.to_str().unwrap(), "-o", killed.to_str().unwrap(), "--checkpoint-every", "0.02", "--threads", "3"], formats].concat();
        let mut sittings = 0;
        loop {
            let mut child = command(&args).spawn().unwrap();
            // somewhere between the first moment and the end
            let patience = Duration::from_micros(next(took.as_micros().try_into().unwrap()));
            // after many sittings without luck it is let run
            if sittings < 12 {
                std::thread::sleep(patience);
                let _ = child.kill();
            }
            sittings += 1;
            if child.wait().unwrap().code().is_some() {
                break;
            }
        }
        same(&expected, &outputs(&killed), &format!("{formats:?} after {sittings} sittings"));
        // a run that is done is done
        let (_, code) = batch(&args);
        assert_eq!(code, 1);
        same(&expected, &outputs(&killed), "again");
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("notes.jsonl");
    many(&input, 3_000);
    let one = dir.path().join("1");
    run(&input, &one, &["--threads", "1", "--format", "jsonl", "--format", "parquet"]);
    for threads in ["2", "7"] {
        let other = dir.path().join(threads);
        run(&input, &other, &["--threads", threads, "--format", "jsonl", "--format", "parquet"]);
        same(&outputs(&one), &outputs(&other), threads);
    }
}

#[test]
fn the_facts_table_holds_what_the_lines_hold() {
    use arrow_array::Array;
    use arrow_array::cast::AsArray;
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("notes.jsonl");
    std::fs::write(&input, jsonl(NOTES)).unwrap();
    let out = dir.path().join("run");
    run(&input, &out, &["--format", "jsonl", "--format", "parquet"]);
    let facts: Vec<Value> = lines(&out, "facts.jsonl").iter().flat_map(|l| l["facts"].as_array().unwrap().clone()).collect();
    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(File::open(out.join("facts-00000.parquet")).unwrap()).unwrap().build().unwrap();
    let rows: Vec<_> = reader.map(Result::unwrap).collect();
    assert_eq!(rows.iter().map(arrow_array::RecordBatch::num_rows).sum::<usize>(), facts.len());
    let row = &rows[0];
    for (i, f) in facts.iter().enumerate() {
        for name in ["kind", "text", "name", "assertion", "section"] {
            assert_eq!(row.column_by_name(name).unwrap().as_string::<i32>().value(i), f[name].as_str().unwrap());
        }
        let number = row.column_by_name("number").unwrap().as_primitive::<arrow_array::types::Float64Type>();
        assert_eq!(number.is_valid(i).then(|| number.value(i)), f["value"]["number"].as_f64());
        assert_eq!(row.column_by_name("codings").unwrap().as_list::<i32>().value(i).len(), f["codings"].as_array().unwrap().len());
    }
}

#[test]
fn forms_of_export_are_written_too() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("notes.jsonl");
    std::fs::write(&input, jsonl(NOTES)).unwrap();
    let out = dir.path().join("run");
    let (err, code) = run(&input, &out, &["--format", "jsonl", "--format", "fhir-ndjson", "--format", "omop-note-nlp"]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(lines(&out, "facts.jsonl").len(), 3);
    assert!(lines(&out, "fhir-ndjson.ndjson").iter().all(|b| b["resourceType"] == "Bundle"));
    let one = Command::new(env!("CARGO_BIN_EXE_karuta")).args(["export", "--format", "omop-note-nlp", input.to_str().unwrap()]).output().unwrap();
    assert_eq!(std::fs::read(out.join("omop-note-nlp.csv")).unwrap(), one.stdout);
    let (err, code) = run(&input, &dir.path().join("none"), &["--format", "html"]);
    assert_eq!(code, 2);
    assert!(err.contains("fhir-ndjson"), "{err}");
}

#[test]
fn a_folder_belongs_to_one_run() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("notes.jsonl");
    std::fs::write(&input, jsonl(NOTES)).unwrap();
    let out = dir.path().join("run");
    assert_eq!(run(&input, &out, &[]).1, 0);
    let (err, code) = run(&input, &out, &["--offsets", "bytes"]);
    assert_eq!(code, 2);
    assert!(err.contains("other options") && err.contains("--restart"), "{err}");
    std::fs::write(&input, jsonl(&NOTES[..2])).unwrap();
    let (err, code) = run(&input, &out, &[]);
    assert_eq!(code, 2);
    assert!(err.contains("inputs that were changed"), "{err}");
    assert_eq!(run(&input, &out, &["--restart"]).1, 0);
    assert_eq!(lines(&out, "facts.jsonl").len(), 2);
    let stranger = dir.path().join("stranger");
    std::fs::create_dir(&stranger).unwrap();
    std::fs::write(stranger.join("facts.jsonl"), "mine").unwrap();
    let (err, code) = run(&input, &stranger, &[]);
    assert_eq!(code, 2);
    assert!(err.contains("no checkpoint"), "{err}");
    assert_eq!(std::fs::read(stranger.join("facts.jsonl")).unwrap(), b"mine");
    let (_, code) = run(Path::new("/nowhere/notes.jsonl"), &dir.path().join("none"), &[]);
    assert_eq!(code, 2);
}
