//! What the conventions want said about a request, read from its head.

mod authority;
mod caller_text;
mod method;
mod scheme;
pub(crate) mod url;
mod version;

pub(crate) use authority::{authority, split};
pub(crate) use caller_text::caller_text;
pub(crate) use method::{KNOWN_METHODS, known_method};
pub(crate) use scheme::Scheme;
pub(crate) use version::version;
