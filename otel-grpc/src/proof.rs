//! Whether an answer proves that its method exists.

use http::{HeaderMap, StatusCode};
use otel_core::outcome::GrpcCode;

use crate::headers::GRPC_MESSAGE;

/// Whether a response could only come from a method the server has.
///
/// Generated servers and routers answer what they do not have with one shape: a head with the
/// status UNIMPLEMENTED and no message. A method that exists and is not implemented has a message.
/// Whatever stands before the methods answers for any of them alike: with an HTTP status, or with
/// the status of one who is refused. Believing it, the layer would learn what callers make up.
pub(crate) fn proves_method(
    status: StatusCode,
    code: Option<GrpcCode>,
    headers: &HeaderMap,
) -> bool {
    match code {
        _ if status != StatusCode::OK => false,
        Some(GrpcCode::Unimplemented) => headers.contains_key(&GRPC_MESSAGE),
        Some(
            GrpcCode::Unauthenticated
            | GrpcCode::PermissionDenied
            | GrpcCode::ResourceExhausted
            | GrpcCode::Unavailable,
        ) => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::headers::status_of;

    #[test]
    fn only_an_answer_of_the_method_itself_proves_it() {
        for (status, code, message, expected) in [
            (200, None, None, true),
            (200, Some("0"), None, true),
            (200, Some("5"), None, true),
            (200, Some("12"), Some("not yet"), true),
            (200, Some("12"), None, false),
            (200, Some("7"), Some("no"), false),
            (200, Some("8"), Some("too many"), false),
            (200, Some("14"), None, false),
            (200, Some("16"), Some("who?"), false),
            (401, None, None, false),
            (404, None, None, false),
            (503, Some("0"), None, false),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in [("grpc-status", code), ("grpc-message", message)] {
                if let Some(value) = value {
                    headers.insert(name, HeaderValue::from_static(value));
                }
            }
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(
                proves_method(status, status_of(&headers), &headers),
                expected,
                "{status} {code:?} {message:?}"
            );
        }
    }
}
