//! The propagator: which formats are read and written.
//!
//! One concrete type for servers and clients alike, so that no layer has a type parameter for it.

use http::{HeaderMap, HeaderName};
use opentelemetry::trace::SpanContext;

use super::extracted::Extracted;
use super::format::Format;
use super::tracestate::TraceState;
use super::w3c;

/// Reads trace contexts from headers and writes them to headers.
#[derive(Clone, Debug)]
pub struct Propagator {
    format: Format,
}

impl Propagator {
    /// Reads and writes [W3C Trace Context](https://www.w3.org/TR/trace-context-2/) only.
    #[must_use]
    pub const fn w3c() -> Self {
        Self {
            format: Format::W3c,
        }
    }

    /// Reads the caller's context. Headers that are malformed, or given twice where one is allowed,
    /// yield no context; the answer says so.
    ///
    /// Nothing is allocated unless there is a `tracestate`.
    #[must_use]
    pub fn extract(&self, headers: &HeaderMap) -> Extracted {
        match self.format {
            Format::W3c => w3c::extract(headers),
        }
    }

    /// Makes `span_context` the parent of whoever receives `headers`, in place of any context
    /// already in them. An invalid context changes nothing.
    ///
    /// `tracestate` is the complete list as extracted, possibly changed since. Without it the trace
    /// state of `span_context` is written.
    pub fn inject(
        &self,
        span_context: &SpanContext,
        tracestate: Option<&TraceState>,
        headers: &mut HeaderMap,
    ) {
        match self.format {
            Format::W3c => w3c::inject(span_context, tracestate, headers),
        }
    }

    /// The headers that [`inject`](Self::inject) may set or remove.
    #[must_use]
    pub fn fields(&self) -> &[HeaderName] {
        match self.format {
            Format::W3c => &w3c::FIELDS,
        }
    }
}

impl Default for Propagator {
    fn default() -> Self {
        Self::w3c()
    }
}
