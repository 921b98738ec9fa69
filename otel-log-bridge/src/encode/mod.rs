//! One record as one line.
//!
//! Written by hand into reused buffers: a generic serializer would allocate, would not know the
//! limits, and would leave the C1 controls alone that a terminal obeys. The invariant is that a JSON
//! profile writes one valid object without repeated keys, on one line of at most
//! [`line::MAX_BYTES`].

mod console;
pub(crate) mod escape;
pub(crate) mod keys;
pub(crate) mod line;
mod number;
mod profile;
mod profiles;
pub(crate) mod resource;
pub(crate) mod time;
pub mod vocabulary;

pub(crate) use profile::Encoder;
pub use profile::Profile;
