//! Every way a request can end, over HTTP/1.1 and HTTP/2, judged once and alike in every signal.
//!
//! The table is the specification of the engine. Each row runs on a connection of its own, and
//! holds that there is exactly one span, one duration and one log line, that they carry one verdict,
//! and that nothing is left in flight.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{Method, Request, Response, StatusCode};
use http_body_util::Empty;
use hyper::body::Incoming;
use otel_core::outcome::Outcome;
use otel_http::{Deadline, HttpServerLayer};
use testkit::Probe;
use tokio::sync::Notify;
use tower::{Layer, service_fn};

use crate::routes::Fixed;
use crate::scripted_body::{Script, ScriptedBody, Step};
use crate::wire::{self, Client, Wire};

const BOTH: &[Wire] = &[Wire::Http1, Wire::Http2];
const HTTP1: &[Wire] = &[Wire::Http1];

/// What the service does with the request.
#[derive(Clone, Debug)]
enum Handler {
    Answers(u16, Script),
    Declares(&'static str, Script),
    Fails,
    Hangs,
    PanicsInCall,
    PanicsAtOnce,
    PanicsAfterAwait,
}

/// What limits the request from outside the layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Limit {
    None,
    /// Drops the future once its announced deadline has passed.
    AfterDeadline,
    /// Drops the future before its announced deadline.
    BeforeDeadline,
}

struct Row {
    name: &'static str,
    wires: &'static [Wire],
    method: Method,
    handler: Handler,
    limit: Limit,
    client: Client,
    outcome: Outcome,
    status: Option<u16>,
    error_type: Option<&'static str>,
}

impl Row {
    fn new(name: &'static str, handler: Handler) -> Self {
        Self {
            name,
            wires: BOTH,
            method: Method::GET,
            handler,
            limit: Limit::None,
            client: Client::ReadsAll,
            outcome: Outcome::Ok,
            status: Some(200),
            error_type: None,
        }
    }

    fn method(self, method: Method) -> Self {
        Self { method, ..self }
    }

    fn on(self, wires: &'static [Wire]) -> Self {
        Self { wires, ..self }
    }

    fn limited(self, limit: Limit) -> Self {
        Self { limit, ..self }
    }

    fn client(self, client: Client) -> Self {
        Self { client, ..self }
    }

    fn ends(self, outcome: Outcome, status: Option<u16>, error_type: Option<&'static str>) -> Self {
        Self {
            outcome,
            status,
            error_type,
            ..self
        }
    }
}

fn body(steps: &[Step]) -> Script {
    Script {
        steps: steps.to_vec(),
        ..Script::default()
    }
}

fn flagged(steps: &[Step]) -> Script {
    Script {
        flags_its_end: true,
        ..body(steps)
    }
}

fn table() -> Vec<Row> {
    use Client::{LeavesAfterFirstFrame, LeavesBeforeHead};
    use Handler::{Answers, Declares, Fails, Hangs, PanicsAfterAwait, PanicsAtOnce, PanicsInCall};
    use Outcome::{
        BodyError, ClientDisconnect, ClientError, Denied, Ok, Panic, ServerError, Timeout, Upgrade,
    };
    use Step::{Data, Error, Hang, Trailers};

    let data = Data(b"hello");
    vec![
        // The head is all there is.
        Row::new("empty body, ended at birth", Answers(200, flagged(&[]))),
        Row::new("204", Answers(204, body(&[]))).ends(Ok, Some(204), None),
        Row::new("304 with a body value", Answers(304, body(&[data]))).ends(Ok, Some(304), None),
        Row::new("HEAD with a body value", Answers(200, body(&[data]))).method(Method::HEAD),
        // The body to its end, by every sign there is.
        Row::new("read to `None`", Answers(200, body(&[data, data]))),
        Row::new("last frame flagged", Answers(200, flagged(&[data, data]))),
        Row::new(
            "declared Content-Length reached, `None` never asked for",
            Declares("10", body(&[data, data, Hang])),
        )
        .on(HTTP1),
        Row::new(
            "exact size hint reached",
            Answers(
                200,
                Script {
                    hint: Some(5),
                    ..body(&[data, Hang])
                },
            ),
        )
        .on(HTTP1),
        Row::new("trailers", Answers(200, body(&[data, Trailers]))),
        // Verdicts by status.
        Row::new("404", Answers(404, flagged(&[data]))).ends(ClientError, Some(404), None),
        Row::new("401", Answers(401, flagged(&[]))).ends(Denied, Some(401), None),
        Row::new("503", Answers(503, flagged(&[data]))).ends(ServerError, Some(503), Some("503")),
        // Errors.
        Row::new("the service errs", Fails).ends(ServerError, None, Some("std::io::error::Error")),
        Row::new(
            "the body errs after the head",
            Answers(200, body(&[data, Error])),
        )
        .ends(BodyError, Some(200), Some("body_error")),
        // Clients that leave.
        Row::new("client leaves before the head", Hangs)
            .client(LeavesBeforeHead)
            .ends(ClientDisconnect, None, Some("client_disconnect")),
        Row::new(
            "client leaves in the middle of the body",
            Answers(200, body(&[data, Hang])),
        )
        .client(LeavesAfterFirstFrame)
        .ends(ClientDisconnect, Some(200), Some("client_disconnect")),
        // Panics.
        Row::new("panic in `call`", PanicsInCall).ends(Panic, None, Some("panic")),
        Row::new("panic in the first poll", PanicsAtOnce).ends(Panic, None, Some("panic")),
        Row::new("panic in a later poll", PanicsAfterAwait).ends(Panic, None, Some("panic")),
        Row::new(
            "panic in `poll_frame`",
            Answers(200, body(&[data, Step::Panic])),
        )
        .ends(Panic, Some(200), Some("panic")),
        Row::new(
            "panic in the body's drop",
            Answers(
                200,
                Script {
                    panics_when_dropped: true,
                    ..body(&[data, Hang])
                },
            ),
        )
        .client(LeavesAfterFirstFrame)
        .ends(Panic, Some(200), Some("panic")),
        // Deadlines.
        Row::new("dropped after its deadline", Hangs)
            .limited(Limit::AfterDeadline)
            .ends(Timeout, None, Some("timeout")),
        Row::new("dropped before its deadline", Hangs)
            .limited(Limit::BeforeDeadline)
            .ends(ClientDisconnect, None, Some("client_disconnect")),
        // Connections that stop being HTTP.
        Row::new("101", Answers(101, flagged(&[])))
            .on(HTTP1)
            .ends(Upgrade, Some(101), None),
        Row::new("2xx to CONNECT", Answers(200, body(&[data, Hang])))
            .method(Method::CONNECT)
            .client(LeavesAfterFirstFrame)
            .ends(Upgrade, Some(200), None),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_ending_is_judged_once_and_alike_in_every_signal() {
    let mut failures = Vec::new();
    for row in table() {
        for wire in row.wires {
            let ran = tokio::time::timeout(Duration::from_secs(30), run(&row, *wire)).await;
            if let Err(why) = ran.unwrap_or_else(|_| Err("hangs".to_owned())) {
                failures.push(format!("{:?}, {}: {why}", wire, row.name));
            }
        }
    }
    assert!(failures.is_empty(), "\n{}\n", failures.join("\n"));
}

async fn run(row: &Row, wire: Wire) -> Result<(), String> {
    let mut probe = Probe::new();
    let arrived = Arc::new(Notify::new());
    let layer = HttpServerLayer::builder(probe.telemetry())
        .with_route(Fixed("/row"))
        .build()
        .map_err(|error| error.to_string())?;
    let inner = layer.layer(service_fn({
        let (handler, arrived) = (row.handler.clone(), Arc::clone(&arrived));
        move |request: Request<Incoming>| handle(handler.clone(), request, Arc::clone(&arrived))
    }));
    let limit = row.limit;
    let outer = service_fn(move |mut request: Request<Incoming>| {
        let mut inner = inner.clone();
        async move {
            let (announced, given) = match limit {
                Limit::None => return tower::Service::call(&mut inner, request).await,
                Limit::AfterDeadline => (Duration::ZERO, Duration::from_millis(20)),
                Limit::BeforeDeadline => (Duration::from_secs(60), Duration::from_millis(20)),
            };
            #[expect(
                clippy::disallowed_methods,
                reason = "a timeout layer reads the real clock"
            )]
            let deadline = Deadline::new(Instant::now() + announced);
            request.extensions_mut().insert(deadline);
            tokio::time::timeout(given, tower::Service::call(&mut inner, request))
                .await
                .unwrap_or_else(|_elapsed| Err(io::Error::from(io::ErrorKind::TimedOut)))
        }
    });
    let address = wire::serve(wire, outer).await;

    let request = Request::builder()
        .method(&row.method)
        .uri(match (&row.method, wire) {
            (&Method::CONNECT, _) => "shop.example:443".to_owned(),
            (_, Wire::Http1) => "/row?q=1".to_owned(),
            (_, Wire::Http2) => format!("http://{address}/row?q=1"),
        })
        .header("host", address.to_string())
        .header("traceparent", probe.traceparent())
        .body(Empty::new())
        .map_err(|error| error.to_string())?;
    wire::request(wire, address, request, row.client, arrived.notified()).await;

    let end = probe.next_end().await.ok_or("the exchange never ended")?;
    let seen = probe.verdicts(&end);
    check(row, &end, &seen)?;
    match probe.further_ends() {
        0 => Ok(()),
        further => Err(format!("ended {further} more times")),
    }
}

/// Holds every signal against the row.
fn check(row: &Row, end: &testkit::End, seen: &testkit::Verdicts) -> Result<(), String> {
    let expect = |what: &str, holds: bool| {
        if holds {
            Ok(())
        } else {
            Err(format!("{what}\n  end: {end:?}\n  seen: {seen:#?}"))
        }
    };
    expect("outcome", end.outcome == row.outcome)?;
    expect("one span", seen.spans.len() == 1)?;
    expect(
        "span outcome",
        seen.spans[0].outcome == row.outcome.as_str(),
    )?;
    expect(
        "span status code",
        seen.spans[0].status == row.status.map(i64::from),
    )?;
    expect(
        "span error.type",
        seen.spans[0].error_type.as_deref() == row.error_type,
    )?;
    let errs = row.error_type.is_some();
    expect("span status", seen.spans[0].is_error == errs)?;
    expect(
        "one duration",
        seen.durations.len() == 1 && seen.durations[0].count == 1,
    )?;
    let labels = &seen.durations[0].labels;
    expect(
        "metric outcome",
        labels.get("exchange_outcome").map(String::as_str) == Some(row.outcome.as_str()),
    )?;
    expect(
        "metric error_type",
        labels.get("error_type").map(String::as_str) == row.error_type,
    )?;
    expect(
        "span and metric last as long",
        seen.spans[0].duration == end.duration,
    )?;
    expect(
        "nothing in flight",
        seen.in_flight == 0 && seen.running == 0,
    )?;
    expect("one log line", seen.log_lines.len() == 1)?;
    expect(
        "log outcome",
        seen.log_lines[0]["exchange.outcome"] == row.outcome.as_str(),
    )?;
    expect(
        "log error.type",
        seen.log_lines[0].get("error.type").and_then(|v| v.as_str()) == row.error_type,
    )?;
    expect("inner lines carry the ids", seen.lines_without_ids == 0)?;
    expect(
        "time to head",
        end.time_to_head.is_some() == row.status.is_some(),
    )
}

fn handle(
    handler: Handler,
    request: Request<Incoming>,
    arrived: Arc<Notify>,
) -> impl Future<Output = Result<Response<ScriptedBody>, io::Error>> {
    assert!(!matches!(handler, Handler::PanicsInCall), "asked to panic");
    async move {
        tracing::info!("inside the handler");
        let _witness = LogsWhenDropped;
        arrived.notify_one();
        let _request = request;
        let (status, script, length) = match handler {
            Handler::Answers(status, script) => (status, script, None),
            Handler::Declares(length, script) => (200, script, Some(length)),
            Handler::Fails => return Err(io::Error::other("no database")),
            Handler::Hangs => std::future::pending().await,
            Handler::PanicsInCall | Handler::PanicsAtOnce => panic!("asked to panic"),
            Handler::PanicsAfterAwait => {
                tokio::task::yield_now().await;
                panic!("asked to panic")
            }
        };
        let mut response = Response::new(ScriptedBody::from(script));
        *response.status_mut() = StatusCode::from_u16(status).map_err(io::Error::other)?;
        if let Some(length) = length {
            let length = length.parse().map_err(io::Error::other)?;
            response.headers_mut().insert("content-length", length);
        }
        if status == 101 {
            response
                .headers_mut()
                .insert("connection", "upgrade".parse().map_err(io::Error::other)?);
            response
                .headers_mut()
                .insert("upgrade", "test".parse().map_err(io::Error::other)?);
        }
        Ok(response)
    }
}

/// A destructor that logs: its line must carry the ids too.
struct LogsWhenDropped;

impl Drop for LogsWhenDropped {
    fn drop(&mut self) {
        tracing::info!("the handler is dropped");
    }
}
