//! `http.request.method`: a closed set, whatever the caller sends.

use http::Method;

/// The methods of RFC 9110, PATCH (RFC 5789) and QUERY, as the HTTP conventions list them.
pub(crate) const KNOWN_METHODS: [&str; 10] = [
    "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "CONNECT", "TRACE", "QUERY",
];

/// Which known method it is. The comparison is case-sensitive: `get` is another method.
pub(crate) fn known_method(method: &Method) -> Option<usize> {
    KNOWN_METHODS
        .iter()
        .position(|known| *known == method.as_str())
}
