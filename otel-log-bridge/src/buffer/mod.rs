//! The quiet lines of a request, held until it is known whether they matter.
//!
//! What is below the level of the bridge is captured and kept with its request, not encoded. When
//! something in the request is an error, all of it is written, in order; when the request ends well
//! it is forgotten. Memory is bounded for each request and for all together.

mod held;
mod policy;

pub(crate) use held::{Buffers, Held};
pub use policy::RequestBuffer;
