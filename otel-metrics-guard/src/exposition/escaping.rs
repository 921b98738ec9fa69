//! How names outside the old alphabet are written, as Prometheus 3 negotiates it.

/// An escaping scheme of the Prometheus content negotiation.
///
/// Every name that comes out of the registry is of `[a-zA-Z_:][a-zA-Z0-9_:]*`, which these three leave
/// as it is; so the scheme changes the `Content-Type` and nothing else. The fourth scheme, `dots`, would
/// double every underscore; who asks for it is answered with `underscores`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Escaping {
    /// `allow-utf-8`: names in UTF-8 are written in quotes.
    AllowUtf8,
    /// `underscores`: what is outside the alphabet becomes `_`. The default.
    #[default]
    Underscores,
    /// `values`: such names become `U__` and code points in hexadecimal digits.
    Values,
}

impl Escaping {
    pub(super) fn parse(value: &str) -> Option<Self> {
        match value {
            "allow-utf-8" => Some(Self::AllowUtf8),
            "underscores" | "dots" => Some(Self::Underscores),
            "values" => Some(Self::Values),
            _ => None,
        }
    }
}
