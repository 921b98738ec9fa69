//! A stream told in several spans.
//!
//! A span is exported when it ends, so that of a stream that lasts for days nothing is seen for
//! days, and all its events stay in memory. Cut into segments it is seen as it goes on. The first
//! segment is the parent of the others; each links to the one before.

use opentelemetry::KeyValue;
use opentelemetry::trace::{Link, SpanBuilder, SpanContext, SpanKind, TraceContextExt};

use super::Exchange;
use crate::contained::contained;
use crate::outcome::Side;
use crate::semconv;

impl Exchange {
    /// Ends the span of the exchange without a verdict and goes on in a new one. `first` is the span
    /// of segment 0 and `index` the number of the segment that begins.
    ///
    /// Metrics, log line and verdict stay those of the whole. Without a span nothing happens.
    pub fn next_segment(&mut self, first: &SpanContext, index: u32) {
        let instrumentation = std::sync::Arc::clone(self.instrumentation());
        let Some(spans) = instrumentation.spans().filter(|_| self.is_recorded()) else {
            return;
        };
        let now = self.wall_now();
        let previous = self.context().span().span_context().clone();
        let mut attributes: Vec<_> = self.operation_attributes().collect();
        // The last segment says its index at its start, the others too: written once.
        attributes.push(segment_index(index));
        let builder = SpanBuilder::from_name(self.operation_name())
            .with_kind(match instrumentation.side() {
                Side::Server => SpanKind::Server,
                Side::Client => SpanKind::Client,
            })
            .with_start_time(now)
            .with_attributes(attributes)
            .with_links(vec![Link::new(previous, Vec::new(), 0)]);
        let parent = self.context().with_remote_span_context(first.clone());
        let Some(next) = contained(|| spans.start(builder, &parent)) else {
            instrumentation.disable_spans();
            return;
        };
        let ended = contained(|| {
            let span = self.context().span();
            if index == 1 {
                span.set_attribute(segment_index(0));
            }
            span.end_with_timestamp(now);
        });
        if ended.is_none() {
            instrumentation.disable_spans();
        }
        self.replace_context(next);
    }
}

fn segment_index(index: u32) -> KeyValue {
    KeyValue::new(semconv::EXCHANGE_SEGMENT_INDEX, i64::from(index))
}
