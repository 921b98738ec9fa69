//! Running foreign code (spans, subscribers) where a panic must not reach a request.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs it; what it throws is dropped, and so contained.
pub(super) fn contained(foreign: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(foreign)) {
        let _ = catch_unwind(AssertUnwindSafe(|| drop(payload)));
    }
}
