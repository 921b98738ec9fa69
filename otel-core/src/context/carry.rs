//! The one way to take a context along: to another task, thread, pool or queue.

use std::panic::Location;

use opentelemetry::Context;
use opentelemetry::trace::{Link, SpanBuilder, SpanKind, TraceContextExt};

use super::carried::Carried;
use super::item::CarriedItem;
use super::lifecycle::Tracked;
use super::place::Place;
use crate::contained::contained;
use crate::telemetry::Telemetry;

/// Carries work, and the context that is current, to wherever the work will run.
///
/// | work for | carried |
/// |---|---|
/// | `tokio::spawn`, `JoinSet::spawn`, `select!`, `timeout` | `future.carry()` |
/// | `spawn_blocking`, `thread::spawn`, `rayon::spawn` | `(\|\| ...).carry_call()` |
/// | `par_iter().map(..)` and other calls for each item | `(\|item\| ...).carry_each()` |
/// | a response body or another stream | `stream.carry()` |
/// | a channel or queue | `item.carry_item()` |
/// | work that outlives the request | `future.carry_detached(&telemetry, "name")` |
///
/// What travels along is the whole [`Context`]: span, baggage, request id; and the current `tracing`
/// span, whose fields log lines may carry. Carried work belongs to its request: its spans are
/// children of the span that was current, and a `tracing` span it is in stays open until it ends.
/// Work that a request starts and does not wait for is detached instead.
///
/// ```
/// use std::thread;
/// use otel_core::context::Carry;
/// use otel_core::opentelemetry::Context;
///
/// #[derive(Debug, PartialEq)]
/// struct Tenant(&'static str);
///
/// let _request = Context::current().with_value(Tenant("acme")).attach();
/// let tenant = || Context::map_current(|cx| cx.get::<Tenant>().map(|tenant| tenant.0));
/// assert_eq!(thread::spawn(tenant).join().unwrap(), None);
/// assert_eq!(thread::spawn(tenant.carry_call()).join().unwrap(), Some("acme"));
/// ```
pub trait Carry: Sized {
    /// Carries a future or a stream in the current context.
    #[track_caller]
    fn carry(self) -> Carried<Self> {
        let place = Place::current();
        let tracked = Tracked::of(place.context());
        Carried::new(self, place, tracked)
    }

    /// Carries a future or a stream in another context than the current one.
    #[track_caller]
    fn carry_in(self, cx: &Context) -> Carried<Self> {
        Carried::new(self, Place::of(cx.clone()), Tracked::of(cx))
    }

    /// Carries a value to whoever takes it out of a channel or queue.
    #[track_caller]
    fn carry_item(self) -> CarriedItem<Self> {
        let place = Place::current();
        let tracked = Tracked::of(place.context());
        CarriedItem::new(self, place, tracked)
    }

    /// Carries a closure that is called once.
    #[track_caller]
    fn carry_call<R>(self) -> impl FnOnce() -> R
    where
        Self: FnOnce() -> R,
    {
        let item = self.carry_item();
        move || item.run(|call| call())
    }

    /// Carries a closure that is called for many items, on any number of threads at once.
    #[track_caller]
    fn carry_each<A, R>(self) -> impl Fn(A) -> R
    where
        Self: Fn(A) -> R,
    {
        let item = self.carry_item();
        move |argument| item.call(argument)
    }

    /// Carries a future that outlives its request: as the root of a trace of its own, linked to the
    /// span that was current, in which baggage and request id are the same.
    ///
    /// A child of a span that has ended is a parent nobody waits for, and makes the request look as
    /// long as its last follow-up. The span is named `name` and ends with the future. Without a
    /// tracer, and where telemetry is suppressed, the work just runs in the current context.
    #[track_caller]
    fn carry_detached(self, telemetry: &Telemetry, name: &'static str) -> Carried<Self>
    where
        Self: Future,
    {
        let origin = Context::current();
        let tracked = Tracked::detached(&origin, Location::caller());
        Carried::new(self, detached(&origin, telemetry, name), tracked)
    }
}

impl<T> Carry for T {}

/// The place of work that has left its request.
fn detached(origin: &Context, telemetry: &Telemetry, name: &'static str) -> Place {
    let Some(spans) = telemetry
        .own_spans()
        .filter(|_| !origin.is_telemetry_suppressed())
    else {
        return Place::of(origin.clone());
    };
    let caused_by = origin.span().span_context().clone();
    let mut builder = SpanBuilder::from_name(name).with_kind(SpanKind::Internal);
    if caused_by.is_valid() {
        builder = builder.with_links(vec![Link::new(caused_by, Vec::new(), 0)]);
    }
    contained(|| spans.start_root(builder, origin))
        .map_or_else(|| Place::of(origin.clone()), Place::owning)
}
