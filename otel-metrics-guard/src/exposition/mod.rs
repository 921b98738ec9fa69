//! The registry as text: OpenMetrics 1.0 and the Prometheus text format 0.0.4.
//!
//! The two formats differ in a handful of marks, which the tables in `openmetrics` and `text` list;
//! everything else is written once. A new kind of family is one arm in each table. Labels come out of the registry rendered and escaped, so a
//! series is copied, not formatted.
//!
//! - Families come in the order of their names, series in the order of their labels: two scrapes
//!   differ only in what changed.
//! - What is derived from one histogram agrees, however many measurements are made meanwhile: each
//!   bucket is read once, and `_count` is the sum of what was read.
//! - A family that has measured nothing yet is written as metadata alone. Both formats allow it,
//!   Prometheus keeps the type and help, and a reader finds out which metrics a service has before
//!   the first error occurs.

mod accept;
mod accept_encoding;
mod chunk_pool;
mod dialect;
mod escaping;
#[expect(
    clippy::module_inception,
    reason = "the file is named for the type in it"
)]
mod exposition;
mod format;
mod header_list;
mod media_type;
mod negotiated;
mod number;
mod openmetrics;
mod sample;
mod selection;
mod target;
mod text;

pub(crate) use accept_encoding::prefers_gzip;
pub(crate) use chunk_pool::ChunkPool;
pub use escaping::Escaping;
pub use exposition::Exposition;
pub use format::Format;
pub use media_type::MediaType;
pub use negotiated::Negotiated;
pub use selection::{Selection, SelectionError};
