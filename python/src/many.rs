//! Many notes on many threads.

use jiff::civil::Date;
use karuta::Engine;
use karuta::model::Structured;
use karuta::note::OffsetUnit;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// Notes that a thread takes at a time: few, so that none is left alone with the last ones.
const BLOCK: usize = 16;
/// Between two looks at the progress and at Ctrl-C.
const WATCH: Duration = Duration::from_millis(100);

/// What a note says, offsets in code points.
pub fn one(worker: &mut karuta::Worker<'_>, text: &str, date: Option<Date>) -> Arc<Structured> {
    let mut found = worker.structure_at(text, date);
    found.count_in(text, OffsetUnit::CodePoints);
    Arc::new(found)
}

/// What each of the texts says, in their order. `dates` is empty or has one for each; no `threads` is one a core.
///
/// Each thread keeps one worker from the first note to the last, and takes the next notes as soon as it is done with
/// the ones before. `watch` is told now and then how many notes were done since it was told last; its error ends the work.
pub fn structure<E: Send>(engine: &Engine, texts: &[&str], dates: &[Option<Date>], threads: usize, watch: impl Fn(usize) -> Result<(), E>) -> Result<Vec<Arc<Structured>>, E> {
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = if threads == 0 { cores() } else { threads }.min(texts.len().div_ceil(BLOCK));
    let next = AtomicUsize::new(0);
    let (give, blocks) = channel();
    let mut found: Vec<Option<Vec<Arc<Structured>>>> = vec![None; texts.len().div_ceil(BLOCK)];
    std::thread::scope(|s| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                let give = give.clone();
                s.spawn(|| work(engine, texts, dates, &next, give))
            })
            .collect();
        drop(give);
        let mut done = 0;
        let mut watched = Instant::now();
        loop {
            match blocks.recv_timeout(WATCH) {
                Ok((number, block)) => {
                    done += Vec::len(&block);
                    if let Some(place) = found.get_mut(number) {
                        *place = Some(block);
                    }
                }
                Err(RecvTimeoutError::Timeout) => (),
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if watched.elapsed() >= WATCH {
                // the other threads stop at their next block
                watch(std::mem::take(&mut done)).inspect_err(|_| next.store(usize::MAX / 2, Ordering::Relaxed))?;
                watched = Instant::now();
            }
        }
        // a fault goes on in the caller's thread, where Python makes an exception of it
        workers.into_iter().for_each(|w| w.join().unwrap_or_else(|fault| resume_unwind(fault)));
        watch(done)
    })?;
    Ok(found.into_iter().flatten().flatten().collect())
}

type Block = (usize, Vec<Arc<Structured>>);

fn work(engine: &Engine, texts: &[&str], dates: &[Option<Date>], next: &AtomicUsize, give: Sender<Block>) {
    let mut worker = engine.worker();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let Some(block) = texts.chunks(BLOCK).nth(number) else { return };
        let of_block = dates.iter().skip(number * BLOCK).copied().chain(std::iter::repeat(None));
        let found = block.iter().zip(of_block).map(|(text, date)| one(&mut worker, text, date)).collect();
        if give.send((number, found)).is_err() {
            return;
        }
    }
}
