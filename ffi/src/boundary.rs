//! The one place where a panic stops, and the last error of each thread.

use crate::result::karuta_result;
use std::cell::RefCell;
use std::ffi::{CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why a call failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub code: karuta_result,
    pub text: String,
}

impl Failure {
    pub fn new(code: karuta_result, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

thread_local! {
    static LAST: RefCell<CString> = RefCell::new(CString::default());
}

/// Runs what an exported function does. No panic passes: it becomes `fallback`.
///
/// What a panic says is not kept, since it may quote a note.
pub(crate) fn guard<T>(fallback: T, f: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|payload| {
        // the payload's own destructor may panic too
        let _ = catch_unwind(AssertUnwindSafe(|| drop(payload)));
        remember("a fault inside karuta was caught; the text it happened on would help to repair it");
        fallback
    })
}

/// [`guard`] for a function that returns a code, with the failure's text kept for [`karuta_last_error`].
pub(crate) fn run(f: impl FnOnce() -> Result<(), Failure>) -> karuta_result {
    guard(karuta_result::KARUTA_PANIC, || match f() {
        Ok(()) => karuta_result::KARUTA_OK,
        Err(e) => {
            remember(&e.text);
            e.code
        }
    })
}

fn remember(text: &str) {
    let text = CString::new(text.replace('\0', "\u{FFFD}")).unwrap_or_default();
    // at a thread's end its store may be gone already
    let _ = LAST.try_with(|last| {
        if let Ok(mut last) = last.try_borrow_mut() {
            *last = text;
        }
    });
}

/// What went wrong in this thread's last call that failed: UTF-8, NUL-terminated, empty when none has failed.
///
/// The pointer holds until the next call of this thread that fails.
#[unsafe(no_mangle)]
pub extern "C" fn karuta_last_error() -> *const c_char {
    guard(c"".as_ptr(), || LAST.try_with(|last| last.try_borrow().map_or(c"".as_ptr(), |l| l.as_ptr())).unwrap_or(c"".as_ptr()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    fn last() -> String {
        // SAFETY: the pointer is NUL-terminated and this thread makes no call in between
        unsafe { CStr::from_ptr(karuta_last_error()) }.to_str().unwrap().to_owned()
    }

    #[test]
    fn a_panic_becomes_a_code() {
        assert_eq!(run(|| panic!("患者の名前")), karuta_result::KARUTA_PANIC);
        assert!(last().contains("fault") && !last().contains("患者"));
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("again");
            }
        }
        assert_eq!(run(|| std::panic::panic_any(Bomb)), karuta_result::KARUTA_PANIC);
    }

    #[test]
    fn an_error_is_the_threads_own() {
        assert_eq!(run(|| Err(Failure::new(karuta_result::KARUTA_PACK, "a\0b"))), karuta_result::KARUTA_PACK);
        assert_eq!(last(), "a\u{FFFD}b");
        std::thread::spawn(|| assert_eq!(last(), "")).join().unwrap();
        assert_eq!(run(|| Ok(())), karuta_result::KARUTA_OK);
        assert_eq!(last(), "a\u{FFFD}b");
    }
}
