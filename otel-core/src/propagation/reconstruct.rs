//! Rebuilding a context whose headers were stripped on the way.
//!
//! Gateways drop headers they do not know, and the trace tears there. What is often left is a
//! correlation id; every service that shares a key makes the same context of it, without talking to
//! the others. It is keyed, so that nobody outside can choose an id or aim at a sampler.
//! A reconstruction is always marked with its source and scope, counted, and never made unless asked
//! for. The span it names as parent was never recorded: backends show it as missing.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use opentelemetry::trace::{SpanContext, TraceState};
use opentelemetry::{SpanId, TraceFlags, TraceId};
use sha2::Sha256;

use super::caller::Caller;
use super::traceparent::TraceParent;
use crate::error::ConfigError;
use crate::request_id::RequestId;

/// Separates these codes from all others made with the same key.
const DOMAIN: &[u8] = b"otel-core/reconstruct/v1";

/// The shortest key, bytes.
const MIN_KEY: usize = 16;

/// What a context was reconstructed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReconstructionSource {
    /// A context that was still current in the task, or came with a carried item.
    Context,
    /// A trace id that came without a span, as AWS load balancers send it.
    TraceId,
    /// The correlation id the caller sent.
    RequestId,
    /// Nothing but facts of this process.
    Local,
}

impl ReconstructionSource {
    /// The word written to span and metric.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Context => "context",
            Self::TraceId => "trace_id",
            Self::RequestId => "request_id",
            Self::Local => "local",
        }
    }

    /// How far the reconstruction can be the same.
    #[must_use]
    pub const fn scope(self) -> ReconstructionScope {
        match self {
            Self::Context | Self::TraceId | Self::RequestId => ReconstructionScope::Global,
            Self::Local => ReconstructionScope::Local,
        }
    }
}

/// Where a reconstructed context means the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "an id is shared with other services or it is not"
)]
pub enum ReconstructionScope {
    /// In every service that shares the key and sees the same source.
    Global,
    /// In the signals of this one exchange.
    Local,
}

impl ReconstructionScope {
    /// The word written to the span.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Local => "local",
        }
    }
}

/// Whether and from what missing contexts are reconstructed.
///
/// ```
/// use http::HeaderMap;
/// use otel_core::propagation::{Caller, Reconstruction};
/// use otel_core::telemetry::Telemetry;
///
/// # fn main() -> Result<(), otel_core::ConfigError> {
/// let service = |_name: &str| {
///     let reconstruction = Reconstruction::new(b"a key the fleet shares")?;
///     Telemetry::builder().with_reconstruction(reconstruction).build()
/// };
/// let mut headers = HeaderMap::new();
/// headers.insert("x-request-id", "7b0c1f4e".parse().expect("visible ASCII"));
///
/// let in_one = service("cart")?.arrive(&Caller::new(&headers));
/// let in_other = service("stock")?.arrive(&Caller::new(&headers));
/// assert!(in_one.reconstructed().is_some());
/// assert_eq!(in_one.parent(), in_other.parent());
/// # Ok(())
/// # }
/// ```
pub struct Reconstruction {
    mac: Hmac<Sha256>,
    has_request_ids: bool,
    has_local: bool,
    has_alias: bool,
    /// Tells this process from another with the same instance id, or with none.
    process: u64,
    made: AtomicU64,
}

impl Reconstruction {
    /// Reconstructs from trace ids and correlation ids the caller sent.
    ///
    /// Services that are to agree share the key, which is a secret: who knows it can choose trace
    /// ids. A caller that repeats one request id gets one trace, which is wanted for retries; callers
    /// that may not be believed are kept out by the [`Boundary`](super::Boundary).
    ///
    /// # Errors
    ///
    /// If the key has fewer than 16 bytes.
    pub fn new(key: &[u8]) -> Result<Self, ConfigError> {
        let refused = || ConfigError::invalid("Reconstruction::new", "a key of 16 bytes or more");
        let mac = Hmac::<Sha256>::new_from_slice(key)
            .ok()
            .filter(|_| key.len() >= MIN_KEY)
            .ok_or_else(refused)?;
        Ok(Self {
            mac,
            has_request_ids: true,
            has_local: false,
            has_alias: false,
            process: fastrand::u64(..),
            made: AtomicU64::new(0),
        })
    }

    /// Does not believe correlation ids, for services whose callers may send any.
    #[must_use]
    pub const fn without_request_ids(mut self) -> Self {
        self.has_request_ids = false;
        self
    }

    /// Where nothing is left, makes a context of the service instance, the second, the connection,
    /// the path and the number of the request. It is marked as local and never claimed to be more.
    #[must_use]
    pub const fn with_local_fallback(mut self) -> Self {
        self.has_local = true;
        self
    }

    /// Also writes `isReconstructed` to reconstructed spans, for tools that know no other name.
    #[must_use]
    pub const fn with_alias(mut self) -> Self {
        self.has_alias = true;
        self
    }

    pub(crate) const fn has_alias(&self) -> bool {
        self.has_alias
    }

    /// The best that can be made of what is left, if it may be believed at all.
    pub(crate) fn of_caller(
        &self,
        received: Option<&RequestId>,
        orphan: Option<TraceId>,
    ) -> Option<Reconstructed> {
        if let Some(trace_id) = orphan {
            let code = self.code(ReconstructionSource::TraceId, &[&trace_id.to_bytes()]);
            // Whether it is random is known to whoever made it.
            let (_, span_id) = ids_of(&code);
            return Some(Reconstructed::new(
                (trace_id, span_id),
                TraceFlags::SAMPLED,
                ReconstructionSource::TraceId,
            ));
        }
        let received = received.filter(|_| self.has_request_ids)?;
        let text = normal_form(received);
        let code = self.code(ReconstructionSource::RequestId, &[text.as_str().as_bytes()]);
        Some(Reconstructed::keyed(&code, ReconstructionSource::RequestId))
    }

    /// A context for this request alone.
    pub(crate) fn local(
        &self,
        instance: &str,
        caller: &Caller<'_>,
        now: SystemTime,
    ) -> Option<Reconstructed> {
        if !self.has_local {
            return None;
        }
        let second = now
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        let stream = self.made.fetch_add(1, Ordering::Relaxed);
        let parts: [&[u8]; 6] = [
            instance.as_bytes(),
            &self.process.to_be_bytes(),
            &second.to_be_bytes(),
            caller.connection(),
            &stream.to_be_bytes(),
            caller.path().as_bytes(),
        ];
        let code = self.code(ReconstructionSource::Local, &parts);
        Some(Reconstructed::keyed(&code, ReconstructionSource::Local))
    }

    /// A code over the parts, each with its length, so that no two lists read the same.
    fn code(&self, source: ReconstructionSource, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.mac.clone();
        for part in [DOMAIN, source.as_str().as_bytes()].iter().chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// Says nothing of the key.
impl fmt::Debug for Reconstruction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reconstruction")
            .field("request_ids", &self.has_request_ids)
            .field("local", &self.has_local)
            .finish_non_exhaustive()
    }
}

/// A context made of something else than propagation headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconstructed {
    span_context: SpanContext,
    source: ReconstructionSource,
}

impl Reconstructed {
    /// A context that was there all along.
    pub(crate) const fn of_context(span_context: SpanContext) -> Self {
        Self {
            span_context,
            source: ReconstructionSource::Context,
        }
    }

    fn keyed(code: &[u8; 32], source: ReconstructionSource) -> Self {
        // The digits of a keyed code are as good as random ones (W3C level 2, random flag).
        let flags = TraceFlags::SAMPLED | TraceParent::RANDOM;
        Self::new(ids_of(code), flags, source)
    }

    /// Sampled, so that samplers of the SDK which follow the parent record it: whether to record was
    /// decided before.
    fn new(
        (trace_id, span_id): (TraceId, SpanId),
        flags: TraceFlags,
        source: ReconstructionSource,
    ) -> Self {
        Self {
            span_context: SpanContext::new(trace_id, span_id, flags, true, TraceState::NONE),
            source,
        }
    }

    /// The keyed parent, remote and valid. No such span was ever recorded.
    #[must_use]
    pub const fn span_context(&self) -> &SpanContext {
        &self.span_context
    }

    /// What it was made of.
    #[must_use]
    pub const fn source(&self) -> ReconstructionSource {
        self.source
    }

    /// Where it means the same.
    #[must_use]
    pub const fn scope(&self) -> ReconstructionScope {
        self.source.scope()
    }
}

/// Two ids out of a code, neither of them zero.
fn ids_of(code: &[u8; 32]) -> (TraceId, SpanId) {
    let trace = code
        .first_chunk()
        .map_or(0, |bytes| u128::from_be_bytes(*bytes));
    let span = code
        .last_chunk()
        .map_or(0, |bytes| u64::from_be_bytes(*bytes));
    (TraceId::from(trace.max(1)), SpanId::from(span.max(1)))
}

/// The id as every hop sees it. Envoy writes the reason for its tracing decision into the version
/// digit of a UUID, and some hops change the case of the digits.
fn normal_form(request_id: &RequestId) -> RequestId {
    const VERSION_DIGIT: usize = 14;
    let text = request_id.as_str().as_bytes();
    let is_uuid = text.len() == 36
        && text.iter().enumerate().all(|(at, c)| match at {
            8 | 13 | 18 | 23 => *c == b'-',
            _ => c.is_ascii_hexdigit(),
        });
    if !is_uuid {
        return *request_id;
    }
    let mut normal = [0; 36];
    for (at, (digit, c)) in normal.iter_mut().zip(text).enumerate() {
        *digit = match at {
            VERSION_DIGIT => b'4',
            _ => c.to_ascii_lowercase(),
        };
    }
    RequestId::parse(&normal).unwrap_or(*request_id)
}
