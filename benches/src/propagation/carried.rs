//! Spawning a task that knows its context, over one that does not.

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

pub(crate) fn comparison() -> Comparison {
    let mut cases = vec![Case::new(SPAWN, "tokio::spawn, no context", |meter| {
        measure(
            meter,
            Telemetry::builder().build().expect("defaults"),
            |runtime| runtime.block_on(async { tokio::spawn(work()).await.expect("no panic") }),
        );
    })];
    cases.push(Case::new(SPAWN, "otel-core, carried", |meter| {
        measure(
            meter,
            Telemetry::builder().build().expect("defaults"),
            carried,
        );
    }));
    cases.push(Case::new(SPAWN, "clone and attach by hand", |meter| {
        measure(
            meter,
            Telemetry::builder().build().expect("defaults"),
            |runtime| {
                runtime.block_on(async {
                    let cx = Context::current();
                    let task = async move {
                        let attached = cx.attach();
                        let value = busy();
                        drop(attached);
                        value
                    };
                    tokio::spawn(task).await.expect("no panic")
                })
            },
        );
    }));
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
        operation: "a task that is spawned inside a request, run and joined on one thread",
        parts: 1,
        has_reference: true,
        counted: 5_000,
        cases,
    }
}

fn carried(runtime: &Runtime) -> bool {
    runtime.block_on(async { tokio::spawn(work().carry()).await.expect("no panic") })
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
