//! One pipeline for each of the services, as if each were a process.

use std::error::Error;
use std::time::Duration;

use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::trace::SdkTracerProvider;
use otel_core::propagation::{Format, Propagator, Reconstruction};
use otel_core::resource::Resource;
use otel_core::sdk::to_sdk_resource;
use otel_core::telemetry::Telemetry;

/// What the services of this fleet share, so that they reconstruct alike.
const KEY: &[u8] = b"interoperability";

pub(crate) struct Pipeline {
    telemetry: Telemetry,
    provider: SdkTracerProvider,
}

impl Pipeline {
    pub(crate) fn start(service: &str, collector: &str) -> Result<Self, Box<dyn Error>> {
        let resource = Resource::builder().with_service_name(service).build()?;
        let exporter = SpanExporter::builder()
            .with_tonic()
            .with_endpoint(collector)
            .build()?;
        let provider = SdkTracerProvider::builder()
            .with_resource(to_sdk_resource(&resource))
            .with_batch_exporter(exporter)
            .build();
        let propagator = Propagator::builder()
            .add_format(Format::W3c)
            .add_read_only_format(Format::B3Single)
            .with_baggage()
            .build();
        let telemetry = Telemetry::builder()
            .with_resource(resource)
            .with_tracer_provider(provider.clone())
            .with_propagator(propagator)
            .with_reconstruction(Reconstruction::new(KEY)?)
            .with_lifecycle()
            .build()?;
        Ok(Self {
            telemetry,
            provider,
        })
    }

    pub(crate) const fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    /// Sends what is left. Blocks.
    pub(crate) fn finish(self) {
        if let Err(error) = self.provider.shutdown_with_timeout(Duration::from_secs(5)) {
            eprintln!("spans were not all sent: {error}");
        }
    }
}
