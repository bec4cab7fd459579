//! A page of the note for reading: facts marked, with their codes and reasons; a timeline; a drawn graph.
//!
//! The page is one file: no script, nothing fetched, everything escaped; it prints.

mod drawn;
mod marked;
mod timeline;

use super::xml::escape;
use super::{ExportError, Exporter, Format, Left, Settings, Source, said};
use crate::model::{Applicability, Assertion, Fact, FactKind, Subject, Temporality};
use std::io::{self, Write};

pub(super) const HTML: Format =
    Format { needs_text: true, ..Format::document("html", "html", "a page of the note: facts marked with codes and reasons, timeline, graph; one file, works offline") };

const STYLE: &str = include_str!("style.css");

#[derive(Debug)]
struct Html;

pub(super) fn make(_: &Settings) -> Result<Box<dyn Exporter>, ExportError> {
    Ok(Box::new(Html))
}

impl Exporter for Html {
    fn format(&self) -> &'static Format {
        &HTML
    }

    fn note(&self, note: &Source<'_>, out: &mut dyn Write) -> Result<Vec<Left>, ExportError> {
        let title = escape(note.id);
        writeln!(
            out,
            "<!DOCTYPE html>\n<html lang=\"ja\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <meta name=\"generator\" content=\"Karuta {}\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>",
            env!("CARGO_PKG_VERSION")
        )?;
        write!(out, "<a class=\"skip\" href=\"#note\">本文へ</a>\n<header><h1>{title}</h1>")?;
        if let Some(day) = note.day() {
            write!(out, "<p>記載日 <time>{day}</time></p>")?;
        }
        writeln!(
            out,
            "<p class=\"notice\" role=\"note\">Karuta は人が読むことを助けるもので、診断をするものではありません。結果には誤りや漏れがありえます。診療に用いる前に、必ず有資格者が確認してください。</p></header>\n<main>"
        )?;
        legend(note, out)?;
        marked::write(note, out)?;
        timeline::write(note, out)?;
        drawn::write(note, out)?;
        table(note, out)?;
        writeln!(out, "</main>\n<footer><p>Karuta {} が作成しました。このページは外部と通信しません。</p></footer>\n</body>\n</html>", env!("CARGO_PKG_VERSION"))?;
        Ok(Vec::new())
    }
}

/// What the marks mean, for the kinds that occur.
fn legend(note: &Source<'_>, out: &mut dyn Write) -> io::Result<()> {
    out.write_all("<section aria-labelledby=\"h-legend\"><h2 id=\"h-legend\">凡例</h2><ul class=\"legend\">".as_bytes())?;
    for kind in KINDS {
        let n = note.found.facts.iter().filter(|f| f.kind == kind).count();
        if n > 0 {
            write!(out, "<li><span class=\"k {0}\">{1}</span> {n}</li>", kind.name(), kind_label(kind))?;
        }
    }
    out.write_all("<li><span class=\"k absent\">否定</span></li><li><span class=\"k possible\">疑い・条件・予定</span></li><li><span class=\"k family\">本人以外</span></li></ul><p class=\"hint\">語に触れるか Tab キーで移ると、コードと根拠が出ます。一覧は下の表にもあります。</p></section>\n".as_bytes())
}

const KINDS: [FactKind; 11] = [
    FactKind::Disorder,
    FactKind::Finding,
    FactKind::Vital,
    FactKind::Lab,
    FactKind::Medication,
    FactKind::Procedure,
    FactKind::Allergy,
    FactKind::Lifestyle,
    FactKind::Preference,
    FactKind::Score,
    FactKind::Time,
];

const fn kind_label(kind: FactKind) -> &'static str {
    match kind {
        FactKind::Vital => "バイタル",
        FactKind::Lab => "検査",
        FactKind::Disorder => "病名",
        FactKind::Finding => "症状・所見",
        FactKind::Medication => "薬剤",
        FactKind::Procedure => "処置・検査・手術",
        FactKind::Allergy => "アレルギー",
        FactKind::Lifestyle => "生活習慣",
        FactKind::Preference => "意向",
        FactKind::Score => "スコア",
        FactKind::Time => "時間",
    }
}

/// 否定, 疑い, 家族, 既往 … as far as they differ from what is there now and the patient's.
fn state(f: &Fact) -> String {
    let mut out = Vec::new();
    out.extend(match f.assertion {
        Assertion::Present => None,
        Assertion::Absent => Some("否定"),
        Assertion::Possible => Some("疑い"),
        Assertion::Conditional => Some("条件・リスク"),
        Assertion::Planned => Some("予定"),
    });
    out.extend(match f.subject {
        Subject::Patient => None,
        Subject::Family => Some("家族"),
        Subject::Other => Some("本人以外"),
    });
    out.extend(match f.temporality {
        Temporality::Current => None,
        Temporality::Past => Some("過去"),
        Temporality::Future => Some("今後"),
    });
    out.extend(f.medication.as_deref().and_then(|m| m.status.as_deref()).and_then(|s| match s {
        "active" => Some("使用中"),
        "started" => Some("開始"),
        "stopped" => Some("中止"),
        "held" => Some("休薬"),
        "past" => Some("以前使用"),
        "allergy" => Some("アレルギー"),
        _ => None,
    }));
    if !f.from.is_empty() {
        out.push("測定値から");
    }
    if f.applicability != Applicability::Auto {
        out.push("要確認");
    }
    out.join("・")
}

/// Classes of a mark: its kind, and how it differs from what is there now.
fn classes(f: &Fact) -> String {
    let mut out = f.kind.name().to_owned();
    match f.assertion {
        Assertion::Present => {}
        Assertion::Absent => out.push_str(" absent"),
        _ => out.push_str(" possible"),
    }
    if f.subject != Subject::Patient {
        out.push_str(" family");
    }
    out
}

/// A value or dose in a few words.
fn value(f: &Fact) -> String {
    let dose = said::dose(f);
    if dose.is_empty() { f.value.as_ref().map(said::value).unwrap_or_default() } else { dose }
}

/// All facts with their codes and reasons, in the order of the text.
fn table(note: &Source<'_>, out: &mut dyn Write) -> io::Result<()> {
    out.write_all("<section aria-labelledby=\"h-table\"><h2 id=\"h-table\">ファクト一覧</h2><table><thead><tr><th scope=\"col\">種別</th><th scope=\"col\">名称</th><th scope=\"col\">値・用量</th><th scope=\"col\">状態</th><th scope=\"col\">時期</th><th scope=\"col\">コード</th><th scope=\"col\">根拠</th></tr></thead><tbody>\n".as_bytes())?;
    for f in &note.found.facts {
        let codes: Vec<String> = f.codings.iter().map(|c| format!("<abbr title=\"{}\">{}</abbr>", escape(&c.system), escape(&c.code))).collect();
        let rules: Vec<String> = f.because.iter().map(|r| escape(&r.rule)).collect();
        writeln!(
            out,
            "<tr id=\"t-{}\"><td><span class=\"k {}\">{}</span></td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"codes\">{}</td><td class=\"rules\">{}</td></tr>",
            escape(&f.id),
            classes(f),
            kind_label(f.kind),
            escape(&f.name),
            escape(&value(f)),
            state(f),
            f.time.as_ref().map(|t| escape(&said::time(t))).unwrap_or_default(),
            codes.join(" "),
            rules.join(" ← ")
        )?;
    }
    out.write_all(b"</tbody></table></section>\n")
}
