//! The admin server: what a scrape reads. Not instrumented: scrapes are not the shop's requests.

use axum::Router;
use otel_core::telemetry::Telemetry;
use otel_metrics_guard::{CardinalityService, MetricsService};
use tokio::net::TcpListener;
use tokio::sync::watch;

pub(crate) async fn serve(
    listener: TcpListener,
    telemetry: Telemetry,
    stopped: watch::Receiver<()>,
) {
    let metrics = MetricsService::new(telemetry.registry(), telemetry.resource());
    let cardinality = CardinalityService::new(telemetry.registry());
    let app = Router::new()
        .route_service("/metrics", metrics)
        .route_service("/debug/cardinality", cardinality);
    let served = axum::serve(listener, app)
        .with_graceful_shutdown(crate::until_stopped(stopped))
        .await;
    if let Err(error) = served {
        tracing::error!(error = %error, "the admin server failed");
    }
}
