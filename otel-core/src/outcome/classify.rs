//! From the facts of an ended exchange to one judgement.

use super::{GrpcCode, Outcome, grpc, http};

/// Which protocol's rules judge an exchange.
///
/// A value, not a type parameter: an [`Exchange`](crate::exchange::Exchange) is one concrete type
/// whatever it carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Classify {
    /// By HTTP status code, after the OpenTelemetry HTTP conventions.
    Http,
    /// By gRPC status, after the OpenTelemetry RPC conventions and the gRPC status mapping.
    Grpc,
    /// A call without a status of its own: it is answered or it fails.
    Call,
}

impl Classify {
    /// Judges an exchange that has ended.
    #[must_use]
    pub fn judge(self, facts: &Facts) -> Judgement {
        match self {
            Self::Http => http::judge(facts),
            Self::Grpc => grpc::judge(facts),
            Self::Call => http::judge(&Facts {
                http_status: None,
                ..*facts
            }),
        }
    }
}

/// Which end of the wire the exchange was observed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a wire has two ends")]
pub enum Side {
    /// The end that answers.
    Server,
    /// The end that asks.
    Client,
}

/// What happened on the wire last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "complete by nature: a body has no other end"
)]
pub enum Ending {
    /// The response was handed over whole: no body, the last frame, or the declared length.
    Complete,
    /// The response ended with trailers.
    Trailers,
    /// The body yielded an error.
    BodyError,
    /// The service yielded an error instead of a response.
    ServiceError,
    /// The future or the body was dropped before its end.
    Dropped,
    /// The service or the body panicked.
    Panicked,
    /// The connection was upgraded to another protocol.
    Upgraded,
}

/// All that a judgement depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain input of a pure function")]
pub struct Facts {
    /// The observing end.
    pub side: Side,
    /// What happened last.
    pub ending: Ending,
    /// HTTP status, once a head was seen.
    pub http_status: Option<u16>,
    /// gRPC status, once a head or trailers carried one.
    pub grpc_status: Option<GrpcCode>,
    /// Whether a deadline was known and had passed at the end.
    pub deadline_passed: bool,
    /// Low-cardinality name of the error, where the ending was one and it has a name. To the rules
    /// of HTTP `timeout` and `overloaded` are outcomes of their own.
    pub error_type: Option<&'static str>,
}

/// The verdict, and what the conventions want written with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain output of a pure function")]
pub struct Judgement {
    /// The verdict.
    pub outcome: Outcome,
    /// `error.type`, absent on success.
    pub error_type: Option<&'static str>,
    /// Whether the span's status is `Error`; it is never set to `Ok`.
    pub span_error: bool,
    /// The status code the protocol reports, if one is known.
    pub status: Option<Status>,
}

/// A protocol's own status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// HTTP status code.
    Http(u16),
    /// gRPC status.
    Grpc(GrpcCode),
}

impl Status {
    /// The status as a label: `200`, or a name such as `NOT_FOUND`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http(code) => http::status_text(code),
            Self::Grpc(code) => code.as_str(),
        }
    }
}
