//! The process of one case, and the line it answers with.

use std::io;
use std::time::Duration;

use super::case::Comparison;
use super::meter::{Meter, Mode, Taken};

/// Measures a case in this process and prints what was taken.
pub(super) fn measure(comparison: &Comparison, case: usize, mode: Mode, time: Duration) {
    // A process with one thread gets malloc without locks from glibc, which no service has.
    std::thread::spawn(|| {
        loop {
            std::thread::park();
        }
    });
    let counted = match mode {
        Mode::Instructions => comparison.counted.div_ceil(5),
        Mode::Allocations | Mode::Time => comparison.counted,
    };
    let mut meter = Meter {
        mode,
        time,
        counted,
        taken: Taken::default(),
    };
    comparison.cases[case].measure(&mut meter);
    let taken = meter.taken;
    println!(
        "{} {} {} {} {}",
        taken.median_ns,
        taken.min_ns,
        taken.allocations,
        taken.bytes,
        taken.output.unwrap_or(f64::NAN)
    );
}

/// Reads that line.
pub(super) fn parse(line: &str) -> io::Result<Taken> {
    let numbers: Result<Vec<f64>, _> = line.split_whitespace().map(str::parse).collect();
    match numbers.as_deref() {
        Ok(&[median_ns, min_ns, allocations, bytes, output]) => Ok(Taken {
            median_ns,
            min_ns,
            allocations,
            bytes,
            output: Some(output).filter(|output| !output.is_nan()),
        }),
        _ => Err(io::Error::other(format!("a case answered {line:?}"))),
    }
}
