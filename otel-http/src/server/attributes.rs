//! Attributes of a server span at its start, where samplers of the SDK can see them.

use std::net::SocketAddr;

use http::header::USER_AGENT;
use otel_core::opentelemetry::KeyValue;
use otel_core::semconv;

use super::builder::Config;
use crate::attributes::{Forwarded, authority, caller_text};
use crate::operation::Kind;
use crate::route::RequestHead;

/// Whom a request comes from, as far as that is known and believed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sender<'a> {
    pub(super) peer: Option<SocketAddr>,
    pub(super) forwarded: Forwarded<'a>,
}

/// Adds what the operation of the request does not hold: everything that is of this request alone.
pub(super) fn push<R>(
    attributes: &mut Vec<KeyValue>,
    head: RequestHead<'_>,
    kind: Kind,
    sender: Sender<'_>,
    config: &Config<R>,
) {
    let mut add = |name, value: String| attributes.push(KeyValue::new(name, value));
    add(semconv::URL_PATH, caller_text(head.uri().path()));
    let query = &config.settings.query;
    if let Some(text) = head.uri().query().filter(|_| !query.is_omitted()) {
        // Redacted first: a credential that is cut would no longer be known as one.
        let mut seen = String::with_capacity(text.len().min(256));
        query.push(&mut seen, text);
        add(semconv::URL_QUERY, caller_text(&seen));
    }
    if let Some(agent) = head.headers().get(USER_AGENT)
        && let Ok(agent) = agent.to_str()
    {
        add(semconv::USER_AGENT_ORIGINAL, caller_text(agent));
    }
    if !kind.is_known_method() {
        let method = caller_text(head.method().as_str());
        add(semconv::HTTP_REQUEST_METHOD_ORIGINAL, method);
    }
    push_server(attributes, head, kind, sender, config);
    push_sender(attributes, sender);
    config.settings.headers.push(attributes, head.headers());
}

fn push_server<R>(
    attributes: &mut Vec<KeyValue>,
    head: RequestHead<'_>,
    kind: Kind,
    sender: Sender<'_>,
    config: &Config<R>,
) {
    let named = sender
        .forwarded
        .host
        .or_else(|| authority(head.uri(), head.headers()))
        .and_then(|named| config.hosts.find(named));
    if let Some((address, port)) = named {
        attributes.push(KeyValue::new(semconv::SERVER_ADDRESS, address));
        let port = port.unwrap_or(kind.scheme().default_port());
        attributes.push(KeyValue::new(semconv::SERVER_PORT, i64::from(port)));
    }
}

fn push_sender(attributes: &mut Vec<KeyValue>, sender: Sender<'_>) {
    let peer = sender.peer.map(|peer| peer.ip().to_canonical());
    if let Some(client) = sender.forwarded.client.or(peer) {
        attributes.push(KeyValue::new(semconv::CLIENT_ADDRESS, client.to_string()));
    }
    if let (Some(address), Some(peer)) = (peer, sender.peer) {
        attributes.push(KeyValue::new(
            semconv::NETWORK_PEER_ADDRESS,
            address.to_string(),
        ));
        attributes.push(KeyValue::new(
            semconv::NETWORK_PEER_PORT,
            i64::from(peer.port()),
        ));
    }
}
