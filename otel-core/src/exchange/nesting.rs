//! Which exchange the code on this thread is directly inside, where no context tells it.
//!
//! A layer that makes metrics alone touches no context, and a second one inside it would count the
//! request again. A flag of the thread, set while foreign code runs inside an exchange, tells it.

use std::cell::Cell;

thread_local! {
    static BARE_SERVER: Cell<bool> = const { Cell::new(false) };
}

/// Whether the innermost exchange on this thread is of a server that makes no context.
pub(super) fn is_inside_bare_server() -> bool {
    BARE_SERVER.try_with(Cell::get).unwrap_or(false)
}

/// Sets the flag until it is dropped.
pub(super) struct Inside {
    /// What it was before, where it was another.
    before: Option<bool>,
}

impl Inside {
    pub(super) fn enter(is_bare_server: bool) -> Self {
        let before = BARE_SERVER
            .try_with(|flag| (flag.get() != is_bare_server).then(|| flag.replace(is_bare_server)));
        Self {
            before: before.unwrap_or(None),
        }
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        if let Some(before) = self.before {
            let _ = BARE_SERVER.try_with(|flag| flag.set(before));
        }
    }
}
