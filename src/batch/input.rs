//! The files of a batch, in order.

use super::{BatchError, InputKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

/// A file to be read.
#[derive(Debug, Clone)]
pub(super) struct InputFile {
    pub path: PathBuf,
    /// How it is called in the outputs.
    pub name: Arc<str>,
    pub size: u64,
    /// When it was changed, in nanoseconds.
    pub changed: u64,
}

/// What a run reads.
#[derive(Debug)]
pub(super) struct Input {
    pub files: Vec<InputFile>,
    pub bytes: u64,
}

impl Input {
    /// The files that the arguments name, folders opened, in order of their names.
    pub fn list(named: &[PathBuf], kind: InputKind) -> Result<Self, BatchError> {
        let mut files = Vec::new();
        for path in named {
            if path.is_dir() {
                let mut found = Vec::new();
                walk(path, kind, &mut found, 0)?;
                found.sort();
                for f in found {
                    files.push(file(f)?);
                }
            } else {
                files.push(file(path.clone())?);
            }
        }
        let bytes = files.iter().map(|f| f.size).sum();
        Ok(Self { files, bytes })
    }
}

fn file(path: PathBuf) -> Result<InputFile, BatchError> {
    let meta = std::fs::metadata(&path).map_err(BatchError::io(&path))?;
    let changed = meta.modified().ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok()).map_or(0, |d| u64::try_from(d.as_nanos()).unwrap_or(0));
    Ok(InputFile { name: path.display().to_string().into(), path, size: meta.len(), changed })
}

fn walk(dir: &Path, kind: InputKind, out: &mut Vec<PathBuf>, depth: usize) -> Result<(), BatchError> {
    for entry in std::fs::read_dir(dir).map_err(BatchError::io(dir))? {
        let entry = entry.map_err(BatchError::io(dir))?;
        let (path, file_type) = (entry.path(), entry.file_type().map_err(BatchError::io(dir))?);
        // links are not followed: a link to a parent would never end
        if file_type.is_dir() && depth < 64 {
            walk(&path, kind, out, depth + 1)?;
        } else if file_type.is_file() && !hidden(&entry.file_name().to_string_lossy()) && (kind != InputKind::Auto || is_read(&entry.file_name().to_string_lossy())) {
            out.push(path);
        }
    }
    Ok(())
}

/// What systems leave beside the files that are meant.
pub(super) fn hidden(name: &str) -> bool {
    name.split(['/', '\\']).any(|part| part.starts_with('.') && part.len() > 1 || part == "__MACOSX" || part == "Thumbs.db" || part == "desktop.ini")
}

/// Whether a file of that name is read at all.
fn is_read(name: &str) -> bool {
    format(name).is_some()
}

/// How a file is packed and what it holds, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    One(InputKind),
    Gzip(InputKind),
    Zip,
    Tar,
    TarGzip,
}

pub(super) fn format(name: &str) -> Option<Format> {
    let lower = name.to_ascii_lowercase();
    let file = lower.rsplit(['/', '\\']).next().unwrap_or("");
    let (stem, last) = file.rsplit_once('.').unwrap_or((file, ""));
    Some(match last {
        "zip" => Format::Zip,
        "tar" => Format::Tar,
        "tgz" => Format::TarGzip,
        "gz" if stem.ends_with(".tar") => Format::TarGzip,
        "gz" => Format::Gzip(single(stem.rsplit_once('.').map_or("", |s| s.1))?),
        other => Format::One(single(other)?),
    })
}

fn single(extension: &str) -> Option<InputKind> {
    Some(match extension {
        "txt" | "text" | "md" | "" => InputKind::Text,
        "jsonl" | "ndjson" => InputKind::Jsonl,
        "csv" => InputKind::Csv,
        "tsv" | "tab" => InputKind::Tsv,
        "parquet" => InputKind::Parquet,
        "xml" => InputKind::Xml,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_name() {
        assert_eq!(format("a/症例.TXT"), Some(Format::One(InputKind::Text)));
        assert_eq!(format("a.b/note"), Some(Format::One(InputKind::Text)));
        assert_eq!(format("2024.tar.gz"), Some(Format::TarGzip));
        assert_eq!(format("notes.jsonl.gz"), Some(Format::Gzip(InputKind::Jsonl)));
        assert_eq!(format("photo.png"), None);
        assert!(hidden("a/.DS_Store") && hidden("__MACOSX/._a.txt") && !hidden("./a.txt"));
    }
}
