//! The OTel metrics API, with the SDK behind it and with the registry: the series exists, the
//! attributes come with each write.

use opentelemetry::KeyValue;
use opentelemetry::metrics::Counter;

use super::{NAMES, Turn, guard_counter, job, label_sets, otel_counter};
use crate::harness::{Case, Meter};

/// Every order of three attributes.
const ORDERS: [[usize; 3]; 6] = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
];

pub(super) fn cases(threads: usize) -> Vec<Case> {
    let one = job(
        ["OTel add, one order", "OTel add, one order, 2 threads"],
        threads,
    );
    let any = job(
        ["OTel add, any order", "OTel add, any order, 2 threads"],
        threads,
    );
    [(one, 1), (any, ORDERS.len())]
        .into_iter()
        .flat_map(|(job, orders)| {
            [
                Case::new(job, "otel-metrics-guard MeterProvider", move |meter| {
                    let (_provider, counter) = guard_counter();
                    run(meter, threads, &counter, orders);
                }),
                Case::new(job, "opentelemetry_sdk SdkMeterProvider", move |meter| {
                    let (_provider, counter) = otel_counter();
                    run(meter, threads, &counter, orders);
                }),
            ]
        })
        .collect()
}

fn run(meter: &mut Meter, threads: usize, counter: &Counter<u64>, orders: usize) {
    let sets = sets(orders);
    meter.run_on_threads(threads, |thread| {
        let mut turn = Turn::new(thread, sets.len());
        let sets = &sets;
        move || counter.add(1, &sets[turn.next()])
    });
}

/// 100 attribute sets, each in so many orders; the status is a number, as it is by convention.
fn sets(orders: usize) -> Vec<[KeyValue; 3]> {
    let mut sets = Vec::new();
    for [method, route, status] in &*label_sets() {
        let attributes = [
            KeyValue::new(NAMES[0], method.clone()),
            KeyValue::new(NAMES[1], route.clone()),
            KeyValue::new(NAMES[2], status.parse::<i64>().expect("a status")),
        ];
        let orders = ORDERS.iter().take(orders);
        sets.extend(orders.map(|order| order.map(|at| attributes[at].clone())));
    }
    sets
}
