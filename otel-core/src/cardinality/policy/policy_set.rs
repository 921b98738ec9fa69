//! All policies of a registry.

use std::fmt;
use std::sync::Arc;

use super::compile::Compiled;
use super::family_match::FamilyMatch;
use super::plan::Plan;
use super::policy::Policy;
use crate::ConfigError;

/// Which policy is for which family: the one that describes its name most closely, alone.
///
/// Without any, as by default, there are only the budgets. Cheap to clone; two sets are equal if
/// they say the same, and closures are the same if one is a clone of the other.
///
/// ```
/// use otel_core::cardinality::{FamilyMatch, Policy, PolicySet};
///
/// let policies = PolicySet::builder()
///     .with_default(Policy::new().with_drop_above(100_000))
///     .add(FamilyMatch::prefix("http.server."), Policy::new().with_series_budget(5_000))
///     .add(FamilyMatch::glob("tmp_*"), Policy::new().denied())
///     .build()?;
/// # let _ = policies;
/// # Ok::<_, otel_core::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct PolicySet(Arc<Policies>);

#[derive(PartialEq)]
struct Policies {
    default: Plan,
    /// In the order they were added.
    matches: Vec<(FamilyMatch, Plan)>,
}

impl PolicySet {
    /// A set with nothing in it yet.
    pub fn builder() -> PolicySetBuilder {
        PolicySetBuilder {
            default: Policy::new(),
            matches: Vec::new(),
        }
    }

    /// [`Policy::edge`] for every family; goes with [`Budget::edge`](crate::cardinality::Budget::edge).
    #[must_use]
    pub fn edge() -> Self {
        Self::of_default(Policy::edge())
    }

    /// The plan for a family, by its exposed name.
    pub(crate) fn plan(&self, family: &str) -> Plan {
        let mut closest = None;
        for (description, plan) in &self.0.matches {
            let closeness = description.closeness(family);
            // The first of those equally close stays.
            if closeness.is_some() && closest.as_ref().is_none_or(|(held, _)| closeness > *held) {
                closest = Some((closeness, plan));
            }
        }
        closest.map_or(&self.0.default, |(_, plan)| plan).clone()
    }

    /// A set of one of the policies that are made here.
    fn of_default(policy: Policy) -> Self {
        Self(Arc::new(Policies {
            // Nothing in it can be refused.
            default: Plan::new(Compiled::new(policy).unwrap_or_default()),
            matches: Vec::new(),
        }))
    }
}

impl Default for PolicySet {
    /// Nothing but the budgets.
    fn default() -> Self {
        Self::of_default(Policy::new())
    }
}

impl PartialEq for PolicySet {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl fmt::Debug for PolicySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (description, plan) in &self.0.matches {
            map.entry(description, plan);
        }
        map.entry(&format_args!("default"), &self.0.default)
            .finish()
    }
}

/// Collects policies.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct PolicySetBuilder {
    default: Policy,
    matches: Vec<(FamilyMatch, Policy)>,
}

impl PolicySetBuilder {
    /// The policy for families that nothing else describes.
    pub fn with_default(mut self, policy: Policy) -> Self {
        self.default = policy;
        self
    }

    /// The policy for families that a match describes.
    pub fn add(mut self, families: FamilyMatch, policy: Policy) -> Self {
        self.matches.push((families, policy));
        self
    }

    /// Checks and compiles the set.
    ///
    /// # Errors
    ///
    /// Names the first setting that is out of its range, is not a regular expression, or contradicts
    /// another: a label both kept and dropped, a pinned value that is denied, the same families
    /// twice.
    pub fn build(self) -> Result<PolicySet, ConfigError> {
        let default = Plan::new(Compiled::new(self.default)?);
        let mut matches: Vec<(FamilyMatch, Plan)> = Vec::with_capacity(self.matches.len());
        for (families, policy) in self.matches {
            families.check()?;
            if matches.iter().any(|(held, _)| *held == families) {
                let why = format!("each match once; `{families}` is there twice");
                return Err(ConfigError::invalid("add", why));
            }
            matches.push((families, Plan::new(Compiled::new(policy)?)));
        }
        Ok(PolicySet(Arc::new(Policies { default, matches })))
    }
}
