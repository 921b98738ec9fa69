//! What a layer has to do with a call: follow it, let its context through, or nothing.

use otel_core::context::is_context_alive;
use otel_core::opentelemetry::{Context, ContextGuard};

use crate::followed::Followed;

#[derive(Debug, Default)]
#[expect(
    clippy::large_enum_variant,
    reason = "one for each call, moved as often as the call is"
)]
pub(crate) enum Tracking {
    /// Not a call, or one that another layer follows.
    #[default]
    Untracked,
    /// A call that is left out; what happens in it still belongs to its caller.
    Passing(Context),
    /// A call with an exchange of its own.
    Followed(Followed),
}

impl Tracking {
    /// Runs foreign code as part of the call.
    pub(crate) fn scope<R>(&mut self, inside: impl FnOnce() -> R) -> R {
        match self {
            Self::Untracked => inside(),
            Self::Passing(cx) => {
                let _current = attach(cx);
                inside()
            }
            Self::Followed(followed) => followed.exchange().scope(inside),
        }
    }

    pub(crate) const fn followed(&mut self) -> Option<&mut Followed> {
        match self {
            Self::Followed(followed) => Some(followed),
            Self::Untracked | Self::Passing(_) => None,
        }
    }
}

/// Makes `cx` current, unless the thread is past having a context.
pub(crate) fn attach(cx: &Context) -> Option<ContextGuard> {
    is_context_alive().then(|| cx.clone().attach())
}
