//! Layers of others, inside and outside, over real connections.
//!
//! Where a layer stands decides what can be known of what it does: inside, it is judged by the
//! answer it makes; outside, by what it does to the request. Each row says which.

use std::time::Duration;

use axum::body::Body;
use http::{Request, Response, StatusCode};
use http_body_util::Empty;
use hyper::body::Incoming;
use otel_core::outcome::Outcome;
use otel_http::HttpServerLayer;
use testkit::Probe;
use tower::util::BoxCloneSyncService;
use tower::{BoxError, Layer, ServiceBuilder, ServiceExt, service_fn};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;

use crate::ask::samples;
use crate::wire::{self, Client, Wire};

type Route = BoxCloneSyncService<Request<Incoming>, Response<Body>, BoxError>;

/// What the handler does.
#[derive(Clone, Copy, Debug)]
enum Handler {
    Answers,
    Hangs,
    Panics,
}

const LIMIT: Duration = Duration::from_millis(30);
const TEXT: &str = "the same again and again and again and again and again and again and again";

fn handler(what: Handler) -> Route {
    boxed(service_fn(move |_: Request<Incoming>| async move {
        match what {
            Handler::Answers => Ok::<_, BoxError>(Response::new(Body::from(TEXT.repeat(20)))),
            Handler::Hangs => std::future::pending().await,
            Handler::Panics => panic!("asked to panic"),
        }
    }))
}

/// One type for every stack.
fn boxed<S, B>(service: S) -> Route
where
    S: tower::Service<Request<Incoming>, Response = Response<B>> + Clone + Send + Sync + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: http_body::Body<Data = bytes::Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    BoxCloneSyncService::new(
        service
            .map_response(|response: Response<B>| response.map(Body::new))
            .map_err(Into::into),
    )
}

struct Row {
    name: &'static str,
    handler: Handler,
    /// Puts the other layer where the row says.
    stack: fn(HttpServerLayer, Route) -> Route,
    /// The timeout the layer of ours is told of.
    told: Option<Duration>,
    outcome: Outcome,
    status: Option<&'static str>,
    error_type: Option<&'static str>,
}

fn gateway_timeout() -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, LIMIT)
}

fn shedding(inner: Route) -> Route {
    // Full for ever: its one place is taken by nobody who gives it back.
    let full = ServiceBuilder::new()
        .load_shed()
        .concurrency_limit(0)
        .service(inner);
    boxed(full)
}

fn table() -> Vec<Row> {
    use Handler::{Answers, Hangs, Panics};
    let row = |name, handler, stack, (outcome, status, error_type)| Row {
        name,
        handler,
        stack,
        told: None,
        outcome,
        status,
        error_type,
    };
    vec![
        row(
            "timeout inside",
            Hangs,
            |ours, inner| boxed(ours.layer(gateway_timeout().layer(inner))),
            (Outcome::ServerError, Some("504"), Some("504")),
        ),
        Row {
            told: Some(LIMIT),
            ..row(
                "timeout outside, told of",
                Hangs,
                |ours, inner| boxed(gateway_timeout().layer(ours.layer(inner))),
                (Outcome::Timeout, None, Some("timeout")),
            )
        },
        row(
            "timeout outside, not told of",
            Hangs,
            |ours, inner| boxed(gateway_timeout().layer(ours.layer(inner))),
            (Outcome::ClientDisconnect, None, Some("client_disconnect")),
        ),
        row(
            "tower's timeout inside, which makes an error",
            Hangs,
            |ours, inner| {
                let limited = ServiceBuilder::new().timeout(LIMIT).service(inner);
                boxed(ours.layer(limited))
            },
            (Outcome::Timeout, None, Some("timeout")),
        ),
        row(
            "panics caught inside",
            Panics,
            |ours, inner| boxed(ours.layer(CatchPanicLayer::new().layer(inner))),
            (Outcome::ServerError, Some("500"), Some("500")),
        ),
        row(
            "panics caught outside",
            Panics,
            |ours, inner| boxed(CatchPanicLayer::new().layer(ours.layer(inner))),
            (Outcome::Panic, None, Some("panic")),
        ),
        row(
            "load shed inside",
            Answers,
            |ours, inner| boxed(ours.layer(shedding(inner))),
            (Outcome::Shed, None, Some("overloaded")),
        ),
        row(
            "compression inside",
            Answers,
            |ours, inner| boxed(ours.layer(CompressionLayer::new().layer(inner))),
            (Outcome::Ok, Some("200"), None),
        ),
        row(
            "compression outside",
            Answers,
            |ours, inner| boxed(CompressionLayer::new().layer(ours.layer(inner))),
            (Outcome::Ok, Some("200"), None),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_a_layer_stands_decides_what_is_known_of_it() {
    for row in table() {
        for over in [Wire::Http1, Wire::Http2] {
            run(&row, over).await;
        }
    }
}

async fn run(row: &Row, over: Wire) {
    let at = format!("{}, {over:?}", row.name);
    let mut probe = Probe::new();
    let mut builder = HttpServerLayer::builder(probe.telemetry()).with_body_sizes();
    if let Some(told) = row.told {
        builder = builder.with_timeout(told);
    }
    let service = (row.stack)(builder.build().unwrap(), handler(row.handler));
    let address = wire::serve(over, service).await;
    let request = Request::builder()
        .uri(format!("http://{address}/"))
        .header("host", address.to_string())
        .header("accept-encoding", "gzip")
        .header("traceparent", probe.traceparent())
        .body(Empty::new())
        .unwrap();
    wire::request(
        over,
        address,
        request,
        Client::ReadsAll,
        std::future::ready(()),
    )
    .await;

    let end = probe.next_end().await.expect(&at);
    let seen = probe.verdicts(&end);
    assert_eq!(probe.further_ends(), 0, "{at}");
    assert_eq!(end.outcome, row.outcome, "{at}");
    assert_eq!((seen.spans.len(), seen.log_lines.len()), (1, 1), "{at}");
    assert_eq!(seen.spans[0].outcome, row.outcome.as_str(), "{at}");
    assert_eq!(seen.spans[0].error_type.as_deref(), row.error_type, "{at}");
    let labels = &seen.durations[0].labels;
    assert_eq!(
        (seen.durations.len(), seen.durations[0].count),
        (1, 1),
        "{at}"
    );
    assert_eq!(labels["exchange_outcome"], row.outcome.as_str(), "{at}");
    let status = labels.get("http_response_status_code").map(String::as_str);
    assert_eq!(status, row.status, "{at}");
    assert_eq!((seen.in_flight, seen.running), (0, 0), "{at}");

    let sent = samples(probe.telemetry(), "http_server_response_body_size_bytes");
    match row.name {
        // What is counted is what passed this layer.
        "compression inside" => assert!(sent[0].sum < 200.0, "{at}: {}", sent[0].sum),
        "compression outside" => assert!(sent[0].sum > 1_000.0, "{at}: {}", sent[0].sum),
        _ => {}
    }
}
