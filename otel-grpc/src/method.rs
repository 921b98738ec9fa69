//! The method of a call, from its path.

use http::Request;
use http::header::CONTENT_TYPE;

/// Longest method that is looked at or written, bytes.
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

/// The method as sent, well-formed or not: the path without its slash, cut to a bounded length.
pub(crate) fn original(path: &str) -> String {
    let method = path.strip_prefix('/').unwrap_or(path);
    let end = (0..=method.len().min(MAX_LEN))
        .rev()
        .find(|end| method.is_char_boundary(*end));
    end.and_then(|end| method.get(..end))
        .unwrap_or_default()
        .to_owned()
}

/// Whether a request is a gRPC call at all: another protocol may share the port.
///
/// The content type of gRPC over HTTP/2 is `application/grpc`, alone or followed by `+` and the
/// encoding of messages. gRPC-Web begins alike, but has its trailers in its body.
pub(crate) fn is_grpc<B>(request: &Request<B>) -> bool {
    request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.as_bytes().strip_prefix(b"application/grpc"))
        .is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')))
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

    #[test]
    fn the_content_type_tells_grpc_from_its_neighbours() {
        for (content_type, expected) in [
            ("application/grpc", true),
            ("application/grpc+proto", true),
            ("application/grpc;charset=utf-8", true),
            ("application/grpc-web", false),
            ("application/grpc-web-text+proto", false),
            ("application/json", false),
            ("", false),
        ] {
            let request = Request::builder().header(CONTENT_TYPE, content_type);
            assert_eq!(
                is_grpc(&request.body(()).unwrap()),
                expected,
                "{content_type}"
            );
        }
        assert!(!is_grpc(&Request::new(())));
    }

    #[test]
    fn the_original_is_cut_between_characters() {
        assert_eq!(original("/a/b"), "a/b");
        assert_eq!(original("*"), "*");
        assert_eq!(original(&format!("/{}", "b".repeat(256))), "b".repeat(256));
        assert_eq!(original(&format!("/{}", "b".repeat(257))), "b".repeat(256));
        assert_eq!(original(&format!("/{}", "ü".repeat(200))), "ü".repeat(128));
        assert_eq!(
            original(&format!("/a{}", "ü".repeat(200))),
            format!("a{}", "ü".repeat(127))
        );
    }
}
