//! Metadata that an application asked to see on its spans.
//!
//! Nothing is captured unless its key is listed: metadata carries credentials and personal data. Keys
//! that are credentials by their definition are refused outright, and binary ones are not text.

use http::{HeaderMap, HeaderName};
use otel_core::opentelemetry::{Array, Key, KeyValue, StringValue, Value};
use otel_core::{ConfigError, intern};

/// Values of one key that are captured.
const MAX_VALUES: usize = 8;
/// Longest value that is captured, bytes; longer ones are cut.
const MAX_LEN: usize = 256;
/// Keys whose values are secrets.
const SECRET: [&str; 4] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "set-cookie",
];

/// A list of keys, with the attribute each is written to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Captured(Vec<(HeaderName, &'static str)>);

impl Captured {
    pub(crate) fn add(
        &mut self,
        setting: &'static str,
        prefix: &str,
        key: &str,
    ) -> Result<(), ConfigError> {
        let refused = |why| ConfigError::invalid(setting, why);
        let name = HeaderName::from_bytes(key.to_ascii_lowercase().as_bytes())
            .map_err(|_invalid| refused("metadata keys"))?;
        if SECRET.contains(&name.as_str()) {
            return Err(refused("keys whose values are no credentials"));
        }
        if name.as_str().ends_with("-bin") {
            return Err(refused("keys whose values are text"));
        }
        let attribute = intern(&format!("{prefix}{name}")).ok_or_else(|| refused("short keys"))?;
        self.0.push((name, attribute));
        Ok(())
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The listed metadata of `headers` as attributes, each a list of strings.
    pub(crate) fn attributes(&self, headers: &HeaderMap) -> impl Iterator<Item = KeyValue> {
        self.0.iter().filter_map(|(name, attribute)| {
            let values: Vec<StringValue> = headers
                .get_all(name)
                .iter()
                .filter_map(|value| value.to_str().ok())
                .take(MAX_VALUES)
                // Visible ASCII: any byte is a boundary.
                .map(|value| value.get(..MAX_LEN).unwrap_or(value).to_owned().into())
                .collect();
            let value = Value::Array(Array::String(values));
            headers
                .contains_key(name)
                .then(|| KeyValue::new(Key::from_static_str(attribute), value))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_binary_values_are_refused() {
        let mut captured = Captured::default();
        for bad in [
            "Authorization",
            "cookie",
            "set-cookie",
            "trace-bin",
            "a b",
            "",
        ] {
            let refused = captured.add("with_request_metadata", "p.", bad);
            assert!(refused.is_err(), "{bad}");
        }
        assert!(captured.is_empty());
        assert!(
            captured
                .add("with_request_metadata", "p.", "X-Tenant")
                .is_ok()
        );
    }

    #[test]
    fn listed_values_are_cut_and_counted() {
        let mut captured = Captured::default();
        captured
            .add("with_request_metadata", "p.", "x-tenant")
            .unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("x-other", "1".parse().unwrap());
        assert_eq!(captured.attributes(&headers).count(), 0);
        for _ in 0..MAX_VALUES + 1 {
            headers.append("x-tenant", "a".repeat(MAX_LEN + 1).parse().unwrap());
        }
        let attributes: Vec<_> = captured.attributes(&headers).collect();
        assert_eq!(attributes.len(), 1);
        assert_eq!(attributes[0].key.as_str(), "p.x-tenant");
        let Value::Array(Array::String(values)) = &attributes[0].value else {
            panic!("a list of strings");
        };
        assert_eq!(values.len(), MAX_VALUES);
        assert!(values.iter().all(|value| value.as_str().len() == MAX_LEN));
    }
}
