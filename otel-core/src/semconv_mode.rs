//! Which generation of the RPC conventions is written.
//!
//! The RPC conventions are not stable: the key of a call's status has had three names, and a
//! dashboard knows one of them. This enum owns the keys in motion, so that no call site chooses.

use crate::environment::Environment;
use crate::semconv;

/// A generation of the OpenTelemetry RPC conventions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SemconvMode {
    /// Schema 1.42, the release candidate: `rpc.system.name`, `rpc.method` in full,
    /// `rpc.response.status_code` by name, durations in seconds.
    #[default]
    V1_42,
    /// What follows 1.44: the same with `rpc.status_code`. No schema URL, as none is released.
    Next,
    /// Up to 1.37: `rpc.system`, `rpc.service`, a short `rpc.method`, `rpc.grpc.status_code` by
    /// number, durations in milliseconds.
    Legacy,
    /// [`V1_42`](Self::V1_42) and [`Legacy`](Self::Legacy) at once. Of the key both have,
    /// `rpc.method`, the span gets the value in full.
    Duplicate,
}

impl SemconvMode {
    /// What `OTEL_SEMCONV_STABILITY_OPT_IN` asks for: `rpc/dup` wins over `rpc`; `rpc/old` is what
    /// other libraries understand as the legacy names. Nothing if it does not speak of RPC.
    ///
    /// ```
    /// use otel_core::environment::Environment;
    /// use otel_core::semconv::SemconvMode;
    ///
    /// let environment = Environment::of([("OTEL_SEMCONV_STABILITY_OPT_IN", "http,rpc/dup")]);
    /// assert_eq!(SemconvMode::from_environment(&environment), Some(SemconvMode::Duplicate));
    /// ```
    #[must_use]
    pub fn from_environment(environment: &Environment) -> Option<Self> {
        let asked = environment.get("OTEL_SEMCONV_STABILITY_OPT_IN")?;
        let asks = |word| asked.split(',').any(|item| item.trim() == word);
        [
            ("rpc/dup", Self::Duplicate),
            ("rpc", Self::V1_42),
            ("rpc/old", Self::Legacy),
        ]
        .into_iter()
        .find_map(|(word, mode)| asks(word).then_some(mode))
    }

    /// Whether the names of 1.37 are written.
    #[must_use]
    pub const fn writes_legacy(self) -> bool {
        matches!(self, Self::Legacy | Self::Duplicate)
    }

    /// Whether the names of 1.42 or later are written.
    #[must_use]
    pub const fn writes_current(self) -> bool {
        !matches!(self, Self::Legacy)
    }

    /// The key of a call's status by name.
    #[must_use]
    pub const fn status_key(self) -> &'static str {
        match self {
            Self::Next => semconv::RPC_STATUS_CODE,
            Self::V1_42 | Self::Legacy | Self::Duplicate => semconv::RPC_RESPONSE_STATUS_CODE,
        }
    }

    /// The schema its names belong to, where one is released.
    #[must_use]
    pub const fn schema_url(self) -> Option<&'static str> {
        match self {
            Self::V1_42 | Self::Duplicate => Some(semconv::SCHEMA_URL),
            Self::Next => None,
            Self::Legacy => Some("https://opentelemetry.io/schemas/1.37.0"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_opts_in() {
        for (asked, expected) in [
            ("", None),
            ("http", None),
            ("http/dup,database", None),
            ("rpc", Some(SemconvMode::V1_42)),
            ("rpc/dup", Some(SemconvMode::Duplicate)),
            ("rpc,rpc/dup", Some(SemconvMode::Duplicate)),
            (" http , rpc/old ", Some(SemconvMode::Legacy)),
            ("rpc/old,rpc", Some(SemconvMode::V1_42)),
            ("RPC", None),
        ] {
            let environment = Environment::of([("OTEL_SEMCONV_STABILITY_OPT_IN", asked)]);
            assert_eq!(
                SemconvMode::from_environment(&environment),
                expected,
                "{asked:?}"
            );
        }
        assert_eq!(SemconvMode::from_environment(&Environment::default()), None);
    }
}
