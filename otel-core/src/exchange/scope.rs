//! Running foreign code inside an exchange.
//!
//! Two things must hold whatever that code does: the context is current while it runs, and a panic
//! that leaves it is seen, though by the time the future is dropped the thread no longer panics.

use std::thread;

use super::Exchange;
use crate::outcome::Ending;

/// Ends the exchange as panicked when a panic unwinds past it.
pub(super) struct PanicWatch<'a> {
    pub(super) exchange: &'a mut Exchange,
    was_panicking: bool,
}

impl<'a> PanicWatch<'a> {
    pub(super) fn new(exchange: &'a mut Exchange) -> Self {
        Self {
            exchange,
            was_panicking: thread::panicking(),
        }
    }
}

impl Drop for PanicWatch<'_> {
    fn drop(&mut self) {
        if !self.was_panicking && thread::panicking() {
            self.exchange.end(Ending::Panicked);
        }
    }
}
