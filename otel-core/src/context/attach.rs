//! Making a context current where there may be no thread left to do so.

use opentelemetry::{Context, ContextGuard};

use super::is_context_alive;

/// Makes `cx` current, unless the thread is past having a context.
#[inline]
pub(crate) fn attach(cx: &Context) -> Option<ContextGuard> {
    is_context_alive().then(|| cx.clone().attach())
}
