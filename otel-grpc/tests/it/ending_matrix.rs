//! Every way a gRPC call can end, judged once on each side and alike in every signal.
//!
//! The table is the specification. Each row runs on a connection of its own, with a layer and a
//! pipeline of signals at each end, and holds that each end has exactly one span, one duration and
//! one log line, that they carry one verdict, and that nothing is left in flight. Beside it stands
//! what tonic tells its caller, which is not always the truth.

use std::sync::Arc;
use std::time::Duration;

use otel_core::clock::SystemClock;
use otel_core::outcome::Outcome;
use otel_grpc::{GrpcClientLayer, GrpcServerLayer};
use testkit::{End, Probe, Verdicts};
use tonic::Code;
use tower::Layer;

use crate::row_clock::RowClock;
use crate::service::{CHECK, Scripted, Step, WATCH};
use crate::wire::{self, Bare, Call, Running};

/// What answers.
#[derive(Clone, Debug)]
enum Server {
    Tonic(&'static [Step]),
    /// The same, with a timeout of its own that is known to the layer.
    TonicWithin(Duration, &'static [Step]),
    Bare(Bare),
    /// Nobody.
    Nowhere,
}

/// What the signals of one end say.
#[derive(Clone, Copy, Debug)]
struct Verdict {
    outcome: Outcome,
    status: &'static str,
    error_type: Option<&'static str>,
}

const fn verdict(
    outcome: Outcome,
    status: &'static str,
    error_type: Option<&'static str>,
) -> Verdict {
    Verdict {
        outcome,
        status,
        error_type,
    }
}

/// A verdict that is a failure and needs no other name than its status.
const fn failed(outcome: Outcome, status: &'static str) -> Verdict {
    verdict(outcome, status, Some(status))
}

const OK: Verdict = verdict(Outcome::Ok, "OK", None);
const LEFT: Verdict = verdict(Outcome::ClientDisconnect, "CANCELLED", None);

/// The server reset the stream with CANCEL, which is what a panic looks like from outside.
const RESET: Verdict = failed(Outcome::ServerError, "CANCELLED");

struct Row {
    name: &'static str,
    server: Server,
    call: Call,
    /// Lets the deadline pass while the call is in its handler, by the clock of the signals.
    late: bool,
    /// The client goes away while the call is in its handler.
    abandoned: bool,
    at_server: Option<Verdict>,
    at_client: Verdict,
    told: Code,
    received: usize,
    method: &'static str,
}

impl Row {
    fn new(name: &'static str, server: Server, call: Call) -> Self {
        Self {
            name,
            server,
            call,
            late: false,
            abandoned: false,
            at_server: Some(OK),
            at_client: OK,
            told: Code::Ok,
            received: 0,
            method: "",
        }
    }

    fn unary(name: &'static str, steps: &'static [Step]) -> Self {
        Self::new(name, Server::Tonic(steps), Call::unary(CHECK))
    }

    fn stream(name: &'static str, steps: &'static [Step]) -> Self {
        Self::new(name, Server::Tonic(steps), Call::stream(WATCH))
    }

    fn timeout(mut self, timeout: Duration) -> Self {
        self.call.timeout = Some(timeout);
        self
    }

    fn late(self) -> Self {
        Self { late: true, ..self }
    }

    fn abandoned(self) -> Self {
        Self {
            abandoned: true,
            ..self
        }
    }

    fn enough(mut self, messages: usize) -> Self {
        self.call.enough = Some(messages);
        self
    }

    /// The method as the server names it, where that is not its path.
    fn method(self, method: &'static str) -> Self {
        Self { method, ..self }
    }

    fn receives(self, received: usize) -> Self {
        Self { received, ..self }
    }

    fn ends(self, at_server: Verdict, at_client: Verdict, told: Code) -> Self {
        Self {
            at_server: Some(at_server),
            at_client,
            told,
            ..self
        }
    }

    fn ends_at_client(self, at_client: Verdict, told: Code) -> Self {
        Self {
            at_server: None,
            at_client,
            told,
            ..self
        }
    }
}

fn table() -> Vec<Row> {
    use Outcome::{ClientError, Denied, Panic, ServerError, Timeout};
    use Step::{Hang, Message, Status, UntilRead};

    vec![
        // Calls that end as they should: the status is in the trailers.
        Row::unary("unary", &[Message]).receives(1),
        Row::stream("stream to its end", &[Message; 3]).receives(3),
        Row::stream("stream of nothing", &[]),
        // Statuses of the service. On a server, a fault of the caller is not an error.
        Row::unary("unary error, in the head", &[Status(Code::NotFound)]).ends(
            verdict(ClientError, "NOT_FOUND", None),
            failed(ClientError, "NOT_FOUND"),
            Code::NotFound,
        ),
        Row::unary("refused", &[Status(Code::PermissionDenied)]).ends(
            verdict(Denied, "PERMISSION_DENIED", None),
            failed(Denied, "PERMISSION_DENIED"),
            Code::PermissionDenied,
        ),
        Row::unary("failed", &[Status(Code::Internal)]).ends(
            failed(ServerError, "INTERNAL"),
            failed(ServerError, "INTERNAL"),
            Code::Internal,
        ),
        Row::stream(
            "stream error after three messages, in the trailers",
            &[
                Message,
                Message,
                Message,
                UntilRead(3),
                Status(Code::DataLoss),
            ],
        )
        .receives(3)
        .ends(
            failed(ServerError, "DATA_LOSS"),
            failed(ServerError, "DATA_LOSS"),
            Code::DataLoss,
        ),
        // Deadlines: tonic says CANCELLED.
        Row::unary("the caller's deadline passes", &[Hang])
            // Long enough for the call to be in its handler by then, on a loaded machine too.
            .timeout(Duration::from_secs(2))
            .late()
            .ends(
                failed(Timeout, "DEADLINE_EXCEEDED"),
                failed(Timeout, "DEADLINE_EXCEEDED"),
                Code::Cancelled,
            ),
        Row::new(
            "the server's timeout passes, of which the caller knows nothing",
            Server::TonicWithin(Duration::from_millis(100), &[Hang]),
            Call::unary(CHECK),
        )
        .ends(
            failed(Timeout, "DEADLINE_EXCEEDED"),
            failed(ServerError, "CANCELLED"),
            Code::Cancelled,
        ),
        Row::stream(
            "a deadline that passes after the head ends no stream",
            &[Message; 2],
        )
        .timeout(Duration::from_secs(3600))
        .late()
        .receives(2),
        // Panics: the caller sees the stream reset, before the head or after.
        Row::unary("panic", &[Step::Panic]).ends(
            verdict(Panic, "INTERNAL", Some("panic")),
            RESET,
            Code::Cancelled,
        ),
        Row::stream(
            "panic in the stream",
            &[Message, Message, UntilRead(2), Step::Panic],
        )
        .receives(2)
        .ends(
            verdict(Panic, "INTERNAL", Some("panic")),
            RESET,
            Code::Cancelled,
        ),
        // Clients that leave, with and without a deadline that has not passed.
        Row::unary("client leaves", &[Hang])
            .abandoned()
            .ends(LEFT, LEFT, Code::Ok),
        Row::unary("client leaves before its deadline", &[Hang])
            .timeout(Duration::from_secs(3600))
            .abandoned()
            .ends(LEFT, LEFT, Code::Ok),
        Row::stream(
            "client leaves after two messages",
            &[Message, Message, Hang],
        )
        .enough(2)
        .receives(2)
        .ends(LEFT, LEFT, Code::Ok),
        // Methods the server does not have.
        Row::new(
            "unknown method",
            Server::Tonic(&[]),
            Call::unary("/grpc.health.v1.Health/Guess"),
        )
        .method("_OTHER")
        .ends(
            failed(ServerError, "UNIMPLEMENTED"),
            failed(ServerError, "UNIMPLEMENTED"),
            Code::Unimplemented,
        ),
        Row::new(
            "unknown service",
            Server::Tonic(&[]),
            Call::unary("/guess.v1.Guess/Guess"),
        )
        .method("_OTHER")
        .ends(
            failed(ServerError, "UNIMPLEMENTED"),
            failed(ServerError, "UNIMPLEMENTED"),
            Code::Unimplemented,
        ),
        // Servers that do not speak gRPC, or not well, or do not speak at all.
        Row::new(
            "status in a head that is followed by a body",
            Server::Bare(Bare {
                grpc_status: Some(5),
                ..Bare::new(200, "\0\0\0\0\0")
            }),
            Call::unary(CHECK),
        )
        .ends(
            verdict(ClientError, "NOT_FOUND", None),
            failed(ClientError, "NOT_FOUND"),
            Code::NotFound,
        ),
        Row::new(
            "no status at a clean end, head only",
            Server::Bare(Bare::new(200, "")),
            Call::unary(CHECK),
        )
        .ends(
            verdict(ServerError, "UNKNOWN", Some("missing_grpc_status")),
            verdict(ServerError, "UNKNOWN", Some("missing_grpc_status")),
            Code::Unknown,
        ),
        Row::new(
            "no status at a clean end, after a message",
            Server::Bare(Bare::new(200, "\0\0\0\0\0")),
            Call::stream(WATCH),
        )
        .receives(1)
        .ends(
            verdict(ServerError, "UNKNOWN", Some("missing_grpc_status")),
            verdict(ServerError, "UNKNOWN", Some("missing_grpc_status")),
            Code::Unknown,
        ),
        Row::new(
            "503 without a status",
            Server::Bare(Bare::new(503, "")),
            Call::unary(CHECK),
        )
        .ends(
            failed(ServerError, "UNAVAILABLE"),
            failed(ServerError, "UNAVAILABLE"),
            Code::Unavailable,
        ),
        Row::new("connection refused", Server::Nowhere, Call::unary(CHECK)).ends_at_client(
            verdict(ServerError, "UNAVAILABLE", Some("connect")),
            Code::Unavailable,
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_ending_is_judged_once_and_alike_on_both_sides() {
    let mut failures = Vec::new();
    for row in table() {
        let ran = tokio::time::timeout(Duration::from_secs(30), run(&row)).await;
        if let Err(why) = ran.unwrap_or_else(|_| Err("hangs".to_owned())) {
            failures.push(format!("{}: {why}", row.name));
        }
    }
    assert!(failures.is_empty(), "\n{}\n", failures.join("\n"));
}

async fn run(row: &Row) -> Result<(), String> {
    let clock = if row.late {
        RowClock::Manual(Arc::default())
    } else {
        RowClock::System(SystemClock::new())
    };
    let mut at_server = Probe::with(|builder| builder.with_clock(clock.clone()));
    let mut at_client = Probe::with(|builder| builder.with_clock(clock.clone()));

    let mut layer = GrpcServerLayer::builder(at_server.telemetry())
        .with_methods([method(CHECK), method(WATCH)]);
    let service = match &row.server {
        Server::Tonic(steps) | Server::TonicWithin(_, steps) => Scripted::new(steps),
        Server::Bare(_) | Server::Nowhere => Scripted::new(&[]),
    }
    .on_arrival(move || clock.advance(Duration::from_secs(7200)));
    let (arrived, read) = (service.arrived(), service.read());
    let server: Option<Running> = match row.server {
        Server::Tonic(_) => Some(wire::serve(layer.build().unwrap(), service, None).await),
        Server::TonicWithin(timeout, _) => {
            layer = layer.with_timeout(timeout);
            Some(wire::serve(layer.build().unwrap(), service, Some(timeout)).await)
        }
        Server::Bare(bare) => Some(wire::serve_bare(layer.build().unwrap(), bare).await),
        Server::Nowhere => None,
    };
    let address = match &server {
        Some(server) => server.address,
        None => wire::nowhere().await,
    };

    let client = GrpcClientLayer::builder(at_client.telemetry())
        .with_server("shop.example", 50051)
        .build()
        .map_err(|error| error.to_string())?
        .layer(wire::channel(address));
    let call = tokio::spawn(row.call.clone().make(client, read));
    if row.abandoned {
        arrived.notified().await;
        call.abort();
        let _ = call.await;
    } else {
        let got = call.await.map_err(|error| error.to_string())?;
        if got != (row.received, row.told) {
            return Err(format!("the caller was told {got:?}"));
        }
    }

    let seen = Seen::of(&mut at_client).await?;
    check(&row.at_client, method(&row.call.path), &seen).map_err(|why| format!("client: {why}"))?;
    if let Some(expected) = &row.at_server {
        let name = match row.method {
            "" => method(&row.call.path),
            other => other,
        };
        let seen = Seen::of(&mut at_server).await?;
        check(expected, name, &seen).map_err(|why| format!("server: {why}"))?;
    }
    match (at_client.further_ends(), at_server.further_ends()) {
        (0, 0) => Ok(()),
        further => Err(format!("ended {further:?} more times")),
    }
}

/// `package.Service/Method` of a path.
fn method(path: &str) -> &str {
    path.trim_start_matches('/')
}

/// All that one end left behind.
#[derive(Debug)]
struct Seen {
    end: End,
    all: Verdicts,
}

impl Seen {
    async fn of(probe: &mut Probe) -> Result<Self, String> {
        let end = probe.next_end().await.ok_or("the exchange never ended")?;
        let mut all = probe.verdicts(&end);
        // Both ends are in one trace: a line belongs to the end whose span it is stamped with.
        let span_id = all.spans.first().map(|span| span.span_id.clone());
        all.log_lines
            .retain(|line| line["span_id"].as_str() == span_id.as_deref());
        Ok(Self { end, all })
    }
}

/// Holds every signal of one end against the row.
fn check(expected: &Verdict, method: &str, seen: &Seen) -> Result<(), String> {
    let Seen { end, all } = seen;
    let expect = |what: &str, holds: bool| {
        if holds {
            Ok(())
        } else {
            Err(format!(
                "{what}\n  expected: {expected:?}\n  seen: {seen:#?}"
            ))
        }
    };
    expect("outcome", end.outcome == expected.outcome)?;

    expect("one span", all.spans.len() == 1)?;
    let span = &all.spans[0];
    let attribute = |name: &str| span.attributes.get(name).map(String::as_str);
    expect("span outcome", span.outcome == expected.outcome.as_str())?;
    expect(
        "span status code",
        span.grpc_status.as_deref() == Some(expected.status),
    )?;
    expect(
        "span error.type",
        span.error_type.as_deref() == expected.error_type,
    )?;
    expect(
        "span status",
        span.is_error == expected.error_type.is_some(),
    )?;
    expect("span method", attribute("rpc.method") == Some(method))?;
    let name = if method == "_OTHER" { "grpc" } else { method };
    expect("span name", span.name == name)?;
    expect("span attributes written once", span.repeated.is_empty())?;

    expect(
        "one duration",
        all.durations.len() == 1 && all.durations[0].count == 1,
    )?;
    let label = |name: &str| all.durations[0].labels.get(name).map(String::as_str);
    expect(
        "metric outcome",
        label("exchange_outcome") == Some(expected.outcome.as_str()),
    )?;
    expect(
        "metric status code",
        label("rpc_response_status_code") == Some(expected.status),
    )?;
    expect(
        "metric error_type",
        label("error_type") == expected.error_type,
    )?;
    expect("metric method", label("rpc_method") == Some(method))?;
    expect(
        "span and metric last as long",
        span.duration == end.duration,
    )?;
    expect("nothing in flight", all.in_flight == 0 && all.running == 0)?;

    expect("one log line", all.log_lines.len() == 1)?;
    let field = |name: &str| all.log_lines[0].get(name).and_then(|value| value.as_str());
    expect(
        "log outcome",
        field("exchange.outcome") == Some(expected.outcome.as_str()),
    )?;
    expect(
        "log status code",
        field("rpc.response.status_code") == Some(expected.status),
    )?;
    expect("log error.type", field("error.type") == expected.error_type)?;
    expect("log method", field("rpc.method") == Some(method))
}
