//! Whom to believe, and what the believed may do.

use std::sync::Arc;
use std::time::Duration;

use super::proxy::Proxy;
use super::{Federated, PeerIdentity, SpiffeId, SpiffePattern, TrustDomain};
use crate::error::ConfigError;

/// Hops of proxies that are walked back unless told otherwise.
const DEFAULT_HOPS: usize = 4;

/// Our trust domain, the proxies that may forward identities, and the domains we federate with.
///
/// What it does not name is not believed: no proxy, no other trust domain, no identity above the leaf
/// of a chain.
///
/// ```
/// use otel_core::identity::{Federated, Forwards, Proxy, TrustPolicy};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let policy = TrustPolicy::builder("prod.example.org".parse()?)
///     .add_proxy(Proxy::spiffe("spiffe://prod.example.org/edge".parse()?, Forwards::XfccSet))
///     .add_federated(Federated::new("partner.example.net".parse()?, "acme"))
///     .build()?;
/// # let _ = policy;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct TrustPolicy {
    own: TrustDomain,
    pub(super) proxies: Vec<Proxy>,
    federated: Vec<Federated>,
    pub(super) unknown: UnknownDomain,
    issuers: Vec<SpiffePattern>,
    pub(super) max_hops: usize,
    pub(super) validity_slack: Duration,
}

/// What a peer of a trust domain that the policy does not name may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "refused or watched")]
pub enum UnknownDomain {
    /// A requirement of an identity denies it.
    #[default]
    Deny,
    /// It is marked and let pass, as far as the requirement allows its ID.
    Observe,
}

/// What a peer is to us.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Standing {
    /// Of our own trust domain.
    Own,
    /// Of a domain we federate with, under this alias.
    Federated(Arc<str>),
    /// Of a domain the policy does not name, or a workload its entry does not.
    Unknown,
    /// Without a SPIFFE ID.
    Anonymous,
}

impl Standing {
    /// The word written to labels; of federated peers the alias says more.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Federated(_) => "federated",
            Self::Unknown => "unknown",
            Self::Anonymous => "anonymous",
        }
    }
}

impl TrustPolicy {
    /// Starts a policy of a workload of this trust domain.
    pub fn builder(own: TrustDomain) -> TrustPolicyBuilder {
        TrustPolicyBuilder {
            policy: Self {
                own,
                proxies: Vec::new(),
                federated: Vec::new(),
                unknown: UnknownDomain::default(),
                issuers: Vec::new(),
                max_hops: DEFAULT_HOPS,
                validity_slack: Duration::ZERO,
            },
            error: None,
        }
    }

    /// Our own trust domain.
    #[must_use]
    pub const fn own(&self) -> &TrustDomain {
        &self.own
    }

    /// What a peer is to us.
    #[must_use]
    pub fn standing(&self, peer: &PeerIdentity) -> Standing {
        let Some(id) = peer.spiffe_id() else {
            return Standing::Anonymous;
        };
        if id.trust_domain() == self.own.as_str() {
            return Standing::Own;
        }
        let mut federated = self.federated.iter();
        federated
            .find_map(|federated| federated.alias(id))
            .map_or(Standing::Unknown, |alias| {
                Standing::Federated(Arc::clone(alias))
            })
    }

    /// Whether an identity above the leaf is accepted.
    pub(super) fn accepts_issuer(&self, id: &SpiffeId) -> bool {
        self.issuers
            .iter()
            .any(|pattern| pattern.matches(id.to_ref()))
    }
}

/// Collects a [`TrustPolicy`].
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct TrustPolicyBuilder {
    policy: TrustPolicy,
    error: Option<ConfigError>,
}

impl TrustPolicyBuilder {
    /// Believes a proxy. Of several that are at the other end of a connection, the first counts.
    pub fn add_proxy(mut self, proxy: Proxy) -> Self {
        if let Some(accepts) = proxy.refusal() {
            self.refuse("add_proxy", accepts);
        }
        self.policy.proxies.push(proxy);
        self
    }

    /// Knows the workloads of another trust domain.
    pub fn add_federated(mut self, federated: Federated) -> Self {
        if let Some(accepts) = federated.refusal() {
            self.refuse("add_federated", accepts);
        }
        let known = self.policy.federated.iter().map(Federated::trust_domain);
        if known
            .chain([&self.policy.own])
            .any(|known| known == federated.trust_domain())
        {
            self.refuse("add_federated", "each trust domain once, and not our own");
        }
        self.policy.federated.push(federated);
        self
    }

    /// What a peer of a domain that is not named may do; nothing otherwise.
    pub const fn with_unknown_domain(mut self, unknown: UnknownDomain) -> Self {
        self.policy.unknown = unknown;
        self
    }

    /// Accepts identities that stand above the leaf of a chain, if they are of this pattern; none
    /// otherwise. An authority then vouches for all it has issued.
    pub fn add_issuer(mut self, pattern: SpiffePattern) -> Self {
        self.policy.issuers.push(pattern);
        self
    }

    /// How many proxies are walked back in `x-forwarded-client-cert`, the connected one included; 4
    /// otherwise, 8 at most.
    pub fn with_max_hops(mut self, hops: usize) -> Self {
        if !(1..=8).contains(&hops) {
            self.refuse("with_max_hops", "1 to 8");
        }
        self.policy.max_hops = hops;
        self
    }

    /// By how much the clock of an authority may differ from ours before a certificate counts as
    /// expired or not valid yet; not at all otherwise. An hour at most.
    pub fn with_validity_slack(mut self, slack: Duration) -> Self {
        if slack > Duration::from_secs(3600) {
            self.refuse("with_validity_slack", "at most an hour");
        }
        self.policy.validity_slack = slack;
        self
    }

    /// Finishes the policy.
    ///
    /// # Errors
    ///
    /// The first value that was refused.
    pub fn build(self) -> Result<TrustPolicy, ConfigError> {
        self.error.map_or(Ok(self.policy), Err)
    }

    fn refuse(&mut self, setting: &'static str, accepts: &str) {
        self.error
            .get_or_insert_with(|| ConfigError::invalid(setting, accepts));
    }
}
