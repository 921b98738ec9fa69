//! What takes the measurements, inside the process of one case.

use std::hint::black_box;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use super::allocator::allocations_of;

/// Long enough that reading the clock does not show, short enough that many fit between two
/// interruptions.
const BATCH: Duration = Duration::from_millis(2);
const WARM_UP: Duration = Duration::from_millis(30);

/// What is taken in one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Time,
    Allocations,
    /// Run under callgrind, which counts on its own; see [`counted_operations`].
    Instructions,
}

impl Mode {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Allocations => "allocations",
            Self::Instructions => "instructions",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        [Self::Time, Self::Allocations, Self::Instructions]
            .into_iter()
            .find(|mode| mode.name() == name)
    }
}

/// Takes one measurement of the operation it is given.
#[derive(Debug)]
pub(crate) struct Meter {
    pub(super) mode: Mode,
    pub(super) time: Duration,
    pub(super) counted: u64,
    pub(super) taken: Taken,
}

/// What was measured; all of one operation.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Taken {
    pub(super) median_ns: f64,
    pub(super) min_ns: f64,
    pub(super) allocations: f64,
    pub(super) bytes: f64,
    pub(super) output: Option<f64>,
}

impl Meter {
    /// Measures `operation`; gives back how often it was run in all.
    pub(crate) fn run<R>(&mut self, mut operation: impl FnMut() -> R) -> u64 {
        match self.mode {
            Mode::Time => {
                let mut batches = Batches::new(&mut operation);
                batches.run(self.time, &mut operation);
                let runs = batches.runs;
                self.take(batches.ns);
                runs
            }
            Mode::Allocations => {
                run_times(self.counted, &mut operation);
                let made = allocations_of(|| run_times(self.counted, &mut operation));
                let counted = self.counted as f64;
                self.taken.allocations = made.count() as f64 / counted;
                self.taken.bytes = made.bytes() as f64 / counted;
                self.counted * 2
            }
            Mode::Instructions => {
                run_times(self.counted, &mut operation);
                counted_operations(self.counted, &mut operation);
                self.counted * 2
            }
        }
    }

    /// Measures operations that run on several threads at once, each made by `make` from its
    /// number. Counts are taken of one thread alone.
    pub(crate) fn run_on_threads<O, R>(&mut self, threads: usize, make: impl Fn(usize) -> O + Sync)
    where
        O: FnMut() -> R,
    {
        if self.mode != Mode::Time || threads == 1 {
            self.run(make(0));
            return;
        }
        let (start, time, make) = (Barrier::new(threads), self.time, &make);
        let ns = std::thread::scope(|scope| {
            let handles: Vec<_> = (0..threads)
                .map(|thread| {
                    let start = &start;
                    scope.spawn(move || {
                        let mut operation = make(thread);
                        let mut batches = Batches::new(&mut operation);
                        start.wait();
                        batches.run(time, &mut operation);
                        batches.ns
                    })
                })
                .collect();
            let joined = handles.into_iter().map(|handle| handle.join());
            joined
                .flat_map(|ns| ns.expect("a case does not panic"))
                .collect()
        });
        self.take(ns);
    }

    /// Reports what came out at the other end for each operation, such as spans exported: shows
    /// that a case does its job.
    pub(crate) fn output(&mut self, total: u64, operations: u64) {
        self.taken.output = Some(total as f64 / operations as f64);
    }

    fn take(&mut self, mut ns: Vec<f64>) {
        ns.sort_by(f64::total_cmp);
        self.taken.median_ns = ns[ns.len() / 2];
        self.taken.min_ns = ns[0];
    }
}

/// Times of batches of one size.
struct Batches {
    size: u64,
    runs: u64,
    ns: Vec<f64>,
}

impl Batches {
    /// Warms up and finds the size.
    fn new<R>(operation: &mut impl FnMut() -> R) -> Self {
        let (mut size, mut runs) = (1, 0);
        let begun = now();
        loop {
            let before = now();
            run_times(size, operation);
            runs += size;
            let took = before.elapsed();
            if took >= BATCH || begun.elapsed() >= WARM_UP * 4 {
                break;
            }
            if took < BATCH / 2 || begun.elapsed() < WARM_UP {
                let factor = BATCH.as_secs_f64() / took.as_secs_f64().max(1e-9);
                size = ((size as f64 * factor.clamp(1.0, 8.0)) as u64).max(1);
            }
        }
        Self {
            size,
            runs,
            ns: Vec::with_capacity(1024),
        }
    }

    fn run<R>(&mut self, time: Duration, operation: &mut impl FnMut() -> R) {
        let begun = now();
        while self.ns.is_empty() || begun.elapsed() < time {
            let before = now();
            run_times(self.size, operation);
            let took = before.elapsed();
            self.runs += self.size;
            self.ns.push(took.as_nanos() as f64 / self.size as f64);
        }
    }
}

fn run_times<R>(times: u64, operation: &mut impl FnMut() -> R) {
    for _ in 0..times {
        black_box(operation());
    }
}

/// Callgrind counts inside of this function, which it knows by name.
#[inline(never)]
fn counted_operations<R>(times: u64, operation: &mut impl FnMut() -> R) {
    run_times(times, operation);
}

#[expect(
    clippy::disallowed_methods,
    reason = "what is measured here is the time of the machine"
)]
fn now() -> Instant {
    Instant::now()
}
