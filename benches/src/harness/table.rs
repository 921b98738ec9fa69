//! The table of a comparison.

use super::case::Comparison;
use super::meter::Taken;

/// What was taken of one case.
pub(super) struct Row {
    pub(super) case: usize,
    pub(super) counted: Taken,
    pub(super) instructions: Option<f64>,
    pub(super) rounds: Vec<Taken>,
}

/// The figures of a row, over the reference.
#[derive(Clone, Copy, Default)]
struct Figures {
    ns: f64,
    min_ns: f64,
    allocations: f64,
    bytes: f64,
    instructions: Option<f64>,
}

impl Row {
    fn median_ns(&self) -> f64 {
        let mut medians: Vec<f64> = self.rounds.iter().map(|round| round.median_ns).collect();
        medians.sort_by(f64::total_cmp);
        medians[medians.len() / 2]
    }

    fn min_ns(&self) -> f64 {
        let minima = self.rounds.iter().map(|round| round.min_ns);
        minima.fold(f64::INFINITY, f64::min)
    }

    /// Of all rounds: what a saturated pipeline drops differs from round to round.
    fn output(&self) -> Option<f64> {
        let outputs: Option<Vec<f64>> = self.rounds.iter().map(|round| round.output).collect();
        let outputs = outputs?;
        Some(outputs.iter().sum::<f64>() / outputs.len() as f64)
    }

    fn figures(&self) -> Figures {
        Figures {
            ns: self.median_ns(),
            min_ns: self.min_ns(),
            allocations: self.counted.allocations,
            bytes: self.counted.bytes,
            instructions: self.instructions,
        }
    }
}

impl Figures {
    fn over(self, reference: Self) -> Self {
        Self {
            ns: self.ns - reference.ns,
            min_ns: self.min_ns - reference.min_ns,
            allocations: self.allocations - reference.allocations,
            bytes: self.bytes - reference.bytes,
            instructions: self
                .instructions
                .zip(reference.instructions)
                .map(|(own, reference)| own - reference)
                .or(self.instructions),
        }
    }
}

/// Prints Markdown, which is readable as it stands.
pub(super) fn print(comparison: &Comparison, rows: &[Row]) {
    println!("\n## {}: {}\n", comparison.name, comparison.operation);
    let reference = match rows.first() {
        Some(row) if comparison.has_reference => row.figures(),
        _ => Figures::default(),
    };
    if comparison.has_reference {
        println!("All but the last column are over the reference, the first row.\n");
    }
    println!(
        "| job | case | x ours: instr | ns | min ns | ns | allocs | bytes | instr | out/op | \
         total ns: median / min |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    for (at, row) in rows.iter().enumerate() {
        let case = &comparison.cases[row.case];
        let is_reference = comparison.has_reference && at == 0;
        let figures = match is_reference {
            true => row.figures(),
            false => row.figures().over(reference),
        };
        let ours = rows
            .iter()
            .find(|other| comparison.cases[other.case].job == case.job)
            .filter(|_| !is_reference)
            .map(|ours| ours.figures().over(reference));
        let ns = ours.map(|ours| figures.ns / ours.ns);
        let min_ns = ours.map(|ours| figures.min_ns / ours.min_ns);
        let instructions = ours.and_then(|ours| Some(figures.instructions? / ours.instructions?));
        println!(
            "| {} | {} | {} | {} | {} | {} | {:.2} | {:.0} | {} | {} | {} / {} |",
            case.job,
            case.name,
            text(instructions, |x| format!("{x:.2}")),
            text(ns, |x| format!("{x:.2}")),
            text(min_ns, |x| format!("{x:.2}")),
            nanoseconds(figures.ns),
            figures.allocations,
            figures.bytes,
            text(figures.instructions, |x| format!("{x:.0}")),
            text(row.output(), |x| format!("{x:.2}")),
            nanoseconds(row.median_ns()),
            nanoseconds(row.min_ns()),
        );
    }
}

fn nanoseconds(ns: f64) -> String {
    match ns.abs() < 100.0 {
        true => format!("{ns:.1}"),
        false => format!("{ns:.0}"),
    }
}

fn text(figure: Option<f64>, format: impl Fn(f64) -> String) -> String {
    figure.map_or_else(String::new, format)
}
