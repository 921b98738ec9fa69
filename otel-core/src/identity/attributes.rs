//! A peer as attributes of a span.
//!
//! Two vocabularies name the same facts. The conventions have `tls.*`, without a word for a SPIFFE ID
//! or a serial number; ours says who the peer is and how that is known. An
//! [`AttributeProfile`] chooses.

use std::sync::Arc;

use opentelemetry::{Array, KeyValue, StringValue, Value};

use super::PeerIdentity;
use super::text::rfc3339;
use crate::semconv;

/// Which names the facts of a peer are written under.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "complete by nature: ours, theirs, both"
)]
pub enum AttributeProfile {
    /// Ours, which cover everything, and of the conventions those that ours have no name for.
    #[default]
    Own,
    /// Those of the OpenTelemetry conventions alone: nothing then names the SPIFFE ID.
    Conventions,
    /// Both, the names in the certificate included.
    Both,
}

impl AttributeProfile {
    pub(super) const COUNT: usize = 3;

    const fn has_own(self) -> bool {
        !matches!(self, Self::Conventions)
    }

    const fn has_conventions(self) -> bool {
        !matches!(self, Self::Own)
    }
}

/// Every attribute of a peer. Texts are shared, so that a copy is a reference count each.
pub(super) fn render(peer: &PeerIdentity, profile: AttributeProfile) -> Box<[KeyValue]> {
    let mut list = Vec::with_capacity(24);
    if profile.has_own() {
        own(peer, &mut list);
    }
    if profile.has_conventions() {
        conventions(peer, &mut list);
    }
    if let Some(not_after) = peer.not_after() {
        push(&mut list, semconv::TLS_CLIENT_NOT_AFTER, rfc3339(not_after));
    }
    if let Some(tls) = peer.tls() {
        list.push(KeyValue::new(semconv::TLS_ESTABLISHED, true));
        list.push(KeyValue::new(semconv::TLS_RESUMED, tls.is_resumed()));
        if let Some(version) = tls.version() {
            list.push(KeyValue::new(semconv::TLS_PROTOCOL_VERSION, version));
        }
        if profile.has_conventions() {
            if let Some(cipher) = tls.cipher() {
                list.push(KeyValue::new(semconv::TLS_CIPHER, cipher));
            }
            if let Some(protocol) = tls.shared_next_protocol() {
                push(&mut list, semconv::TLS_NEXT_PROTOCOL, Arc::clone(protocol));
            }
        }
    }
    list.into()
}

fn own(peer: &PeerIdentity, list: &mut Vec<KeyValue>) {
    let facts = &peer.facts;
    list.push(KeyValue::new(
        semconv::IDENTITY_SOURCE,
        facts.source.as_str(),
    ));
    list.push(KeyValue::new(semconv::IDENTITY_TRUST, facts.trust.as_str()));
    push(
        list,
        semconv::IDENTITY_ASSERTION_TIME,
        rfc3339(facts.asserted_at),
    );
    if let Some(id) = &facts.spiffe_id {
        push(list, semconv::PEER_SPIFFE_ID, id.to_shared());
        push(
            list,
            semconv::PEER_TRUST_DOMAIN,
            id.to_trust_domain().to_shared(),
        );
    }
    if let Some(violation) = facts.violation {
        list.push(KeyValue::new(
            semconv::IDENTITY_VIOLATION,
            violation.as_str(),
        ));
    }
    if let Some(fingerprint) = &facts.fingerprint {
        push(
            list,
            semconv::CERT_FINGERPRINT_SHA256,
            fingerprint.to_string(),
        );
    }
    if let Some(serial) = &facts.serial {
        push(
            list,
            semconv::TLS_CLIENT_CERTIFICATE_SERIAL,
            Arc::clone(serial),
        );
    }
    if let Some(hash) = &facts.issuer_hash {
        push(list, semconv::X509_ISSUER_HASH_SHA256, hash.to_string());
    }
    push_all(list, semconv::X509_SAN_URI, &facts.san_uris);
    push_all(list, semconv::X509_SAN_DNS, &facts.san_dns);
    if facts.san_truncated {
        list.push(KeyValue::new(semconv::X509_SAN_TRUNCATED, true));
    }
    if let Some(depth) = facts.chain_depth {
        list.push(KeyValue::new(semconv::CERT_CHAIN_DEPTH, i64::from(depth)));
    }
    let path: Vec<Arc<str>> = facts
        .chain_path
        .iter()
        .map(|fingerprint| fingerprint.to_string().into())
        .collect();
    push_all(list, semconv::CERT_CHAIN_PATH, &path);
    if let Some(proxy) = &facts.asserted_by {
        push(list, semconv::IDENTITY_ASSERTED_BY, proxy.to_shared());
    }
}

fn conventions(peer: &PeerIdentity, list: &mut Vec<KeyValue>) {
    if let Some(fingerprint) = peer.fingerprint() {
        push(
            list,
            semconv::TLS_CLIENT_HASH_SHA256,
            fingerprint.to_upper_hex(),
        );
    }
    if let Some(subject) = peer.subject() {
        push(list, semconv::TLS_CLIENT_SUBJECT, subject);
    }
    if let Some(issuer) = peer.issuer() {
        push(list, semconv::TLS_CLIENT_ISSUER, issuer);
    }
    if let Some(not_before) = peer.not_before() {
        push(list, semconv::TLS_CLIENT_NOT_BEFORE, rfc3339(not_before));
    }
}

fn push(list: &mut Vec<KeyValue>, name: &'static str, text: impl Into<Arc<str>>) {
    list.push(KeyValue::new(name, StringValue::from(text.into())));
}

fn push_all(list: &mut Vec<KeyValue>, name: &'static str, texts: &[Arc<str>]) {
    if !texts.is_empty() {
        let texts = texts.iter().cloned().map(StringValue::from).collect();
        list.push(KeyValue::new(name, Value::Array(Array::String(texts))));
    }
}
