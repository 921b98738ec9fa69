//! Attributes of a client span at its start.

use otel_core::opentelemetry::KeyValue;
use otel_core::semconv;

use super::builder::Config;
use crate::attributes::{caller_text, url};
use crate::operation::Kind;
use crate::route::RequestHead;

/// Adds what the operation of the request does not hold.
pub(super) fn push(
    attributes: &mut Vec<KeyValue>,
    head: RequestHead<'_>,
    kind: Kind,
    resent: u32,
    config: &Config,
) {
    attributes.push(KeyValue::new(
        semconv::URL_FULL,
        url::full(head.uri(), kind.scheme(), &config.query),
    ));
    if !kind.is_known_method() {
        attributes.push(KeyValue::new(
            semconv::HTTP_REQUEST_METHOD_ORIGINAL,
            caller_text(head.method().as_str()),
        ));
    }
    if resent > 0 {
        attributes.push(KeyValue::new(
            semconv::HTTP_REQUEST_RESEND_COUNT,
            i64::from(resent),
        ));
    }
    config.request_headers.push(attributes, head.headers());
}
