//! The context of a request through the program: tasks, threads, streams, queues.
//!
//! A context is current on a thread, and work moves between threads: whatever is spawned, sent or
//! pooled starts without one. [`Carry`] is the one way to take it along; [`Lifecycle`] shows what
//! was carried and never came to an end.

mod alive;
mod attach;
mod carried;
mod carry;
mod item;
mod life;
mod lifecycle;
mod place;
mod site;
#[cfg(feature = "tokio")]
pub mod task;

pub use alive::is_context_alive;
pub(crate) use attach::attach;
pub use carried::Carried;
pub use carry::Carry;
pub use item::CarriedItem;
pub(crate) use life::Life;
pub use lifecycle::{CarriedFrom, Lifecycle};
