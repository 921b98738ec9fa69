//! The trace id back to the caller.
//!
//! A browser cannot see the context of the server that answered it, and a customer who reports an
//! error has no id to give. The W3C draft of Trace Context gives it in `Server-Timing`, where
//! browsers let scripts read it.

use std::fmt::Write;

use http::{HeaderMap, HeaderName, HeaderValue};
use otel_core::ConfigError;
use otel_core::opentelemetry::trace::SpanContext;

static SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Which response header carries the trace back.
///
/// Across origins a browser shows `Server-Timing` only with `Timing-Allow-Origin`, and other headers
/// only with `Access-Control-Expose-Headers`; both are for the service to set.
#[derive(Clone, Debug)]
pub struct TraceHeader(Kind);

#[derive(Clone, Debug)]
enum Kind {
    ServerTiming,
    TraceId(HeaderName),
}

impl TraceHeader {
    /// `Server-Timing: trace;desc=00-<trace id>-<span id>-<flags>`, after the current draft of W3C
    /// Trace Context. Added to what the service says of its own timing.
    #[must_use]
    pub const fn server_timing() -> Self {
        Self(Kind::ServerTiming)
    }

    /// The trace id alone, in a header of this name, such as `x-trace-id`. One the service has set
    /// is left as it is.
    ///
    /// # Errors
    ///
    /// When it is not the name of a header.
    pub fn trace_id(name: &str) -> Result<Self, ConfigError> {
        match HeaderName::try_from(name) {
            Ok(name) => Ok(Self(Kind::TraceId(name))),
            Err(_invalid) => Err(ConfigError::invalid(
                "TraceHeader::trace_id",
                "the name of a header",
            )),
        }
    }

    /// Writes it. Headers that are full are left as they are.
    pub(crate) fn write(&self, span_context: &SpanContext, headers: &mut HeaderMap) {
        if !span_context.is_valid() {
            return;
        }
        match &self.0 {
            Kind::ServerTiming => {
                let mut text = String::with_capacity(71);
                let _ = write!(
                    text,
                    "trace;desc=00-{}-{}-{:02x}",
                    span_context.trace_id(),
                    span_context.span_id(),
                    span_context.trace_flags()
                );
                if let Ok(value) = HeaderValue::try_from(text) {
                    let _ = headers.try_append(SERVER_TIMING.clone(), value);
                }
            }
            Kind::TraceId(name) => {
                if !headers.contains_key(name)
                    && let Ok(value) = HeaderValue::try_from(span_context.trace_id().to_string())
                {
                    let _ = headers.try_insert(name.clone(), value);
                }
            }
        }
    }
}
