//! From an event to a record, and from a span to the fields it lends.
//!
//! Formatting a field runs code of the caller's, which may log, panic, or take its time. So it runs
//! with no lock and no borrow held, on buffers this thread has taken for itself.

pub(crate) mod base64;
mod error;
mod scratch;
pub(crate) mod span;
mod text;
mod turn;
mod visitor;

pub(crate) use error::ErrorTypes;
pub(crate) use scratch::Scratch;
pub(crate) use text::{settle, settle_str};
pub(crate) use turn::{Turn, mute_thread};
pub(crate) use visitor::{Tally, Visitor};
