//! Whether this thread still has a context.

use std::panic::catch_unwind;

use opentelemetry::Context;

/// Whether the current [`Context`] of this thread may be touched.
///
/// It may not while the thread's own storage is being destroyed: the 0.33 API then panics, and a
/// panic inside a destructor aborts the process. Code that may run in a destructor, as the end of
/// an exchange or a log line may, asks first.
///
/// ```
/// assert!(otel_core::context::is_context_alive());
/// ```
#[inline]
#[must_use]
pub fn is_context_alive() -> bool {
    // Thread-locals die in the reverse order of their first use. The sentinel touches the context
    // first, so as long as the sentinel lives, the context does. A thread that asks for the first
    // time when the context is gone already learns it from the panic of that touch.
    thread_local! {
        static SENTINEL: Sentinel = Sentinel {
            saw_context: catch_unwind(|| Context::map_current(|_| ())).is_ok(),
        };
    }
    SENTINEL
        .try_with(|sentinel| sentinel.saw_context)
        .unwrap_or(false)
}

/// Has a destructor, so that it counts as destroyed once its time has come.
struct Sentinel {
    saw_context: bool,
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        self.saw_context = false;
    }
}
