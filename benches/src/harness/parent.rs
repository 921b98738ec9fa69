//! The process that starts the others and gathers what they say.

use std::io;
use std::process::{Command, Stdio};

use super::case::{Case, Comparison};
use super::meter::{Mode, Taken};
use super::table::{self, Row};
use super::{Options, callgrind, child};

/// Measures what was asked for and prints a table for each comparison.
pub(crate) fn run(comparisons: &[Comparison], options: &Options) -> io::Result<()> {
    let is_all = options.comparisons.iter().any(|name| name == "all");
    let known = |name: &String| comparisons.iter().any(|known| known.name == name);
    if let Some(unknown) = options.comparisons.iter().find(|name| !known(name))
        && !is_all
    {
        let names: Vec<_> = comparisons.iter().map(|known| known.name).collect();
        return Err(io::Error::other(format!(
            "no comparison {unknown}: there are {}",
            names.join(", ")
        )));
    }
    for comparison in comparisons {
        if !is_all
            && !options
                .comparisons
                .iter()
                .any(|name| name == comparison.name)
        {
            continue;
        }
        if let Some((case, mode)) = options.child {
            child::measure(comparison, case, mode, options.time);
        } else {
            table::print(comparison, &measure(comparison, options)?);
        }
    }
    Ok(())
}

fn measure(comparison: &Comparison, options: &Options) -> io::Result<Vec<Row>> {
    let wanted: Vec<usize> = (0..comparison.cases.len())
        .filter(|&at| is_wanted(comparison, at, options))
        .collect();
    let mut rows = Vec::new();
    let with_instructions = options.instructions && callgrind::is_installed();
    for &case in &wanted {
        let counted = ask(comparison, case, Mode::Allocations, options)?;
        let instructions = if with_instructions {
            let arguments = arguments(comparison, case, Mode::Instructions, options);
            let operations = comparison.counted.div_ceil(5) * comparison.parts;
            Some(callgrind::instructions(&arguments)? as f64 / operations as f64)
        } else {
            None
        };
        rows.push(Row {
            case,
            counted,
            instructions,
            rounds: Vec::new(),
        });
    }
    for _ in 0..options.rounds {
        for row in &mut rows {
            row.rounds
                .push(ask(comparison, row.case, Mode::Time, options)?);
        }
    }
    Ok(rows)
}

/// The cases asked for, and what they are held against: the reference, and ours of the same job.
fn is_wanted(comparison: &Comparison, at: usize, options: &Options) -> bool {
    let cases = &comparison.cases;
    let Some(text) = &options.only else {
        return true;
    };
    let is_named = |case: &Case| case.name.contains(text) || case.job.contains(text);
    let job = cases[at].job;
    let is_ours = cases.iter().position(|case| case.job == job) == Some(at);
    let is_job_named = cases.iter().any(|case| case.job == job && is_named(case));
    (at == 0 && comparison.has_reference) || is_named(&cases[at]) || (is_ours && is_job_named)
}

fn arguments(comparison: &Comparison, case: usize, mode: Mode, options: &Options) -> Vec<String> {
    vec![
        comparison.name.to_owned(),
        "--child".to_owned(),
        case.to_string(),
        mode.name().to_owned(),
        "--millis".to_owned(),
        options.time.as_millis().to_string(),
    ]
}

fn ask(comparison: &Comparison, case: usize, mode: Mode, options: &Options) -> io::Result<Taken> {
    let output = Command::new(std::env::current_exe()?)
        .args(arguments(comparison, case, mode, options))
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        let name = &comparison.cases[case].name;
        return Err(io::Error::other(format!(
            "{name} failed: {}",
            output.status
        )));
    }
    let mut taken = child::parse(&String::from_utf8_lossy(&output.stdout))?;
    let parts = comparison.parts as f64;
    for figure in [
        &mut taken.median_ns,
        &mut taken.min_ns,
        &mut taken.allocations,
        &mut taken.bytes,
    ] {
        *figure /= parts;
    }
    Ok(taken)
}
