//! Where carried work runs: its context, and the `tracing` span around it.

use std::fmt;

use opentelemetry::trace::TraceContextExt;
use opentelemetry::{Context, ContextGuard};
use tracing::span::{Entered, Span};

use super::attach;
use crate::contained::contained;

/// The context of carried work, and the `tracing` span around it, whose fields log lines may carry.
pub(super) struct Place {
    cx: Context,
    /// Boxed, because mostly there is none, and what is carried is moved about.
    span: Option<Box<Span>>,
    /// Whether the span in `cx` was started for this work, and ends with it.
    has_own_span: bool,
}

impl Place {
    /// The place that is current.
    #[inline]
    pub(super) fn current() -> Self {
        // Without a subscriber there is no span, and asking would still be a call.
        let span = tracing::dispatcher::has_been_set()
            .then(Span::current)
            .filter(|span| !span.is_none())
            .map(Box::new);
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
            span: None,
            has_own_span: false,
        }
    }

    /// A context with a span of its own, which ends with the work.
    pub(super) const fn owning(cx: Context) -> Self {
        Self {
            cx,
            span: None,
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
        let entered = self.span.as_deref().map(Span::enter);
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
