//! The `traceparent` header: the ids and flags of the caller's span.
//!
//! It is read on every request, so it is decoded in place, without allocating.
//! A [`TraceParent`] always holds ids that are not zero and only flags that level 2 defines.

use std::fmt;

use http::HeaderValue;
use opentelemetry::trace::SpanContext;
use opentelemetry::{SpanId, TraceFlags, TraceId};

use super::hex;
use super::lines::trim_ows;

/// The value of a `traceparent` header
/// ([section 3.2](https://www.w3.org/TR/trace-context-2/#traceparent-header)).
///
/// ```
/// use otel_core::propagation::TraceParent;
///
/// // A version from the future is read as far as it is known, and sent on as version 00.
/// let parent = TraceParent::parse(
///     b"cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff-more",
/// )?;
/// assert_eq!(&parent.encode(), b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03");
/// # Ok::<(), otel_core::propagation::InvalidTraceParent>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceParent {
    trace_id: TraceId,
    parent_id: SpanId,
    flags: TraceFlags,
}

impl TraceParent {
    /// The length of a header of version 00, in bytes.
    pub const LEN: usize = 55;

    /// The flag that says the right-most 7 bytes of the trace id were chosen at random
    /// ([section 3.2.2.5.2](https://www.w3.org/TR/trace-context-2/#random-trace-id-flag)).
    pub const RANDOM: TraceFlags = TraceFlags::new(0x02);

    /// Joins the parts of a header; `None` if an id is zero. Unknown flags are cleared.
    #[must_use]
    pub fn new(trace_id: TraceId, parent_id: SpanId, flags: TraceFlags) -> Option<Self> {
        if trace_id == TraceId::INVALID || parent_id == SpanId::INVALID {
            return None;
        }
        Some(Self {
            trace_id,
            parent_id,
            flags: flags & (TraceFlags::SAMPLED | Self::RANDOM),
        })
    }

    /// The header that makes `span_context` the parent; `None` if it is invalid.
    #[must_use]
    pub fn from_span_context(span_context: &SpanContext) -> Option<Self> {
        Self::new(
            span_context.trace_id(),
            span_context.span_id(),
            span_context.trace_flags(),
        )
    }

    /// Reads the value of a header, with or without spaces and tabs around it.
    ///
    /// A version above 00 may go on after the flags, from a further dash: what follows is ignored
    /// ([section 3.2.4](https://www.w3.org/TR/trace-context-2/#versioning-of-traceparent)).
    ///
    /// # Errors
    ///
    /// If the value departs from the format in any way: the trace has to be restarted.
    pub fn parse(value: &[u8]) -> Result<Self, InvalidTraceParent> {
        let (known, rest) = trim_ows(value)
            .split_first_chunk::<{ Self::LEN }>()
            .ok_or(MALFORMED)?;
        let [version] = hex::decode(&known[..2]).ok_or(MALFORMED)?;
        match (version, rest) {
            (0xff, _) => return Err(InvalidTraceParent(Kind::ForbiddenVersion)),
            (_, []) | (1.., [b'-', ..]) => {}
            _ => return Err(MALFORMED),
        }
        if [known[2], known[35], known[52]] != *b"---" {
            return Err(MALFORMED);
        }
        let trace_id = hex::decode(&known[3..35]).ok_or(MALFORMED)?;
        let parent_id = hex::decode(&known[36..52]).ok_or(MALFORMED)?;
        let [flags] = hex::decode(&known[53..]).ok_or(MALFORMED)?;
        Self::new(
            TraceId::from_bytes(trace_id),
            SpanId::from_bytes(parent_id),
            TraceFlags::new(flags),
        )
        .ok_or(InvalidTraceParent(Kind::ZeroId))
    }

    /// The id of the trace, not zero.
    #[must_use]
    pub const fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// The id of the span that sends the header, not zero.
    #[must_use]
    pub const fn parent_id(&self) -> SpanId {
        self.parent_id
    }

    /// The flags: [`TraceFlags::SAMPLED`], [`TraceParent::RANDOM`], both or none.
    #[must_use]
    pub const fn flags(&self) -> TraceFlags {
        self.flags
    }

    /// The header as text, in version 00.
    #[must_use]
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut text = [b'-'; Self::LEN];
        hex::encode(&[0], &mut text[..2]);
        hex::encode(&self.trace_id.to_bytes(), &mut text[3..35]);
        hex::encode(&self.parent_id.to_bytes(), &mut text[36..52]);
        hex::encode(&[self.flags.to_u8()], &mut text[53..]);
        text
    }

    /// The header as a value for a header map, in version 00.
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "digits, letters and dashes are legal in a header value"
    )]
    pub fn to_header_value(&self) -> HeaderValue {
        HeaderValue::from_bytes(&self.encode()).expect("visible ASCII")
    }
}

/// A `traceparent` that must not be used; the error of [`TraceParent::parse`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct InvalidTraceParent(Kind);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Malformed,
    ForbiddenVersion,
    ZeroId,
}

const MALFORMED: InvalidTraceParent = InvalidTraceParent(Kind::Malformed);

impl InvalidTraceParent {
    /// Whether the length, a dash or a digit is not where the format wants it.
    #[must_use]
    pub const fn is_malformed(&self) -> bool {
        matches!(self.0, Kind::Malformed)
    }

    /// Whether the version is `ff`, which will never be assigned.
    #[must_use]
    pub const fn is_forbidden_version(&self) -> bool {
        matches!(self.0, Kind::ForbiddenVersion)
    }

    /// Whether an id is zero, as callers write it that inject without a span.
    #[must_use]
    pub const fn is_zero_id(&self) -> bool {
        matches!(self.0, Kind::ZeroId)
    }
}

impl fmt::Display for InvalidTraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Malformed => "malformed traceparent",
            Kind::ForbiddenVersion => "traceparent of the forbidden version ff",
            Kind::ZeroId => "traceparent with an id of zero",
        })
    }
}

impl fmt::Debug for InvalidTraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for InvalidTraceParent {}
