//! `url.scheme`.

use http::Uri;

/// The schemes that can be labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    /// The scheme a trusted proxy names, or else that of an absolute target; `otherwise` for the
    /// path alone that HTTP/1 sends.
    pub(crate) fn of(uri: &Uri, forwarded: Option<Self>, otherwise: Self) -> Self {
        if let Some(forwarded) = forwarded {
            return forwarded;
        }
        match uri.scheme_str() {
            Some("https" | "wss") => Self::Https,
            Some("http" | "ws") => Self::Http,
            _ => otherwise,
        }
    }

    /// The scheme a proxy names.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("https") || text.eq_ignore_ascii_case("wss") {
            Some(Self::Https)
        } else if text.eq_ignore_ascii_case("http") || text.eq_ignore_ascii_case("ws") {
            Some(Self::Http)
        } else {
            None
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
