//! The method of a call, from its path.

use http::Request;
use http::header::CONTENT_TYPE;

/// Longest method that is looked at, bytes.
const MAX_LEN: usize = 256;

/// `package.Service/Method` of a path `/package.Service/Method`; nothing for any other path.
pub(crate) fn method_of(path: &str) -> Option<&str> {
    let method = path.strip_prefix('/')?;
    let (service, name) = method.split_once('/')?;
    let plain = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
    };
    (method.len() <= MAX_LEN && plain(service) && plain(name)).then_some(method)
}

/// Whether a request is a gRPC call at all: another protocol may share the port.
pub(crate) fn is_grpc<B>(request: &Request<B>) -> bool {
    request
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_service_and_a_method_make_a_method() {
        assert_eq!(method_of("/shop.v1.Orders/Get"), Some("shop.v1.Orders/Get"));
        for other in [
            "", "/", "/a", "/a/", "//b", "/a/b/c", "a/b", "/a b/c", "/a/b%20", "/ü/b",
        ] {
            assert_eq!(method_of(other), None, "{other}");
        }
        assert_eq!(method_of(&format!("/a/{}", "b".repeat(300))), None);
    }
}
