//! The record of a denied request.
//!
//! A denial is the one event that must not be sampled away, so it is written three times: on the span
//! of the request, or where that is not recorded on one of its own that links to it; as a `tracing`
//! event of the target `audit`; and in a counter.

use std::borrow::Cow;
use std::time::SystemTime;

use opentelemetry::trace::{Link, SpanBuilder, SpanKind, TraceContextExt};
use opentelemetry::{Context, KeyValue};
use tracing::Level;

use super::contain::contained;
use super::identify::Identify;
use super::mismatch::{Finding, FindingKind};
use super::requirement::{DecisionKind, DenyReason};
use super::sender::push_evidence;
use super::text::{rfc3339, safe_text};
use super::{PeerIdentity, Sender, SpiffeId, Standing};
use crate::semconv;

/// A request that is denied, or would be.
///
/// ```
/// use otel_core::identity::{Denial, DenyReason, Identify, TrustPolicy};
/// use otel_core::telemetry::Telemetry;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let telemetry = Telemetry::builder().build()?;
/// # let policy = TrustPolicy::builder("prod.example.org".parse()?).build()?;
/// # let identify = Identify::new(&telemetry, policy);
/// // In an authoriser of your own, inside the request or in the middle of its stream:
/// identify.deny(&Denial::new(DenyReason::NotAllowed, "refunds").with_operation(Some(("http.route", "/refunds".into()))));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a denial is recorded by `Identify::deny`"]
pub struct Denial<'a> {
    reason: &'static str,
    policy: &'a str,
    decision: DecisionKind,
    peer: Option<&'a PeerIdentity>,
    alias: Option<&'a str>,
    operation: Option<(&'static str, Cow<'a, str>)>,
    finding: Option<&'a Finding>,
}

impl<'a> Denial<'a> {
    /// A denial by a policy.
    pub const fn new(reason: DenyReason, policy: &'a str) -> Self {
        Self::of(reason.as_str(), policy)
    }

    /// A denial for a reason of your own, which becomes a label: one of a few words.
    pub const fn of(reason: &'static str, policy: &'a str) -> Self {
        Self {
            reason,
            policy,
            decision: DecisionKind::Denied,
            peer: None,
            alias: None,
            operation: None,
            finding: None,
        }
    }

    /// The peer it concerns; otherwise that of the exchange it happens in.
    pub const fn with_peer(mut self, peer: Option<&'a PeerIdentity>) -> Self {
        self.peer = peer;
        self
    }

    /// The peer, and what it is to us.
    pub fn with_sender(mut self, arrival: &'a Sender) -> Self {
        self.peer = arrival.peer().map(|peer| &**peer);
        self.alias = match arrival.standing() {
            Standing::Federated(alias) => Some(alias),
            _ => None,
        };
        self
    }

    /// The mismatch that is the reason.
    pub(super) const fn with_finding(mut self, finding: Option<&'a Finding>) -> Self {
        self.finding = finding;
        self
    }

    /// What was asked for: an attribute and its value, such as a route or a method.
    pub fn with_operation(mut self, operation: Option<(&'static str, Cow<'a, str>)>) -> Self {
        self.operation = operation;
        self
    }

    /// Only watched: the request goes on.
    pub const fn observed(mut self) -> Self {
        self.decision = DecisionKind::Observed;
        self
    }
}

impl Identify {
    /// Records a denial, in the exchange that is current. The public way for other authorisers, also
    /// in the middle of a stream.
    pub fn deny(&self, denial: &Denial<'_>) {
        let now = self.telemetry().clock().wall();
        let cx = Context::current();
        self.counters().decided(denial.decision, denial.reason);
        contained(|| {
            let own = crate::exchange::ExchangeContext::of(&cx).and_then(|own| own.peer());
            let peer = denial.peer.or(own.map(|peer| &**peer));
            audit(denial, peer, now);
        });
        contained(|| self.mark(denial, &cx, now));
    }

    /// Puts the event on the span of the request, or on a span that is recorded whatever was decided
    /// for that one.
    fn mark(&self, denial: &Denial<'_>, cx: &Context, now: SystemTime) {
        let own = crate::exchange::ExchangeContext::of(cx).and_then(|own| own.peer());
        let peer = denial.peer.or(own.map(|peer| &**peer));
        let attributes = denial.attributes(peer, now);
        let span = cx.span();
        if span.is_recording() {
            span.add_event(semconv::AUTHZ_DENIED, attributes);
            return;
        }
        let (Some(spans), false) = (self.spans(), cx.is_telemetry_suppressed()) else {
            return;
        };
        let mut builder = SpanBuilder::from_name(semconv::AUTHZ_DENIED)
            .with_kind(SpanKind::Internal)
            .with_start_time(now);
        if span.span_context().is_valid() {
            let request = span.span_context().clone();
            builder = builder.with_links(vec![Link::new(request, Vec::new(), 0)]);
        }
        // A root: a sampler that follows its parent would drop it with the request.
        let alone = spans.start(builder.with_attributes(attributes.clone()), &Context::new());
        alone.span().add_event(semconv::AUTHZ_DENIED, attributes);
        alone.span().end_with_timestamp(now);
    }
}

impl Denial<'_> {
    fn mismatch_kind(&self) -> Option<&'static str> {
        match self.finding?.kind {
            FindingKind::Mismatch(kind) => Some(kind.as_str()),
            _ => None,
        }
    }

    fn attributes(&self, peer: Option<&PeerIdentity>, now: SystemTime) -> Vec<KeyValue> {
        let mut list = Vec::with_capacity(10);
        list.push(KeyValue::new(
            semconv::AUTHZ_DECISION,
            self.decision.as_str(),
        ));
        list.push(KeyValue::new(semconv::AUTHZ_REASON, self.reason));
        list.push(KeyValue::new(semconv::AUTHZ_POLICY, self.policy.to_owned()));
        push_evidence(peer, now, &mut list);
        if let Some(peer) = peer {
            let source = peer.source().as_str();
            list.push(KeyValue::new(semconv::IDENTITY_SOURCE, source));
        }
        if let Some(kind) = self.mismatch_kind() {
            list.push(KeyValue::new(semconv::IDENTITY_MISMATCH_KIND, kind));
        }
        if let Some(alias) = self.alias {
            let alias = alias.to_owned();
            list.push(KeyValue::new(semconv::FEDERATED_PEER_ID, alias));
        }
        if let Some((name, value)) = &self.operation {
            list.push(KeyValue::new(*name, safe_text(value)));
        }
        list
    }
}

/// The record for the audit log. Its target is fixed, so that a filter can keep it whole.
fn audit(denial: &Denial<'_>, peer: Option<&PeerIdentity>, now: SystemTime) {
    let operation = |name: &str| {
        let operation = denial.operation.as_ref();
        operation
            .filter(|(of, _)| *of == name)
            .map(|(_, value)| safe_text(value))
    };
    tracing::event!(
        target: "audit",
        Level::WARN,
        "authz.decision" = denial.decision.as_str(),
        "authz.reason" = denial.reason,
        "authz.policy" = denial.policy,
        "authz.time" = rfc3339(now),
        "peer.spiffe_id" = peer.and_then(PeerIdentity::spiffe_id).map(SpiffeId::as_str),
        "federated.peer_id" = denial.alias,
        "identity.source" = peer.map(|peer| peer.source().as_str()),
        "identity.trust" = peer.map(|peer| peer.trust().as_str()),
        "identity.violation" = peer.and_then(PeerIdentity::violation).map(|it| it.as_str()),
        "tls.client_certificate_serial" = peer.and_then(PeerIdentity::serial),
        "x509.issuer.hash.sha256" = peer.and_then(PeerIdentity::issuer_hash).map(ToString::to_string),
        "cert.fingerprint.sha256" = peer.and_then(PeerIdentity::fingerprint).map(ToString::to_string),
        "identity.mismatch.kind" = denial.mismatch_kind(),
        "identity.claimed" = denial.finding.and_then(Finding::claimed),
        "http.route" = operation(semconv::HTTP_ROUTE),
        "http.request.method" = operation(semconv::HTTP_REQUEST_METHOD),
        "url.path" = operation(semconv::URL_PATH),
        "rpc.method" = operation(semconv::RPC_METHOD),
        "authz_denied",
    );
}
