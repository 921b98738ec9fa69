//! The entity that emits telemetry, described once for all three signals.
//!
//! Spans, metrics and log lines of a service must name it alike, so all of them read this one
//! value. It is versioned: a fact that is not known at start-up can be added later and a reader
//! that renders the resource notices by comparing [`Resource::version`].

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;

use crate::environment::Environment;
use crate::error::ConfigError;
use crate::semconv;

/// Name given to a service that did not name itself, as the OpenTelemetry resource
/// conventions require.
const UNKNOWN_SERVICE: &str = "unknown_service";

/// Attributes of the entity that emits telemetry. Clones share the same facts.
///
/// ```
/// use otel_core::resource::Resource;
///
/// # fn main() -> Result<(), otel_core::ConfigError> {
/// let resource = Resource::builder()
///     .with_service_name("shop")
///     .with_attribute("deployment.environment.name", "staging")
///     .build()?;
/// assert_eq!(resource.service_name(), "shop");
///
/// let before = resource.version();
/// resource.add_late("host.id", "a91f");
/// assert!(resource.version() > before);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Resource {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    facts: ArcSwap<BTreeMap<String, String>>,
    version: AtomicU64,
}

impl Resource {
    /// Starts the description of a service.
    pub fn builder() -> ResourceBuilder {
        ResourceBuilder::default()
    }

    /// A copy of all attributes, in the order of their names.
    #[must_use]
    pub fn attributes(&self) -> Vec<(String, String)> {
        let facts = self.shared.facts.load();
        facts.iter().map(|(k, v)| (k.clone(), v.clone())).collect()
    }

    /// The value of one attribute.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        self.shared.facts.load().get(name).cloned()
    }

    /// `service.name`, never empty.
    #[must_use]
    pub fn service_name(&self) -> String {
        self.get(semconv::SERVICE_NAME)
            .unwrap_or_else(|| UNKNOWN_SERVICE.to_owned())
    }

    /// Rises by one with each late fact; starts at 0.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.shared.version.load(Ordering::Acquire)
    }

    /// Adds or replaces a fact that became known after start-up.
    pub fn add_late(&self, name: impl Into<String>, value: impl Into<String>) {
        let (name, value) = (name.into(), value.into());
        self.shared.facts.rcu(|facts| {
            let mut facts = BTreeMap::clone(facts);
            facts.insert(name.clone(), value.clone());
            facts
        });
        self.shared.version.fetch_add(1, Ordering::Release);
    }
}

/// Collects the attributes of a [`Resource`].
#[derive(Debug, Default)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ResourceBuilder {
    facts: BTreeMap<String, String>,
    error: Option<ConfigError>,
}

impl ResourceBuilder {
    /// Sets `service.name`.
    pub fn with_service_name(self, name: impl Into<String>) -> Self {
        self.with_attribute(semconv::SERVICE_NAME, name)
    }

    /// Sets an attribute. Names and values must not be empty.
    pub fn with_attribute(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, value) = (name.into(), value.into());
        if name.is_empty() || value.is_empty() {
            self.refuse("with_attribute", "a name and a value, neither empty");
        } else {
            self.facts.insert(name, value);
        }
        self
    }

    /// Reads `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`
    /// (`key=value` pairs joined by commas, values percent-encoded).
    ///
    /// What the environment says replaces what was set before this call, and `OTEL_SERVICE_NAME`
    /// replaces a `service.name` in `OTEL_RESOURCE_ATTRIBUTES`, as the OpenTelemetry resource SDK
    /// specification requires. A pair that does not parse makes the whole variable be refused.
    pub fn with_environment(mut self, environment: &Environment) -> Self {
        if let Some(pairs) = environment.get("OTEL_RESOURCE_ATTRIBUTES") {
            match parse_pairs(pairs) {
                Some(pairs) => self.facts.extend(pairs),
                None => self.refuse(
                    "OTEL_RESOURCE_ATTRIBUTES",
                    "`key=value` pairs joined by commas, values percent-encoded",
                ),
            }
        }
        if let Some(name) = environment.get("OTEL_SERVICE_NAME") {
            self.facts
                .insert(semconv::SERVICE_NAME.to_owned(), name.to_owned());
        }
        self
    }

    /// Finishes the description. A service without a name is called `unknown_service`.
    ///
    /// # Errors
    ///
    /// The first value that was refused.
    pub fn build(mut self) -> Result<Resource, ConfigError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        self.facts
            .entry(semconv::SERVICE_NAME.to_owned())
            .or_insert_with(|| UNKNOWN_SERVICE.to_owned());
        Ok(Resource {
            shared: Arc::new(Shared {
                facts: ArcSwap::from_pointee(self.facts),
                version: AtomicU64::new(0),
            }),
        })
    }

    fn refuse(&mut self, setting: &'static str, accepts: &str) {
        self.error
            .get_or_insert_with(|| ConfigError::invalid(setting, accepts));
    }
}

fn parse_pairs(text: &str) -> Option<Vec<(String, String)>> {
    text.split(',')
        .map(str::trim)
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=')?;
            let (name, value) = (name.trim(), percent_decode(value.trim())?);
            (!name.is_empty() && !value.is_empty()).then(|| (name.to_owned(), value))
        })
        .collect()
}

fn percent_decode(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let high = char::from(bytes.next()?).to_digit(16)?;
            let low = char::from(bytes.next()?).to_digit(16)?;
            decoded.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_wins_over_code() {
        let environment = Environment::of([
            ("OTEL_RESOURCE_ATTRIBUTES", "service.name=a, team=b%2Cc,"),
            ("OTEL_SERVICE_NAME", "shop"),
        ]);
        let resource = Resource::builder()
            .with_service_name("code")
            .with_environment(&environment)
            .build()
            .unwrap();
        assert_eq!(resource.service_name(), "shop");
        assert_eq!(resource.get("team").as_deref(), Some("b,c"));
    }

    #[test]
    fn a_malformed_variable_is_refused_whole() {
        for bad in ["a", "=b", "a=", "a=%zz", "a=%f", "a=%ff"] {
            let environment = Environment::of([("OTEL_RESOURCE_ATTRIBUTES", bad)]);
            let error = Resource::builder()
                .with_environment(&environment)
                .build()
                .unwrap_err();
            assert_eq!(error.setting(), "OTEL_RESOURCE_ATTRIBUTES", "{bad}");
        }
    }

    #[test]
    fn a_nameless_service_is_still_named() {
        let resource = Resource::builder().build().unwrap();
        assert_eq!(resource.service_name(), "unknown_service");
    }
}
