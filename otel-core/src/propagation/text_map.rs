//! The propagator for code that knows only the OpenTelemetry API.
//!
//! The API passes text by text, so this costs what copying each header costs: an allocation for each
//! line that is read and two for each that is written, on top of those of the native form. An
//! [`Extractor`] that does not implement `get_all` shows one line of each header, so repeated lines
//! are then not seen; and an [`Injector`] cannot remove what an earlier hop wrote.

use http::header::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::Context;
use opentelemetry::baggage::BaggageExt;
use opentelemetry::propagation::text_map_propagator::FieldIter;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};
use opentelemetry::trace::TraceContextExt;

use super::baggage::Baggage;
use super::extracted::Extracted;
use super::propagator::Propagator;
use crate::exchange::ExchangeContext;

/// The longest line that is copied: longer than all a format allows.
const MAX_LINE: usize = 16 * 1024;

/// A [`Propagator`] as the [`TextMapPropagator`] of the OpenTelemetry API.
///
/// ```
/// use std::collections::HashMap;
/// use otel_core::opentelemetry::Context;
/// use otel_core::opentelemetry::propagation::TextMapPropagator;
/// use otel_core::propagation::{Propagator, TextMap};
///
/// let propagator = TextMap::new(Propagator::w3c());
/// let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03".to_owned();
/// let incoming = HashMap::from([("traceparent".to_owned(), traceparent.clone())]);
/// let cx = propagator.extract_with_context(&Context::new(), &incoming);
///
/// let mut outgoing = HashMap::new();
/// propagator.inject_context(&cx, &mut outgoing);
/// assert_eq!(outgoing["traceparent"], traceparent);
/// ```
#[derive(Clone, Debug)]
pub struct TextMap {
    propagator: Propagator,
    fields: Vec<String>,
    has_prefixes: bool,
}

/// What was extracted, in the [`Context`] it was extracted into: the SDK's span cannot hold it all.
pub(crate) struct Received(pub(crate) Extracted);

impl TextMap {
    /// Adapts a propagator.
    #[must_use]
    pub fn new(propagator: Propagator) -> Self {
        let fields = propagator.fields().iter();
        Self {
            fields: fields.map(|field| field.as_str().to_owned()).collect(),
            has_prefixes: propagator.has_prefixes(),
            propagator,
        }
    }

    fn headers(&self, extractor: &dyn Extractor) -> HeaderMap {
        let mut headers = HeaderMap::new();
        // Asking for the known names is cheaper than listing all.
        for (field, name) in self.propagator.fields().iter().zip(&self.fields) {
            copy(extractor, name, field, &mut headers);
        }
        if !self.has_prefixes {
            return headers;
        }
        for name in extractor.keys() {
            let lower = name.to_ascii_lowercase();
            let is_copied = || self.fields.contains(&lower);
            if let Ok(header) = HeaderName::try_from(&lower)
                && self.propagator.reads(&lower)
                && !is_copied()
            {
                copy(extractor, name, &header, &mut headers);
            }
        }
        headers
    }
}

/// Copies the lines of one header.
fn copy(extractor: &dyn Extractor, name: &str, header: &HeaderName, headers: &mut HeaderMap) {
    for line in extractor.get_all(name).into_iter().flatten() {
        // One that is too long is there as malformed, not as absent.
        let kept = line.get(..MAX_LINE).unwrap_or(line);
        if let Ok(value) = HeaderValue::from_str(kept) {
            let _ = headers.try_append(header, value);
        }
    }
}

impl TextMapPropagator for TextMap {
    fn inject_context(&self, cx: &Context, injector: &mut dyn Injector) {
        let mut headers = HeaderMap::new();
        let (span_context, tracestate) = ExchangeContext::outgoing(cx);
        let baggage = self
            .propagator
            .has_baggage()
            .then(|| outgoing_baggage(cx))
            .flatten();
        let outgoing = super::Outgoing::new(&span_context)
            .with_tracestate(tracestate.as_ref())
            .with_baggage(baggage.as_ref())
            .with_debug(ExchangeContext::is_debug(cx, &span_context));
        self.propagator.inject_all(&outgoing, &mut headers);
        for (name, value) in &headers {
            if let Ok(value) = value.to_str() {
                injector.set(name.as_str(), value.to_owned());
            }
        }
    }

    fn extract_with_context(&self, cx: &Context, extractor: &dyn Extractor) -> Context {
        let extracted = self.propagator.extract(&self.headers(extractor));
        let mut cx = match extracted.to_parent() {
            Some(parent) => cx.with_remote_span_context(parent),
            None => cx.clone(),
        };
        if let Some(baggage) = extracted.baggage() {
            cx = cx.with_baggage(baggage.to_otel());
        }
        cx.with_value(Received(extracted))
    }

    fn fields(&self) -> FieldIter<'_> {
        FieldIter::new(&self.fields)
    }
}

/// The baggage of `cx`: what came in as it came, and what was added since.
pub(crate) fn outgoing_baggage(cx: &Context) -> Option<Baggage> {
    match ExchangeContext::received(cx).and_then(Extracted::baggage) {
        Some(received) => received.relay(cx.baggage()),
        None => Baggage::from_otel(cx.baggage()),
    }
}
