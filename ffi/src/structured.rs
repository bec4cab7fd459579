//! What a note says, walked without allocation.

use crate::boundary::{Failure, guard, run};
use crate::memory::{Versioned, fill, first, free, hand_over_string, put, reference};
use crate::record::{coding_of, fact_of, karuta_coding, karuta_fact, karuta_reason, karuta_relation, karuta_section};
use crate::result::{karuta_result, karuta_result as R};
use karuta::model::{Fact, Structured};
use serde::Serialize;
use std::ffi::{c_char, c_void};
use std::io::{self, BufWriter, Write};

/// What a note says: sections, facts and relations. Immutable; every `karuta_str` in it holds until it is freed.
pub struct karuta_structured {
    pub(crate) found: Structured,
}

impl karuta_structured {
    pub(crate) fn new(found: Structured) -> Self {
        Self { found }
    }

    pub(crate) fn fact(&self, index: usize) -> Result<&Fact, Failure> {
        at(&self.found.facts, index, "facts")
    }
}

/// How much a note says.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct karuta_counts {
    /// sizeof(karuta_counts), set by the caller.
    pub size: usize,
    /// Sections.
    pub sections: usize,
    /// Facts.
    pub facts: usize,
    /// Relations between facts.
    pub relations: usize,
}

// SAFETY: repr(C), size first, then integers
unsafe impl Versioned for karuta_counts {
    const FIRST: usize = first!(relations: usize);
}

/// Takes a piece of JSON (not NUL-terminated) and the caller's own pointer. Returns 0 to go on, anything else to stop. It must not unwind.
pub type karuta_write_fn = Option<unsafe extern "C" fn(data: *const c_char, length: usize, user: *mut c_void) -> i32>;

/// Frees a result. Null is let pass.
///
/// # Safety
/// `structured` is null or came from this library and was not freed; no other call is using it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karuta_structured_free(structured: *mut karuta_structured) {
    guard((), || {
        // SAFETY: the caller's promise
        unsafe { free(structured) };
    });
}

/// How many sections, facts and relations there are.
///
/// # Safety
/// `structured` is null or live; `counts` is null or good with its size set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karuta_structured_counts(structured: *const karuta_structured, counts: *mut karuta_counts) -> karuta_result {
    run(|| {
        // SAFETY: the caller's promise
        let s = &unsafe { reference(structured, "structured") }?.found;
        let value = karuta_counts { size: 0, sections: s.sections.len(), facts: s.facts.len(), relations: s.relations.len() };
        // SAFETY: the caller's promise
        unsafe { fill(counts, value, "counts") }
    })
}

/// Fact number `index`, from 0.
///
/// # Safety
/// `structured` is null or live; `fact` is null or good with its size set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karuta_structured_fact(structured: *const karuta_structured, index: usize, fact: *mut karuta_fact) -> karuta_result {
    run(|| {
        // SAFETY: the caller's promise
        let f = unsafe { reference(structured, "structured") }?.fact(index)?;
        // SAFETY: the caller's promise
        unsafe { fill(fact, fact_of(f), "fact") }
    })
}

/// Code number `coding_index` of fact number `fact_index`, the most specific standard first.
///
/// # Safety
/// `structured` is null or live; `coding` is null or good with its size set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karuta_structured_coding(structured: *const karuta_structured, fact_index: usize, coding_index: usize, coding: *mut karuta_coding) -> karuta_result {
    run(|| {
        // SAFETY: the caller's promise
        let f = unsafe { reference(structured, "structured") }?.fact(fact_index)?;
        let c = at(&f.codings, coding_index, "codings")?;
        // SAFETY: the caller's promise
        unsafe { fill(coding, coding_of(c), "coding") }
    })
}

/// Reason number `reason_index` of fact number `fact_index`.
///
/// # Safety
/// `structured` is null or live; `reason` is null or good with its size set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karuta_structured_reason(structured: *const karuta_structured, fact_index: usize, reason_index: usize, reason: *mut karuta_reason) -> karuta_result {
    run(|| {
        // SAFETY: the caller's promise
        let f = unsafe { reference(structured, "structured") }?.fact(fact_index)?;
        let r = at(&f.because, reason_index, "reasons")?;
        let value = karuta_reason { size: 0, rule: r.rule.as_str().into(), pack: r.pack.as_str().into(), spans: r.spans.len() };
        // SAFETY: the caller's promise
        unsafe { fill(reason, value, "reason") }
    })
}

/// Span number `span_index` of a reason, in the unit that was asked for.
///
/// # Safety
/// `structured` is null or live; `start` and `end` are null or point to a size_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karuta_structured_span(
    structured: *const karuta_structured,
    fact_index: usize,
    reason_index: usize,
    span_index: usize,
    start: *mut usize,
    end: *mut usize,
) -> karuta_result {
    run(|| {
        // SAFETY: the caller's promise
        let f = unsafe { reference(structured, "structured") }?.fact(fact_index)?;
        let span = at(&at(&f.because, reason_index, "reasons")?.spans, span_index, "spans")?;
        // SAFETY: the caller's promise
        unsafe { put(start, span.0, "start") }?;
        // SAFETY: the caller's promise
        unsafe { put(end, span.1, "end") }
    })
}

/// The index of source number `source_index` of a derived fact.
///
/// # Safety
/// `structured` is null or live; `fact` is null or points to a size_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karuta_structured_source(structured: *const karuta_structured, fact_index: usize, source_index: usize, fact: *mut usize) -> karuta_result {
    run(|| {
        // SAFETY: the caller's promise
        let s = unsafe { reference(structured, "structured") }?;
        let id = at(&s.fact(fact_index)?.from, source_index, "sources")?;
        // SAFETY: the caller's promise
        unsafe { put(fact, index_of(&s.found, id)?, "fact") }
    })
}

/// Section number `index`.
///
/// # Safety
/// `structured` is null or live; `section` is null or good with its size set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karuta_structured_section(structured: *const karuta_structured, index: usize, section: *mut karuta_section) -> karuta_result {
    run(|| {
        // SAFETY: the caller's promise
        let s = at(&unsafe { reference(structured, "structured") }?.found.sections, index, "sections")?;
        let value = karuta_section { size: 0, kind: s.kind.name().into(), code: s.code.as_str().into(), title: s.title.as_str().into(), start: s.start, end: s.end };
        // SAFETY: the caller's promise
        unsafe { fill(section, value, "section") }
    })
}

/// Relation number `index`.
///
/// # Safety
/// `structured` is null or live; `relation` is null or good with its size set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karuta_structured_relation(structured: *const karuta_structured, index: usize, relation: *mut karuta_relation) -> karuta_result {
    run(|| {
        // SAFETY: the caller's promise
        let s = &unsafe { reference(structured, "structured") }?.found;
        let r = at(&s.relations, index, "relations")?;
        let value = karuta_relation { size: 0, kind: r.kind.name().into(), from: index_of(s, &r.from)?, to: index_of(s, &r.to)?, rule: r.rule.as_str().into() };
        // SAFETY: the caller's promise
        unsafe { fill(relation, value, "relation") }
    })
}

/// The whole result as one JSON object. `json` becomes NUL-terminated UTF-8, freed with `karuta_string_free`;
/// `length` (may be null) its bytes without the NUL.
///
/// # Safety
/// `structured` is null or live; `json` is null or points to a pointer; `length` is null or points to a size_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karuta_structured_json(structured: *const karuta_structured, json: *mut *mut c_char, length: *mut usize) -> karuta_result {
    run(|| {
        // SAFETY: the caller's promise
        unsafe { put(json, std::ptr::null_mut(), "json") }?;
        // SAFETY: the caller's promise
        let s = unsafe { reference(structured, "structured") }?;
        // SAFETY: the caller's promise
        unsafe { hand_over_string(json, length, self::json(&s.found)?, "json") }
    })
}

/// The whole result as one JSON object, handed piece by piece to the caller's function, into memory of its own.
///
/// # Safety
/// `structured` is null or live; `write` is null or takes a piece and `user`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karuta_structured_write_json(structured: *const karuta_structured, write: karuta_write_fn, user: *mut c_void) -> karuta_result {
    run(|| {
        // SAFETY: the caller's promise
        let s = unsafe { reference(structured, "structured") }?;
        let write = write.ok_or_else(|| Failure::new(R::KARUTA_NULL_POINTER, "write: a null pointer, expected a function"))?;
        let mut out = BufWriter::with_capacity(1 << 13, Sink { write, user });
        let done = serde_json::to_writer(&mut out, &s.found).map_err(io::Error::from).and_then(|()| out.flush());
        // dropped, the buffer would be offered once more to a caller that has asked to stop
        drop(out.into_parts());
        done.map_err(|_| Failure::new(R::KARUTA_STOPPED, "write: it asked to stop"))
    })
}

struct Sink {
    write: unsafe extern "C" fn(*const c_char, usize, *mut c_void) -> i32,
    user: *mut c_void,
}

impl Write for Sink {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        // SAFETY: by contract the function reads `length` bytes that hold during the call, and its own pointer
        let stop = unsafe { (self.write)(piece.as_ptr().cast(), piece.len(), self.user) };
        if stop == 0 { Ok(piece.len()) } else { Err(io::ErrorKind::BrokenPipe.into()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(crate) fn json(value: &impl Serialize) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(value).map_err(|e| Failure::new(R::KARUTA_PANIC, e.to_string()))
}

pub(crate) fn at<'a, T>(list: &'a [T], index: usize, what: &str) -> Result<&'a T, Failure> {
    list.get(index).ok_or_else(|| Failure::new(R::KARUTA_OUT_OF_RANGE, format!("{what}: index {index}, expected less than {}", list.len())))
}

fn index_of(s: &Structured, id: &str) -> Result<usize, Failure> {
    // ids count facts in order; another order would still be found
    let guess = id.strip_prefix('f').and_then(|n| n.parse::<usize>().ok()).and_then(|n| n.checked_sub(1));
    guess
        .filter(|i| s.facts.get(*i).is_some_and(|f| f.id == id))
        .or_else(|| s.facts.iter().position(|f| f.id == id))
        .ok_or_else(|| Failure::new(R::KARUTA_NONE, format!("no fact {id}")))
}
