//! Who we are: the identity of the workload itself, on its resource.
//!
//! It may be known late, because the agent that issues it is not up yet, and it changes every hour or
//! so. Neither stops anything: the resource is told when it is known or another one, and spans carry
//! it from then on.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwapOption;

use super::Identify;
#[cfg(feature = "x509")]
use super::{Denial, DenyReason, Finding, MismatchKind, PeerIdentity, SvidViolation};
use super::{SpiffeId, SpiffeIdError};
use crate::semconv;

/// The identity of this workload. A clone shares it.
///
/// Made by [`Identify::workload`]. At the start it is what the resource declares as
/// `service.identity.spiffe_id`, in code or in `OTEL_RESOURCE_ATTRIBUTES`; an SVID replaces that.
#[derive(Clone)]
pub struct Workload {
    identify: Identify,
    declared: Option<SpiffeId>,
}

/// The identity that is current, shared with every layer.
pub(super) type Own = ArcSwapOption<SpiffeId>;

impl Identify {
    /// The identity of the workload itself.
    ///
    /// # Errors
    ///
    /// When the resource declares a SPIFFE ID that is none.
    pub fn workload(&self) -> Result<Workload, SpiffeIdError> {
        let resource = self.telemetry().resource();
        let declared: Option<SpiffeId> = resource
            .get(semconv::SERVICE_IDENTITY_SPIFFE_ID)
            .map(|text| text.parse())
            .transpose()?;
        if self.own().load().is_none() {
            self.own().store(declared.clone().map(Arc::new));
        }
        Ok(Workload {
            identify: self.clone(),
            declared,
        })
    }
}

impl Workload {
    /// The SPIFFE ID, as far as it is known.
    #[must_use]
    pub fn spiffe_id(&self) -> Option<SpiffeId> {
        self.identify.own().load().as_deref().cloned()
    }

    /// Takes the SVID this workload shows to others, leaf first: at the start, late, or in place of an
    /// earlier one.
    ///
    /// The resource is told the SPIFFE ID; what changes with every rotation stays away from it, for
    /// metrics expose the resource as labels. An ID other than the one that was declared is recorded as
    /// a mismatch: the workload runs under another's identity.
    ///
    /// # Errors
    ///
    /// The rule of the X509-SVID standard the certificate breaks. Nothing has changed then.
    #[cfg(feature = "x509")]
    pub fn set_svid<C: AsRef<[u8]>>(&self, chain: &[C]) -> Result<(), SvidViolation> {
        let telemetry = self.identify.telemetry();
        let leaf = chain.get(..1).unwrap_or_default();
        let svid = PeerIdentity::of_chain(leaf, telemetry.clock().wall());
        let svid = svid.ok_or(SvidViolation::NoSpiffeId)?;
        let id = match (svid.spiffe_id(), svid.violation()) {
            (Some(id), _) => id,
            (None, violation) => return Err(violation.unwrap_or(SvidViolation::NoSpiffeId)),
        };
        let resource = telemetry.resource();
        let name = semconv::SERVICE_IDENTITY_SPIFFE_ID;
        // A fact makes readers render the resource anew: only when it is one.
        if resource.get(name).as_deref() != Some(id.as_str()) {
            resource.add_late(name, id.as_str());
        }
        self.identify.own().store(Some(Arc::new(id.clone())));
        if let Some(declared) = self.declared.as_ref().filter(|declared| *declared != id) {
            let kind = MismatchKind::Declared;
            let finding = Finding::mismatch(kind, declared.as_str());
            self.identify.counters().mismatched(kind);
            self.identify.deny(
                &Denial::new(DenyReason::Mismatch, "workload")
                    .with_peer(Some(&svid))
                    .with_finding(Some(&finding))
                    .observed(),
            );
        }
        Ok(())
    }
}

impl fmt::Debug for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workload")
            .field("declared", &self.declared)
            .field("spiffe_id", &self.spiffe_id())
            .finish_non_exhaustive()
    }
}
