//! Headers that are written because somebody asked for them by name.
//!
//! Headers are where credentials travel. None is written unless it is listed, one whose name says
//! that it holds a secret is refused when the layer is built, and a value that was marked sensitive
//! is written as `REDACTED`.

use http::{HeaderMap, HeaderName, HeaderValue};
use otel_core::ConfigError;
use otel_core::opentelemetry::{Array, Key, KeyValue, StringValue, Value};

use super::caller_text;

/// Headers a layer may capture in one direction.
const MAX_HEADERS: usize = 32;
/// Values of one header that are written.
const MAX_VALUES: usize = 8;
/// Parts of names that tell of a secret.
const TELLING: [&str; 12] = [
    "auth",
    "cookie",
    "credential",
    "csrf",
    "xsrf",
    "token",
    "secret",
    "password",
    "api-key",
    "apikey",
    "session",
    "client-cert",
];

/// A list of headers to capture.
#[derive(Clone, Debug, Default)]
pub(crate) struct Captured {
    headers: Vec<(HeaderName, Key)>,
}

impl Captured {
    /// The headers of these names, as attributes that begin with `prefix`.
    pub(crate) fn named<'a>(
        setting: &'static str,
        prefix: &str,
        names: impl IntoIterator<Item = &'a str>,
        may_be_sensitive: bool,
    ) -> Result<Self, ConfigError> {
        let mut headers = Vec::new();
        for name in names {
            let name = HeaderName::try_from(name)
                .map_err(|_invalid| ConfigError::invalid(setting, "names of headers"))?;
            if !may_be_sensitive && is_sensitive(name.as_str()) {
                let why = format!("`{name}` may hold a secret; say `danger_` to capture it");
                return Err(ConfigError::invalid(setting, why));
            }
            let key = Key::from(format!("{prefix}{name}"));
            headers.push((name, key));
        }
        if headers.len() > MAX_HEADERS {
            return Err(ConfigError::invalid(setting, "at most 32 headers"));
        }
        Ok(Self { headers })
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.headers.is_empty()
    }

    /// The attributes of a response, whose span has begun.
    pub(crate) fn of(&self, headers: &HeaderMap) -> Vec<KeyValue> {
        let mut attributes = Vec::new();
        self.push(&mut attributes, headers);
        attributes
    }

    /// Adds an attribute, a list of strings, for each captured header that is there.
    pub(crate) fn push(&self, attributes: &mut Vec<KeyValue>, headers: &HeaderMap) {
        for (name, key) in &self.headers {
            let values = headers.get_all(name).iter().take(MAX_VALUES);
            let values: Vec<StringValue> = values.map(|value| text(value).into()).collect();
            if !values.is_empty() {
                let value = Value::Array(Array::String(values));
                attributes.push(KeyValue::new(key.clone(), value));
            }
        }
    }
}

fn text(value: &HeaderValue) -> String {
    if value.is_sensitive() {
        return "REDACTED".to_owned();
    }
    caller_text(&String::from_utf8_lossy(value.as_bytes()))
}

fn is_sensitive(name: &str) -> bool {
    TELLING.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capture(names: &[&'static str], danger: bool) -> Result<Captured, ConfigError> {
        Captured::named(
            "test",
            "http.request.header.",
            names.iter().copied(),
            danger,
        )
    }

    #[test]
    fn names_that_tell_of_a_secret_are_refused() {
        for name in [
            "Authorization",
            "proxy-authorization",
            "cookie",
            "Set-Cookie",
            "x-api-key",
            "x-auth-token",
            "x-amz-security-token",
            "x-csrf-token",
            "x-forwarded-client-cert",
            "x-session-id",
        ] {
            assert!(capture(&[name], false).is_err(), "{name}");
            assert!(capture(&[name], true).is_ok(), "{name}");
        }
        assert!(capture(&["x-tenant", "accept-language"], false).is_ok());
        assert!(capture(&["not a name"], true).is_err());
    }

    #[test]
    fn every_value_is_written_and_marked_ones_are_not() {
        let captured = capture(&["x-tenant", "x-absent"], false).unwrap();
        let mut headers = HeaderMap::new();
        headers.append("x-tenant", HeaderValue::from_static("a"));
        let mut marked = HeaderValue::from_static("b");
        marked.set_sensitive(true);
        headers.append("x-tenant", marked);
        headers.append("x-tenant", HeaderValue::from_bytes(b"\xff").unwrap());
        headers.append("x-other", HeaderValue::from_static("c"));
        let mut attributes = Vec::new();
        captured.push(&mut attributes, &headers);
        assert_eq!(attributes.len(), 1);
        assert_eq!(attributes[0].key.as_str(), "http.request.header.x-tenant");
        assert_eq!(
            attributes[0].value.to_string(),
            "[\"a\",\"REDACTED\",\"\u{fffd}\"]"
        );
    }
}
