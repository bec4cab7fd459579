//! A chunk read ahead: its notes by the rules, then all of them by the tagger at once, which is what it wants.

use super::Batch;
use super::record::{Bad, Raw, Record};
use crate::model::Structured;
use crate::{Engine, Worker};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A note with its facts, or why it is set aside.
type Ahead<'r> = Result<(Record<'r>, Structured), Bad>;

/// Reads the notes of a chunk, whose first record has the number `first`. Facts count bytes.
///
/// A note that the model can't be run on is set aside: the facts of the rules alone would not be those of the run.
pub(super) fn read<'e, 'r>(batch: &Batch, engine: &'e Engine, worker: &mut Worker<'e>, (first, raws): (u64, &'r [Raw])) -> Vec<Ahead<'r>> {
    let mut out: Vec<Ahead<'r>> = (first..)
        .zip(raws)
        .map(|(number, raw)| {
            let one = |worker: &mut Worker<'e>| -> Ahead<'r> {
                let record = raw.read(number, &batch.fields, batch.encoding.as_deref())?;
                let found = worker.rules_at(&record.text, record.date);
                Ok((record, found))
            };
            catch_unwind(AssertUnwindSafe(|| one(worker))).unwrap_or_else(|_| {
                *worker = engine.worker();
                Err(Bad::fault(&raw.place))
            })
        })
        .collect();
    let ruled: Vec<Option<Structured>> = out.iter().map(|a| a.as_ref().ok().map(|a| a.1.clone())).collect();
    if join(engine, &mut out.iter_mut().collect::<Vec<_>>()).is_ok() {
        return out;
    }
    // one of them is to blame: each alone
    for ((a, raw), ruled) in out.iter_mut().zip(raws).zip(ruled) {
        if let (Ok(a), Some(ruled)) = (a.as_mut(), ruled) {
            a.1 = ruled;
        }
        if let Err(why) = join(engine, &mut [&mut *a]) {
            *a = Err(why.map_or_else(|| Bad::fault(&raw.place), |why| Bad::new(&raw.place, "model", why, "a note that the model can be run on")));
        }
    }
    out
}

/// Joins what the tagger says. Fails with what the engine said, or with nothing where it broke down.
fn join(engine: &Engine, notes: &mut [&mut Ahead<'_>]) -> Result<(), Option<String>> {
    let mut given: Vec<(&str, &mut Structured)> = notes.iter_mut().filter_map(|a| a.as_mut().ok()).map(|(r, found)| (&*r.text, found)).collect();
    match catch_unwind(AssertUnwindSafe(|| engine.join(&mut given))) {
        Ok(done) => done.map_err(|e| Some(e.to_string())),
        Err(_) => Err(None),
    }
}
