//! The resource in the SDK's own type.

use opentelemetry::KeyValue;

use crate::resource::Resource;
use crate::semconv;

/// The attributes of a resource as they are now, for a tracer provider.
///
/// ```
/// use otel_core::resource::Resource;
/// use otel_core::sdk::to_sdk_resource;
///
/// # fn main() -> Result<(), otel_core::ConfigError> {
/// let resource = Resource::builder().with_service_name("shop").build()?;
/// let sdk = to_sdk_resource(&resource);
/// assert_eq!(sdk.get(&"service.name".into()).unwrap().as_str(), "shop");
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn to_sdk_resource(resource: &Resource) -> opentelemetry_sdk::Resource {
    let attributes = resource
        .attributes()
        .into_iter()
        .map(|(name, value)| KeyValue::new(name, value));
    // Without the SDK's own detectors: they would name the service a second time.
    opentelemetry_sdk::Resource::builder_empty()
        .with_schema_url(attributes, semconv::SCHEMA_URL)
        .build()
}
