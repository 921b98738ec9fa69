//! The headers a call is read from, by names that need no parsing on each call.

use http::{HeaderMap, HeaderName};
use otel_core::outcome::GrpcCode;

/// The status of a call, in its head or its trailers.
static GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
/// The message of a status, percent-encoded.
pub(crate) static GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
/// How long the caller waits.
pub(crate) static GRPC_TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");

/// The status in a head or in trailers, if there is one.
pub(crate) fn status_of(headers: &HeaderMap) -> Option<GrpcCode> {
    let status = headers.get(&GRPC_STATUS)?;
    Some(GrpcCode::parse(status.as_bytes()))
}
