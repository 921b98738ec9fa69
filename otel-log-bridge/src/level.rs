//! Which events are written.
//!
//! A per-layer filter over `tracing` metadata alone: every callsite is decided once, an event
//! nobody wants costs what a disabled one costs, and other layers keep the events this one leaves
//! out. Spans pass whatever the level of events, because an ERROR line needs the ids of the
//! INFO span around it.

use std::sync::Arc;

use arc_swap::ArcSwap;
use otel_core::ConfigError;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Filter};

/// The table of levels by target that selects events. Part of a [`LogLayer`](crate::LogLayer).
#[derive(Clone, Debug)]
pub struct LevelGate {
    shared: Arc<Gate>,
}

#[derive(Debug)]
struct Gate {
    events: ArcSwap<Targets>,
    spans: LevelFilter,
    /// Events down to here pass as well, to be held.
    held: LevelFilter,
}

impl LevelGate {
    pub(crate) fn new(events: Targets, spans: LevelFilter, held: LevelFilter) -> Self {
        Self {
            shared: Arc::new(Gate {
                events: ArcSwap::from_pointee(events),
                spans,
                held,
            }),
        }
    }

    /// Replaces the table. What `tracing` has remembered of callsites is forgotten.
    pub(crate) fn set(&self, table: &str) -> Result<(), ConfigError> {
        self.shared
            .events
            .store(Arc::new(parse("set_level", table)?));
        tracing::callsite::rebuild_interest_cache();
        Ok(())
    }

    /// Whether an event is written, and not only held.
    pub(crate) fn writes(&self, metadata: &Metadata<'_>) -> bool {
        let events = self.shared.events.load();
        events.would_enable(metadata.target(), metadata.level())
    }

    fn passes(&self, metadata: &Metadata<'_>) -> bool {
        // A bare `enabled!` is neither event nor span; who asks it is about to log.
        if metadata.is_span() {
            *metadata.level() <= self.shared.spans
        } else {
            *metadata.level() <= self.shared.held || self.writes(metadata)
        }
    }
}

/// Reads `info,my_app=debug`.
pub(crate) fn parse(setting: &'static str, table: &str) -> Result<Targets, ConfigError> {
    match table.parse() {
        Ok(events) if !table.trim().is_empty() => Ok(events),
        _ => Err(ConfigError::invalid(
            setting,
            "a level, or `target=level` pairs joined by commas",
        )),
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
        let events = self.shared.events.load();
        let most_verbose = events.iter().map(|(_, level)| level);
        let most_verbose = most_verbose.chain(events.default_level()).max();
        let most_verbose = most_verbose.unwrap_or(LevelFilter::OFF);
        Some(most_verbose.max(self.shared.spans).max(self.shared.held))
    }
}

/// Lets spans pass and no event, so that an event is stored by the bridge and not by the tracer as
/// well. Part of a [`SpanAndLogLayer`](crate::SpanAndLogLayer).
#[derive(Clone, Debug)]
pub struct SpansOnly {
    pub(crate) most_verbose: LevelFilter,
}

impl<S: Subscriber> Filter<S> for SpansOnly {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        metadata.is_span() && *metadata.level() <= self.most_verbose
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if metadata.is_span() && *metadata.level() <= self.most_verbose {
            Interest::always()
        } else {
            Interest::never()
        }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.most_verbose)
    }
}
