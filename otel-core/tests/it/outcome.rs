//! The verdicts, as tables: facts on the left, what every signal will say on the right.

use otel_core::outcome::{Classify, Ending, Facts, GrpcCode, Outcome, Side, Status};

fn facts(side: Side, ending: Ending) -> Facts {
    Facts {
        side,
        ending,
        http_status: None,
        grpc_status: None,
        deadline_passed: false,
        error_type: None,
    }
}

#[test]
fn http() {
    use Ending::{BodyError, Complete, Dropped, Panicked, ServiceError, Trailers, Upgraded};
    use Side::{Client, Server};
    let table = [
        // side, ending, status, late, outcome, error.type, span error
        (Server, Complete, Some(200), false, Outcome::Ok, None, false),
        (Server, Trailers, Some(206), false, Outcome::Ok, None, false),
        (Server, Complete, Some(302), false, Outcome::Ok, None, false),
        (
            Server,
            Complete,
            Some(400),
            false,
            Outcome::ClientError,
            None,
            false,
        ),
        (
            Client,
            Complete,
            Some(404),
            false,
            Outcome::ClientError,
            Some("404"),
            true,
        ),
        (
            Server,
            Complete,
            Some(401),
            false,
            Outcome::Denied,
            None,
            false,
        ),
        (
            Client,
            Complete,
            Some(403),
            false,
            Outcome::Denied,
            Some("403"),
            true,
        ),
        (
            Server,
            Complete,
            Some(500),
            false,
            Outcome::ServerError,
            Some("500"),
            true,
        ),
        (
            Client,
            Complete,
            Some(504),
            false,
            Outcome::ServerError,
            Some("504"),
            true,
        ),
        // A complete answer is what was answered, however late.
        (Server, Complete, Some(200), true, Outcome::Ok, None, false),
        (
            Server,
            Dropped,
            None,
            false,
            Outcome::ClientDisconnect,
            Some("client_disconnect"),
            true,
        ),
        (
            Server,
            Dropped,
            Some(200),
            false,
            Outcome::ClientDisconnect,
            Some("client_disconnect"),
            true,
        ),
        (
            Client,
            Dropped,
            None,
            false,
            Outcome::ClientDisconnect,
            None,
            false,
        ),
        (
            Server,
            Dropped,
            None,
            true,
            Outcome::Timeout,
            Some("timeout"),
            true,
        ),
        (
            Client,
            Dropped,
            None,
            true,
            Outcome::Timeout,
            Some("timeout"),
            true,
        ),
        (
            Server,
            ServiceError,
            None,
            false,
            Outcome::ServerError,
            Some("_OTHER"),
            true,
        ),
        (
            Server,
            ServiceError,
            None,
            true,
            Outcome::Timeout,
            Some("timeout"),
            true,
        ),
        (
            Server,
            BodyError,
            Some(200),
            false,
            Outcome::BodyError,
            Some("body_error"),
            true,
        ),
        (
            Server,
            Panicked,
            None,
            true,
            Outcome::Panic,
            Some("panic"),
            true,
        ),
        (
            Server,
            Upgraded,
            Some(101),
            false,
            Outcome::Upgrade,
            None,
            false,
        ),
    ];
    for (side, ending, status, late, outcome, error_type, span_error) in table {
        let facts = Facts {
            http_status: status,
            deadline_passed: late,
            ..facts(side, ending)
        };
        let judged = Classify::Http.judge(&facts);
        assert_eq!(
            (judged.outcome, judged.error_type, judged.span_error),
            (outcome, error_type, span_error),
            "{facts:?}"
        );
        assert_eq!(judged.status, status.map(Status::Http), "{facts:?}");
    }
}

#[test]
fn a_named_error_keeps_its_name() {
    for ending in [Ending::ServiceError, Ending::BodyError] {
        let facts = Facts {
            error_type: Some("io"),
            ..facts(Side::Server, ending)
        };
        assert_eq!(Classify::Http.judge(&facts).error_type, Some("io"));
    }
}

#[test]
fn an_error_that_says_what_it_is_has_that_outcome() {
    for (name, outcome) in [
        ("timeout", Outcome::Timeout),
        ("overloaded", Outcome::Shed),
        ("connection_refused", Outcome::ServerError),
    ] {
        for side in [Side::Server, Side::Client] {
            let facts = Facts {
                error_type: Some(name),
                ..facts(side, Ending::ServiceError)
            };
            let judged = Classify::Http.judge(&facts);
            assert_eq!((judged.outcome, judged.error_type), (outcome, Some(name)));
            assert!(judged.span_error);
        }
    }
}

#[test]
fn grpc_statuses() {
    // The OpenTelemetry RPC conventions: which codes make a server's span an error.
    let server_errors = [2, 4, 12, 13, 14, 15];
    for code in GrpcCode::ALL {
        let of = |side| {
            Classify::Grpc.judge(&Facts {
                http_status: Some(200),
                grpc_status: Some(code),
                ..facts(side, Ending::Trailers)
            })
        };
        let server = of(Side::Server);
        assert_eq!(
            server.span_error,
            server_errors.contains(&code.number()),
            "{code}"
        );
        assert_eq!(
            server.error_type,
            server.span_error.then(|| code.as_str()),
            "{code}"
        );
        assert_eq!(of(Side::Client).span_error, code != GrpcCode::Ok, "{code}");
        assert_eq!(server.status, Some(Status::Grpc(code)));
        let client = of(Side::Client).outcome;
        if code == GrpcCode::Cancelled {
            // A client reads this off the wire only when the server gave up by itself.
            assert_eq!(
                (server.outcome, client),
                (Outcome::ClientDisconnect, Outcome::ServerError)
            );
        } else {
            assert_eq!(server.outcome, client, "both ends agree on {code}");
        }
    }
}

#[test]
fn grpc_endings_without_a_status() {
    use GrpcCode::{Cancelled, DeadlineExceeded, Internal, Unavailable, Unknown};
    let table = [
        // ending, http status, late, code, outcome, error.type on the server
        (
            Ending::Complete,
            Some(200),
            false,
            Unknown,
            Outcome::ServerError,
            Some("missing_grpc_status"),
        ),
        (
            Ending::Complete,
            Some(503),
            false,
            Unavailable,
            Outcome::ServerError,
            Some("UNAVAILABLE"),
        ),
        (
            Ending::Complete,
            Some(401),
            false,
            GrpcCode::Unauthenticated,
            Outcome::Denied,
            None,
        ),
        (
            Ending::Complete,
            Some(404),
            false,
            GrpcCode::Unimplemented,
            Outcome::ServerError,
            Some("UNIMPLEMENTED"),
        ),
        (
            Ending::Dropped,
            None,
            false,
            Cancelled,
            Outcome::ClientDisconnect,
            None,
        ),
        (
            Ending::Dropped,
            None,
            true,
            DeadlineExceeded,
            Outcome::Timeout,
            Some("DEADLINE_EXCEEDED"),
        ),
        (
            Ending::Panicked,
            None,
            false,
            Internal,
            Outcome::Panic,
            Some("panic"),
        ),
        (
            Ending::BodyError,
            Some(200),
            false,
            Unknown,
            Outcome::BodyError,
            Some("UNKNOWN"),
        ),
    ];
    for (ending, http_status, late, code, outcome, error_type) in table {
        let judged = Classify::Grpc.judge(&Facts {
            http_status,
            deadline_passed: late,
            ..facts(Side::Server, ending)
        });
        assert_eq!(
            (judged.status, judged.outcome, judged.error_type),
            (Some(Status::Grpc(code)), outcome, error_type),
            "{ending:?} {http_status:?}"
        );
    }
}

#[test]
fn an_expired_deadline_that_was_answered_with_cancelled_is_a_timeout() {
    let judged = Classify::Grpc.judge(&Facts {
        http_status: Some(200),
        grpc_status: Some(GrpcCode::Cancelled),
        deadline_passed: true,
        ..facts(Side::Server, Ending::Trailers)
    });
    assert_eq!(judged.outcome, Outcome::Timeout);
    assert_eq!(
        judged.status,
        Some(Status::Grpc(GrpcCode::DeadlineExceeded))
    );
}
