//! `karuta export --parquet`: tables of facts in Parquet.

use super::export::name;
use super::input::{InputArgs, Record, records};
use super::output::report;
use super::structure::all;
use crate::Engine;
use crate::export::table::{self, Cell, ParquetWriter, Table};
use crate::export::{ExportError, Settings, Source};
use crate::model::Structured;
use miette::{IntoDiagnostic, Result, WrapErr, miette};
use rayon::prelude::*;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

const BATCH: usize = 512;

/// Returns how many records were set aside.
pub(super) fn run(format: &str, settings: &Settings, input: &InputArgs, engine: impl FnOnce() -> Result<Engine>, out: &Path) -> Result<usize> {
    let table = table::by_name(format, settings).ok_or_else(|| miette!("{format} is no table; expected csv, omop-note or omop-note-nlp"))?;
    let engine = engine()?;
    let file = File::create(out).into_diagnostic().wrap_err_with(|| out.display().to_string())?;
    let mut writer = ParquetWriter::new(table.columns(), BufWriter::new(file)).into_diagnostic()?;
    let (mut failed, mut batch, mut notes) = (0, Vec::new(), 0);
    let mut put = |batch: &mut Vec<Record>| -> Result<usize> {
        let mut failed = 0;
        for rows in rows(&engine, table.as_ref(), batch, &mut notes)? {
            match rows {
                Ok(rows) => writer.write(rows).into_diagnostic()?,
                Err(e) => {
                    failed += 1;
                    eprintln!("{e}");
                }
            }
        }
        Ok(failed)
    };
    records(input, &mut |r| {
        match r {
            Ok(r) => batch.push(r),
            Err(e) => {
                failed += 1;
                report(e);
            }
        }
        if batch.len() >= BATCH {
            failed += put(&mut batch)?;
        }
        Ok(())
    })?;
    failed += put(&mut batch)?;
    writer.close().into_diagnostic()?;
    Ok(failed)
}

/// The rows of each note of a batch, on all cores, in order.
fn rows(engine: &Engine, table: &dyn Table, batch: &mut Vec<Record>, notes: &mut u64) -> Result<Vec<Result<Vec<Vec<Cell>>, ExportError>>> {
    let before = *notes;
    *notes += batch.len() as u64;
    let batch = std::mem::take(batch);
    let found = all(engine, &batch)?;
    let write = |(i, (r, found)): (usize, (Record, Structured))| {
        let id = name(&r.id);
        let note = Source { id: &id, number: before + i as u64 + 1, text: Some(&r.text), date: r.day(), patient: None, found: &found };
        table.rows(&note).map(|r| r.0)
    };
    Ok(batch.into_par_iter().zip(found).enumerate().map(write).collect())
}
