//! What the conventions want said about a request, read from its head.

mod authority;
mod caller_text;
mod captured;
mod forwarded;
mod method;
mod query;
mod scheme;
pub(crate) mod url;
mod version;

pub(crate) use authority::{authority, split};
pub(crate) use caller_text::caller_text;
pub(crate) use captured::Captured;
pub(crate) use forwarded::{Forwarded, Hops};
pub(crate) use method::Methods;
pub(crate) use query::Query;
pub(crate) use scheme::Scheme;
pub(crate) use version::version;
