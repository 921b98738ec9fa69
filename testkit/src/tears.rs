//! Where a trace is torn.
//!
//! A span that lost its context is not missing: it is there, as the root of another trace, or under a
//! parent nobody has. A test that counts spans does not see it; this does.

use std::collections::HashSet;
use std::fmt;

use opentelemetry_sdk::trace::SpanData;
use otel_core::opentelemetry::trace::{SpanId, TraceId};

/// A place where the spans of a test do not hang together.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "matched in tests")]
pub enum Tear {
    /// A span whose parent, of this process, is not among the spans.
    LostParent {
        /// The span.
        name: String,
        /// The parent it names.
        parent: SpanId,
    },
    /// A trace beside those that were expected, begun by a span that links to nothing.
    StrayTrace {
        /// The span it begins with.
        name: String,
        /// The trace.
        trace_id: TraceId,
    },
}

impl fmt::Display for Tear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LostParent { name, parent } => {
                write!(f, "`{name}` names the parent {parent}, which nobody has")
            }
            Self::StrayTrace { name, trace_id } => write!(
                f,
                "`{name}` begins the trace {trace_id} and links to nothing: its context was lost"
            ),
        }
    }
}

/// The tears in spans that are to form `traces` traces. A parent in another process counts as there,
/// and a root that links to what caused it as no trace of its own.
#[must_use]
pub fn tears(spans: &[SpanData], traces: usize) -> Vec<Tear> {
    let known: HashSet<_> = spans
        .iter()
        .map(|span| (span.span_context.trace_id(), span.span_context.span_id()))
        .collect();
    let mut tears = Vec::new();
    let mut began = HashSet::new();
    for span in in_order(spans) {
        let trace_id = span.span_context.trace_id();
        let is_root = span.parent_span_id == SpanId::INVALID;
        if !is_root
            && !span.parent_span_is_remote
            && !known.contains(&(trace_id, span.parent_span_id))
        {
            tears.push(Tear::LostParent {
                name: span.name.to_string(),
                parent: span.parent_span_id,
            });
        }
        let begins = is_root && span.links.is_empty() || span.parent_span_is_remote;
        if begins && began.insert(trace_id) && began.len() > traces {
            tears.push(Tear::StrayTrace {
                name: span.name.to_string(),
                trace_id,
            });
        }
    }
    tears
}

/// Oldest first, so that the trace that was not expected is the later one.
fn in_order(spans: &[SpanData]) -> Vec<&SpanData> {
    let mut spans: Vec<_> = spans.iter().collect();
    spans.sort_by_key(|span| span.start_time);
    spans
}
