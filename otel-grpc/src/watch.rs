//! A watch that is opened again after it was cut off.
//!
//! To its owner it is one thing that lasts; on the wire it is a call after another, each in a trace
//! of its own. The owner keeps a [`Watch`] and puts a clone into each request.

use std::sync::{Arc, Mutex, PoisonError};

use otel_core::opentelemetry::trace::SpanContext;

/// One watch over all of its calls, for the extensions of their requests.
///
/// A client layer links the span of each call to that of the one before.
///
/// ```
/// use otel_grpc::Watch;
///
/// let watch = Watch::new();
/// let mut request = http::Request::new(());
/// request.extensions_mut().insert(watch.clone());
/// assert_eq!(watch.times_opened(), 0);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Watch {
    calls: Arc<Mutex<Calls>>,
}

#[derive(Debug, Default)]
struct Calls {
    last: Option<SpanContext>,
    opened: u32,
}

impl Watch {
    /// A watch that was not opened yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many calls were made for it.
    #[must_use]
    pub fn times_opened(&self) -> u32 {
        self.calls().opened
    }

    /// The call before the one that is about to be made.
    pub(crate) fn last(&self) -> Option<SpanContext> {
        self.calls().last.clone()
    }

    pub(crate) fn opened(&self, span: &SpanContext) {
        let mut calls = self.calls();
        calls.opened = calls.opened.saturating_add(1);
        if span.is_valid() {
            calls.last = Some(span.clone());
        }
    }

    fn calls(&self) -> std::sync::MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
