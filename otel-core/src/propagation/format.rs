//! The wire formats of trace context, by name.

use std::fmt;

/// A way to write a trace context into headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// `traceparent` and `tracestate`: [W3C Trace Context](https://www.w3.org/TR/trace-context-2/).
    W3c,
    /// `b3`: [B3](https://github.com/openzipkin/b3-propagation) in a single header.
    B3Single,
    /// `x-b3-traceid` and its companions: B3 in several headers.
    B3Multi,
    /// `uber-trace-id`: the clients of Jaeger. Their baggage, `uberctx-*`, goes with
    /// [`with_baggage`](super::PropagatorBuilder::with_baggage).
    Jaeger,
    /// `x-amzn-trace-id`: AWS X-Ray.
    XRay,
    /// `ot-tracer-traceid` and its companions: the basic tracers of OpenTracing. Trace ids are cut to
    /// their low 64 bits. Their baggage, `ot-baggage-*`, goes with
    /// [`with_baggage`](super::PropagatorBuilder::with_baggage).
    OtTrace,
    /// `grpc-trace-bin`: OpenCensus over gRPC.
    GrpcTraceBin,
    /// `x-datadog-trace-id` and its companions: read, never written.
    Datadog,
}

impl Format {
    /// The name to configure and to report the format by.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::W3c => "w3c",
            Self::B3Single => "b3",
            Self::B3Multi => "b3multi",
            Self::Jaeger => "jaeger",
            Self::XRay => "xray",
            Self::OtTrace => "ottrace",
            Self::GrpcTraceBin => "grpc-trace-bin",
            Self::Datadog => "datadog",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
