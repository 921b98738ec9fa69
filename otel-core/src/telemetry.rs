//! The one handle that carries everything a layer is given.
//!
//! Libraries depend on the OpenTelemetry API and the application owns the SDK: the application
//! builds a [`Telemetry`] once and hands clones to every layer. Nothing is read from a global.

use std::fmt;
use std::sync::{Arc, OnceLock};

use http::HeaderMap;
use opentelemetry::trace::{SpanContext, TraceContextExt, TraceState, Tracer, TracerProvider};
use opentelemetry::{Context, InstrumentationScope};

use crate::clock::{Clock, SystemClock};
use crate::context::{Lifecycle, is_context_alive};
use crate::diagnostics::{Diagnostics, Fault};
use crate::error::ConfigError;
use crate::contained::contained;
use crate::exchange::{Arrival, CallKind, Calls, ExchangeContext, ExchangeObserver, Observers};
use crate::journal::InFlight;
use crate::propagation::{
    self, Admission, Boundary, Caller, Carrier, Crossing, Extracted, Outgoing, Propagator,
    Reconstructed, Reconstruction, Release,
};
use crate::registry::Registry;
use crate::request_id::RequestId;
use crate::resource::Resource;
use crate::sampling::HeadSampler;
use crate::semconv;
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
    boundary: Option<Boundary>,
    reconstruction: Option<Reconstruction>,
    lifecycle: Option<Arc<Lifecycle>>,
    own_spans: OnceLock<Option<Arc<dyn SpanStarter>>>,
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

    /// The carried tasks, streams and items that are alive, if an account of them was asked for.
    #[must_use]
    pub fn lifecycle(&self) -> Option<&Arc<Lifecycle>> {
        self.shared.lifecycle.as_ref()
    }

    /// Reads a request that has arrived: its id and the caller's context, as far as the boundary lets
    /// it in, or a reconstruction where there is none.
    ///
    /// What was refused on the way is counted under `telemetry.faults`.
    #[must_use]
    pub fn arrive(&self, caller: &Caller<'_>) -> Arrival {
        let mut extracted = self.shared.propagator.extract(caller.headers());
        self.count_faults(&extracted);
        let request_id = RequestId::from_headers(caller.headers());
        let has_caller = extracted.span_context().is_some();
        let crossing = self.admit(caller, &mut extracted);
        let reconstructed = self.shared.reconstruction.as_ref().and_then(|policy| {
            if extracted.span_context().is_some() {
                return None;
            }
            let received = RequestId::received(caller.headers());
            let believed = received.as_ref().filter(|_| crossing == Crossing::Continue);
            self.reconstruct(policy, caller, believed, &extracted)
        });
        Arrival::admitted(request_id, extracted, crossing, has_caller)
            .with_reconstructed(reconstructed)
    }

    /// Applies the boundary to what was extracted.
    fn admit(&self, caller: &Caller<'_>, extracted: &mut Extracted) -> Crossing {
        let Some(boundary) = &self.shared.boundary else {
            return Crossing::Continue;
        };
        let admission = match boundary.policy() {
            None => None,
            Some(policy) => contained(|| policy.admit(caller, extracted)).unwrap_or_else(|| {
                self.shared.diagnostics.count(Fault::PolicyPanicked);
                Some(Admission::nothing())
            }),
        };
        let admission = admission.as_ref().unwrap_or(boundary.callers());
        if propagation::apply(admission, extracted, self.shared.clock.now()) {
            self.shared.diagnostics.count(Fault::SamplingCapped);
        }
        admission.crossing()
    }

    /// In the order of what is known best: a context of this process, an id the caller sent, facts
    /// of this process.
    fn reconstruct(
        &self,
        policy: &Reconstruction,
        caller: &Caller<'_>,
        believed: Option<&RequestId>,
        extracted: &Extracted,
    ) -> Option<Reconstructed> {
        let current = is_context_alive()
            .then(|| Context::map_current(|cx| cx.span().span_context().clone()))
            .filter(|current| current.is_valid());
        if let Some(current) = current {
            return Some(Reconstructed::of_context(current));
        }
        policy
            .of_caller(believed, extracted.orphan_trace_id())
            .or_else(|| {
                let instance = self.shared.resource.get(semconv::SERVICE_INSTANCE_ID);
                policy.local(
                    &instance.unwrap_or_default(),
                    caller,
                    self.shared.clock.wall(),
                )
            })
    }

    /// Counts what of a caller's headers was refused.
    pub(crate) fn count_faults(&self, extracted: &Extracted) {
        for (is_at_fault, fault) in [
            (extracted.is_malformed(), Fault::ContextMalformed),
            (extracted.is_conflict(), Fault::ContextConflict),
            (
                extracted.is_tracestate_discarded(),
                Fault::TracestateDiscarded,
            ),
            (extracted.is_baggage_discarded(), Fault::BaggageDiscarded),
        ] {
            if is_at_fault {
                self.shared.diagnostics.count(fault);
            }
        }
    }

    /// Writes the context of `cx` into the headers of an outgoing request.
    ///
    /// The baggage of `cx` goes along if the propagator carries any: what the caller sent and nobody
    /// changed goes on as it came. A [`Boundary`] gives the callee what it gives callees without a
    /// name; a caller's identity headers are removed in any case.
    ///
    /// Headers that carried another context are replaced. What the SDK's span cannot hold of the
    /// caller's context (vendor state in the current W3C grammar, the random flag) is added from
    /// the exchange in `cx` when it is of the same trace. The request id of that exchange goes along
    /// as `x-request-id`, unless the request has one.
    pub fn inject(&self, cx: &Context, headers: &mut HeaderMap) {
        self.inject_to(None, cx, headers);
    }

    /// The same for a callee known by its host, without a port, which the boundary may know.
    pub fn inject_to(&self, host: Option<&str>, cx: &Context, headers: &mut HeaderMap) {
        let propagator = &self.shared.propagator;
        let everything = Release::everything();
        let release = self
            .shared
            .boundary
            .as_ref()
            .map_or(&everything, |boundary| boundary.release(host));
        propagation::strip_identity(headers);
        let baggage = propagator
            .has_baggage()
            .then(|| propagation::released(release, propagation::outgoing_baggage(cx)))
            .flatten();
        if !release.has_trace() {
            propagator.clear(headers);
            let outgoing = Outgoing::new(&SpanContext::NONE).with_baggage(baggage.as_ref());
            propagator.inject_all(&outgoing, headers);
            RequestId::remove(headers);
            return;
        }
        let (mut span_context, mut tracestate) = ExchangeContext::outgoing(cx);
        if !release.has_state() {
            tracestate = None;
            span_context = without_state(&span_context);
        }
        let outgoing = Outgoing::new(&span_context)
            .with_tracestate(tracestate.as_ref())
            .with_baggage(baggage.as_ref())
            .with_debug(ExchangeContext::is_debug(cx, &span_context));
        propagator.inject_all(&outgoing, headers);
        if let Some(exchange) = ExchangeContext::of(cx) {
            exchange.request_id().inject(headers);
        }
    }

    /// Opens exchanges for calls that no layer wraps: a database, a cache, another library.
    ///
    /// # Errors
    ///
    /// When a name of the kind is empty or longer than 512 bytes.
    pub fn operation(&self, kind: CallKind) -> Result<Calls, ConfigError> {
        Calls::new(self, kind)
    }

    /// Collects the context of `cx` for a message, a file or a child process.
    #[must_use]
    pub fn collect(&self, cx: &Context) -> Carrier {
        Carrier::write(self.propagator(), |headers| self.inject(cx, headers))
    }

    pub(crate) fn reconstruction(&self) -> Option<&Reconstruction> {
        self.shared.reconstruction.as_ref()
    }

    /// A starter of spans that belong to no layer.
    pub(crate) fn own_spans(&self) -> Option<&Arc<dyn SpanStarter>> {
        let scope = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
        self.shared
            .own_spans
            .get_or_init(|| self.span_starter(scope.0, scope.1))
            .as_ref()
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
    ) -> Option<Arc<dyn SpanStarter>> {
        let scope = InstrumentationScope::builder(name)
            .with_version(version)
            .with_schema_url(semconv::SCHEMA_URL)
            .build();
        self.shared.spans.as_ref().map(|spans| spans.starter(scope))
    }
}

fn without_state(span_context: &SpanContext) -> SpanContext {
    SpanContext::new(
        span_context.trace_id(),
        span_context.span_id(),
        span_context.trace_flags(),
        span_context.is_remote(),
        TraceState::NONE,
    )
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
    boundary: Option<Boundary>,
    reconstruction: Option<Reconstruction>,
    has_lifecycle: bool,
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

    /// What crosses between trust domains; everything otherwise.
    pub fn with_boundary(mut self, boundary: Boundary) -> Self {
        self.boundary = Some(boundary);
        self
    }

    /// Reconstructs contexts whose headers were stripped; otherwise a request without a context
    /// starts a trace of its own.
    pub fn with_reconstruction(mut self, reconstruction: Reconstruction) -> Self {
        self.reconstruction = Some(reconstruction);
        self
    }

    /// Keeps account of [carried](crate::context::Carry) work that is alive, by the place in the code
    /// that carried it. Off otherwise.
    pub const fn with_lifecycle(mut self) -> Self {
        self.has_lifecycle = true;
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
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock::new()));
        let diagnostics = Diagnostics::new(&registry);
        let lifecycle = self.has_lifecycle.then(|| {
            let lifecycle = Lifecycle::new(Arc::clone(&clock), &registry, diagnostics.clone());
            Arc::new(lifecycle)
        });
        Ok(Telemetry {
            shared: Arc::new(Shared {
                clock,
                propagator: self.propagator.unwrap_or_default(),
                diagnostics,
                registry,
                resource,
                spans: self.spans,
                head_sampler: self.head_sampler,
                observers: Observers::default(),
                in_flight: self.in_flight.map(InFlight::new),
                boundary: self.boundary,
                reconstruction: self.reconstruction,
                lifecycle,
                own_spans: OnceLock::new(),
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
