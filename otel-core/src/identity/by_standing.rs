//! What of a context is let in, by who brings it.

use std::borrow::Cow;

use super::Standing;
use crate::propagation::{Admission, Caller, CallerPolicy, Extracted};

/// Decides on a caller's context by what the [trust policy](super::TrustPolicy) says of the caller.
///
/// By default our own trust domain is followed, federated domains are followed without baggage, and
/// whoever is unknown or anonymous is linked: their trace is referred to and not continued. Where the
/// layer was not told to look for identities this has no opinion, and the admission of everybody
/// applies.
///
/// ```
/// use otel_core::identity::ByStanding;
/// use otel_core::propagation::{Admission, Boundary};
///
/// let callers = ByStanding::new()
///     .with_federated(Admission::everything().with_baggage(["tenant"]))
///     .add_federated("partner", Admission::link());
/// let boundary = Boundary::builder()
///     .with_callers(Admission::link())
///     .with_caller_policy(callers)
///     .build()?;
/// # let _ = boundary;
/// # Ok::<(), otel_core::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "does nothing until it is part of a boundary"]
pub struct ByStanding {
    own: Admission,
    federated: Admission,
    aliases: Vec<(Cow<'static, str>, Admission)>,
    unknown: Admission,
    anonymous: Admission,
}

impl ByStanding {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            own: Admission::everything(),
            federated: Admission::everything().with_baggage(Vec::<String>::new()),
            aliases: Vec::new(),
            unknown: Admission::link(),
            anonymous: Admission::link(),
        }
    }

    /// Of peers of our own trust domain.
    pub fn with_own(mut self, admission: Admission) -> Self {
        self.own = admission;
        self
    }

    /// Of peers of a domain we federate with.
    pub fn with_federated(mut self, admission: Admission) -> Self {
        self.federated = admission;
        self
    }

    /// Of the federated peers with one alias.
    pub fn add_federated(
        mut self,
        alias: impl Into<Cow<'static, str>>,
        admission: Admission,
    ) -> Self {
        self.aliases.push((alias.into(), admission));
        self
    }

    /// Of peers that the policy does not name.
    pub fn with_unknown(mut self, admission: Admission) -> Self {
        self.unknown = admission;
        self
    }

    /// Of peers without an identity.
    pub fn with_anonymous(mut self, admission: Admission) -> Self {
        self.anonymous = admission;
        self
    }
}

impl Default for ByStanding {
    fn default() -> Self {
        Self::new()
    }
}

impl CallerPolicy for ByStanding {
    fn admit(&self, caller: &Caller<'_>, _: &Extracted) -> Option<Admission> {
        let admission = match caller.standing()? {
            Standing::Own => &self.own,
            Standing::Federated(alias) => {
                let own = self.aliases.iter().find(|(known, _)| **known == **alias);
                own.map_or(&self.federated, |(_, admission)| admission)
            }
            Standing::Unknown => &self.unknown,
            Standing::Anonymous => &self.anonymous,
        };
        Some(admission.clone())
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;
    use crate::propagation::Crossing;

    #[test]
    fn each_standing_has_its_admission() {
        let headers = HeaderMap::new();
        let extracted = Extracted::default();
        let policy = ByStanding::new().add_federated("strict", Admission::nothing());
        let admit = |standing: Option<Standing>| {
            let caller = Caller::new(&headers).with_standing(standing.as_ref());
            policy.admit(&caller, &extracted)
        };
        assert!(admit(None).is_none());
        for (standing, crossing, baggage) in [
            (Standing::Own, Crossing::Continue, true),
            (
                Standing::Federated("partner".into()),
                Crossing::Continue,
                false,
            ),
            (Standing::Federated("strict".into()), Crossing::Drop, false),
            (Standing::Unknown, Crossing::Link, false),
            (Standing::Anonymous, Crossing::Link, false),
        ] {
            let admission = admit(Some(standing.clone())).unwrap();
            assert_eq!(admission.crossing(), crossing, "{standing:?}");
            if crossing == Crossing::Continue {
                assert_eq!(admission.allows_baggage("tenant"), baggage, "{standing:?}");
            }
        }
    }
}
