//! From an event to the text of its body and fields.
//!
//! Formatting a field runs code of the caller's, which may log, panic, or take its time. So it runs
//! with no lock and no borrow held, on buffers this thread has taken for itself.

mod scratch;
mod turn;
mod visitor;

pub(crate) use scratch::Scratch;
pub(crate) use turn::{Turn, mute_thread};
pub(crate) use visitor::{Tally, Visitor};
