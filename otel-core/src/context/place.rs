//! Where carried work runs: its context, and the `tracing` span around it.

use std::fmt;

use opentelemetry::trace::TraceContextExt;
use opentelemetry::{Context, ContextGuard};
use tracing::span::{Entered, Span};

use super::attach;
use crate::exchange::contained;

/// The context of carried work, and the `tracing` span around it, whose fields log lines may carry.
pub(super) struct Place {
    cx: Context,
    span: Span,
    /// Whether the span in `cx` was started for this work, and ends with it.
    has_own_span: bool,
}

impl Place {
    /// The place that is current.
    #[inline]
    pub(super) fn current() -> Self {
        // Without a subscriber there is no span, and asking would still be a call.
        let span = match tracing::dispatcher::has_been_set() {
            true => Span::current(),
            false => Span::none(),
        };
        Self {
            cx: Context::current(),
            span,
            has_own_span: false,
        }
    }

    /// A context in which no `tracing` span was entered.
    pub(super) const fn of(cx: Context) -> Self {
        Self {
            cx,
            span: Span::none(),
            has_own_span: false,
        }
    }

    /// A context with a span of its own, which ends with the work.
    pub(super) const fn owning(cx: Context) -> Self {
        Self {
            cx,
            span: Span::none(),
            has_own_span: true,
        }
    }

    pub(super) const fn context(&self) -> &Context {
        &self.cx
    }

    /// Makes the place current until both guards are dropped, the context first.
    ///
    /// It comes last, because a `tracing` layer may make a context of its own current with the span:
    /// ours is the one that was current inside of both.
    #[inline]
    pub(super) fn enter(&self) -> (Option<ContextGuard>, Option<Entered<'_>>) {
        // Entering a span that is none would still cost a call of the subscriber's.
        let entered = (!self.span.is_none()).then(|| self.span.enter());
        (attach(&self.cx), entered)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.has_own_span {
            let span = self.cx.span();
            // A processor is foreign code, and this is a destructor.
            let _ = contained(|| span.end());
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cx.fmt(f)
    }
}
