//! A worker: one thread's part of an engine, with buffers that it keeps from note to note.

use crate::boundary::{Failure, guard, run};
use crate::engine::{Shared, karuta_engine, karuta_log_level};
use crate::memory::{free, hand_over, hand_over_string, put, reference};
use crate::note::{given, karuta_note};
use crate::result::{karuta_result, karuta_result as R};
use crate::structured::{json, karuta_structured};
use karuta::model::Structured;
use std::ffi::c_char;
use std::ptr::null_mut;
use std::sync::{Arc, Mutex, TryLockError};

/// A worker. It serves one thread at a time; a second one is told `KARUTA_BUSY`.
pub struct karuta_worker {
    shared: Arc<Shared>,
    worker: Mutex<karuta::Worker<'static>>,
}

/// Makes a worker of an engine. Free it with `karuta_worker_free`.
///
/// # Safety
/// `engine` is null or a live engine; `worker` is null or points to a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karuta_worker_new(engine: *const karuta_engine, worker: *mut *mut karuta_worker) -> karuta_result {
    run(|| {
        // SAFETY: the caller's promise
        unsafe { put(worker, null_mut(), "worker") }?;
        // SAFETY: the caller's promise
        let engine = unsafe { reference(engine, "engine") }?;
        let made = karuta_worker { shared: Arc::clone(&engine.shared), worker: Mutex::new(engine.shared.engine.shared_worker()) };
        // SAFETY: the caller's promise
        unsafe { hand_over(worker, made, "worker") }
    })
}

/// Frees a worker. Results that came from it stay good. Null is let pass.
///
/// # Safety
/// `worker` is null or came from `karuta_worker_new` and was not freed; no other call is using it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karuta_worker_free(worker: *mut karuta_worker) {
    guard((), || {
        // SAFETY: the caller's promise
        unsafe { free(worker) };
    });
}

/// Reads a note. Walk the result with `karuta_structured_fact` and its like; free it with `karuta_structured_free`.
///
/// # Safety
/// `worker` is null or a live worker, `note` null or good, `structured` null or points to a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karuta_worker_structure(worker: *const karuta_worker, note: *const karuta_note, structured: *mut *mut karuta_structured) -> karuta_result {
    run(|| {
        // SAFETY: the caller's promise
        unsafe { put(structured, null_mut(), "structured") }?;
        // SAFETY: the caller's promise
        let worker = unsafe { reference(worker, "worker") }?;
        // SAFETY: the caller's promise
        let found = unsafe { worker.read(note) }?;
        // SAFETY: the caller's promise
        unsafe { hand_over(structured, karuta_structured::new(found), "structured") }
    })
}

/// Reads a note and writes its sections, facts and relations as one JSON object (see `karuta schema`).
///
/// `json` becomes NUL-terminated UTF-8, freed with `karuta_string_free`; `length` (may be null) its bytes without the NUL.
///
/// # Safety
/// `worker` is null or a live worker, `note` null or good, `json` null or points to a pointer, `length` null or to a size_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karuta_worker_structure_json(worker: *const karuta_worker, note: *const karuta_note, json: *mut *mut c_char, length: *mut usize) -> karuta_result {
    run(|| {
        // SAFETY: the caller's promise
        unsafe { put(json, null_mut(), "json") }?;
        // SAFETY: the caller's promise
        let worker = unsafe { reference(worker, "worker") }?;
        // SAFETY: the caller's promise
        let found = unsafe { worker.read(note) }?;
        // SAFETY: the caller's promise
        unsafe { hand_over_string(json, length, self::json(&found)?, "json") }
    })
}

impl karuta_worker {
    /// # Safety
    /// `note` is null or a good `karuta_note`.
    unsafe fn read(&self, note: *const karuta_note) -> Result<Structured, Failure> {
        let mut worker = match self.worker.try_lock() {
            Ok(w) => w,
            Err(TryLockError::WouldBlock) => return Err(Failure::new(R::KARUTA_BUSY, "worker: in use by another thread, expected one worker for each thread")),
            Err(TryLockError::Poisoned(p)) => {
                // an earlier call ended in a panic: its buffers may be half written
                let mut w = p.into_inner();
                *w = self.shared.engine.shared_worker();
                self.worker.clear_poison();
                w
            }
        };
        // SAFETY: the caller's promise
        let given = unsafe { given(note) }?;
        if given.mended > 0 {
            self.shared.log.line(karuta_log_level::KARUTA_LOG_WARN, &format!("{} surrogates without their pair were read as U+FFFD", given.mended));
        }
        let mut found = worker.structure_at(&given.text, given.date);
        found.count_in(&given.text, given.unit);
        Ok(found)
    }
}
