//! The judgement of one event.
//!
//! Most events are judged before anything of them is captured: by their callsite, their level and
//! their trace. Only a rule about a field or a message, an audit field or a key needs the record.

use std::cell::Cell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use otel_core::clock::Clock;
use otel_core::opentelemetry::trace::TraceId;
use tracing::Level;

use super::policy::Sampling;
use super::share;
use crate::encode::keys;
use crate::ids::Correlation;
use crate::name::Name;
use crate::plan::{Plan, SLOTS};
use crate::record::{Record, Value};
use crate::severity::{RANGES, Severity};

/// Traces whose events are counted at a time.
const TRACES: usize = 1024;

/// A sampling in force, and what it remembers.
#[derive(Debug)]
pub(crate) struct Sampler {
    pub(crate) sampling: Sampling,
    key: Option<&'static Name>,
    /// By slot of the plan: which rules its target meets.
    callsites: Box<[OnceLock<Box<[usize]>>]>,
    /// Shares of the levels in force, as the bits of a float.
    shares: [AtomicU64; RANGES],
    /// What was asked for, before shedding.
    asked: [AtomicU64; RANGES],
    traces: Box<[AtomicU64]>,
}

/// When an event happened, read once and only if someone asks.
#[derive(Debug)]
pub(crate) struct Moment<'a> {
    clock: &'a dyn Clock,
    time: Cell<Option<SystemTime>>,
}

impl<'a> Moment<'a> {
    pub(crate) const fn new(clock: &'a dyn Clock) -> Self {
        Self {
            clock,
            time: Cell::new(None),
        }
    }

    pub(crate) fn time(&self) -> SystemTime {
        self.time.get().unwrap_or_else(|| {
            let time = self.clock.wall();
            self.time.set(Some(time));
            time
        })
    }
}

/// What can be said before the event is captured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Early {
    Kept(Kept),
    LeftOut,
    /// The record decides.
    Later,
}

/// An event that is kept, and the share of those like it that are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Kept {
    pub(crate) probability: f64,
}

impl Kept {
    pub(crate) const CERTAIN: Self = Self { probability: 1.0 };
}

impl Sampler {
    pub(crate) fn new(sampling: Sampling) -> Self {
        let share = |range: usize| sampling.levels.get(range).map_or(1.0, |level| level.share);
        let bits = |range| AtomicU64::new(share(range).to_bits());
        Self {
            key: sampling.key.as_deref().and_then(Name::intern),
            callsites: (0..SLOTS).map(|_| OnceLock::new()).collect(),
            shares: std::array::from_fn(bits),
            asked: std::array::from_fn(bits),
            traces: (0..TRACES).map(|_| AtomicU64::new(0)).collect(),
            sampling,
        }
    }

    /// The share of a level that is kept, at present.
    pub(crate) fn share(&self, level: Level) -> f64 {
        load(&self.shares, Severity::of(level).range())
    }

    /// Moves the share of a level within its bounds, and gives back where it came to stand.
    pub(crate) fn ask(&self, level: Level, share: f64) -> f64 {
        let range = Severity::of(level).range();
        let Some(bounds) = self.sampling.levels.get(range) else {
            return 1.0;
        };
        let share = if share.is_nan() { bounds.share } else { share };
        let share = share.clamp(bounds.least, bounds.most);
        store(&self.asked, range, share);
        store(&self.shares, range, share);
        share
    }

    /// Puts a factor on what was asked for of a level, and gives back the share in force.
    pub(crate) fn shed(&self, level: Level, factor: f64) -> f64 {
        let range = Severity::of(level).range();
        let share = load(&self.asked, range) * factor;
        store(&self.shares, range, share);
        share
    }

    /// Judges an event by what is known without its values. `lent` is the set of names that spans
    /// and contexts lend.
    pub(crate) fn early(
        &self,
        plan: &Plan,
        correlation: &Correlation,
        lent: u64,
        moment: &Moment<'_>,
    ) -> Early {
        if plan.has_audit {
            return Early::Later;
        }
        if !self.sampling.rules.is_empty() {
            let made;
            let rules = match plan.slot.and_then(|slot| self.callsites.get(slot)) {
                Some(slot) => slot.get_or_init(|| self.rules_for(plan)),
                None => {
                    made = self.rules_for(plan);
                    &made
                }
            };
            for rule in rules
                .iter()
                .filter_map(|rule| self.sampling.rules.get(*rule))
            {
                if !rule.may_match(|name| plan.has_field(name), lent) {
                    continue;
                }
                if !rule.is_by_target() || self.key.is_some() {
                    return Early::Later;
                }
                return early(chance(rule.share, None, correlation));
            }
        }
        if self.is_always_kept(plan.severity) || self.keeps_trace(correlation) {
            return Early::Kept(Kept::CERTAIN);
        }
        let share = load(&self.shares, plan.severity.range());
        if share < 1.0 && share > 0.0 && self.key.is_some() {
            return Early::Later;
        }
        early(chance(share, None, correlation).filter(|_| self.is_in_window(plan, moment)))
    }

    /// Judges an event by its record.
    pub(crate) fn late(&self, plan: &Plan, record: &Record, moment: &Moment<'_>) -> Option<Kept> {
        if record.get(keys::names().audit) == Some(Value::Bool(true)) {
            return Some(Kept::CERTAIN);
        }
        let key = self.key.and_then(|name| record.get(name));
        let key = match key {
            Some(Value::Text(text)) => Some(record.text(text)),
            _ => None,
        };
        let target = record.target_text();
        let mut rules = self.sampling.rules.iter();
        if let Some(rule) = rules.find(|rule| rule.matches_target(target) && rule.matches(record)) {
            return chance(rule.share, key, &record.correlation);
        }
        if self.is_always_kept(record.severity) || self.keeps_trace(&record.correlation) {
            return Some(Kept::CERTAIN);
        }
        let share = load(&self.shares, record.severity.range());
        chance(share, key, &record.correlation).filter(|_| self.is_in_window(plan, moment))
    }

    fn rules_for(&self, plan: &Plan) -> Box<[usize]> {
        let rules = self.sampling.rules.iter().enumerate();
        // The target of a record of the `log` crate is not that of its callsite.
        let is_open = plan.metadata.target() == "log";
        rules
            .filter(|(_, rule)| is_open || rule.matches_target(plan.metadata.target()))
            .map(|(at, _)| at)
            .collect()
    }

    fn is_always_kept(&self, severity: Severity) -> bool {
        self.sampling
            .always
            .is_some_and(|always| severity >= always)
    }

    fn keeps_trace(&self, correlation: &Correlation) -> bool {
        let sampled = correlation.span.filter(|span| span.flags.is_sampled());
        self.sampling.follows_trace && sampled.is_some_and(|span| self.count_trace(span.trace_id))
    }

    /// Counts an event of a trace; whether it is one of those that are kept for their trace. Two
    /// traces in one place take it from each other, which keeps more and never less.
    fn count_trace(&self, trace_id: TraceId) -> bool {
        const COUNT_BITS: u32 = 24;
        const COUNT: u64 = (1 << COUNT_BITS) - 1;
        let [a, b, c, d, e, f, g, h, ..] = trace_id.to_bytes();
        let high = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
        let place = usize::try_from(high % TRACES as u64).unwrap_or_default();
        let Some(slot) = self.traces.get(place) else {
            return true;
        };
        let tag = (high >> COUNT_BITS) << COUNT_BITS;
        let known = slot.load(Ordering::Relaxed);
        if known & !COUNT != tag {
            slot.store(tag | 1, Ordering::Relaxed);
            return self.sampling.max_per_trace > 0;
        }
        let count = known & COUNT;
        if count >= u64::from(self.sampling.max_per_trace).min(COUNT) {
            return false;
        }
        slot.store(tag | (count + 1), Ordering::Relaxed);
        true
    }

    fn is_in_window(&self, plan: &Plan, moment: &Moment<'_>) -> bool {
        let Some(window) = self.sampling.window else {
            return true;
        };
        if plan.severity >= Severity::WARN {
            return true;
        }
        let since_epoch = moment.time().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX);
        let tick = u64::try_from(window.tick.as_millis()).unwrap_or(u64::MAX);
        let callsite = &plan.callsite;
        let start = callsite.window.load(Ordering::Relaxed);
        // A clock that was set back begins a new window, too.
        let is_over = now < start || now - start >= tick;
        if is_over {
            let begun =
                callsite
                    .window
                    .compare_exchange(start, now, Ordering::Relaxed, Ordering::Relaxed);
            if begun.is_ok() {
                callsite.count.store(0, Ordering::Relaxed);
            }
        }
        let number = callsite.count.fetch_add(1, Ordering::Relaxed) + 1;
        let Some(after) = number.checked_sub(window.first).filter(|after| *after > 0) else {
            return true;
        };
        window.then_every > 0 && after.is_multiple_of(window.then_every)
    }
}

fn early(kept: Option<Kept>) -> Early {
    kept.map_or(Early::LeftOut, Early::Kept)
}

/// Keeps a share: of keys where there is one, of traces where there is one, else by chance.
fn chance(share: f64, key: Option<&str>, correlation: &Correlation) -> Option<Kept> {
    if share >= 1.0 {
        return Some(Kept::CERTAIN);
    }
    let is_kept = match (key, &correlation.span) {
        (Some(key), _) => share::has_key(key, share),
        (None, Some(span)) => share::has_trace(span.trace_id, share),
        (None, None) => share::has_draw(share),
    };
    is_kept.then_some(Kept { probability: share })
}

fn load(shares: &[AtomicU64; RANGES], range: usize) -> f64 {
    let bits = shares.get(range).map(|share| share.load(Ordering::Relaxed));
    bits.map_or(1.0, f64::from_bits)
}

fn store(shares: &[AtomicU64; RANGES], range: usize, share: f64) {
    if let Some(slot) = shares.get(range) {
        slot.store(share.to_bits(), Ordering::Relaxed);
    }
}
