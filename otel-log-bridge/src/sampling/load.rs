//! Keeping less while the process is under load.
//!
//! Two signs count: the processor, together with the rate of events, and the queue. Under the first,
//! DEBUG falls to a tenth; under the second it is switched off, and then INFO is thinned. Every
//! change is told once, when it happens.

use std::time::{Duration, Instant};

use otel_core::clock::Clock;
use tracing::Level;

use super::sampler::Sampler;

/// When to keep less, and how much less. The default is the data of this table.
///
/// | sign | default | then |
/// |---|---|---|
/// | events in a second, and processor | above 5,000 and above 85 % | DEBUG and TRACE fall to a tenth |
/// | fullest queue | above 75 % | DEBUG and TRACE are off |
/// | fullest queue | above 90 % | INFO falls to a tenth as well |
///
/// It ends when the queue is below half and the other two are below their thresholds.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use = "shedding is given to a sampling"]
pub struct Shedding {
    events_per_second: f64,
    cpu: f64,
    debug_factor: f64,
    queue_debug: f64,
    queue_info: f64,
    info_factor: f64,
    queue_calm: f64,
}

impl Default for Shedding {
    fn default() -> Self {
        Self {
            events_per_second: 5_000.0,
            cpu: 0.85,
            debug_factor: 0.1,
            queue_debug: 0.75,
            queue_info: 0.9,
            info_factor: 0.1,
            queue_calm: 0.5,
        }
    }
}

impl Shedding {
    /// Thresholds of the first sign: events in a second, and the processor's part in use, 0.0 to
    /// 1.0. Both must be passed.
    pub const fn with_busy(mut self, events_per_second: f64, cpu: f64) -> Self {
        self.events_per_second = events_per_second;
        self.cpu = cpu;
        self
    }

    /// What DEBUG and TRACE fall to then.
    pub const fn with_debug_factor(mut self, factor: f64) -> Self {
        self.debug_factor = factor;
        self
    }

    /// How full the fullest queue is when DEBUG is switched off and when INFO is thinned, 0.0 to
    /// 1.0.
    pub const fn with_queue(mut self, debug_off: f64, info_thinned: f64) -> Self {
        self.queue_debug = debug_off;
        self.queue_info = info_thinned;
        self
    }
}

/// Reads how busy the processors are.
pub(crate) type Cpu = Box<dyn Fn() -> Option<f64> + Send + Sync>;

/// A change of a share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Change {
    pub(crate) level: Level,
    pub(crate) share: f64,
    pub(crate) cause: &'static str,
}

/// Looks at the load from time to time.
pub(crate) struct Controller {
    cpu: Option<Cpu>,
    last: Option<(Instant, u64)>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Calm,
    Busy,
    QueueFilling,
    QueueFull,
}

impl Controller {
    pub(crate) fn new(cpu: Option<Cpu>, clock: &dyn Clock) -> Self {
        Self {
            cpu: cpu.or_else(process_cpu),
            last: Some((clock.now(), 0)),
            state: State::Calm,
        }
    }

    /// Looks at the load and changes what is kept. `events` is how many there were so far, `queue`
    /// how full the fullest queue is.
    pub(crate) fn look(
        &mut self,
        sampler: &Sampler,
        (events, queue): (u64, f64),
        now: Instant,
    ) -> Vec<Change> {
        let Some(shedding) = sampler.sampling.shedding else {
            return Vec::new();
        };
        let cpu = self.cpu.as_ref().and_then(|cpu| cpu()).unwrap_or_default();
        let rate = match self.last.replace((now, events)) {
            Some((then, before)) => {
                let elapsed = now
                    .saturating_duration_since(then)
                    .max(Duration::from_millis(1));
                events.saturating_sub(before) as f64 / elapsed.as_secs_f64()
            }
            None => 0.0,
        };
        let is_busy = rate > shedding.events_per_second && cpu > shedding.cpu;
        let was_filling = matches!(self.state, State::QueueFilling | State::QueueFull);
        let next = if queue > shedding.queue_info {
            State::QueueFull
        } else if queue > shedding.queue_debug || (was_filling && queue > shedding.queue_calm) {
            State::QueueFilling
        } else if is_busy {
            State::Busy
        } else {
            State::Calm
        };
        if next == self.state {
            return Vec::new();
        }
        self.state = next;
        let (debug, info, cause) = match next {
            State::Calm => (1.0, 1.0, "calm"),
            State::Busy => (shedding.debug_factor, 1.0, "busy"),
            State::QueueFilling => (0.0, 1.0, "queue"),
            State::QueueFull => (0.0, shedding.info_factor, "queue"),
        };
        [
            (Level::TRACE, debug),
            (Level::DEBUG, debug),
            (Level::INFO, info),
        ]
        .into_iter()
        .filter_map(|(level, factor)| {
            let before = sampler.share(level);
            let share = sampler.shed(level, factor);
            let is_change = (share - before).abs() > f64::EPSILON;
            is_change.then_some(Change {
                level,
                share,
                cause,
            })
        })
        .collect()
    }
}

impl std::fmt::Debug for Controller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Controller")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// The part of the machine's processors that this process used since the last call, 0.0 to 1.0.
#[cfg(target_os = "linux")]
fn process_cpu() -> Option<Cpu> {
    use std::sync::Mutex;

    use otel_core::clock::SystemClock;

    /// The kernel tells times to programs in this many parts of a second.
    const TICKS_PER_SECOND: f64 = 100.0;

    let processors = std::thread::available_parallelism().map_or(1, usize::from) as f64;
    let last = Mutex::new(None);
    Some(Box::new(move || {
        let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
        // The name of the program, in brackets, may hold anything.
        let (_, after) = stat.rsplit_once(')')?;
        // Fields 14 and 15 of the line: time in user and in kernel mode.
        let mut times = after.split_whitespace().skip(11);
        let user: f64 = times.next()?.parse().ok()?;
        let kernel: f64 = times.next()?.parse().ok()?;
        let now = (SystemClock::new().now(), (user + kernel) / TICKS_PER_SECOND);
        let before = last.lock().ok()?.replace(now);
        let (then, used) = before?;
        let elapsed = now.0.saturating_duration_since(then).as_secs_f64();
        (elapsed > 0.0).then(|| (now.1 - used) / elapsed / processors)
    }))
}

#[cfg(not(target_os = "linux"))]
fn process_cpu() -> Option<Cpu> {
    None
}
