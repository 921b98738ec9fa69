//! Calls an application does not want to hear of.
//!
//! A call that is left out leaves no span, metric or line, but the caller's context still goes
//! through: what its handler does is a child of the caller, not an orphan.

use std::fmt;
use std::sync::Arc;

use crate::method::method_of;

type Wanted = dyn Fn(&str) -> bool + Send + Sync;

/// Which methods are left out.
#[derive(Clone, Default)]
pub(crate) struct Filter {
    health: bool,
    reflection: bool,
    wanted: Option<Arc<Wanted>>,
}

impl Filter {
    pub(crate) const fn leave_out_health(&mut self) {
        self.health = true;
    }

    pub(crate) const fn leave_out_reflection(&mut self) {
        self.reflection = true;
    }

    pub(crate) fn want(&mut self, wanted: impl Fn(&str) -> bool + Send + Sync + 'static) {
        self.wanted = Some(Arc::new(wanted));
    }

    /// Whether a call of this path is left out. A path that names no method is not.
    pub(crate) fn leaves_out(&self, path: &str) -> bool {
        if !self.health && !self.reflection && self.wanted.is_none() {
            return false;
        }
        let Some(method) = method_of(path) else {
            return false;
        };
        let is_of = |package: &str| method.starts_with(package);
        (self.health && is_of("grpc.health."))
            || (self.reflection && is_of("grpc.reflection."))
            || self.wanted.as_ref().is_some_and(|wanted| !wanted(method))
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filter")
            .field("health", &self.health)
            .field("reflection", &self.reflection)
            .finish_non_exhaustive()
    }
}
