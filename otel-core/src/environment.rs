//! The environment variables the suite may read.
//!
//! Injected, so that a test neither sets nor sees the variables of its process, and so that the
//! one read of the real environment happens where the application asks for it.

use std::collections::HashMap;

/// A view of environment variables, taken once.
///
/// ```
/// use otel_core::environment::Environment;
///
/// let environment = Environment::of([("OTEL_SERVICE_NAME", "shop")]);
/// assert_eq!(environment.get("OTEL_SERVICE_NAME"), Some("shop"));
/// assert_eq!(environment.get("OTEL_SDK_DISABLED"), None);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Environment {
    variables: HashMap<String, String>,
}

impl Environment {
    /// The variables of this process whose names start with `OTEL_`, as they are now.
    ///
    /// A variable that is not Unicode is left out.
    #[must_use]
    pub fn process() -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, _)| name.starts_with("OTEL_"))
            .collect();
        Self { variables }
    }

    /// The given variables and no others.
    #[must_use]
    pub fn of<N: Into<String>, V: Into<String>>(
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let variables = variables
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        Self { variables }
    }

    /// The value of a variable. An empty value counts as unset, as the OpenTelemetry
    /// specification of environment variables requires.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }
}
