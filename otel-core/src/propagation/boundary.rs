//! What crosses between trust domains, inbound and outbound.
//!
//! A context is a stranger's text that decides what is recorded and travels on to everybody we call;
//! our own is a list of who we are and whom we serve. So both directions have a rule, and the
//! inbound one speaks before the span starts, because a span cannot change its trace afterwards.
//! Whatever the rules, a caller's identity headers never leave with our requests.

use std::fmt;
use std::time::Instant;

use http::header::{HeaderMap, HeaderName};

use super::admission::{Admission, Crossing};
use super::baggage::Baggage;
use super::caller::Caller;
use super::extracted::Extracted;
use super::release::Release;
use crate::error::ConfigError;

/// Decides on each caller; the seam for rules that know who it is.
pub trait CallerPolicy: fmt::Debug + Send + Sync + 'static {
    /// What of this caller's context is let in; `None` where the policy has no opinion, and the
    /// admission of everybody applies.
    ///
    /// Called once for each request, before its span starts: it must not block. One that panics is
    /// counted under `telemetry.faults`, and nothing of that caller is let in.
    fn admit(&self, caller: &Caller<'_>, extracted: &Extracted) -> Option<Admission>;
}

/// The rules of both directions. Without one everything crosses.
///
/// ```
/// use otel_core::propagation::{Admission, Boundary, Release};
///
/// # fn main() -> Result<(), otel_core::ConfigError> {
/// // A service at the edge: callers are strangers, callees outside learn the ids and no more.
/// let boundary = Boundary::builder()
///     .with_callers(Admission::link())
///     .with_callees(Release::traceparent())
///     .add_callee(".shop.internal", Release::everything())
///     .build()?;
/// # let _ = boundary;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Boundary {
    callers: Admission,
    policy: Option<Box<dyn CallerPolicy>>,
    callees: Release,
    named: Vec<(Callee, Release)>,
}

impl Boundary {
    /// Starts with rules that let everything cross.
    pub fn builder() -> BoundaryBuilder {
        BoundaryBuilder::default()
    }

    /// The rule for a callee, known by its host; of several that match, the longest.
    #[must_use]
    pub fn release(&self, host: Option<&str>) -> &Release {
        let Some(host) = host else {
            return &self.callees;
        };
        self.named
            .iter()
            .filter(|(callee, _)| callee.matches(host))
            .max_by_key(|(callee, _)| callee.0.len())
            .map_or(&self.callees, |(_, release)| release)
    }

    pub(crate) fn policy(&self) -> Option<&dyn CallerPolicy> {
        self.policy.as_deref()
    }

    pub(crate) const fn callers(&self) -> &Admission {
        &self.callers
    }
}

/// Takes out of `extracted` what was not admitted; says whether a sampling decision was overruled.
pub(crate) fn apply(admission: &Admission, extracted: &mut Extracted, now: Instant) -> bool {
    match admission.crossing() {
        Crossing::Continue => {}
        Crossing::Link => extracted.unfollow(),
        Crossing::Drop => extracted.forget(),
    }
    if !admission.baggage().is_all() {
        extracted.retain_baggage(|key| admission.baggage().contains(key));
    }
    extracted.is_sampling_asked() && !admission.may_sample(now) && {
        extracted.deny_sampling();
        true
    }
}

/// The baggage a release lets out.
pub(crate) fn released(release: &Release, baggage: Option<Baggage>) -> Option<Baggage> {
    match release.baggage().is_all() {
        true => baggage,
        false => baggage?.retain(|key| release.baggage().contains(key)),
    }
}

/// Headers that say who the *caller* is. A callee that trusts us would take them for ours.
static IDENTITY_HEADERS: [HeaderName; 4] = [
    HeaderName::from_static("x-forwarded-client-cert"),
    HeaderName::from_static("client-cert"),
    HeaderName::from_static("client-cert-chain"),
    HeaderName::from_static("l5d-client-id"),
];

/// Removes what a forwarded request would say of its first caller.
pub(crate) fn strip_identity(headers: &mut HeaderMap) {
    for name in &IDENTITY_HEADERS {
        headers.remove(name);
    }
}

/// A host, or with a dot in front all hosts below a domain.
#[derive(Debug)]
struct Callee(Box<str>);

impl Callee {
    fn matches(&self, host: &str) -> bool {
        if !self.0.starts_with('.') {
            return self.0.eq_ignore_ascii_case(host);
        }
        host.len()
            .checked_sub(self.0.len())
            .and_then(|at| host.get(at..))
            .is_some_and(|end| self.0.eq_ignore_ascii_case(end))
    }
}

/// Collects the rules of a [`Boundary`].
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct BoundaryBuilder {
    boundary: Boundary,
    error: Option<ConfigError>,
}

impl Default for BoundaryBuilder {
    fn default() -> Self {
        Self {
            boundary: Boundary {
                callers: Admission::everything(),
                policy: None,
                callees: Release::everything(),
                named: Vec::new(),
            },
            error: None,
        }
    }
}

impl BoundaryBuilder {
    /// What is let in of callers no policy decides on; everything otherwise.
    pub fn with_callers(mut self, admission: Admission) -> Self {
        self.boundary.callers = admission;
        self
    }

    /// Decides on each caller.
    pub fn with_caller_policy(mut self, policy: impl CallerPolicy) -> Self {
        self.boundary.policy = Some(Box::new(policy));
        self
    }

    /// What goes out to callees without a rule of their own; everything otherwise.
    pub fn with_callees(mut self, release: Release) -> Self {
        self.boundary.callees = release;
        self
    }

    /// What goes out to a host, or with a dot in front to all hosts below a domain.
    pub fn add_callee(mut self, host: &str, release: Release) -> Self {
        let name = host.strip_prefix('.').unwrap_or(host);
        let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
        if name.is_empty() || name.starts_with('.') || !name.chars().all(is_host) {
            self.error.get_or_insert_with(|| {
                ConfigError::invalid("add_callee", "a host without a port, or .domain")
            });
        }
        self.boundary.named.push((Callee(host.into()), release));
        self
    }

    /// Finishes the rules.
    ///
    /// # Errors
    ///
    /// The first value that was refused.
    pub fn build(self) -> Result<Boundary, ConfigError> {
        self.error.map_or(Ok(self.boundary), Err)
    }
}
