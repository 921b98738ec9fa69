//! What is kept, as data.

use std::ops::RangeInclusive;
use std::time::Duration;

use otel_core::ConfigError;
use tracing::Level;

use super::load::Shedding;
use super::rule::SamplingRule;
use crate::severity::{RANGES, Severity};

/// Which events are kept. Given to [`with_sampling`](crate::LogBridgeBuilder::with_sampling), and to
/// [`set_sampling`](crate::LogGuard::set_sampling) while the service runs.
///
/// Judged in this order: a field `audit = true` keeps; the first [rule](SamplingRule) that is met
/// decides; errors are kept; events of sampled traces are kept, up to a number for each trace; a
/// share by level, the same for all events of a trace; a window for each callsite.
///
/// ```
/// use std::time::Duration;
///
/// use otel_log_bridge::{Sampling, SamplingRule};
/// use tracing::Level;
///
/// # fn main() -> Result<(), otel_core::ConfigError> {
/// let sampling = Sampling::builder()
///     .with_level_share(Level::DEBUG, 0.01)
///     .add_rule(SamplingRule::share(0.001).with_status(200..=299))
///     .with_callsite_limit(50, Duration::from_secs(1), 100)
///     .build()?;
/// # let _ = (sampling, Sampling::production());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Sampling {
    pub(super) rules: Vec<SamplingRule>,
    pub(super) always: Option<Severity>,
    pub(super) follows_trace: bool,
    pub(super) max_per_trace: u32,
    pub(super) levels: [LevelShare; RANGES],
    pub(super) key: Option<String>,
    pub(super) window: Option<Window>,
    pub(crate) shedding: Option<Shedding>,
}

/// The share of a level and the bounds it may be moved within.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct LevelShare {
    pub(super) share: f64,
    pub(super) least: f64,
    pub(super) most: f64,
}

impl LevelShare {
    const ALL: Self = Self {
        share: 1.0,
        least: 0.0,
        most: 1.0,
    };
}

/// The first events of a callsite in a time, and some of those after them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) first: u64,
    pub(super) tick: Duration,
    pub(super) then_every: u64,
}

/// The defaults of [`Sampling::production`].
const DEBUG_SHARE: LevelShare = LevelShare {
    share: 0.005,
    least: 0.001,
    most: 0.05,
};
const CLIENT_ERROR_SHARE: f64 = 0.01;
const FIRST: u64 = 100;
const TICK: Duration = Duration::from_secs(1);
const THEN_EVERY: u64 = 100;
const MAX_PER_TRACE: u32 = 10_000;

impl Sampling {
    /// Keeps errors and sampled traces, and all of the rest unless told otherwise.
    pub const fn builder() -> SamplingBuilder {
        SamplingBuilder {
            sampling: Self {
                rules: Vec::new(),
                always: Some(Severity::ERROR),
                follows_trace: true,
                max_per_trace: MAX_PER_TRACE,
                levels: [LevelShare::ALL; RANGES],
                key: None,
                window: None,
                shedding: None,
            },
            error: None,
        }
    }

    /// For a service in production: 0.5 % of DEBUG, movable from 0.1 % to 5 %; 1 % of what is about
    /// a 4xx and all about a 5xx; of each callsite the first 100 events in a second and every 100th
    /// after them; less under load as [`Shedding`] says.
    #[must_use]
    pub fn production() -> Self {
        let Self { levels, .. } = Self::builder().sampling;
        let [trace, _, info, warn, error, fatal] = levels;
        Self {
            rules: vec![
                SamplingRule::share(CLIENT_ERROR_SHARE).with_status(400..=499),
                SamplingRule::share(1.0).with_status(500..=599),
            ],
            levels: [
                LevelShare {
                    share: 0.0,
                    ..trace
                },
                DEBUG_SHARE,
                info,
                warn,
                error,
                fatal,
            ],
            window: Some(Window {
                first: FIRST,
                tick: TICK,
                then_every: THEN_EVERY,
            }),
            shedding: Some(Shedding::default()),
            ..Self::builder().sampling
        }
    }
}

/// Collects what a [`Sampling`] keeps.
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct SamplingBuilder {
    sampling: Sampling,
    error: Option<ConfigError>,
}

impl SamplingBuilder {
    /// Keeps events of this level and above, unless a rule says otherwise. ERROR otherwise; `None`
    /// keeps none for its level.
    pub fn with_always_keep(mut self, level: Option<Level>) -> Self {
        self.sampling.always = level.map(Severity::of);
        self
    }

    /// Whether events of sampled traces are kept, and how many of one trace: a single trace can have
    /// millions. 10,000 otherwise.
    pub const fn with_traces(mut self, are_kept: bool, max_per_trace: u32) -> Self {
        self.sampling.follows_trace = are_kept;
        self.sampling.max_per_trace = max_per_trace;
        self
    }

    /// The share of a level that is kept, 0.0 to 1.0.
    pub fn with_level_share(mut self, level: Level, share: f64) -> Self {
        self.check("with_level_share", &[share]);
        if let Some(level) = self.sampling.levels.get_mut(Severity::of(level).range()) {
            level.share = share.clamp(level.least, level.most);
        }
        self
    }

    /// The bounds within which the share of a level may be moved while the service runs.
    pub fn with_level_range(mut self, level: Level, range: RangeInclusive<f64>) -> Self {
        let (least, most) = range.into_inner();
        self.check("with_level_range", &[least, most]);
        if least > most {
            self.refuse("with_level_range", "a range that is not empty");
        } else if let Some(level) = self.sampling.levels.get_mut(Severity::of(level).range()) {
            *level = LevelShare {
                share: level.share.clamp(least, most),
                least,
                most,
            };
        }
        self
    }

    /// Decides shares by the value of this field, so that all events of a tenant or a user are kept
    /// or none. By the trace otherwise, and by chance where there is neither.
    pub fn with_key(mut self, field: impl Into<String>) -> Self {
        self.sampling.key = Some(field.into());
        self
    }

    /// Of each callsite below WARN, keeps the `first` events in a `tick` and every `then_every`-th
    /// after them; 0 keeps none after them.
    pub fn with_callsite_limit(mut self, first: u64, tick: Duration, then_every: u64) -> Self {
        if tick < Duration::from_millis(1) {
            self.refuse("with_callsite_limit", "a tick of a millisecond or more");
        }
        self.sampling.window = Some(Window {
            first,
            tick,
            then_every,
        });
        self
    }

    /// Keeps less while the process is under load.
    pub const fn with_shedding(mut self, shedding: Shedding) -> Self {
        self.sampling.shedding = Some(shedding);
        self
    }

    /// A rule of your own. The first that an event meets decides.
    pub fn add_rule(mut self, rule: SamplingRule) -> Self {
        self.check("add_rule", &[rule.share]);
        self.sampling.rules.push(rule);
        self
    }

    /// Finishes the sampling.
    ///
    /// # Errors
    ///
    /// The first value that was refused.
    pub fn build(self) -> Result<Sampling, ConfigError> {
        self.error.map_or(Ok(self.sampling), Err)
    }

    fn check(&mut self, setting: &'static str, shares: &[f64]) {
        if shares.iter().any(|share| !(0.0..=1.0).contains(share)) {
            self.refuse(setting, "shares of 0.0 to 1.0");
        }
    }

    fn refuse(&mut self, setting: &'static str, accepts: &str) {
        self.error
            .get_or_insert_with(|| ConfigError::invalid(setting, accepts));
    }
}
