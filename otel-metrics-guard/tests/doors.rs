//! A process that is measured through all doors at once. In a program of its own: the recorder and
//! the meter provider of a process are there for good.
#![allow(
    clippy::unwrap_used,
    reason = "a test that meets the unexpected has failed"
)]

use std::thread;

use opentelemetry::{KeyValue, global};
use otel_core::registry::Registry;
use otel_core::resource::Resource;
use otel_metrics_guard::exposition::{Exposition, Format};
use otel_metrics_guard::{MeterProvider, Recorder};

const THREADS: u64 = 4;
const ROUNDS: u64 = 1_000;

#[test]
fn every_door_of_a_process_leads_to_one_family_with_one_total() {
    let registry = Registry::new();
    // Doors are opened in any order, and instruments made before and after.
    global::set_meter_provider(MeterProvider::new(&registry));
    let early = global::meter("early").u64_counter("shop.orders").build();
    Recorder::new(&registry).install().unwrap();
    let native = registry.counter("shop.orders");

    thread::scope(|scope| {
        for _ in 0..THREADS {
            let (early, native) = (early.clone(), native.clone());
            scope.spawn(move || {
                let late = global::meter("late").u64_counter("shop.orders").build();
                let bound = late.bind(&[KeyValue::new("ok", true), KeyValue::new("kind", "book")]);
                for _ in 0..ROUNDS {
                    early.add(
                        1,
                        &[KeyValue::new("kind", "book"), KeyValue::new("ok", true)],
                    );
                    late.add(
                        1,
                        &[KeyValue::new("ok", true), KeyValue::new("kind", "book")],
                    );
                    bound.add(1);
                    native.add(&[("kind", "book"), ("ok", "true")], 1);
                    metrics::counter!("shop_orders_total", "ok" => "true", "kind" => "book")
                        .increment(1);
                }
            });
        }
    });

    let resource = Resource::builder()
        .with_service_name("shop")
        .build()
        .unwrap();
    let text: Vec<u8> = Exposition::new(registry.collect(), &resource, Format::OpenMetrics)
        .flat_map(|chunk| chunk.to_vec())
        .collect();
    let text = String::from_utf8(text).unwrap();
    assert_eq!(otel_metrics_guard::openmetrics::lint(&text).err(), None);
    let lines: Vec<_> = text
        .lines()
        .filter(|line| line.contains("shop_orders"))
        .collect();
    let total = THREADS * ROUNDS * 5;
    let sample = format!(r#"shop_orders_total{{kind="book",ok="true"}} {total}"#);
    assert_eq!(lines, ["# TYPE shop_orders counter", sample.as_str()]);
}
