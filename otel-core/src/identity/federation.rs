//! Other trust domains whose workloads may call.

use std::sync::Arc;

use super::{SpiffeId, SpiffePattern, TrustDomain};

/// A trust domain that is not ours, and what its workloads are called here.
///
/// The alias is ours, so that it may become a label: its values are as many as the map has.
///
/// ```
/// use otel_core::identity::Federated;
///
/// let partner = Federated::new("partner.example.net".parse()?, "acme")
///     .add_peer("spiffe://partner.example.net/ns/pay/**".parse()?, "acme-payments");
/// # let _ = partner;
/// # Ok::<(), otel_core::identity::SpiffeIdError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Federated {
    trust_domain: TrustDomain,
    alias: Arc<str>,
    peers: Vec<(SpiffePattern, Arc<str>)>,
}

impl Federated {
    /// All workloads of a trust domain, under one alias.
    pub fn new(trust_domain: TrustDomain, alias: impl Into<Arc<str>>) -> Self {
        Self {
            trust_domain,
            alias: alias.into(),
            peers: Vec::new(),
        }
    }

    /// These workloads of it, under an alias of their own. Once one is added, workloads that match
    /// none are unknown. The first that matches counts.
    #[must_use]
    pub fn add_peer(mut self, pattern: SpiffePattern, alias: impl Into<Arc<str>>) -> Self {
        self.peers.push((pattern, alias.into()));
        self
    }

    pub(super) const fn trust_domain(&self) -> &TrustDomain {
        &self.trust_domain
    }

    /// The alias of a workload of this domain, if it is known.
    pub(super) fn alias(&self, id: &SpiffeId) -> Option<&Arc<str>> {
        if id.trust_domain() != self.trust_domain.as_str() {
            return None;
        }
        if self.peers.is_empty() {
            return Some(&self.alias);
        }
        let mut peers = self.peers.iter();
        peers
            .find(|(pattern, _)| pattern.matches(id.to_ref()))
            .map(|(_, alias)| alias)
    }

    /// Why the entry cannot be kept, if so.
    pub(super) fn refusal(&self) -> Option<&'static str> {
        let is_foreign =
            |(pattern, _): &(SpiffePattern, _)| *pattern.trust_domain() != self.trust_domain;
        if self.peers.iter().any(is_foreign) {
            return Some("patterns of the federated trust domain itself");
        }
        let mut aliases = self
            .peers
            .iter()
            .map(|(_, alias)| alias)
            .chain([&self.alias]);
        aliases
            .any(|alias| alias.is_empty())
            .then_some("aliases that are not empty")
    }
}
