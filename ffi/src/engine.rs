//! The engine: built once, shared between threads.

use crate::boundary::{Failure, guard, run};
use crate::memory::{Versioned, first, free, hand_over, optional_str, put, read};
use crate::result::{karuta_result, karuta_result as R};
use karuta::lexicon::{Lexicon, Pack};
use std::ffi::{CString, c_char, c_void};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// How much a log line matters.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum karuta_log_level {
    /// Nothing is logged.
    KARUTA_LOG_OFF = 0,
    /// What failed.
    KARUTA_LOG_ERROR = 1,
    /// What was read otherwise than it was written.
    KARUTA_LOG_WARN = 2,
    /// Packs and engines opened, with their versions.
    KARUTA_LOG_INFO = 3,
}

/// Takes a log line: a `karuta_log_level`, NUL-terminated UTF-8 that holds until the function returns, and the
/// caller's own pointer. It is called from whatever thread is at work, and must not unwind. No line quotes a note.
pub type karuta_log_fn = Option<unsafe extern "C" fn(level: u32, message: *const c_char, user: *mut c_void)>;

/// How to build an engine. Zeros are the built-in dictionaries and no log.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct karuta_engine_options {
    /// sizeof(karuta_engine_options), set by the caller.
    pub size: usize,
    /// Paths of packs to lay over the built-in one, the later ones preferred: NUL-terminated UTF-8.
    pub packs: *const *const c_char,
    /// How many packs.
    pub pack_count: usize,
    /// Takes log lines; may be null.
    pub log: karuta_log_fn,
    /// Handed to `log`; it must be fit to be used from any thread.
    pub log_user: *mut c_void,
    /// A `karuta_log_level`: what is above it is not logged.
    pub log_level: u32,
}

// SAFETY: repr(C), size first, then integers, raw pointers and an optional function pointer
unsafe impl Versioned for karuta_engine_options {
    const FIRST: usize = first!(log_level: u32);
}

/// An engine: immutable, built once, used by any number of workers and threads.
pub struct karuta_engine {
    pub(crate) shared: Arc<Shared>,
}

/// What an engine and its workers hold together.
pub(crate) struct Shared {
    pub engine: Arc<karuta::Engine>,
    pub log: Log,
}

/// Where log lines go.
pub(crate) struct Log {
    to: karuta_log_fn,
    user: *mut c_void,
    level: u32,
}

// SAFETY: the pointer is only handed back to the caller's function, which by contract may be called from any thread
unsafe impl Send for Log {}
// SAFETY: as above
unsafe impl Sync for Log {}

impl Log {
    pub fn line(&self, level: karuta_log_level, message: &str) {
        let Some(to) = self.to.filter(|_| level as u32 <= self.level) else { return };
        let message = CString::new(message.replace('\0', "\u{FFFD}")).unwrap_or_default();
        // SAFETY: by contract the function takes a level, a string that holds during the call, and its own pointer
        unsafe { to(level as u32, message.as_ptr(), self.user) };
    }
}

/// Builds an engine. `options` may be null. Free it with `karuta_engine_free`.
///
/// # Safety
/// `options` is null or points to a `karuta_engine_options` whose pointers are good; `engine` points to a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karuta_engine_new(options: *const karuta_engine_options, engine: *mut *mut karuta_engine) -> karuta_result {
    run(|| {
        // SAFETY: the caller's promise
        unsafe { put(engine, std::ptr::null_mut(), "engine") }?;
        // SAFETY: the caller's promise
        let (packs, log) = unsafe { settings(options) }?;
        let started = Instant::now();
        let built = build(packs, &log).inspect_err(|e| log.line(karuta_log_level::KARUTA_LOG_ERROR, &e.text))?;
        log.line(karuta_log_level::KARUTA_LOG_INFO, &format!("engine built in {:.1} ms", started.elapsed().as_secs_f64() * 1e3));
        let shared = Arc::new(Shared { engine: Arc::new(built), log });
        // SAFETY: the caller's promise
        unsafe { hand_over(engine, karuta_engine { shared }, "engine") }
    })
}

fn build(packs: Vec<&str>, log: &Log) -> Result<karuta::Engine, Failure> {
    let refused = |e: karuta::lexicon::PackError| Failure::new(R::KARUTA_PACK, e.to_string());
    let mut open = Vec::new();
    for path in packs {
        open.push(Pack::open(Path::new(path)).map_err(refused)?);
    }
    let lexicon = Lexicon::layered(open).map_err(refused)?;
    for p in lexicon.packs() {
        log.line(karuta_log_level::KARUTA_LOG_INFO, &format!("pack {}: {} concepts, {} written forms", p.version_label(), p.len(), p.surfaces()));
    }
    karuta::Engine::with_lexicon(lexicon).map_err(|e| Failure::new(R::KARUTA_ENGINE, e.to_string()))
}

/// # Safety
/// `options` is null or points to a `karuta_engine_options` whose pointers are good.
unsafe fn settings<'a>(options: *const karuta_engine_options) -> Result<(Vec<&'a str>, Log), Failure> {
    let mut log = Log { to: None, user: std::ptr::null_mut(), level: 0 };
    let mut packs = Vec::new();
    if options.is_null() {
        return Ok((packs, log));
    }
    // SAFETY: not null, and the caller's promise
    let o = unsafe { read(options, "options") }?;
    log = Log { to: o.log, user: o.log_user, level: o.log_level };
    if o.pack_count > 64 {
        return Err(Failure::new(R::KARUTA_INVALID_ARGUMENT, format!("options.pack_count: {}, expected at most 64", o.pack_count)));
    }
    if o.packs.is_null() && o.pack_count > 0 {
        return Err(Failure::new(R::KARUTA_NULL_POINTER, "options.packs: a null pointer, expected an array of paths"));
    }
    for i in 0..o.pack_count {
        // SAFETY: by the caller's promise the array has `pack_count` pointers
        let p = unsafe { o.packs.wrapping_add(i).read_unaligned() };
        // SAFETY: the caller's promise
        let path = unsafe { optional_str(p, "options.packs") }?;
        packs.push(path.ok_or_else(|| Failure::new(R::KARUTA_NULL_POINTER, format!("options.packs[{i}]: a null pointer, expected a path")))?);
    }
    Ok((packs, log))
}

/// Frees an engine. Workers and results that came from it stay good. Null is let pass.
///
/// # Safety
/// `engine` is null or came from `karuta_engine_new` and was not freed; no other call is using it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karuta_engine_free(engine: *mut karuta_engine) {
    guard((), || {
        // SAFETY: the caller's promise
        unsafe { free(engine) };
    });
}
