//! The bridge through its public API.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "the helpers of tests fail as tests do"
)]

mod allocations;
mod buffer;
mod callsite;
mod endings;
mod files;
mod hostile;
mod ids;
mod levels;
mod limits;
mod line;
mod metrics;
mod otel;
mod overflow;
mod profiles;
mod property;
mod redaction;
mod sampling;
mod schema;
mod spans;
mod support;
mod values;

#[global_allocator]
static ALLOCATOR: testkit::alloc::CountingAllocator = testkit::alloc::CountingAllocator::new();
