//! Kinds of gRPC calls: the method alone tells them apart.

use otel_core::exchange::OperationParts;
use otel_core::semconv::{self, SemconvMode};

/// All calls of a layer are of one variant.
pub(crate) const VARIANT: u64 = 0;

/// Span name of a call whose method is not known. No method is called so: it would have a slash.
pub(crate) const NAMELESS: &str = "grpc";

/// Describes the operation of a method (`""`: not a known one).
///
/// The span is named after the method, or [`NAMELESS`], as the RPC conventions require.
pub(crate) fn describe(mode: SemconvMode, method: &'static str) -> OperationParts {
    let system = if mode.writes_current() {
        semconv::RPC_SYSTEM_NAME
    } else {
        semconv::RPC_SYSTEM
    };
    let parts = match (method, method.split_once('/')) {
        ("", _) => {
            OperationParts::new(NAMELESS).with_placeholder(semconv::RPC_METHOD, semconv::OTHER)
        }
        (method, Some((service, name))) if !mode.writes_current() => OperationParts::new(method)
            .with_label(semconv::RPC_SERVICE, service)
            .with_label(semconv::RPC_METHOD, name),
        (method, _) => OperationParts::new(method).with_label(semconv::RPC_METHOD, method),
    };
    parts.with_active_label(system, "grpc")
}
