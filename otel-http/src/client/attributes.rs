//! Attributes of a client span at its start.

use otel_core::opentelemetry::KeyValue;
use otel_core::semconv;

use crate::attributes::url;
use crate::operation::Kind;
use crate::route::RequestHead;

/// Adds what the operation of the request does not hold.
pub(super) fn push(attributes: &mut Vec<KeyValue>, head: RequestHead<'_>, kind: Kind) {
    attributes.push(KeyValue::new(
        semconv::URL_FULL,
        url::full(head.uri(), kind.scheme()),
    ));
    if !kind.is_known_method() {
        attributes.push(KeyValue::new(
            semconv::HTTP_REQUEST_METHOD_ORIGINAL,
            head.method().as_str().to_owned(),
        ));
    }
}
