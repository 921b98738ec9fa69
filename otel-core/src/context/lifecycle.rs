//! An account of carried work that is alive.
//!
//! A task nobody ends holds the context of a request that is long over, and the next deploy is what
//! ends it. The table counts what is alive by the place in the code that carried it, exactly, for as
//! many places as it has room for; ages it knows of the first of each place. A lock is held only to
//! enter, leave or copy a few numbers.

use std::collections::HashMap;
use std::fmt;
use std::panic::Location;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use opentelemetry::Context;

use super::life::{Ended, Life};
use super::site::{Seen, Site};
use crate::clock::Clock;
use crate::diagnostics::{Diagnostics, Fault};
use crate::contained::contained;
use crate::exchange::ExchangeContext;
use crate::registry::{Counter, Descriptor, Family, Registry, UpDownCounter};
use crate::semconv;

/// Places that are told apart.
const SITES: usize = 512;
/// Locks the table is spread over.
const SHARDS: usize = 8;

/// Whether the process has an account at all: without one, carrying does not look for it. It is never
/// unset, and decides nothing but that.
static HAS_ANY: AtomicBool = AtomicBool::new(false);

/// Carried work that is alive, by the place that carried it. Made by
/// [`TelemetryBuilder::with_lifecycle`](crate::telemetry::TelemetryBuilder::with_lifecycle).
///
/// Work carried outside of any exchange is not in it: there is nobody it could outlive.
pub struct Lifecycle {
    shards: [Mutex<Sites>; SHARDS],
    clock: Arc<dyn Clock>,
    diagnostics: Diagnostics,
    gauge: Family<UpDownCounter>,
    outlived: Family<Counter>,
}

type Sites = HashMap<Key, Site, foldhash::fast::RandomState>;

/// A place in the code: the compiler may have several copies of one location.
type Key = (&'static str, u32, u32);

/// One place that carries work, as [`Lifecycle::places`] found it.
#[derive(Clone, Copy, Debug)]
pub struct CarriedFrom(Seen);

impl CarriedFrom {
    /// The place in the code.
    #[must_use]
    pub const fn location(&self) -> &'static Location<'static> {
        self.0.location
    }

    /// How much of its work is alive.
    #[must_use]
    pub const fn alive(&self) -> u64 {
        self.0.alive
    }

    /// How much of that has outlived its exchange, of the 256 whose age is known.
    #[must_use]
    pub const fn orphaned(&self) -> u64 {
        self.0.orphaned
    }

    /// How much of its work ended after the exchange it belonged to, so far.
    #[must_use]
    pub const fn outlived(&self) -> u64 {
        self.0.outlived
    }

    /// The age of the oldest that is alive.
    #[must_use]
    pub const fn oldest(&self) -> Duration {
        self.0.oldest
    }

    /// Whether the least that was alive in a minute has risen five minutes in a row.
    #[must_use]
    pub const fn is_growing(&self) -> bool {
        self.0.is_growing
    }
}

impl Lifecycle {
    pub(crate) fn new(
        clock: Arc<dyn Clock>,
        registry: &Registry,
        diagnostics: Diagnostics,
    ) -> Self {
        let alive = Descriptor::new(semconv::CONTEXT_CARRIED)
            .with_help("Carried work that is alive, by the place in the code that carried it.")
            .with_label_budget(semconv::CODE_FILE_PATH, SITES)
            .with_label_budget(semconv::CODE_LINE_NUMBER, SITES)
            .with_series_budget(SITES);
        let outlived = Descriptor::new(semconv::CONTEXT_OUTLIVED)
            .with_help("Carried work that ended after the exchange it belonged to.")
            .with_label_budget(semconv::CODE_FILE_PATH, SITES)
            .with_label_budget(semconv::CODE_LINE_NUMBER, SITES)
            .with_series_budget(SITES);
        HAS_ANY.store(true, Ordering::Relaxed);
        Self {
            shards: std::array::from_fn(|_| Mutex::default()),
            clock,
            diagnostics,
            gauge: registry.up_down_counter(alive),
            outlived: registry.counter(outlived),
        }
    }

    /// The places whose work is alive or has outlived its exchange, the busiest first.
    #[must_use]
    pub fn places(&self) -> Vec<CarriedFrom> {
        let now = self.clock.now();
        let mut places = Vec::new();
        for shard in &self.shards {
            places.extend(
                lock(shard)
                    .values_mut()
                    .map(|site| CarriedFrom(site.see(now))),
            );
        }
        places.retain(|place| place.alive() > 0 || place.outlived() > 0);
        places.sort_by_key(|place| {
            let location = place.location();
            let order = (location.file(), location.line(), location.column());
            (std::cmp::Reverse(place.alive()), order)
        });
        places
    }

    /// Enters work; `None` where there is no room for its place.
    fn enter(
        self: &Arc<Self>,
        location: &'static Location<'static>,
        exchange: Option<Ended>,
    ) -> Option<Box<Tracked>> {
        let now = self.clock.now();
        let key = (location.file(), location.line(), location.column());
        let (slot, turned) = {
            let mut sites = lock(self.shard(&key)?);
            if !sites.contains_key(&key) && sites.len() >= SITES / SHARDS {
                drop(sites);
                self.diagnostics.count(Fault::CarriedUntracked);
                return None;
            }
            sites
                .entry(key)
                .or_insert_with(|| {
                    let line = location.line().to_string();
                    let labels = [
                        (semconv::CODE_FILE_PATH, location.file()),
                        (semconv::CODE_LINE_NUMBER, line.as_str()),
                    ];
                    Site::new(
                        location,
                        now,
                        self.gauge.with(&labels),
                        self.outlived.with(&labels),
                    )
                })
                .enter(now, exchange.clone())
        };
        if turned {
            self.warn(location);
        }
        Some(Box::new(Tracked {
            table: Arc::clone(self),
            key,
            slot,
            exchange,
        }))
    }

    fn warn(&self, location: &'static Location<'static>) {
        self.diagnostics.count(Fault::CarriedGrowing);
        let told = contained(|| {
            tracing::event!(
                target: "context",
                tracing::Level::WARN,
                "code.file.path" = location.file(),
                "code.line.number" = location.line(),
                "{}",
                "work that was carried here has only grown for five minutes",
            );
        });
        if told.is_none() {
            self.diagnostics.count(Fault::LogPanicked);
        }
    }

    fn shard(&self, (file, line, column): &Key) -> Option<&Mutex<Sites>> {
        let spread = file
            .len()
            .wrapping_add(*line as usize)
            .wrapping_add(*column as usize);
        self.shards.get(spread % SHARDS)
    }
}

impl fmt::Debug for Lifecycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lifecycle").finish_non_exhaustive()
    }
}

/// An entry of the table, taken out when dropped. Boxed, because mostly there is none, and what is
/// carried is moved about.
#[derive(Debug)]
pub(super) struct Tracked {
    table: Arc<Lifecycle>,
    key: Key,
    slot: Option<usize>,
    exchange: Option<Ended>,
}

impl Tracked {
    /// Enters work that belongs to the exchange of `cx`.
    #[inline]
    #[track_caller]
    pub(super) fn of(cx: &Context) -> Option<Box<Self>> {
        if !HAS_ANY.load(Ordering::Relaxed) {
            return None;
        }
        let life = life_of(cx)?;
        life.table
            .enter(Location::caller(), Some(life.ended.clone()))
    }

    /// Enters work that comes from the exchange of `cx` and may outlive it.
    pub(super) fn detached(
        cx: &Context,
        location: &'static Location<'static>,
    ) -> Option<Box<Self>> {
        life_of(cx)?.table.enter(location, None)
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        let has_outlived = self.exchange.as_ref().is_some_and(Ended::get);
        let now = self.table.clock.now();
        if let Some(shard) = self.table.shard(&self.key)
            && let Some(site) = lock(shard).get_mut(&self.key)
        {
            site.leave(now, self.slot, has_outlived);
        }
    }
}

fn life_of(cx: &Context) -> Option<&Life> {
    ExchangeContext::of(cx)?.life()
}

fn lock(sites: &Mutex<Sites>) -> MutexGuard<'_, Sites> {
    sites.lock().unwrap_or_else(PoisonError::into_inner)
}
