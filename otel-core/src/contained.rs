//! Foreign code, kept from unwinding into ours.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs foreign code; `None` when it panicked.
///
/// It may run while the thread is already unwinding: a panic that is caught before it leaves a
/// destructor is allowed there.
pub(crate) fn contained<R>(foreign: impl FnOnce() -> R) -> Option<R> {
    match catch_unwind(AssertUnwindSafe(foreign)) {
        Ok(value) => Some(value),
        Err(payload) => {
            // What was thrown is foreign too, and so is its destructor.
            let _ = catch_unwind(AssertUnwindSafe(|| drop(payload)));
            None
        }
    }
}
