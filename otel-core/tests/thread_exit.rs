//! An exchange that is dropped by the destructor of a thread-local.
//!
//! The context's own thread-local may be gone by then; touching it would panic inside a destructor,
//! which aborts the process. The test is that this process lives.
#![allow(
    clippy::unwrap_used,
    reason = "a test that meets the unexpected has failed"
)]

use std::cell::RefCell;

use otel_core::exchange::{Exchange, Instrumentation, OperationParts};
use otel_core::outcome::{Classify, Side};
use otel_core::registry::Descriptor;
use otel_core::telemetry::Telemetry;

thread_local! {
    static LATE: RefCell<Option<Exchange>> = const { RefCell::new(None) };
}

#[test]
fn an_exchange_may_outlive_the_context_of_its_thread() {
    let telemetry = Telemetry::builder().with_in_flight(8).build().unwrap();
    let of_thread = telemetry.clone();
    std::thread::spawn(move || {
        // Used first, so destroyed last: after the context it is dropped into.
        LATE.with(|late| late.borrow().is_none());
        let instrumentation = Instrumentation::builder(
            &of_thread,
            (Classify::Http, Side::Server),
            Descriptor::new("test.duration"),
            Descriptor::new("test.active"),
            |_variant, _route| OperationParts::new("TEST"),
        )
        .build();
        let operation = instrumentation.operation(0, "");
        let exchange = Exchange::open(&instrumentation, operation).start(|_attributes| {});
        LATE.with(|late| *late.borrow_mut() = Some(exchange));
    })
    .join()
    .unwrap();

    assert!(
        telemetry.in_flight().unwrap().running().is_empty(),
        "it has ended"
    );
    let snapshot = telemetry.registry().collect();
    let durations = snapshot.family("test_duration").unwrap();
    assert_eq!(durations.len(), 1);
}
