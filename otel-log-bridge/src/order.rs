//! Whether the bridge stands where it can see the ids of spans.
//!
//! Layers are called in the order they were added. The ids of a `tracing` span are current from the
//! moment the layer that makes it an OpenTelemetry span is called for its entry, so a bridge that is
//! called before that layer sees the span around instead. No layer can ask for its place, but it
//! can be told from the ids: with the bridge in front, they are seen when a span is left and not
//! when it is entered.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use crate::ids::SpanIds;

const UNKNOWN: u8 = 0;
const BEHIND: u8 = 1;
const IN_FRONT: u8 = 2;

/// What is known about the order of the layers.
#[derive(Debug, Default)]
pub(crate) struct LayerOrder {
    order: AtomicU8,
    /// Whether any span was ever entered where there were ids.
    has_ids: AtomicBool,
}

impl LayerOrder {
    /// The bridge is called after the layer it depends on, by construction.
    pub(crate) const fn behind() -> Self {
        Self {
            order: AtomicU8::new(BEHIND),
            has_ids: AtomicBool::new(false),
        }
    }

    /// Whether nothing is left to learn. A misplaced bridge keeps looking: it takes its ids there.
    pub(crate) fn is_settled(&self) -> bool {
        self.order.load(Ordering::Relaxed) == BEHIND
    }

    /// Whether the bridge was added before the layer it depends on.
    pub(crate) fn is_misplaced(&self) -> bool {
        self.order.load(Ordering::Relaxed) == IN_FRONT
    }

    /// Whether any span keeps ids.
    pub(crate) fn has_ids(&self) -> bool {
        self.has_ids.load(Ordering::Relaxed)
    }

    /// A span keeps ids.
    pub(crate) fn note_ids(&self) {
        if !self.has_ids() {
            self.has_ids.store(true, Ordering::Relaxed);
        }
    }

    /// Learns from the ids that were current when a span was entered and left, and those of the
    /// span around it.
    pub(crate) fn learn(
        &self,
        at_enter: Option<SpanIds>,
        at_exit: Option<SpanIds>,
        around: Option<SpanIds>,
    ) {
        let id = |ids: Option<SpanIds>| ids.map(|ids| (ids.trace_id, ids.span_id));
        let (at_enter, at_exit, around) = (id(at_enter), id(at_exit), id(around));
        if at_enter == at_exit || self.order.load(Ordering::Relaxed) != UNKNOWN {
            return;
        }
        let learned = if at_exit == around && at_enter.is_some() {
            BEHIND
        } else if at_enter == around && at_exit.is_some() {
            IN_FRONT
        } else {
            return;
        };
        self.order.store(learned, Ordering::Relaxed);
    }
}
