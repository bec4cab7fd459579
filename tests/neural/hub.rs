//! Models of the hub, served by a server of our own that speaks as the hub does: the hub itself is not asked.

use crate::command::{AFTER, complained, karuta, said};
use crate::tiny::told;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Output;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Files by `<revision>/<name>`; the commit of each revision.
#[derive(Default)]
struct Shelf {
    files: HashMap<String, Vec<u8>>,
    commits: HashMap<String, String>,
    /// Names that the hub fails on.
    broken: Vec<String>,
}

struct Hub {
    at: String,
    asked: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    shelf: Arc<Mutex<Shelf>>,
}

const ONE: &str = "1111111111111111111111111111111111111111";
const TWO: &str = "2222222222222222222222222222222222222222";

impl Hub {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = format!("http://{}", listener.local_addr().unwrap());
        let hub = Self { at, asked: Arc::default(), stop: Arc::default(), shelf: Arc::default() };
        let (asked, stop, shelf) = (Arc::clone(&hub.asked), Arc::clone(&hub.stop), Arc::clone(&hub.shelf));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                asked.fetch_add(1, Ordering::SeqCst);
                let shelf = Arc::clone(&shelf);
                std::thread::spawn(move || serve(stream.unwrap(), &shelf));
            }
        });
        hub
    }

    /// Puts a folder's files under a revision.
    fn put(&self, revision: &str, commit: &str, folder: &Path) {
        let mut shelf = self.shelf.lock().unwrap();
        shelf.commits.insert(revision.to_owned(), commit.to_owned());
        for f in std::fs::read_dir(folder).unwrap().flatten() {
            shelf.files.insert(format!("{revision}/{}", f.file_name().to_str().unwrap()), std::fs::read(f.path()).unwrap());
        }
    }

    fn asked(&self) -> usize {
        self.asked.swap(0, Ordering::SeqCst)
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.at.trim_start_matches("http://"));
    }
}

/// Answers one request and closes: `GET /<owner>/<name>/resolve/<revision>/<file>` with a range, as the hub's clients ask.
fn serve(mut stream: TcpStream, shelf: &Mutex<Shelf>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let Some(first) = lines.next() else { return };
    let head: Vec<String> = lines.by_ref().take_while(|l| !l.is_empty()).collect();
    let path = first.split(' ').nth(1).unwrap_or("").to_owned();
    let shelf = shelf.lock().unwrap();
    let key = path.split_once("/resolve/").map_or("", |p| p.1);
    let revision = key.split('/').next().unwrap_or("");
    let close = "Connection: close\r\n";
    if shelf.broken.iter().any(|b| key.ends_with(b.as_str())) {
        let _ = write!(stream, "HTTP/1.1 500 Internal Server Error\r\n{close}Content-Length: 0\r\n\r\n");
        return;
    }
    let (Some(body), Some(commit), true) = (shelf.files.get(key), shelf.commits.get(revision), path.starts_with("/some-one/tiny/")) else {
        let _ = write!(stream, "HTTP/1.1 404 Not Found\r\n{close}X-Error-Code: EntryNotFound\r\nContent-Length: 0\r\n\r\n");
        return;
    };
    let range = head.iter().find_map(|l| l.to_lowercase().strip_prefix("range: bytes=").map(str::to_owned)).unwrap_or_else(|| "0-".to_owned());
    let (from, to) = range.split_once('-').unwrap();
    let from: usize = from.parse().unwrap();
    let to = to.parse::<usize>().map_or(body.len(), |t| (t + 1).min(body.len()));
    let part = &body[from.min(to)..to];
    let tag = blake3::hash(body).to_hex();
    let _ = write!(
        stream,
        "HTTP/1.1 206 Partial Content\r\n{close}ETag: \"{tag}\"\r\nX-Repo-Commit: {commit}\r\nContent-Range: bytes {from}-{}/{}\r\nContent-Length: {}\r\n\r\n",
        to.saturating_sub(1),
        body.len(),
        part.len()
    );
    let _ = stream.write_all(part);
}

/// A model that marks わわ病, or one that marks もも痛.
fn models(dir: &Path) -> [std::path::PathBuf; 2] {
    let make = |name: &str, first: char, rest: [char; 2]| {
        let folder = dir.join(name);
        told(&folder, "ふわ病もも痛が続く", |c| if c == first { 1 } else { usize::from(rest.contains(&c)) * 2 });
        folder
    };
    [make("one", 'ふ', ['わ', '病']), make("two", 'も', ['も', '痛'])]
}

struct Desk {
    dir: tempfile::TempDir,
    hub: Hub,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { dir: tempfile::tempdir().unwrap(), hub: Hub::start() };
        std::fs::write(desk.dir.path().join("note.txt"), format!("わわ病が続く。{AFTER}")).unwrap();
        desk
    }

    fn run(&self, endpoint: &str, model: &str, more: &[&str]) -> Output {
        let home = self.dir.path().join("home");
        let note = self.dir.path().join("note.txt");
        let env = [("HF_HOME", home.to_str().unwrap()), ("HF_ENDPOINT", endpoint)];
        karuta(&[&["structure", "--format", "jsonl", "--model", model, note.to_str().unwrap()], more].concat(), &env, None)
    }
}

/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:9";

#[test]
fn a_model_of_the_hub_is_fetched_once_and_kept() {
    let desk = Desk::new();
    let [one, two] = models(desk.dir.path());
    desk.hub.put(ONE, ONE, &one);
    desk.hub.put(TWO, TWO, &two);
    let (first, second) = (format!("hf:some-one/tiny@{ONE}"), format!("hf:some-one/tiny@{TWO}"));
    let sum = blake3::hash(&std::fs::read(one.join("model.safetensors")).unwrap()).to_hex();
    let found = said(&desk.run(&desk.hub.at, &format!("{first}#{sum}"), &[]));
    assert!(found.contains("neural.d-positive") && desk.hub.asked() > 3, "{found}");
    // from the cache: without a server, with and without the word that nothing may be fetched
    for more in [&["--offline"][..], &[]] {
        assert_eq!(said(&desk.run(NOWHERE, &format!("{first}#{sum}"), more)), found, "{more:?}");
    }
    assert_eq!(said(&desk.run(&desk.hub.at, &first, &["--offline"])), found);
    assert_eq!(desk.hub.asked(), 0);
    // another revision is another model
    let why = complained(&desk.run(&desk.hub.at, &second, &["--offline"]));
    assert!(why.contains(TWO) && why.contains("offline,andnotinthecache"), "{why}");
    let other = said(&desk.run(&desk.hub.at, &second, &[]));
    assert!(!other.contains("neural.") && desk.hub.asked() > 3, "{other}");
    assert_eq!(said(&desk.run(NOWHERE, &first, &["--offline"])), found);
    assert_eq!(said(&desk.run(NOWHERE, &second, &["--offline"])), other);
}

#[test]
fn what_the_hub_has_wrong_is_refused_with_what_was_expected() {
    let desk = Desk::new();
    let [one, _] = models(desk.dir.path());
    desk.hub.put(ONE, ONE, &one);
    let model = format!("hf:some-one/tiny@{ONE}");
    let wrong = "0".repeat(64);
    let why = complained(&desk.run(&desk.hub.at, &format!("{model}#{wrong}"), &[]));
    assert!(why.contains("model.safetensors") && why.contains("BLAKE3") && why.contains(&wrong), "{why}");
    // the sums that a repository itself has
    std::fs::write(one.join("checksums.b3"), format!("{wrong}  vocab.txt\n")).unwrap();
    desk.hub.put("summed", "3".repeat(40).as_str(), &one);
    let why = complained(&desk.run(&desk.hub.at, "hf:some-one/tiny@summed", &[]));
    assert!(why.contains("vocab.txt") && why.contains("BLAKE3") && why.contains(&wrong), "{why}");
    std::fs::write(one.join("checksums.b3"), format!("{wrong}  more.bin\n")).unwrap();
    desk.hub.put("more", "4".repeat(40).as_str(), &one);
    let why = complained(&desk.run(&desk.hub.at, "hf:some-one/tiny@more", &[]));
    assert!(why.contains("more.bin") && why.contains(&wrong), "{why}");
    std::fs::remove_file(one.join("checksums.b3")).unwrap();
    // what is not there
    for (name, revision, commit) in [("vocab.txt", "a", "5"), ("model.safetensors", "b", "6"), ("config.json", "c", "7")] {
        let kept = std::fs::read(one.join(name)).unwrap();
        std::fs::remove_file(one.join(name)).unwrap();
        desk.hub.put(revision, commit.repeat(40).as_str(), &one);
        std::fs::write(one.join(name), kept).unwrap();
        let why = complained(&desk.run(&desk.hub.at, &format!("hf:some-one/tiny@{revision}"), &[]));
        assert!(why.contains(name) && why.contains("nosuchfile") && why.contains("expected"), "{name}: {why}");
    }
    let why = complained(&desk.run(&desk.hub.at, "hf:some-one/nothing@main", &[]));
    assert!(why.contains("some-one/nothing@main") && why.contains("config.json"), "{why}");
    // a commit is that commit
    let asked = "8".repeat(40);
    desk.hub.put(&asked, "9".repeat(40).as_str(), &one);
    let why = complained(&desk.run(&desk.hub.at, &format!("hf:some-one/tiny@{asked}"), &[]));
    assert!(why.contains(&"9".repeat(40)) && why.contains(&format!("expected{asked}")), "{why}");
    // a file that can't be had is not one that is not there
    desk.hub.put("d", "a".repeat(40).as_str(), &one);
    desk.hub.shelf.lock().unwrap().broken.push("labels.tsv".to_owned());
    let why = complained(&desk.run(&desk.hub.at, "hf:some-one/tiny@d", &[]));
    assert!(why.contains("labels.tsv") && why.contains("500"), "{why}");
    let why = complained(&desk.run(NOWHERE, "hf:some-one/tiny@e", &[]));
    assert!(why.contains("config.json") && why.contains("some-one/tiny@e"), "{why}");
}
