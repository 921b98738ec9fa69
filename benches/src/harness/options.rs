//! The command line.

use std::fmt;
use std::time::Duration;

use super::meter::Mode;

const USAGE: &str = "usage: benches <comparison>... | all  [--rounds N] [--millis N] [--only TEXT] \
    [--no-instructions]";

/// What to measure, and for how long.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(super) comparisons: Vec<String>,
    pub(super) rounds: usize,
    /// Of one case in one round.
    pub(super) time: Duration,
    /// Only cases whose name or job contains this.
    pub(super) only: Option<String>,
    pub(super) instructions: bool,
    /// In a process started by the harness: the index of its case, and what to take.
    pub(super) child: Option<(usize, Mode)>,
}

/// The command line is not understood.
#[derive(Debug)]
pub(crate) struct Misuse;

impl Options {
    pub(crate) fn of_process() -> Result<Self, Misuse> {
        let mut options = Self {
            comparisons: Vec::new(),
            rounds: 7,
            time: Duration::from_millis(80),
            only: None,
            instructions: true,
            child: None,
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(Misuse);
            match argument.as_str() {
                "--rounds" => options.rounds = number(&value()?)?.max(1),
                "--millis" => {
                    options.time = Duration::from_millis(number(&value()?)?.max(1) as u64);
                }
                "--only" => options.only = Some(value()?),
                "--no-instructions" => options.instructions = false,
                "--child" => {
                    let case = number(&value()?)?;
                    let mode = Mode::from_name(&value()?).ok_or(Misuse)?;
                    options.child = Some((case, mode));
                }
                name if !name.starts_with('-') => options.comparisons.push(name.to_owned()),
                _ => return Err(Misuse),
            }
        }
        match options.comparisons.is_empty() {
            true => Err(Misuse),
            false => Ok(options),
        }
    }
}

fn number(text: &str) -> Result<usize, Misuse> {
    text.parse().map_err(|_| Misuse)
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(USAGE)
    }
}
