//! Attributes of a server span at its start, where samplers of the SDK can see them.

use http::header::USER_AGENT;
use otel_core::opentelemetry::KeyValue;
use otel_core::semconv;

use super::hosts::Hosts;
use crate::attributes::{authority, caller_text};
use crate::operation::Kind;
use crate::route::RequestHead;

/// Adds what the operation of the request does not hold: everything that is of this request alone.
pub(super) fn push(
    attributes: &mut Vec<KeyValue>,
    head: RequestHead<'_>,
    kind: Kind,
    hosts: &Hosts,
) {
    attributes.push(KeyValue::new(
        semconv::URL_PATH,
        caller_text(head.uri().path()),
    ));
    let named = authority(head.uri(), head.headers()).and_then(|named| hosts.find(named));
    if let Some((address, port)) = named {
        attributes.push(KeyValue::new(semconv::SERVER_ADDRESS, address));
        let port = port.unwrap_or(kind.scheme().default_port());
        attributes.push(KeyValue::new(semconv::SERVER_PORT, i64::from(port)));
    }
    if let Some(agent) = head.headers().get(USER_AGENT)
        && let Ok(agent) = agent.to_str()
    {
        attributes.push(KeyValue::new(
            semconv::USER_AGENT_ORIGINAL,
            caller_text(agent),
        ));
    }
    if !kind.is_known_method() {
        attributes.push(KeyValue::new(
            semconv::HTTP_REQUEST_METHOD_ORIGINAL,
            caller_text(head.method().as_str()),
        ));
    }
}
