//! Scrapes: what is written, in which format, and in how much memory.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod doors;
mod exemplars;
mod expositions;
mod golden;
mod lint;
mod meter;
mod meter_allocations;
mod meter_bound;
mod meter_observable;
mod negotiation;
mod parser;
mod recorder;
mod recorder_bounds;
mod recorder_facts;
mod service;
mod streaming;
mod values;

#[global_allocator]
static ALLOCATOR: testkit::alloc::CountingAllocator = testkit::alloc::CountingAllocator::new();
