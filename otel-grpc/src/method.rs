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

/// What a request speaks: another protocol may share the port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// gRPC over HTTP/2.
    Grpc,
    /// gRPC-Web in its binary form, which has its trailers in its body.
    Web,
}

impl Protocol {
    /// By the content type: `application/grpc` or `application/grpc-web`, alone or followed by `+`
    /// and the encoding of messages.
    pub(crate) fn of<B>(request: &Request<B>) -> Option<Self> {
        let content_type = request.headers().get(CONTENT_TYPE)?.as_bytes();
        let rest = content_type.strip_prefix(b"application/grpc")?;
        let (protocol, rest) = match rest.strip_prefix(b"-web") {
            Some(rest) => (Self::Web, rest),
            None => (Self::Grpc, rest),
        };
        matches!(rest.first(), None | Some(b'+' | b';')).then_some(protocol)
    }
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
            ("application/grpc", Some(Protocol::Grpc)),
            ("application/grpc+proto", Some(Protocol::Grpc)),
            ("application/grpc;charset=utf-8", Some(Protocol::Grpc)),
            ("application/grpc-web", Some(Protocol::Web)),
            ("application/grpc-web+proto", Some(Protocol::Web)),
            ("application/grpc-web-text+proto", None),
            ("application/grpcx", None),
            ("application/json", None),
            ("", None),
        ] {
            let request = Request::builder().header(CONTENT_TYPE, content_type);
            assert_eq!(
                Protocol::of(&request.body(()).unwrap()),
                expected,
                "{content_type}"
            );
        }
        assert_eq!(Protocol::of(&Request::new(())), None);
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
