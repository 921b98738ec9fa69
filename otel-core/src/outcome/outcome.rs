//! The closed set of verdicts.

use std::fmt;

/// How an exchange ended, as one word for every signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the set is closed: dashboards and SLOs enumerate it"
)]
pub enum Outcome {
    /// Answered as asked.
    Ok,
    /// The caller's fault: 4xx, `INVALID_ARGUMENT` and the like.
    ClientError,
    /// The service's fault: 5xx, an error of the service, `INTERNAL` and the like.
    ServerError,
    /// The caller went away before the end.
    ClientDisconnect,
    /// A known deadline had passed when the exchange ended.
    Timeout,
    /// The handler or its body panicked.
    Panic,
    /// The response body failed after its head was sent.
    BodyError,
    /// The connection changed protocol; the exchange ended at the head.
    Upgrade,
    /// Refused for load before it was tried.
    Shed,
    /// Refused for who asked: 401, 403, `UNAUTHENTICATED`, `PERMISSION_DENIED`.
    Denied,
}

impl Outcome {
    /// Every verdict there is.
    pub const ALL: [Self; 10] = [
        Self::Ok,
        Self::ClientError,
        Self::ServerError,
        Self::ClientDisconnect,
        Self::Timeout,
        Self::Panic,
        Self::BodyError,
        Self::Upgrade,
        Self::Shed,
        Self::Denied,
    ];

    /// The word written to every signal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::ClientError => "client_error",
            Self::ServerError => "server_error",
            Self::ClientDisconnect => "client_disconnect",
            Self::Timeout => "timeout",
            Self::Panic => "panic",
            Self::BodyError => "body_error",
            Self::Upgrade => "upgrade",
            Self::Shed => "shed",
            Self::Denied => "denied",
        }
    }

    /// Whether the service failed its caller: what an availability objective counts as bad.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        matches!(
            self,
            Self::ServerError | Self::Timeout | Self::Panic | Self::BodyError | Self::Shed
        )
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
