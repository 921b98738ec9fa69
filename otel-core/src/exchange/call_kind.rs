//! Kinds of calls no layer wraps, by the conventions each has.

use std::sync::Arc;

use super::{Instrumentation, OperationParts};
use crate::error::ConfigError;
use crate::intern::intern;
use crate::outcome::{Classify, Side};
use crate::registry::{Buckets, Descriptor, Unit};
use crate::semconv;
use crate::telemetry::Telemetry;

/// What is called, and where: the facts all calls of it have in common.
#[derive(Clone, Debug)]
#[must_use = "a kind does nothing until it is given to `Telemetry::operation`"]
pub struct CallKind {
    family: Family,
    system: String,
    namespace: Option<String>,
    server: Option<(String, u16)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Database,
    Other,
}

impl CallKind {
    /// A database by the name the conventions have for it, such as `postgresql` or `mysql`
    /// ([list](https://opentelemetry.io/docs/specs/semconv/registry/attributes/db/#db-system-name)).
    ///
    /// Recorded as `db.client.operation.duration`; a call is named by operation and collection.
    pub fn database(system: impl Into<String>) -> Self {
        Self::of(Family::Database, system.into())
    }

    /// A cache, such as `redis` or `memcached`. To the conventions it is a database.
    pub fn cache(system: impl Into<String>) -> Self {
        Self::database(system)
    }

    /// Anything else, for which there is no convention: `ldap`, `smtp`, a library of your own.
    ///
    /// Recorded as `call.client.duration`.
    pub fn other(system: impl Into<String>) -> Self {
        Self::of(Family::Other, system.into())
    }

    const fn of(family: Family, system: String) -> Self {
        Self {
            family,
            system,
            namespace: None,
            server: None,
        }
    }

    /// The database within the system, or another part of it that callers name.
    pub fn with_namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// Host and port, as configured and not as resolved.
    pub fn with_server(mut self, address: impl Into<String>, port: u16) -> Self {
        self.server = Some((address.into(), port));
        self
    }

    pub(super) fn instrument(
        self,
        telemetry: &Telemetry,
    ) -> Result<Arc<Instrumentation>, ConfigError> {
        let kept = |text: &str| {
            intern(text)
                .filter(|text| !text.is_empty())
                .ok_or_else(|| ConfigError::invalid("CallKind", "names of 1 to 512 bytes"))
        };
        let system = kept(&self.system)?;
        let namespace = self.namespace.as_deref().map(kept).transpose()?;
        let server = match &self.server {
            None => None,
            Some((address, port)) => Some((kept(address)?, kept(&port.to_string())?)),
        };
        let names = self.family.names();
        let describe = move |_variant, name: &'static str| {
            let (action, target) = name.split_once(' ').unwrap_or((name, ""));
            let mut parts = OperationParts::new(if name.is_empty() { system } else { name })
                .with_active_label(names.system, system);
            for (label, value) in [
                (names.namespace, namespace.unwrap_or_default()),
                (names.action, action),
                (names.target, target),
            ] {
                if !value.is_empty() {
                    parts = parts.with_label(label, value);
                }
            }
            match server {
                None => parts,
                Some((address, port)) => parts
                    .with_label(semconv::SERVER_ADDRESS, address)
                    .with_label(semconv::SERVER_PORT, port),
            }
        };
        let duration = Descriptor::new(names.duration)
            .with_unit(Unit::SECONDS)
            .with_help(names.help);
        let active = Descriptor::new(names.active).with_help("Number of such calls in flight.");
        Ok(Instrumentation::builder(
            telemetry,
            (Classify::Call, Side::Client),
            duration,
            active,
            describe,
        )
        .with_buckets(names.buckets)
        .build())
    }
}

/// What a family of calls is recorded under.
struct Names {
    duration: &'static str,
    active: &'static str,
    help: &'static str,
    buckets: Buckets,
    system: &'static str,
    namespace: &'static str,
    action: &'static str,
    target: &'static str,
}

impl Family {
    fn names(self) -> Names {
        match self {
            Self::Database => Names {
                duration: semconv::DB_CLIENT_OPERATION_DURATION,
                active: semconv::DB_CLIENT_ACTIVE_OPERATIONS,
                help: "Duration of database client operations.",
                buckets: database_buckets(),
                system: semconv::DB_SYSTEM_NAME,
                namespace: semconv::DB_NAMESPACE,
                action: semconv::DB_OPERATION_NAME,
                target: semconv::DB_COLLECTION_NAME,
            },
            Self::Other => Names {
                duration: semconv::CALL_CLIENT_DURATION,
                active: semconv::CALL_CLIENT_ACTIVE,
                help: "Duration of outgoing calls that no layer wraps.",
                buckets: Buckets::semconv_seconds(),
                system: semconv::CALL_SYSTEM,
                namespace: semconv::CALL_NAMESPACE,
                action: semconv::CALL_OPERATION,
                target: semconv::CALL_TARGET,
            },
        }
    }
}

/// What the conventions advise for databases, which answer sooner than services do
/// ([metric](https://opentelemetry.io/docs/specs/semconv/database/database-metrics/)).
fn database_buckets() -> Buckets {
    const SECONDS: [f64; 9] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];
    Buckets::explicit(&SECONDS).unwrap_or_else(|_| Buckets::semconv_seconds())
}
