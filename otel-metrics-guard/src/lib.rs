//! The doors and exits of the guarded metric registry.
//!
//! [`Recorder`] is the door for the `metrics` facade: what `counter!`, `gauge!` and `histogram!`
//! measure anywhere in the process lands in the registry, and no call site changes.
//!
//! [`MeterProvider`] is the door for the OTel metrics API: instruments of every kind, observable ones and
//! bound ones among them, write to the same registry. A name is one family behind every door.
//!
//! [`MetricsService`] answers scrapes of a [`Registry`](otel_core::registry::Registry) over HTTP, in
//! the format the scraper prefers: OpenMetrics 1.0, with exemplars, or the Prometheus text format,
//! compressed if it asks for that. The answer is formatted while it is sent, so a scrape costs the same memory whether there
//! are ten series or a hundred thousand, and no measurement waits for it.
//!
//! ```no_run
//! use axum::Router;
//! use otel_core::telemetry::Telemetry;
//! use otel_metrics_guard::MetricsService;
//!
//! # async fn serve() -> Result<(), Box<dyn std::error::Error>> {
//! let telemetry = Telemetry::builder().build()?;
//! let metrics = MetricsService::new(telemetry.registry(), telemetry.resource());
//! let admin = Router::new().route_service("/metrics", metrics);
//!
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:9464").await?;
//! axum::serve(listener, admin).await?;
//! # Ok(())
//! # }
//! ```
//!
//! [`openmetrics::lint`] tells a test whether an exposition, ours or another, keeps the rules of OpenMetrics 1.0.
//!
//! Under plain hyper, wrap it in `hyper_util::service::TowerToHyperService`. To write a file or
//! push to a gateway, iterate over an [`Exposition`](exposition::Exposition) instead.
#![forbid(unsafe_code)]

pub mod exposition;
mod meter;
pub mod openmetrics;
mod recorder;
mod service;

pub use meter::{MeterProvider, MeterProviderBuilder};
#[cfg(feature = "metrics-util")]
pub use recorder::RecorderLayer;
pub use recorder::{InstallError, Recorder, RecorderBuilder};
pub use service::{
    CardinalityService, MetricsBody, MetricsService, MetricsServiceBuilder, ScrapeError,
};
