//! Coding a phrase that stands alone.

use crate::boundary::{guard, run};
use crate::engine::karuta_engine;
use crate::memory::{Versioned, fill, first, free, hand_over, hand_over_string, put, reference};
use crate::note::{given, karuta_note};
use crate::record::{applicability, coding_of, karuta_coding};
use crate::result::karuta_result;
use crate::structured::{at, json};
use crate::types::karuta_str;
use karuta::coding::Coded;
use std::ffi::c_char;
use std::ptr::null_mut;

/// What a phrase was coded as. Immutable; every `karuta_str` in it holds until it is freed.
pub struct karuta_coded {
    coded: Coded,
}

/// What a phrase was coded as. `codings` of 0 refuses.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct karuta_coded_summary {
    /// sizeof(karuta_coded_summary), set by the caller.
    pub size: usize,
    /// The composed 標準病名; empty when refused.
    pub name: karuta_str,
    /// Why nothing was coded; empty otherwise.
    pub refused: karuta_str,
    /// How many codes `karuta_coded_coding` gives.
    pub codings: usize,
    /// How many readings `karuta_coded_candidate` gives.
    pub candidates: usize,
}

/// A reading of a phrase.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct karuta_candidate {
    /// sizeof(karuta_candidate), set by the caller.
    pub size: usize,
    /// Its name.
    pub name: karuta_str,
    /// The rule that found it.
    pub rule: karuta_str,
    /// 0 to 1.
    pub score: f64,
    /// How many codes `karuta_coded_candidate_coding` gives.
    pub codings: usize,
    /// A `karuta_applicability`.
    pub applicability: u32,
}

// SAFETY: repr(C), size first, then integers and raw pointers
unsafe impl Versioned for karuta_coded_summary {
    const FIRST: usize = first!(candidates: usize);
}
// SAFETY: repr(C), size first, then integers, a float and raw pointers
unsafe impl Versioned for karuta_candidate {
    const FIRST: usize = first!(applicability: u32);
}

/// Codes a phrase that stands alone: a diagnosis field, a problem title. Free the result with `karuta_coded_free`.
///
/// # Safety
/// `engine` is null or live, `phrase` null or good, `coded` null or points to a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karuta_code(engine: *const karuta_engine, phrase: *const karuta_note, coded: *mut *mut karuta_coded) -> karuta_result {
    run(|| {
        // SAFETY: the caller's promise
        unsafe { put(coded, null_mut(), "coded") }?;
        // SAFETY: the caller's promise
        let engine = unsafe { reference(engine, "engine") }?;
        // SAFETY: the caller's promise
        let given = unsafe { given(phrase) }?;
        let found = engine.shared.engine.code(&given.text);
        // SAFETY: the caller's promise
        unsafe { hand_over(coded, karuta_coded { coded: found }, "coded") }
    })
}

/// Frees a coded phrase. Null is let pass.
///
/// # Safety
/// `coded` is null or came from `karuta_code` and was not freed; no other call is using it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karuta_coded_free(coded: *mut karuta_coded) {
    guard((), || {
        // SAFETY: the caller's promise
        unsafe { free(coded) };
    });
}

/// What the phrase was coded as.
///
/// # Safety
/// `coded` is null or live; `summary` is null or good with its size set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karuta_coded_get(coded: *const karuta_coded, summary: *mut karuta_coded_summary) -> karuta_result {
    run(|| {
        // SAFETY: the caller's promise
        let c = &unsafe { reference(coded, "coded") }?.coded;
        let value = karuta_coded_summary { size: 0, name: c.name.as_str().into(), refused: c.refused.as_deref().into(), codings: c.codings.len(), candidates: c.candidates.len() };
        // SAFETY: the caller's promise
        unsafe { fill(summary, value, "summary") }
    })
}

/// Code number `index` of the phrase.
///
/// # Safety
/// `coded` is null or live; `coding` is null or good with its size set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karuta_coded_coding(coded: *const karuta_coded, index: usize, coding: *mut karuta_coding) -> karuta_result {
    run(|| {
        // SAFETY: the caller's promise
        let c = at(&unsafe { reference(coded, "coded") }?.coded.codings, index, "codings")?;
        // SAFETY: the caller's promise
        unsafe { fill(coding, coding_of(c), "coding") }
    })
}

/// Reading number `index`, the best first.
///
/// # Safety
/// `coded` is null or live; `candidate` is null or good with its size set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karuta_coded_candidate(coded: *const karuta_coded, index: usize, candidate: *mut karuta_candidate) -> karuta_result {
    run(|| {
        // SAFETY: the caller's promise
        let c = at(&unsafe { reference(coded, "coded") }?.coded.candidates, index, "candidates")?;
        let value = karuta_candidate {
            size: 0,
            name: c.name.as_str().into(),
            rule: c.rule.as_str().into(),
            score: c.score,
            codings: c.codings.len(),
            applicability: applicability(c.applicability) as u32,
        };
        // SAFETY: the caller's promise
        unsafe { fill(candidate, value, "candidate") }
    })
}

/// Code number `index` of reading number `candidate_index`.
///
/// # Safety
/// `coded` is null or live; `coding` is null or good with its size set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karuta_coded_candidate_coding(coded: *const karuta_coded, candidate_index: usize, index: usize, coding: *mut karuta_coding) -> karuta_result {
    run(|| {
        // SAFETY: the caller's promise
        let c = at(&unsafe { reference(coded, "coded") }?.coded.candidates, candidate_index, "candidates")?;
        let k = at(&c.codings, index, "codings")?;
        // SAFETY: the caller's promise
        unsafe { fill(coding, coding_of(k), "coding") }
    })
}

/// The coded phrase as one JSON object: text, codings, name, candidates. `json` becomes NUL-terminated UTF-8, freed
/// with `karuta_string_free`; `length` (may be null) its bytes without the NUL.
///
/// # Safety
/// `coded` is null or live; `json` is null or points to a pointer; `length` is null or points to a size_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karuta_coded_json(coded: *const karuta_coded, json: *mut *mut c_char, length: *mut usize) -> karuta_result {
    run(|| {
        // SAFETY: the caller's promise
        unsafe { put(json, null_mut(), "json") }?;
        // SAFETY: the caller's promise
        let c = unsafe { reference(coded, "coded") }?;
        // SAFETY: the caller's promise
        unsafe { hand_over_string(json, length, self::json(&c.coded)?, "json") }
    })
}
