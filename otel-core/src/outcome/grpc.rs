//! gRPC status codes and how a call's ending becomes one.

use std::fmt;

use super::{Ending, Facts, Judgement, Outcome, Side, Status};

/// The seventeen status codes of gRPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the gRPC specification closes the set"
)]
#[expect(missing_docs, reason = "each variant is the specification's own name")]
pub enum GrpcCode {
    Ok,
    Cancelled,
    Unknown,
    InvalidArgument,
    DeadlineExceeded,
    NotFound,
    AlreadyExists,
    PermissionDenied,
    ResourceExhausted,
    FailedPrecondition,
    Aborted,
    OutOfRange,
    Unimplemented,
    Internal,
    Unavailable,
    DataLoss,
    Unauthenticated,
}

impl GrpcCode {
    /// Every code, in the order of its number.
    pub const ALL: [Self; 17] = [
        Self::Ok,
        Self::Cancelled,
        Self::Unknown,
        Self::InvalidArgument,
        Self::DeadlineExceeded,
        Self::NotFound,
        Self::AlreadyExists,
        Self::PermissionDenied,
        Self::ResourceExhausted,
        Self::FailedPrecondition,
        Self::Aborted,
        Self::OutOfRange,
        Self::Unimplemented,
        Self::Internal,
        Self::Unavailable,
        Self::DataLoss,
        Self::Unauthenticated,
    ];

    /// Reads a `grpc-status` header. A number outside 0 to 16, or no number, is
    /// [`Unknown`](Self::Unknown), as the gRPC specification says.
    ///
    /// ```
    /// use otel_core::outcome::GrpcCode;
    ///
    /// assert_eq!(GrpcCode::parse(b"5"), GrpcCode::NotFound);
    /// assert_eq!(GrpcCode::parse(b"99"), GrpcCode::Unknown);
    /// ```
    #[must_use]
    pub fn parse(text: &[u8]) -> Self {
        std::str::from_utf8(text)
            .ok()
            .filter(|text| text.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|text| text.parse::<usize>().ok())
            .and_then(|number| Self::ALL.get(number).copied())
            .unwrap_or(Self::Unknown)
    }

    /// The code an HTTP status stands for when the server sent no `grpc-status`, after the
    /// HTTP-to-gRPC status mapping of the gRPC specification.
    #[must_use]
    pub const fn from_http(status: u16) -> Self {
        match status {
            400 => Self::Internal,
            401 => Self::Unauthenticated,
            403 => Self::PermissionDenied,
            404 => Self::Unimplemented,
            429 | 502 | 503 | 504 => Self::Unavailable,
            _ => Self::Unknown,
        }
    }

    /// The number on the wire, 0 to 16.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The specification's name, such as `NOT_FOUND`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Cancelled => "CANCELLED",
            Self::Unknown => "UNKNOWN",
            Self::InvalidArgument => "INVALID_ARGUMENT",
            Self::DeadlineExceeded => "DEADLINE_EXCEEDED",
            Self::NotFound => "NOT_FOUND",
            Self::AlreadyExists => "ALREADY_EXISTS",
            Self::PermissionDenied => "PERMISSION_DENIED",
            Self::ResourceExhausted => "RESOURCE_EXHAUSTED",
            Self::FailedPrecondition => "FAILED_PRECONDITION",
            Self::Aborted => "ABORTED",
            Self::OutOfRange => "OUT_OF_RANGE",
            Self::Unimplemented => "UNIMPLEMENTED",
            Self::Internal => "INTERNAL",
            Self::Unavailable => "UNAVAILABLE",
            Self::DataLoss => "DATA_LOSS",
            Self::Unauthenticated => "UNAUTHENTICATED",
        }
    }

    /// Whether a server's span is an error with this status, after the OpenTelemetry RPC
    /// conventions. (A client's span is, with any status but `OK`.)
    #[must_use]
    pub const fn is_server_error(self) -> bool {
        matches!(
            self,
            Self::Unknown
                | Self::DeadlineExceeded
                | Self::Unimplemented
                | Self::Internal
                | Self::Unavailable
                | Self::DataLoss
        )
    }

    const fn outcome(self, side: Side) -> Outcome {
        match self {
            Self::Ok => Outcome::Ok,
            Self::Cancelled => match side {
                Side::Server => Outcome::ClientDisconnect,
                // Read off the wire, it says that the server gave up; a client that leaves reads
                // nothing any more.
                Side::Client => Outcome::ServerError,
            },
            Self::DeadlineExceeded => Outcome::Timeout,
            Self::PermissionDenied | Self::Unauthenticated => Outcome::Denied,
            Self::Unknown
            | Self::Unimplemented
            | Self::Internal
            | Self::Unavailable
            | Self::DataLoss => Outcome::ServerError,
            Self::InvalidArgument
            | Self::NotFound
            | Self::AlreadyExists
            | Self::ResourceExhausted
            | Self::FailedPrecondition
            | Self::Aborted
            | Self::OutOfRange => Outcome::ClientError,
        }
    }
}

impl fmt::Display for GrpcCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

pub(super) fn judge(facts: &Facts) -> Judgement {
    match facts.ending {
        Ending::Panicked => coded(
            facts.side,
            GrpcCode::Internal,
            Outcome::Panic,
            Some("panic"),
        ),
        // tonic answers an expired deadline with CANCELLED, or drops the call; both are this. An
        // error that says more of itself is believed, however late it comes.
        Ending::Dropped | Ending::ServiceError | Ending::BodyError
            if facts.deadline_passed
                && (facts.ending == Ending::Dropped || says_nothing(facts.grpc_status)) =>
        {
            by_code(facts.side, GrpcCode::DeadlineExceeded)
        }
        Ending::Dropped => Judgement {
            span_error: false,
            error_type: None,
            ..by_code(Side::Server, GrpcCode::Cancelled)
        },
        Ending::ServiceError => {
            let code = facts.grpc_status.unwrap_or(GrpcCode::Unknown);
            coded(facts.side, code, code.outcome(facts.side), facts.error_type)
        }
        Ending::BodyError => {
            let code = facts.grpc_status.unwrap_or(GrpcCode::Unknown);
            let outcome = match code {
                GrpcCode::Unknown => Outcome::BodyError,
                known => known.outcome(facts.side),
            };
            coded(facts.side, code, outcome, facts.error_type)
        }
        Ending::Upgraded => Judgement {
            outcome: Outcome::Upgrade,
            error_type: None,
            span_error: false,
            status: None,
        },
        Ending::Complete | Ending::Trailers => complete(facts),
    }
}

fn complete(facts: &Facts) -> Judgement {
    match (facts.grpc_status, facts.http_status) {
        (Some(GrpcCode::Cancelled), _) if facts.deadline_passed => {
            by_code(facts.side, GrpcCode::DeadlineExceeded)
        }
        (Some(code), _) => by_code(facts.side, code),
        (None, Some(status)) if status != 200 => by_code(facts.side, GrpcCode::from_http(status)),
        // A call that ends cleanly without a status is broken, whatever its head said.
        (None, _) => coded(
            facts.side,
            GrpcCode::Unknown,
            Outcome::ServerError,
            Some("missing_grpc_status"),
        ),
    }
}

/// Whether a status may stand for a deadline that passed.
const fn says_nothing(status: Option<GrpcCode>) -> bool {
    matches!(
        status,
        None | Some(GrpcCode::Cancelled | GrpcCode::Unknown | GrpcCode::DeadlineExceeded)
    )
}

fn by_code(side: Side, code: GrpcCode) -> Judgement {
    coded(side, code, code.outcome(side), None)
}

fn coded(
    side: Side,
    code: GrpcCode,
    outcome: Outcome,
    error_type: Option<&'static str>,
) -> Judgement {
    let error = match side {
        Side::Server => code.is_server_error(),
        Side::Client => code != GrpcCode::Ok,
    };
    Judgement {
        outcome,
        error_type: error.then(|| error_type.unwrap_or(code.as_str())),
        span_error: error,
        status: Some(Status::Grpc(code)),
    }
}
