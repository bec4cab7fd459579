//! `karuta code`

use super::EngineArgs;
use super::input::{InputArgs, InputFormat, records};
use super::model::AskedModel;
use super::output::{Written, json_line, report};
use crate::Engine;
use crate::coding::Coded;
use clap::{Args, ValueEnum};
#[cfg(feature = "neural")]
use miette::IntoDiagnostic;
use miette::Result;
use rayon::prelude::*;
use std::io::{self, BufWriter, Write};

/// Code phrases that stand alone. A model, if one is asked for, re-orders the candidates that the string does not decide between.
#[derive(Debug, Args)]
pub(super) struct Code {
    /// A phrase to code (repeat for more), instead of an input
    #[arg(long = "phrase", short = 'p', value_name = "PHRASE")]
    phrases: Vec<String>,
    #[command(flatten)]
    input: InputArgs,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    model: AskedModel,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// One line a phrase: name, codes, score
    #[default]
    Table,
    /// One JSON object a line: {"text", "codings", "candidates"}
    Jsonl,
}

impl Code {
    pub fn run(&self) -> Result<usize> {
        let engine = self.model.rank(self.engine.engine()?)?;
        let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
        let mut failed = 0;
        if !self.phrases.is_empty() {
            self.print(&mut out, &engine, &self.phrases)?;
        } else {
            let mut batch: Vec<String> = Vec::new();
            let lined = self.input.input_format != InputFormat::Jsonl;
            records(&self.input, &mut |r| {
                match r {
                    // in a text every line is a phrase
                    Ok(r) if lined => batch.extend(r.text.lines().filter(|l| !l.trim().is_empty()).map(str::to_owned)),
                    Ok(r) => batch.push(r.text),
                    Err(e) => {
                        failed += 1;
                        report(e);
                    }
                }
                if batch.len() >= 4096 {
                    self.print(&mut out, &engine, &batch)?;
                    batch.clear();
                }
                Ok(())
            })?;
            self.print(&mut out, &engine, &batch)?;
        }
        out.flush().written()?;
        Ok(failed)
    }

    fn print(&self, out: &mut dyn Write, engine: &Engine, phrases: &[String]) -> Result<()> {
        #[allow(unused_mut, reason = "a build with models re-orders them")]
        let mut coded: Vec<Coded> = phrases.par_iter().map(|p| engine.code_by_string(p)).collect();
        #[cfg(feature = "neural")]
        if let Some(ranker) = engine.ranker() {
            ranker.rank(&mut coded).into_diagnostic()?;
        }
        for c in &coded {
            match self.format {
                Format::Jsonl => json_line(out, c)?,
                Format::Table => table(out, c)?,
            }
        }
        Ok(())
    }
}

fn table(out: &mut dyn Write, c: &Coded) -> Result<()> {
    if let Some(why) = &c.refused {
        writeln!(out, "{}\t(refused: {why})", c.text).written()?;
        for k in c.candidates.iter().take(3) {
            writeln!(out, "\t? {}\t{}\t{:.2} {}", k.name, codes(&k.codings), k.score, k.rule).written()?;
        }
        return Ok(());
    }
    let best = c.candidates.first();
    let ranked = best.and_then(|b| b.ranked.as_ref()).map_or_else(String::new, |r| format!(" {} {:.2}, was {}", r.rule, r.likeness, r.place));
    writeln!(out, "{}\t{}\t{}\t{:.2} {}{ranked}", c.text, c.name, codes(&c.codings), best.map_or(0.0, |b| b.score), best.map_or("", |b| &b.rule)).written()
}

/// ICD-10, then 交換用コード of the base and its 修飾語.
fn codes(codings: &[crate::model::Coding]) -> String {
    let of = |needle: &str| codings.iter().filter(|c| c.system.contains(needle)).map(|c| c.code.as_str()).collect::<Vec<_>>().join("+");
    let parts = [of("ICD10"), of("master-disease-exCode"), of("master-disease-modExCode")];
    parts.iter().filter(|p| !p.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" / ")
}
