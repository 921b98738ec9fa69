//! The suite beside its peers: the same work, in one run, on one machine.
//!
//! See `README.md` for what each row is and how to read the tables.

mod counter;
mod harness;
mod http;
mod identity;
mod log;
mod propagation;
mod scrape;

use std::process::ExitCode;

use harness::{Comparison, Options};

#[global_allocator]
static ALLOCATOR: harness::CountsOnDemand = harness::CountsOnDemand;

fn main() -> ExitCode {
    let comparisons: [Comparison; 6] = [
        http::comparison(),
        counter::comparison(),
        log::comparison(),
        scrape::comparison(),
        scrape::large::comparison(),
        propagation::comparison(),
        propagation::carried(),
        identity::comparison(),
    ];
    let options = match Options::of_process() {
        Ok(options) => options,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    match harness::run(&comparisons, &options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
