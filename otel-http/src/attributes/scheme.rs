//! `url.scheme`.

use http::Uri;

/// The schemes that can be labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    /// The scheme of an absolute target; `otherwise` for the path alone that HTTP/1 sends.
    pub(crate) fn of(uri: &Uri, otherwise: Self) -> Self {
        match uri.scheme_str() {
            Some("https" | "wss") => Self::Https,
            Some("http" | "ws") => Self::Http,
            _ => otherwise,
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    pub(crate) const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}
