//! The decision before the span.

use std::fmt;

use opentelemetry::TraceId;
use opentelemetry::trace::SpanContext;

use crate::error::ConfigError;
use crate::outcome::Side;

/// Decides whether an exchange is recorded, before anything about it is built.
///
/// With one installed, the sampler of the SDK should accept what this one accepted: leave it at
/// the SDK's default (parent-based, always on).
pub trait HeadSampler: fmt::Debug + Send + Sync + 'static {
    /// Whether to record. Called once for each exchange, on the request path: it must not block.
    fn sample(&self, head: &Head<'_>) -> bool;
}

/// What is known of an exchange when its head sampler is asked.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    pub(crate) parent: Option<&'a SpanContext>,
    pub(crate) trace_id: Option<TraceId>,
    pub(crate) name: &'static str,
    pub(crate) side: Side,
}

impl<'a> Head<'a> {
    /// The span that caused this exchange: the caller's, or a local one around it.
    #[must_use]
    pub const fn parent(&self) -> Option<&'a SpanContext> {
        self.parent
    }

    /// The trace it will be of, if that is known: its parent's, or one that was reconstructed. A root
    /// gets its id only when it starts.
    #[must_use]
    pub const fn trace_id(&self) -> Option<TraceId> {
        self.trace_id
    }

    /// The span name, as far as it is known before a late route.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The observing end.
    #[must_use]
    pub const fn side(&self) -> Side {
        self.side
    }
}

/// Follows the parent's decision; samples a share of the exchanges that have no parent.
///
/// The share is drawn at random for each root: the 0.33 API lets nobody choose the id of a root
/// span, so a decision by trace id would be about an id that is never used. Where the id is known
/// beforehand, because it was reconstructed, it decides, the same in every service.
///
/// ```
/// use otel_core::sampling::ParentBased;
///
/// assert!(ParentBased::ratio(0.05).is_ok());
/// assert!(ParentBased::ratio(1.5).is_err());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ParentBased {
    root_share: f64,
}

impl ParentBased {
    /// Samples `share` of the roots, 0.0 to 1.0.
    ///
    /// # Errors
    ///
    /// When `share` is not within 0.0 and 1.0.
    pub fn ratio(share: f64) -> Result<Self, ConfigError> {
        if (0.0..=1.0).contains(&share) {
            Ok(Self { root_share: share })
        } else {
            Err(ConfigError::invalid("ParentBased::ratio", "0.0 to 1.0"))
        }
    }
}

impl HeadSampler for ParentBased {
    fn sample(&self, head: &Head<'_>) -> bool {
        match (head.parent, head.trace_id) {
            (Some(parent), _) => parent.is_sampled(),
            (None, Some(trace_id)) => randomness(trace_id) >= 1.0 - self.root_share,
            (None, None) => fastrand::f64() < self.root_share,
        }
    }
}

/// The 56 bits of a trace id that are random, as a number from 0.0 up to 1.0. Above the rejected share
/// it is sampled, as consistent samplers of OpenTelemetry decide.
fn randomness(trace_id: TraceId) -> f64 {
    const BITS: u32 = 56;
    let bits = u128::from_be_bytes(trace_id.to_bytes()) & ((1 << BITS) - 1);
    bits as f64 / (1_u64 << BITS) as f64
}
