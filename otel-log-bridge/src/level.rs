//! Which events are written.
//!
//! A per-layer filter over `tracing` metadata alone: every callsite is decided once, an event
//! nobody wants costs what a disabled one costs, and other layers keep the events this one leaves
//! out. Spans pass whatever the level of events, because an ERROR line needs the ids of the
//! INFO span around it.

use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Filter};

/// The table of levels by target that selects events. Part of a [`LogLayer`](crate::LogLayer).
#[derive(Clone, Debug)]
pub struct LevelGate {
    events: Targets,
    most_verbose_event: LevelFilter,
    spans: LevelFilter,
}

impl LevelGate {
    pub(crate) fn new(events: Targets, spans: LevelFilter) -> Self {
        let most_verbose_event = events
            .iter()
            .map(|(_, level)| level)
            .chain(events.default_level())
            .max()
            .unwrap_or(LevelFilter::OFF);
        Self {
            events,
            most_verbose_event,
            spans,
        }
    }

    fn passes(&self, metadata: &Metadata<'_>) -> bool {
        // A bare `enabled!` is neither event nor span; who asks it is about to log.
        if metadata.is_span() {
            *metadata.level() <= self.spans
        } else {
            self.events
                .would_enable(metadata.target(), metadata.level())
        }
    }
}

impl<S: Subscriber> Filter<S> for LevelGate {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        self.passes(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.passes(metadata) {
            Interest::always()
        } else {
            Interest::never()
        }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.most_verbose_event.max(self.spans))
    }
}
