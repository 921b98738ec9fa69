//! A fuzzer for stable Rust: seeds are mutated at random and given to a target that panics when an
//! invariant does not hold.
//!
//! It has no feedback from coverage: it finds what random changes to good inputs find, and what
//! takes a long chain of them it does not. The targets are plain functions of bytes, ready for an engine
//! with feedback where a nightly compiler is at hand.
//!
//! ```text
//! cargo run --release --bin tracestate -- --seconds 60
//! ```
//!
//! A run is determined by its seed, which it prints; `--seed` and `--runs` repeat it.

pub mod formats;

use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Mutated inputs stop growing here, in bytes.
const MAX_LEN: usize = 32 * 1024;

/// Runs a target until the time given on the command line is up, or until it panics.
///
/// `dictionary` holds the pieces the format is made of.
pub fn run(seeds: &[&[u8]], dictionary: &[&[u8]], target: fn(&[u8])) -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(usage) => {
            eprintln!("{usage}");
            return ExitCode::from(2);
        }
    };
    println!("--seed {}", options.seed);
    let mut mutator = Mutator {
        random: fastrand::Rng::with_seed(options.seed),
        seeds,
        dictionary,
        input: Vec::new(),
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "only decides when to stop; no result depends on it"
    )]
    let start = Instant::now();
    let mut runs = 0_u64;
    while runs < options.runs && (!runs.is_multiple_of(1024) || start.elapsed() < options.time) {
        mutator.next_input();
        if panic::catch_unwind(AssertUnwindSafe(|| target(&mutator.input))).is_err() {
            eprintln!("run {runs} failed on b\"{}\"", mutator.input.escape_ascii());
            return ExitCode::FAILURE;
        }
        runs += 1;
    }
    println!("{runs} runs in {:.1} s", start.elapsed().as_secs_f64());
    ExitCode::SUCCESS
}

struct Options {
    time: Duration,
    runs: u64,
    seed: u64,
}

impl Options {
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, &'static str> {
        const USAGE: &str = "options: --seconds N (default 10) or --runs N, --seed N";
        let mut options = Self {
            time: Duration::from_secs(10),
            runs: u64::MAX,
            seed: fastrand::u64(..),
        };
        while let Some(name) = args.next() {
            let value = args.next().and_then(|value| value.parse().ok());
            let value = value.ok_or(USAGE)?;
            match name.as_str() {
                "--seconds" => options.time = Duration::from_secs(value),
                "--runs" => (options.runs, options.time) = (value, Duration::MAX),
                "--seed" => options.seed = value,
                _ => return Err(USAGE),
            }
        }
        Ok(options)
    }
}

struct Mutator<'a> {
    random: fastrand::Rng,
    seeds: &'a [&'a [u8]],
    dictionary: &'a [&'a [u8]],
    input: Vec<u8>,
}

impl Mutator<'_> {
    /// A seed with one to eight changes. One time in eight it changes the last input further, which
    /// is how inputs get far from any seed.
    fn next_input(&mut self) {
        if self.random.u8(..) >= 32 || self.input.len() > MAX_LEN {
            self.input.clear();
            self.input
                .extend_from_slice(pick(&mut self.random, self.seeds));
        }
        for _ in 0..self.random.u8(1..=8) {
            self.change();
        }
    }

    fn change(&mut self) {
        let at = self.random.usize(..=self.input.len());
        let end = self.random.usize(at..=self.input.len().min(at + 64));
        match self.random.u8(..7) {
            0 => {
                if let Some(byte) = self.input.get_mut(at) {
                    *byte = self.random.u8(..);
                }
            }
            1 => {
                if let Some(byte) = self.input.get_mut(at) {
                    *byte ^= 1 << self.random.u8(..8);
                }
            }
            2 => drop(self.input.drain(at..end)),
            3 => self.input.truncate(at),
            4 => {
                let times = self.random.usize(1..=40);
                let piece = self.input[at..end].repeat(times);
                self.input.splice(at..at, piece);
            }
            5 => {
                let piece = pick(&mut self.random, self.dictionary);
                self.input.splice(at..end, piece.iter().copied());
            }
            _ => {
                let piece = pick(&mut self.random, self.seeds);
                let from = self.random.usize(..=piece.len());
                self.input.splice(at..end, piece[from..].iter().copied());
            }
        }
    }
}

fn pick<'a>(random: &mut fastrand::Rng, pieces: &[&'a [u8]]) -> &'a [u8] {
    random.choice(pieces).copied().unwrap_or_default()
}
