//! The trailers that gRPC-Web sends as the last frame of a body.

use http::{HeaderMap, HeaderName, HeaderValue};

/// Longest trailers that are kept, bytes; a status stands near their start.
const MAX_LEN: usize = 8192;

/// Trailers as they come in.
#[derive(Debug, Default)]
pub(crate) struct WebTrailers(Vec<u8>);

impl WebTrailers {
    pub(crate) fn take(&mut self, bytes: &[u8]) {
        let room = MAX_LEN.saturating_sub(self.0.len());
        self.0.extend(bytes.iter().take(room));
    }

    /// The status and its message, if a status came.
    pub(crate) fn headers(&self) -> Option<HeaderMap> {
        let mut headers = HeaderMap::new();
        for line in self.0.split(|byte| *byte == b'\n') {
            let Some(colon) = line.iter().position(|byte| *byte == b':') else {
                continue;
            };
            let (name, value) = line.split_at(colon);
            let name = HeaderName::from_bytes(name.trim_ascii());
            let value = HeaderValue::from_bytes(value.get(1..).unwrap_or_default().trim_ascii());
            if let (Ok(name), Ok(value)) = (name, value)
                && matches!(name.as_str(), "grpc-status" | "grpc-message")
            {
                headers.insert(name, value);
            }
        }
        headers.contains_key("grpc-status").then_some(headers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_trailers() {
        for (text, status) in [
            (&b"grpc-status:0\r\n"[..], Some("0")),
            (b"grpc-status: 5\r\ngrpc-message: gone\r\n", Some("5")),
            (b"Grpc-Status:  7", Some("7")),
            (b"grpc-message: gone\r\n", None),
            (b"", None),
            (b":\n\xff:\n", None),
        ] {
            let mut trailers = WebTrailers::default();
            for byte in text {
                trailers.take(&[*byte]);
            }
            let headers = trailers.headers();
            let found = headers
                .as_ref()
                .and_then(|headers| headers.get("grpc-status"));
            assert_eq!(
                found.and_then(|value| value.to_str().ok()),
                status,
                "{text:?}"
            );
        }
        let mut long = WebTrailers::default();
        long.take(&[b'a'; MAX_LEN + 1]);
        assert_eq!(long.0.len(), MAX_LEN);
    }
}
