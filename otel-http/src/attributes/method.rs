//! `http.request.method`: a closed set, whatever the caller sends.

use std::sync::Arc;

use http::Method;
use otel_core::{ConfigError, intern};

/// The methods of RFC 9110, PATCH (RFC 5789) and QUERY, as the HTTP conventions list them.
const STANDARD: [&str; 10] = [
    "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "CONNECT", "TRACE", "QUERY",
];
/// Methods that can be told apart.
const MAX_METHODS: usize = 64;

/// The methods that are known. The comparison is case-sensitive: `get` is another method.
#[derive(Clone, Debug)]
pub(crate) struct Methods(Arc<[&'static str]>);

impl Methods {
    /// A list of one's own, in place of the standard one.
    pub(crate) fn of<M: AsRef<str>>(
        methods: impl IntoIterator<Item = M>,
    ) -> Result<Self, ConfigError> {
        let refused = || ConfigError::invalid("with_known_methods", "1 to 64 HTTP methods");
        let known: Vec<_> = methods
            .into_iter()
            .map(|method| {
                let method = method.as_ref();
                Method::from_bytes(method.as_bytes()).map_err(|_invalid| refused())?;
                intern(method).ok_or_else(refused)
            })
            .collect::<Result<_, _>>()?;
        if known.is_empty() || known.len() > MAX_METHODS {
            return Err(refused());
        }
        Ok(Self(known.into()))
    }

    /// Which known method it is.
    pub(crate) fn index(&self, method: &Method) -> Option<usize> {
        self.0.iter().position(|known| *known == method.as_str())
    }

    /// The method of an index.
    pub(crate) fn get(&self, index: usize) -> Option<&'static str> {
        self.0.get(index).copied()
    }
}

impl Default for Methods {
    fn default() -> Self {
        Self(STANDARD.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_replaces_the_standard_one() {
        let methods = Methods::of(["GET", "PROPFIND"]).unwrap();
        assert_eq!(methods.index(&Method::GET), Some(0));
        assert_eq!(
            methods.index(&Method::from_bytes(b"PROPFIND").unwrap()),
            Some(1)
        );
        assert_eq!(methods.index(&Method::POST), None);
        assert_eq!(methods.index(&Method::from_bytes(b"get").unwrap()), None);
        assert!(Methods::of(["not a method"]).is_err());
        assert!(Methods::of::<&str>([]).is_err());
    }
}
