//! What a server knows of a request before its exchange starts: what it read, and what of that it
//! may use.

use super::ParentKind;
use crate::propagation::{Crossing, Extracted, Reconstructed};
use crate::request_id::RequestId;
use opentelemetry::trace::SpanContext;

/// A request that has arrived: its id, the part of the caller's context that was let in, and what
/// was reconstructed where there was none. Made by
/// [`Telemetry::arrive`](crate::telemetry::Telemetry::arrive).
#[derive(Clone, Debug)]
pub struct Arrival {
    pub(super) request_id: RequestId,
    pub(super) extracted: Extracted,
    /// Boxed: few requests have one, and an arrival is moved into its exchange.
    pub(super) reconstructed: Option<Box<Reconstructed>>,
    pub(super) parent_kind: ParentKind,
}

impl Arrival {
    /// A request whose caller is believed without a question.
    #[must_use]
    pub fn new(request_id: RequestId, extracted: Extracted) -> Self {
        let has_caller = extracted.span_context().is_some();
        Self::admitted(request_id, extracted, Crossing::Continue, has_caller)
    }

    /// `has_caller` says whether there was a span before the boundary was applied.
    pub(crate) fn admitted(
        request_id: RequestId,
        extracted: Extracted,
        crossing: Crossing,
        has_caller: bool,
    ) -> Self {
        let parent_kind = match (has_caller, crossing) {
            (false, _) => ParentKind::None,
            (true, Crossing::Continue) => ParentKind::Remote,
            (true, Crossing::Link) => ParentKind::Linked,
            (true, Crossing::Drop) => ParentKind::Dropped,
        };
        Self {
            request_id,
            extracted,
            reconstructed: None,
            parent_kind,
        }
    }

    pub(crate) fn with_reconstructed(mut self, reconstructed: Option<Reconstructed>) -> Self {
        if reconstructed.is_some() {
            self.parent_kind = ParentKind::Reconstructed;
        }
        self.reconstructed = reconstructed.map(Box::new);
        self
    }

    /// The correlation id, the caller's or our own.
    #[must_use]
    pub const fn request_id(&self) -> &RequestId {
        &self.request_id
    }

    /// What was let in of the caller's context.
    #[must_use]
    pub const fn extracted(&self) -> &Extracted {
        &self.extracted
    }

    /// What took the place of a context that was missing.
    #[must_use]
    pub fn reconstructed(&self) -> Option<&Reconstructed> {
        self.reconstructed.as_deref()
    }

    /// The span the exchange will be a child of: the caller's, or the reconstructed one.
    #[must_use]
    pub fn parent(&self) -> Option<&SpanContext> {
        let reconstructed = self.reconstructed.as_deref();
        self.extracted
            .span_context()
            .or_else(|| Some(reconstructed?.span_context()))
    }
}
