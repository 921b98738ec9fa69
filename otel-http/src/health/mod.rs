//! Liveness and readiness, as tower services.
//!
//! [`Health`] runs named checks, each under a timeout, and answers `200` or `503`: with a word for a
//! load balancer, with JSON for who accepts it. What each check found is in the registry too, with
//! the time it was last run, so that a probe nobody sends any more is seen.
//!
//! Register the services after the layer of requests, or leave probes out by
//! [`with_selection`](crate::server::HttpServerBuilder::with_selection): a probe every second is not
//! traffic.
//!
//! ```
//! use std::time::Duration;
//!
//! use otel_core::telemetry::Telemetry;
//! use otel_http::health::Health;
//!
//! # fn main() -> Result<(), otel_core::ConfigError> {
//! # let telemetry = Telemetry::builder().build()?;
//! # async fn ping() -> Result<(), std::io::Error> { Ok(()) }
//! let health = Health::builder(&telemetry)
//!     .add_check("database", Duration::from_secs(1), || async { ping().await })
//!     .build()?;
//! let (healthz, readyz) = (health.liveness(), health.readiness());
//! # let _ = (healthz, readyz);
//! // When the process is asked to stop: no new requests, please.
//! health.drain();
//! # Ok(())
//! # }
//! ```

mod accept;
mod body;
mod check;
#[expect(
    clippy::module_inception,
    reason = "the file holds the type the module is named for"
)]
mod health;
mod report;
mod service;

pub use body::HealthBody;
pub use check::CheckStatus;
pub use health::{Health, HealthBuilder};
pub use report::{CheckReport, HealthReport};
pub use service::{HealthFuture, HealthService};
