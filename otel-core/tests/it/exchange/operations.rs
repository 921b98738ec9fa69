//! The bounded table of operations, and names that come late.

use std::num::NonZeroUsize;
use std::sync::Arc;

use otel_core::exchange::{
    Exchange, ExchangeContext, Instrumentation, Operation, OperationParts, Signals,
};
use otel_core::opentelemetry::Context;
use otel_core::outcome::{Classify, Ending, Side};
use otel_core::registry::Descriptor;
use otel_core::request_id::RequestId;
use otel_core::telemetry::Telemetry;
use testkit::Probe;

use super::{faults, instrumentation};

#[test]
fn names_past_the_bound_fold_into_the_nameless_operation() {
    let telemetry = Telemetry::builder().build().unwrap();
    let instrumentation = Instrumentation::builder(
        &telemetry,
        (Classify::Http, Side::Server),
        Descriptor::new("test.duration"),
        Descriptor::new("test.active"),
        |_variant, route| match route {
            "" => OperationParts::new("TEST"),
            route => OperationParts::new(route).with_label("http.route", route),
        },
    )
    .with_max_operations(NonZeroUsize::new(3).unwrap())
    .build();

    for index in 0..100 {
        let operation = instrumentation.operation(0, &format!("/r/{index}"));
        let kept = index < 3;
        assert_eq!(operation.name() == "TEST", !kept, "/r/{index}");
    }
    assert_eq!(faults(&telemetry, "operation_folded"), 97);
    assert_eq!(
        instrumentation.operation(0, "/r/1").name(),
        "/r/1",
        "a kept one stays"
    );
}

#[tokio::test]
async fn a_route_told_late_renames_the_span_however_the_exchange_ends() {
    let endings: [(&str, fn(&mut Exchange)); 3] = [
        ("at the head", |exchange| exchange.head(200)),
        ("dropped before the head", |_exchange| ()),
        ("ended", |exchange| exchange.end(Ending::Complete)),
    ];
    for (how, act) in endings {
        let mut probe = Probe::new();
        let telemetry = probe.telemetry().clone();
        let instrumentation = instrumentation(&telemetry, Signals::ALL);
        let mut exchange = Exchange::open(&instrumentation, instrumentation.operation(0, ""))
            .with_arrival(
                RequestId::random(),
                telemetry.propagator().extract(&http::HeaderMap::new()),
            )
            .start(|_attributes| {});
        exchange.scope(|| {
            let taken = Context::map_current(|cx| {
                ExchangeContext::of(cx).unwrap().set_route("/orders/{id}")
            });
            assert!(taken);
        });
        act(&mut exchange);
        drop(exchange);

        let end = probe.next_end().await.expect(how);
        assert_eq!(end.name, "/orders/{id}", "{how}");
        let seen = probe.verdicts(&end);
        assert_eq!(seen.spans[0].name, "/orders/{id}", "{how}");
        assert_eq!(
            seen.spans[0].attributes["http.route"], "/orders/{id}",
            "{how}"
        );
        assert!(
            seen.spans[0].repeated.is_empty(),
            "{how}: {:?}",
            seen.spans[0].repeated
        );
        assert_eq!(seen.in_flight, 0, "{how}");
    }
}

#[test]
fn a_late_route_past_the_bound_is_counted_once_for_each_exchange() {
    let telemetry = Telemetry::builder().build().unwrap();
    let instrumentation = Instrumentation::builder(
        &telemetry,
        (Classify::Http, Side::Server),
        Descriptor::new("test.duration"),
        Descriptor::new("test.active"),
        |_variant, _route| OperationParts::new("TEST"),
    )
    .with_max_operations(NonZeroUsize::MIN)
    .build();
    let nameless = instrumentation.operation(0, "");
    for _ in 0..3 {
        let mut exchange = arrived(&telemetry, &instrumentation, Arc::clone(&nameless));
        set_route(&exchange, "/orders/{id}");
        exchange.head(200);
        exchange.end(Ending::Complete);
    }
    assert_eq!(faults(&telemetry, "operation_folded"), 3);
}

#[test]
fn the_route_of_a_server_names_no_call_made_inside_it() {
    let telemetry = Telemetry::builder().build().unwrap();
    let server = instrumentation(&telemetry, Signals::ALL);
    let mut request = arrived(&telemetry, &server, server.operation(0, ""));
    set_route(&request, "/v1/{name}:cancel");
    for sides in [
        (Classify::Http, Side::Client),
        (Classify::Grpc, Side::Client),
        (Classify::Grpc, Side::Server),
    ] {
        let inner = Instrumentation::builder(
            &telemetry,
            sides,
            Descriptor::new("inner.duration"),
            Descriptor::new("inner.active"),
            |_variant, name| match name {
                "" => OperationParts::new("nameless"),
                name => OperationParts::new(name).with_label("inner.name", name),
            },
        )
        .build();
        request.scope(|| {
            let nameless = inner.operation(0, "");
            let mut call = Exchange::open(&inner, nameless).start(|_attributes| {});
            call.head(200);
            call.end(Ending::Complete);
        });
        assert!(
            inner.known_operation(0, "/v1/{name}:cancel").is_none(),
            "{sides:?}"
        );
    }
}

/// An exchange of a request that came from outside.
fn arrived(
    telemetry: &Telemetry,
    instrumentation: &Arc<Instrumentation>,
    operation: Arc<Operation>,
) -> Exchange {
    let extracted = telemetry.propagator().extract(&http::HeaderMap::new());
    Exchange::open(instrumentation, operation)
        .with_arrival(RequestId::random(), extracted)
        .start(|_attributes| {})
}

fn set_route(exchange: &Exchange, route: &str) {
    ExchangeContext::of(exchange.context())
        .unwrap()
        .set_route(route);
}
