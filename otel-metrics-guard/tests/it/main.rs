//! Scrapes: what is written, in which format, and in how much memory.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod cardinality;
mod created;
mod doors;
mod exemplars;
mod expositions;
#[cfg(feature = "metrics-util")]
mod forward;
mod golden;
mod gzip;
mod kinds;
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
mod scrape_timeout;
mod selection;
mod service;
mod streaming;
mod values;

#[global_allocator]
static ALLOCATOR: testkit::alloc::CountingAllocator = testkit::alloc::CountingAllocator::new();
