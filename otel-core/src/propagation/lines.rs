//! The headers of all formats, found in one pass; and groups of headers that are only useful together.
//!
//! A request is asked for up to twenty headers, of which it has one or two: looking at each header
//! once costs less than looking each of them up. With two lines of a header that may be given once
//! nobody can tell which one the caller's tracer wrote, and half a context is none: so a repeated
//! line is never read, and a group of headers is written whole or not at all.

use http::header::{HeaderMap, HeaderName, HeaderValue};

/// A header some format reads.
#[derive(Clone, Copy, Debug)]
pub(super) enum Field {
    Traceparent,
    Tracestate,
    Baggage,
    B3,
    B3TraceId,
    B3SpanId,
    B3Sampled,
    B3Flags,
    UberTraceId,
    JaegerDebugId,
    XAmznTraceId,
    OtTraceId,
    OtSpanId,
    OtSampled,
    GrpcTraceBin,
    DatadogTraceId,
    DatadogParentId,
    DatadogPriority,
    DatadogTags,
}

impl Field {
    const COUNT: usize = 19;

    const ALL: [(Self, HeaderName); Self::COUNT] = [
        (Self::Traceparent, HeaderName::from_static("traceparent")),
        (Self::Tracestate, HeaderName::from_static("tracestate")),
        (Self::Baggage, HeaderName::from_static("baggage")),
        (Self::B3, HeaderName::from_static("b3")),
        (Self::B3TraceId, HeaderName::from_static("x-b3-traceid")),
        (Self::B3SpanId, HeaderName::from_static("x-b3-spanid")),
        (Self::B3Sampled, HeaderName::from_static("x-b3-sampled")),
        (Self::B3Flags, HeaderName::from_static("x-b3-flags")),
        (Self::UberTraceId, HeaderName::from_static("uber-trace-id")),
        (
            Self::JaegerDebugId,
            HeaderName::from_static("jaeger-debug-id"),
        ),
        (
            Self::XAmznTraceId,
            HeaderName::from_static("x-amzn-trace-id"),
        ),
        (
            Self::OtTraceId,
            HeaderName::from_static("ot-tracer-traceid"),
        ),
        (Self::OtSpanId, HeaderName::from_static("ot-tracer-spanid")),
        (
            Self::OtSampled,
            HeaderName::from_static("ot-tracer-sampled"),
        ),
        (
            Self::GrpcTraceBin,
            HeaderName::from_static("grpc-trace-bin"),
        ),
        (
            Self::DatadogTraceId,
            HeaderName::from_static("x-datadog-trace-id"),
        ),
        (
            Self::DatadogParentId,
            HeaderName::from_static("x-datadog-parent-id"),
        ),
        (
            Self::DatadogPriority,
            HeaderName::from_static("x-datadog-sampling-priority"),
        ),
        (Self::DatadogTags, HeaderName::from_static("x-datadog-tags")),
    ];

    /// By length and first letter: most headers of a request share both with none, and are not
    /// compared.
    #[inline]
    fn named(name: &str) -> Option<Self> {
        let first = name.as_bytes().first()?;
        let (field, expected) = match (name.len(), first) {
            (2, b'b') => (Self::B3, "b3"),
            (7, b'b') => (Self::Baggage, "baggage"),
            (10, b't') => (Self::Tracestate, "tracestate"),
            (10, b'x') => (Self::B3Flags, "x-b3-flags"),
            (11, b't') => (Self::Traceparent, "traceparent"),
            (11, b'x') => (Self::B3SpanId, "x-b3-spanid"),
            (12, b'x') if name.ends_with('d') => match name == "x-b3-traceid" {
                true => (Self::B3TraceId, "x-b3-traceid"),
                false => (Self::B3Sampled, "x-b3-sampled"),
            },
            (13, b'u') => (Self::UberTraceId, "uber-trace-id"),
            (14, b'g') => (Self::GrpcTraceBin, "grpc-trace-bin"),
            (14, b'x') => (Self::DatadogTags, "x-datadog-tags"),
            (15, b'j') => (Self::JaegerDebugId, "jaeger-debug-id"),
            (15, b'x') => (Self::XAmznTraceId, "x-amzn-trace-id"),
            (16, b'o') => (Self::OtSpanId, "ot-tracer-spanid"),
            (17, b'o') if name.ends_with("id") => (Self::OtTraceId, "ot-tracer-traceid"),
            (17, b'o') => (Self::OtSampled, "ot-tracer-sampled"),
            (18, b'x') => (Self::DatadogTraceId, "x-datadog-trace-id"),
            (19, b'x') => (Self::DatadogParentId, "x-datadog-parent-id"),
            (27, b'x') => (Self::DatadogPriority, "x-datadog-sampling-priority"),
            _ => return None,
        };
        (name == expected).then_some(field)
    }
}

/// Lines of a request that are looked at one after the other; with more, names are looked up.
const MAX_SCANNED: usize = 64;

/// The headers of a request that some format reads.
pub(super) struct Lines<'a> {
    headers: &'a HeaderMap,
    first: [Option<&'a HeaderValue>; Field::COUNT],
    repeated: u32,
}

impl<'a> Lines<'a> {
    pub(super) fn of(headers: &'a HeaderMap) -> Self {
        let mut lines = Self {
            headers,
            first: [None; Field::COUNT],
            repeated: 0,
        };
        if headers.len() > MAX_SCANNED {
            lines.look_up();
            return lines;
        }
        for (name, value) in headers {
            if let Some(field) = Field::named(name.as_str()) {
                lines.add(field, value);
            }
        }
        lines
    }

    /// Finds the fields one by one, where somebody sends lines by the thousand.
    fn look_up(&mut self) {
        static ALL: [(Field, HeaderName); Field::COUNT] = Field::ALL;
        for (field, name) in &ALL {
            for line in self.headers.get_all(name).iter().take(2) {
                self.add(*field, line);
            }
        }
    }

    fn add(&mut self, field: Field, line: &'a HeaderValue) {
        if let Some(first) = self.first.get_mut(field as usize) {
            match first {
                Some(_) => self.repeated |= 1 << field as u32,
                None => *first = Some(line),
            }
        }
    }

    /// All headers, for names that are not known beforehand.
    pub(super) const fn headers(&self) -> &'a HeaderMap {
        self.headers
    }

    /// The line of a header that may be given once.
    pub(super) fn one(&self, field: Field) -> Line<'a> {
        match self.first(field) {
            None => Line::Absent,
            Some(_) if self.is_repeated(field) => Line::Repeated,
            Some(line) => Line::One(trim_ows(line.as_bytes())),
        }
    }

    /// The only line of a header, as it came.
    pub(super) fn single(&self, field: Field) -> Option<&'a HeaderValue> {
        self.first(field).filter(|_| !self.is_repeated(field))
    }

    /// Whether there is a line of a header.
    pub(super) fn has(&self, field: Field) -> bool {
        self.first(field).is_some()
    }

    fn first(&self, field: Field) -> Option<&'a HeaderValue> {
        self.first.get(field as usize).copied().flatten()
    }

    const fn is_repeated(&self, field: Field) -> bool {
        self.repeated >> field as u32 & 1 != 0
    }
}

/// The line of a header that may be given once.
pub(super) enum Line<'a> {
    Absent,
    /// The value, without the white space around it.
    One(&'a [u8]),
    Repeated,
}

/// Sets headers that belong together. If one has no value, or the map no room for it, none is left.
pub(super) fn set_together<const N: usize>(
    headers: &mut HeaderMap,
    group: [(&HeaderName, Option<HeaderValue>); N],
) {
    let names = group.each_ref().map(|(name, _)| *name);
    let is_set = group.into_iter().all(|(name, value)| {
        // In a map that holds as many headers as it can, `insert` would panic.
        value.is_some_and(|value| headers.try_insert(name, value).is_ok())
    });
    if !is_set {
        for name in names {
            headers.remove(name);
        }
    }
}

/// A value made of digits, letters and punctuation.
pub(super) fn visible(text: &[u8]) -> Option<HeaderValue> {
    HeaderValue::from_bytes(text).ok()
}

/// Optional white space around a field value: RFC 9110 section 5.6.3. No line ends, no other blank.
pub(super) fn trim_ows(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', inner @ ..] | [inner @ .., b' ' | b'\t'] = value {
        value = inner;
    }
    value
}
