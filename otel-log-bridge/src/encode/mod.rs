//! One record as one line of JSON.
//!
//! Written by hand into reused buffers: a generic serializer would allocate, would not know the
//! limits, and would leave the C1 controls alone that a terminal obeys. The invariant is that
//! what is written is one valid JSON object without repeated keys, on one line of at most
//! [`line::MAX_BYTES`].

pub(crate) mod escape;
pub(crate) mod keys;
pub(crate) mod line;
pub(crate) mod number;
pub(crate) mod resource;
pub(crate) mod time;
