//! Introducing the instrumentation itself to a share of the requests.
//!
//! New instrumentation is new code on every request. So it can begin with a few of them, grow, and be
//! taken off while the service runs; a request that is left out costs a load and a branch.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use otel_core::ConfigError;

use crate::route::RequestHead;

/// Parts of the whole a share is counted in.
const WHOLE: u32 = 1_000_000;

/// Which share of the requests is instrumented, for now. Clones are the same rollout.
///
/// The share is taken by a key that stays the same from request to request, such as a tenant, so
/// that who is in stays in as the share grows, in every instance of the service. Without a key of
/// its own a request goes by its trace.
///
/// ```
/// use otel_http::Rollout;
///
/// let rollout = Rollout::new(0.05)?.with_key(|head| {
///     head.headers().get("x-tenant").map(|tenant| tenant.as_bytes())
/// });
/// # let handle = rollout.clone();
/// // Later, while requests are served:
/// handle.set_share(1.0)?;
/// handle.set_share(0.0)?; // off
/// # Ok::<(), otel_core::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct Rollout {
    share: Arc<AtomicU32>,
    key: fn(RequestHead<'_>) -> Option<&[u8]>,
}

impl Rollout {
    /// Begins with this share of the requests, 0.0 to 1.0.
    ///
    /// # Errors
    ///
    /// When `share` is not within 0.0 and 1.0.
    pub fn new(share: f64) -> Result<Self, ConfigError> {
        Ok(Self {
            share: Arc::new(AtomicU32::new(parts(share)?)),
            key: |_head| None,
        })
    }

    /// The key of a request, where it has one.
    #[must_use]
    pub fn with_key(mut self, key: fn(RequestHead<'_>) -> Option<&[u8]>) -> Self {
        self.key = key;
        self
    }

    /// Changes the share from the next request on. A request that has begun is finished as it began.
    ///
    /// # Errors
    ///
    /// When `share` is not within 0.0 and 1.0.
    pub fn set_share(&self, share: f64) -> Result<(), ConfigError> {
        self.share.store(parts(share)?, Ordering::Relaxed);
        Ok(())
    }

    /// The share at the moment.
    #[must_use]
    pub fn share(&self) -> f64 {
        f64::from(self.share.load(Ordering::Relaxed)) / f64::from(WHOLE)
    }

    /// Whether this request is instrumented.
    pub(crate) fn admits(&self, head: RequestHead<'_>) -> bool {
        match self.share.load(Ordering::Relaxed) {
            0 => false,
            WHOLE => true,
            share => {
                let trace = || Some(head.headers().get("traceparent")?.as_bytes());
                let number = match (self.key)(head).or_else(trace) {
                    Some(key) => hash(key),
                    None => fastrand::u64(..),
                };
                number % u64::from(WHOLE) < u64::from(share)
            }
        }
    }
}

impl fmt::Debug for Rollout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rollout")
            .field("share", &self.share())
            .finish_non_exhaustive()
    }
}

fn parts(share: f64) -> Result<u32, ConfigError> {
    if !(0.0..=1.0).contains(&share) {
        return Err(ConfigError::invalid("Rollout", "a share of 0.0 to 1.0"));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to 1,000,000"
    )]
    let parts = (share * f64::from(WHOLE)).round() as u32;
    Ok(parts)
}

/// FNV-1a, mixed: the same in every process, which a seeded hash is not.
fn hash(key: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in key {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ hash >> 33
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn tenant(number: usize) -> Request<()> {
        let builder = Request::builder().header("x-tenant", number.to_string());
        builder.body(()).unwrap()
    }

    #[test]
    fn who_is_in_stays_in_as_the_share_grows() {
        let rollout = Rollout::new(0.05).unwrap().with_key(|head| {
            let tenant = head.headers().get("x-tenant")?;
            Some(tenant.as_bytes())
        });
        let admitted = || -> Vec<usize> {
            (0..10_000)
                .filter(|number| rollout.admits(RequestHead::of(&tenant(*number))))
                .collect()
        };
        let few = admitted();
        assert!((400..600).contains(&few.len()), "{}", few.len());
        rollout.set_share(0.5).unwrap();
        let half = admitted();
        assert!((4_700..5_300).contains(&half.len()), "{}", half.len());
        assert!(few.iter().all(|number| half.contains(number)));
        rollout.set_share(1.0).unwrap();
        assert_eq!(admitted().len(), 10_000);
        rollout.clone().set_share(0.0).unwrap();
        assert!(admitted().is_empty());
    }

    #[test]
    fn the_share_is_a_share() {
        for bad in [-0.1, 1.1, f64::NAN] {
            assert!(Rollout::new(bad).is_err());
        }
    }
}
