//! A fact's medication.

use crate::boundary::{Failure, run};
use crate::memory::{Versioned, fill, first, put, reference};
use crate::record::{coding_of, karuta_coding};
use crate::result::{karuta_result, karuta_result as R};
use crate::structured::{at, karuta_structured};
use crate::types::karuta_str;
use karuta::model::{Fact, Medication, Value};

/// What a medication says beyond its fact's name. Parts that it does not have are empty strings, false and zero.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct karuta_medication {
    /// sizeof(karuta_medication), set by the caller.
    pub size: usize,
    /// Strength of one unit of the product (`5mg`).
    pub strength: karuta_str,
    /// Dose as written (`1T1X`).
    pub dose: karuta_str,
    /// `po`, `iv`, `sc`, `im`, `top`, `inh`, `pr`, `eye`, `nasal`, `patch`.
    pub route: karuta_str,
    /// `active`, `started`, `stopped`, `held`, `planned`, `past`, `allergy`.
    pub status: karuta_str,
    /// When it is taken, as written.
    pub usage: karuta_str,
    /// Whether the amount is told.
    pub has_amount: bool,
    /// Whether the amount of a day is told.
    pub has_daily: bool,
    /// Whether it is told how often a day.
    pub has_times_per_day: bool,
    /// Whether it is told for how many days.
    pub has_days: bool,
    /// Amount taken at a time or a day.
    pub amount: f64,
    /// UCUM unit of `amount`.
    pub amount_unit: karuta_str,
    /// Amount of a day, computed.
    pub daily: f64,
    /// UCUM unit of `daily`.
    pub daily_unit: karuta_str,
    /// How often a day.
    pub times_per_day: f64,
    /// For how many days.
    pub days: f64,
    /// How many generic names `karuta_structured_ingredient` gives.
    pub ingredients: usize,
    /// How many codes of its usage (JAMI) `karuta_structured_usage_coding` gives.
    pub usage_codings: usize,
}

// SAFETY: repr(C), size first, then integers, floats, booleans and raw pointers
unsafe impl Versioned for karuta_medication {
    const FIRST: usize = first!(usage_codings: usize);
}

/// The medication of a fact; `KARUTA_NONE` where it has none.
///
/// # Safety
/// `structured` is null or live; `medication` is null or good with its size set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karuta_structured_medication(structured: *const karuta_structured, fact_index: usize, medication: *mut karuta_medication) -> karuta_result {
    run(|| {
        // SAFETY: the caller's promise
        let m = of(unsafe { reference(structured, "structured") }?.fact(fact_index)?)?;
        // SAFETY: the caller's promise
        unsafe { fill(medication, record(m), "medication") }
    })
}

/// A generic name of a fact's medication; several for a combination.
///
/// # Safety
/// `structured` is null or live; `ingredient` is null or points to a karuta_str.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karuta_structured_ingredient(structured: *const karuta_structured, fact_index: usize, index: usize, ingredient: *mut karuta_str) -> karuta_result {
    run(|| {
        // SAFETY: the caller's promise
        let m = of(unsafe { reference(structured, "structured") }?.fact(fact_index)?)?;
        let name = at(&m.ingredients, index, "ingredients")?;
        // SAFETY: the caller's promise
        unsafe { put(ingredient, name.as_str().into(), "ingredient") }
    })
}

/// A code of the usage of a fact's medication.
///
/// # Safety
/// `structured` is null or live; `coding` is null or good with its size set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karuta_structured_usage_coding(structured: *const karuta_structured, fact_index: usize, index: usize, coding: *mut karuta_coding) -> karuta_result {
    run(|| {
        // SAFETY: the caller's promise
        let m = of(unsafe { reference(structured, "structured") }?.fact(fact_index)?)?;
        let c = at(&m.usage_codings, index, "usage_codings")?;
        // SAFETY: the caller's promise
        unsafe { fill(coding, coding_of(c), "coding") }
    })
}

fn of(f: &Fact) -> Result<&Medication, Failure> {
    f.medication.as_deref().ok_or_else(|| Failure::new(R::KARUTA_NONE, format!("fact {} has no medication", f.id)))
}

fn record(m: &Medication) -> karuta_medication {
    let number = |v: &Option<Value>| v.as_ref().and_then(|v| v.number);
    let unit = |v: &Option<Value>| -> karuta_str { v.as_ref().map_or("", |v| v.unit.as_deref().unwrap_or("")).into() };
    karuta_medication {
        size: 0,
        strength: m.strength.as_deref().into(),
        dose: m.dose.as_deref().into(),
        route: m.route.as_deref().into(),
        status: m.status.as_deref().into(),
        usage: m.usage.as_deref().into(),
        has_amount: number(&m.amount).is_some(),
        has_daily: number(&m.daily).is_some(),
        has_times_per_day: m.times_per_day.is_some(),
        has_days: m.days.is_some(),
        amount: number(&m.amount).unwrap_or(0.0),
        amount_unit: unit(&m.amount),
        daily: number(&m.daily).unwrap_or(0.0),
        daily_unit: unit(&m.daily),
        times_per_day: m.times_per_day.unwrap_or(0.0),
        days: m.days.unwrap_or(0.0),
        ingredients: m.ingredients.len(),
        usage_codings: m.usage_codings.len(),
    }
}
