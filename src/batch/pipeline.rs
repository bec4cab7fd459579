//! One reader, many workers, one writer: in order and in bounded memory.

use super::checkpoint::Checkpoint;
#[cfg(feature = "parquet")]
use super::facts_table::FactsTable;
use super::input::Input;
use super::keeper::Keeper;
use super::output::{Files, SUMMARY, replace};
use super::read::{self, How};
use super::record::{Bad, Raw, Record};
#[cfg(feature = "parquet")]
use super::rows::FactRows;
use super::{Batch, BatchError, Item, Progress, Summary};
use crate::model::Structured;
use crate::{Engine, Worker};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::time::Instant;

/// A chunk is closed when its texts reach this size …
const CHUNK_BYTES: usize = 128 << 10;
/// … or so many records.
const CHUNK_RECORDS: usize = 256;
/// Memory that a buffer keeps from chunk to chunk.
const LARGEST_BUFFER: usize = 8 << 20;
/// Records of a part of the facts table, and of a checkpoint where there is one.
pub(super) const PART: u64 = 10_000;

/// Records on their way to a worker.
struct Chunk {
    /// Its number, from 0.
    number: u64,
    /// The number of its first record.
    first: u64,
    raws: Vec<Raw>,
    /// Memory to write into, from a chunk that is on the disk.
    buffers: Buffers,
}

/// One buffer for each file; the last is for what is set aside.
type Buffers = Vec<Vec<u8>>;

/// What a worker made of a chunk.
#[derive(Default)]
struct Done {
    number: u64,
    records: u64,
    pieces: Buffers,
    #[cfg(feature = "parquet")]
    rows: Option<FactRows>,
    summary: Summary,
}

pub(super) fn run(batch: &Batch, engine: &Engine, input: &Input, checkpoint: Checkpoint, watch: &(dyn Fn(Progress) + Sync)) -> Result<Summary, BatchError> {
    let threads = batch.threads();
    let read = AtomicU64::new(0);
    // each chunk takes its buffers from where it is read to where it is written: that bounds what is held
    let files = batch.file_names().len();
    let (give, free) = sync_channel::<Buffers>(threads * 2 + 2);
    for _ in 0..threads * 2 + 2 {
        let _ = give.send(vec![Vec::new(); files]);
    }
    let (to_workers, chunks) = sync_channel::<Chunk>(threads + 1);
    let chunks = Mutex::new(chunks);
    let (to_writer, done) = channel::<Done>();
    let resumed = checkpoint.records;
    std::thread::scope(|s| {
        s.spawn(|| reader(batch, input, resumed, &read, (free, to_workers)));
        for _ in 0..threads {
            let to_writer = to_writer.clone();
            s.spawn(|| worker(batch, engine, &chunks, to_writer));
        }
        drop(to_writer);
        let mut writer = Writer::new(batch, checkpoint)?;
        let mut waiting = BTreeMap::new();
        let mut next = 0;
        for d in done {
            waiting.insert(d.number, d);
            while let Some(d) = waiting.remove(&next) {
                next += 1;
                let _ = give.send(emptied(writer.write(d)?));
                let s = &writer.checkpoint.summary;
                watch(Progress { bytes: read.load(Ordering::Relaxed), of_bytes: input.bytes, notes: s.notes, facts: s.facts, rejected: s.rejected, resumed });
            }
        }
        writer.finish()
    })
}

/// Buffers to write into again. One that a chunk of long notes has blown up is given back to the system.
fn emptied(mut buffers: Buffers) -> Buffers {
    for b in &mut buffers {
        b.clear();
        b.shrink_to(LARGEST_BUFFER);
    }
    buffers
}

fn reader(batch: &Batch, input: &Input, skip: u64, read: &AtomicU64, (free, chunks): (Receiver<Buffers>, SyncSender<Chunk>)) {
    let how = How { kind: batch.kind, fields: &batch.fields, encoding: batch.encoding.as_deref() };
    let (mut n, mut number, mut size) = (0, 0, 0);
    let mut raws = Vec::new();
    let mut send = |raws: Vec<Raw>, first: u64| {
        let Ok(buffers) = free.recv() else { return false };
        let chunk = Chunk { number, first, raws, buffers };
        number += 1;
        chunks.send(chunk).is_ok()
    };
    read::all(input, how, read, &mut |raw| {
        n += 1;
        if n <= skip {
            return true;
        }
        size += raw.size();
        raws.push(raw);
        if size < CHUNK_BYTES && raws.len() < CHUNK_RECORDS && n % PART != 0 {
            return true;
        }
        size = 0;
        let first = n - raws.len() as u64;
        send(std::mem::take(&mut raws), first)
    });
    if !raws.is_empty() {
        let first = n - raws.len() as u64;
        send(raws, first);
    }
}

fn worker(batch: &Batch, engine: &Engine, chunks: &Mutex<Receiver<Chunk>>, done: Sender<Done>) {
    let mut worker = engine.worker();
    loop {
        let chunk = match chunks.lock() {
            Ok(c) => c.recv(),
            Err(_) => return,
        };
        let Ok(chunk) = chunk else { return };
        if done.send(work(batch, engine, &mut worker, chunk)).is_err() {
            return;
        }
    }
}

fn work<'e>(batch: &Batch, engine: &'e Engine, worker: &mut Worker<'e>, chunk: Chunk) -> Done {
    let mut out = Done { number: chunk.number, records: chunk.raws.len() as u64, pieces: chunk.buffers, ..Done::default() };
    #[cfg(feature = "parquet")]
    let mut rows = batch.parquet.then(FactRows::default);
    let mut before = Vec::new();
    #[cfg(feature = "neural")]
    let mut ahead = engine.tagger().map(|_| super::ahead::read(batch, engine, worker, (chunk.first, &chunk.raws)).into_iter());
    for (number, raw) in (chunk.first..).zip(&chunk.raws) {
        before.clear();
        before.extend(out.pieces.iter().map(Vec::len));
        let mut one = |worker: &mut Worker<'e>, out: &mut Done| -> Result<(), Bad> {
            #[cfg(feature = "neural")]
            let joined = ahead.as_mut().and_then(Iterator::next).transpose()?;
            #[cfg(not(feature = "neural"))]
            let joined = None;
            let (record, mut found) = match joined {
                Some(j) => j,
                None => {
                    let record = raw.read(number, &batch.fields, batch.encoding.as_deref())?;
                    let found = worker.structure_at(&record.text, record.date);
                    (record, found)
                }
            };
            encode(batch, number, &record, (&mut found, &mut out.pieces)).map_err(|e| Bad::new(&raw.place, "export", e, "facts that every output can hold"))?;
            #[cfg(feature = "parquet")]
            if let Some(rows) = &mut rows {
                let id = record.id.as_str().map_or_else(|| record.id.to_string(), str::to_owned);
                rows.push(&id, number, &found);
            }
            out.summary.note(&record.text, &found);
            Ok(())
        };
        let result = catch_unwind(AssertUnwindSafe(|| one(worker, &mut out))).unwrap_or_else(|_| {
            *worker = engine.worker();
            Err(Bad::fault(&raw.place))
        });
        if let Err(bad) = result {
            // a note is in every file or in none
            out.pieces.iter_mut().zip(&before).for_each(|(p, n)| p.truncate(*n));
            out.summary.reject(bad.reason);
            if let Some(piece) = out.pieces.last_mut() {
                let _ = serde_json::to_writer(&mut *piece, &bad);
                piece.push(b'\n');
            }
        }
    }
    #[cfg(feature = "parquet")]
    {
        out.rows = rows;
    }
    out
}

/// Lets every exporter write the note. Afterwards offsets count in the unit of the run.
fn encode(batch: &Batch, number: u64, record: &Record<'_>, (found, pieces): (&mut Structured, &mut [Vec<u8>])) -> Result<(), String> {
    let mut pass = |found: &Structured, bytes: bool| -> Result<(), String> {
        let item = Item { number, id: &record.id, text: &record.text, date: record.date, found };
        let mut rest = &mut *pieces;
        for e in &batch.exporters {
            let (own, others) = rest.split_at_mut_checked(e.files().len()).ok_or("an exporter without a file")?;
            if e.bytes() == bytes {
                e.encode(&item, own)?;
            }
            rest = others;
        }
        Ok(())
    };
    pass(found, true)?;
    found.count_in(&record.text, batch.offsets);
    pass(found, false)
}

struct Writer<'b> {
    batch: &'b Batch,
    files: Files,
    #[cfg(feature = "parquet")]
    table: Option<FactsTable>,
    checkpoint: Checkpoint,
    keeper: Keeper,
    kept: Instant,
}

impl<'b> Writer<'b> {
    fn new(batch: &'b Batch, checkpoint: Checkpoint) -> Result<Self, BatchError> {
        let files = Files::open(batch, &checkpoint.files)?;
        #[cfg(feature = "parquet")]
        let table = batch.parquet.then(|| FactsTable::new(batch.out.clone(), checkpoint.parts));
        Ok(Self {
            batch,
            keeper: Keeper::new(batch.out.clone(), files.handles()?),
            files,
            #[cfg(feature = "parquet")]
            table,
            checkpoint,
            kept: Instant::now(),
        })
    }

    /// Writes a chunk and gives its buffers back.
    fn write(&mut self, done: Done) -> Result<Buffers, BatchError> {
        self.files.append(&done.pieces)?;
        self.checkpoint.records += done.records;
        self.checkpoint.summary.add(&done.summary);
        let whole_part = self.checkpoint.records.is_multiple_of(PART);
        #[cfg(feature = "parquet")]
        if let (Some(table), Some(rows)) = (&mut self.table, done.rows) {
            table.write(rows)?;
            if whole_part {
                self.checkpoint.parts = table.close()?;
            }
        }
        if whole_part || !self.batch.parquet() && self.kept.elapsed() > self.batch.between {
            self.checkpoint.files = self.files.lengths();
            self.keeper.offer(&self.checkpoint)?;
            self.kept = Instant::now();
        }
        Ok(done.pieces)
    }

    fn finish(mut self) -> Result<Summary, BatchError> {
        #[cfg(feature = "parquet")]
        if let Some(table) = &mut self.table {
            self.checkpoint.parts = table.finish()?;
        }
        let mut json = serde_json::to_vec_pretty(&self.checkpoint.summary).unwrap_or_default();
        json.push(b'\n');
        replace(&self.batch.out.join(SUMMARY), &json)?;
        self.checkpoint.done = true;
        self.checkpoint.files = self.files.lengths();
        self.keeper.last(self.checkpoint.clone())?;
        Ok(self.checkpoint.summary)
    }
}
