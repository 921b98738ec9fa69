//! Spawning a task that knows its context, over one that does not.

use std::pin::pin;
use std::task::{self, Context as Waker};

use http::HeaderMap;
use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt;
use otel_core::context::Carry;
use otel_core::exchange::{Exchange, Instrumentation, OperationParts};
use otel_core::outcome::{Classify, Side};
use otel_core::propagation::Caller;
use otel_core::registry::Descriptor;
use otel_core::telemetry::Telemetry;
use tokio::runtime::{Builder, Runtime};

use super::headers;
use crate::harness::{Case, Comparison, Meter};

const SPAWN: &str = "spawn";
const POLL: &str = "make, poll once, drop";

pub(crate) fn comparison() -> Comparison {
    let mut cases = Vec::new();
    let mut add = |job, name: &str, operation: fn(&Runtime) -> bool| {
        cases.push(Case::new(job, name, move |meter| {
            measure(
                meter,
                Telemetry::builder().build().expect("defaults"),
                operation,
            );
        }));
    };
    add(SPAWN, "otel-core, carried", carried);
    add(SPAWN, "clone and attach by hand", |runtime| {
        runtime.block_on(async { tokio::spawn(by_hand()).await.expect("no panic") })
    });
    add(SPAWN, "tokio::spawn, no context", |runtime| {
        runtime.block_on(async { tokio::spawn(work()).await.expect("no panic") })
    });
    // Allocating a task costs 300 instructions more or less by the state of the heap: the same without.
    add(POLL, "otel-core, carried", |_| polled(work().carry()));
    add(POLL, "clone and attach by hand", |_| polled(by_hand()));
    add(POLL, "no context", |_| polled(work()));
    cases.push(Case::new(
        SPAWN,
        "otel-core, carried, with an account",
        |meter| {
            let telemetry = Telemetry::builder().with_lifecycle().build();
            measure(meter, telemetry.expect("a valid configuration"), carried);
        },
    ));
    Comparison {
        name: "carried",
        operation: "work that is spawned, or only polled, inside a request",
        parts: 1,
        has_reference: false,
        counted: 5_000,
        cases,
    }
}

fn carried(runtime: &Runtime) -> bool {
    runtime.block_on(async { tokio::spawn(work().carry()).await.expect("no panic") })
}

/// What one would write without us. It loses the context at the first `await`.
fn by_hand() -> impl Future<Output = bool> + Send + 'static {
    let cx = Context::current();
    async move {
        let attached = cx.attach();
        let value = busy();
        drop(attached);
        value
    }
}

fn polled(work: impl Future<Output = bool>) -> bool {
    let mut waker = Waker::from_waker(task::Waker::noop());
    pin!(work).poll(&mut waker).is_ready()
}

async fn work() -> bool {
    busy()
}

/// What every task does: it looks whether it has a context.
fn busy() -> bool {
    Context::map_current(|cx| cx.has_active_span())
}

/// Runs a case inside an exchange, as a handler would.
fn measure(meter: &mut Meter, telemetry: Telemetry, operation: impl Fn(&Runtime) -> bool) {
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let headers: HeaderMap = headers();
    let server = Instrumentation::builder(
        &telemetry,
        (Classify::Http, Side::Server),
        Descriptor::new("bench.duration"),
        Descriptor::new("bench.active"),
        |_variant, _route| OperationParts::new("GET"),
    )
    .build();
    let mut exchange = Exchange::open(&server, server.operation(0, ""))
        .arriving(telemetry.arrive(&Caller::new(&headers)))
        .start(|_attributes| {});
    exchange.scope(|| {
        meter.run(|| operation(&runtime));
    });
}
