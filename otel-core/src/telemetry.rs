//! The one handle that carries everything a layer is given.
//!
//! Libraries depend on the OpenTelemetry API and the application owns the SDK: the application
//! builds a [`Telemetry`] once and hands clones to every layer. Nothing is read from a global.

use std::fmt;
use std::sync::Arc;

use http::HeaderMap;
use opentelemetry::baggage::BaggageExt;
use opentelemetry::trace::{Tracer, TracerProvider};
use opentelemetry::{Context, InstrumentationScope};

use crate::clock::{Clock, SystemClock};
use crate::diagnostics::Diagnostics;
use crate::error::ConfigError;
use crate::exchange::{ExchangeContext, ExchangeObserver, Observers};
use crate::journal::InFlight;
use crate::propagation::{Baggage, Outgoing, Propagator};
use crate::registry::Registry;
use crate::resource::Resource;
use crate::sampling::HeadSampler;
use crate::span_starter::{Provided, SpanSource, SpanStarter};

/// What every layer shares. A clone is one reference count.
///
/// ```
/// use otel_core::telemetry::Telemetry;
/// use otel_core::resource::Resource;
///
/// # fn main() -> Result<(), otel_core::ConfigError> {
/// let telemetry = Telemetry::builder()
///     .with_resource(Resource::builder().with_service_name("shop").build()?)
///     .build()?;
/// assert_eq!(telemetry.resource().service_name(), "shop");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Telemetry {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Arc<dyn Clock>,
    propagator: Propagator,
    registry: Registry,
    resource: Resource,
    spans: Option<Box<dyn SpanSource>>,
    head_sampler: Option<Box<dyn HeadSampler>>,
    observers: Observers,
    diagnostics: Diagnostics,
    in_flight: Option<InFlight>,
}

impl Telemetry {
    /// Starts a handle: no tracer, a registry of its own, W3C propagation.
    pub fn builder() -> TelemetryBuilder {
        TelemetryBuilder::default()
    }

    /// Subscribes to every start and every outcome, from now on and for good.
    ///
    /// An observer that panics is counted under `telemetry.faults` and not called again. It lives
    /// as long as the handle, so one that holds a clone of the handle keeps both alive for ever.
    pub fn observe(&self, observer: impl ExchangeObserver) {
        self.shared.observers.add(observer);
    }

    /// The clock durations and timestamps are read from.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.shared.clock
    }

    /// How context crosses the wire.
    #[must_use]
    pub fn propagator(&self) -> &Propagator {
        &self.shared.propagator
    }

    /// The store of every metric.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.shared.registry
    }

    /// The entity that emits the telemetry.
    #[must_use]
    pub fn resource(&self) -> &Resource {
        &self.shared.resource
    }

    /// The suite's own faults.
    #[must_use]
    pub fn diagnostics(&self) -> &Diagnostics {
        &self.shared.diagnostics
    }

    /// The exchanges that have begun and not ended, if the table was asked for.
    #[must_use]
    pub fn in_flight(&self) -> Option<&InFlight> {
        self.shared.in_flight.as_ref()
    }

    /// Writes the context of `cx` into the headers of an outgoing request.
    ///
    /// The baggage of `cx` goes along if the propagator carries any.
    ///
    /// Headers that carried another context are replaced. What the SDK's span cannot hold of the
    /// caller's context (vendor state in the current W3C grammar, the random flag) is added from
    /// the exchange in `cx` when it is of the same trace. The request id of that exchange goes along
    /// as `x-request-id`, unless the request has one.
    pub fn inject(&self, cx: &Context, headers: &mut HeaderMap) {
        let (span_context, tracestate) = ExchangeContext::outgoing(cx);
        let propagator = &self.shared.propagator;
        let baggage = propagator
            .has_baggage()
            .then(|| Baggage::from_otel(cx.baggage()))
            .flatten();
        let outgoing = Outgoing::new(&span_context)
            .with_tracestate(tracestate.as_ref())
            .with_baggage(baggage.as_ref())
            .with_debug(ExchangeContext::is_debug(cx, &span_context));
        propagator.inject_all(&outgoing, headers);
        if let Some(exchange) = ExchangeContext::of(cx) {
            exchange.request_id().inject(headers);
        }
    }

    pub(crate) fn head_sampler(&self) -> Option<&dyn HeadSampler> {
        self.shared.head_sampler.as_deref()
    }

    pub(crate) fn observers(&self) -> &Observers {
        &self.shared.observers
    }

    /// A starter of spans in the scope of a library, if the application gave a tracer provider.
    pub(crate) fn span_starter(
        &self,
        name: &'static str,
        version: &'static str,
        schema_url: Option<&'static str>,
    ) -> Option<Arc<dyn SpanStarter>> {
        let mut scope = InstrumentationScope::builder(name).with_version(version);
        if let Some(schema_url) = schema_url {
            scope = scope.with_schema_url(schema_url);
        }
        let scope = scope.build();
        self.shared.spans.as_ref().map(|spans| spans.starter(scope))
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telemetry")
            .field("resource", &self.shared.resource)
            .field("propagator", &self.shared.propagator)
            .field("traces", &self.shared.spans.is_some())
            .field("head_sampler", &self.shared.head_sampler)
            .finish_non_exhaustive()
    }
}

/// Collects what a [`Telemetry`] carries.
#[derive(Default)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct TelemetryBuilder {
    clock: Option<Arc<dyn Clock>>,
    propagator: Option<Propagator>,
    registry: Option<Registry>,
    resource: Option<Resource>,
    spans: Option<Box<dyn SpanSource>>,
    head_sampler: Option<Box<dyn HeadSampler>>,
    in_flight: Option<usize>,
    error: Option<ConfigError>,
}

impl TelemetryBuilder {
    /// Where spans go. Without one no span is started; the caller's context is still passed on.
    ///
    /// A span processor that panics is contained and ends the spans, not the requests. One that
    /// panics both when a span starts and when that span is dropped cannot be: it aborts the process.
    pub fn with_tracer_provider<P>(mut self, provider: P) -> Self
    where
        P: TracerProvider + Send + Sync + 'static,
        P::Tracer: Send + Sync + 'static,
        <P::Tracer as Tracer>::Span: Send + Sync + 'static,
    {
        self.spans = Some(Box::new(Provided(provider)));
        self
    }

    /// The store of metrics; a new one with default budgets otherwise.
    pub fn with_registry(mut self, registry: Registry) -> Self {
        self.registry = Some(registry);
        self
    }

    /// The entity that emits; `unknown_service` otherwise.
    pub fn with_resource(mut self, resource: Resource) -> Self {
        self.resource = Some(resource);
        self
    }

    /// How context crosses the wire; W3C Trace Context otherwise.
    pub fn with_propagator(mut self, propagator: Propagator) -> Self {
        self.propagator = Some(propagator);
        self
    }

    /// The sampler that is asked before a span is built; without one the SDK decides on each span.
    pub fn with_head_sampler(mut self, sampler: impl HeadSampler) -> Self {
        self.head_sampler = Some(Box::new(sampler));
        self
    }

    /// The clocks to read; the operating system's otherwise.
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Keeps a table of running exchanges, with room for `capacity` of them, rounded up to a
    /// multiple of 16 (about 130 bytes each). Off otherwise.
    pub fn with_in_flight(mut self, capacity: usize) -> Self {
        if capacity == 0 {
            self.error
                .get_or_insert_with(|| ConfigError::invalid("with_in_flight", "at least 1"));
        }
        self.in_flight = Some(capacity);
        self
    }

    /// Finishes the handle.
    ///
    /// # Errors
    ///
    /// The first value that was refused.
    pub fn build(self) -> Result<Telemetry, ConfigError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let registry = self.registry.unwrap_or_default();
        let resource = match self.resource {
            Some(resource) => resource,
            None => Resource::builder().build()?,
        };
        Ok(Telemetry {
            shared: Arc::new(Shared {
                clock: self.clock.unwrap_or_else(|| Arc::new(SystemClock::new())),
                propagator: self.propagator.unwrap_or_default(),
                diagnostics: Diagnostics::new(&registry),
                registry,
                resource,
                spans: self.spans,
                head_sampler: self.head_sampler,
                observers: Observers::default(),
                in_flight: self.in_flight.map(InFlight::new),
            }),
        })
    }
}

impl fmt::Debug for TelemetryBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TelemetryBuilder")
            .field("resource", &self.resource)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}
