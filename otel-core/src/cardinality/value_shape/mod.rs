//! What an identifier in a label value looks like.
//!
//! A label whose values are made by a machine (request ids, addresses, times) grows without end, and
//! the shape of a single value gives it away before a budget is spent. Whoever reads a report wants
//! to be told "these are UUIDs", and never to be shown one.
//!
//! Recognition reads a value once, allocates nothing, and prefers to miss an identifier rather than
//! to take a word, a version or a status code for one.

mod masked;
mod network;
mod path;
mod profile;
mod task;
mod timestamp;
mod token;
#[expect(
    clippy::module_inception,
    reason = "the file is named for the type in it"
)]
mod value_shape;

pub use masked::MaskedValue;
pub use value_shape::ValueShape;

pub(crate) use path::write_template;
