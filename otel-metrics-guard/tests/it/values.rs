//! Whatever is measured comes out of a scrape again.

use std::collections::BTreeMap;

use otel_core::registry::{Buckets, Descriptor, Registry, Unit};
use otel_metrics_guard::exposition::Format;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use crate::expositions::{registry, sampled, scrape};
use crate::parser::{self, Family, Sample};

type Labels = BTreeMap<String, String>;

/// In milliseconds.
const BOUNDS: [u32; 4] = [1, 20, 300, 4_000];

#[derive(Clone, Debug)]
enum Measurement {
    Counter(u32),
    UpDown(i32),
    Gauge(f64),
    /// In milliseconds.
    Duration(u32),
}

fn measurement() -> impl Strategy<Value = Measurement> {
    prop_oneof![
        any::<u32>().prop_map(Measurement::Counter),
        any::<i32>().prop_map(Measurement::UpDown),
        any::<f64>()
            .prop_filter("refused by the registry", |value| !value.is_nan())
            .prop_map(Measurement::Gauge),
        (0..10_000_u32).prop_map(Measurement::Duration),
    ]
}

/// Few names and values, so that label sets meet; every character that has to be escaped.
fn labels() -> impl Strategy<Value = Labels> {
    btree_map("[a-c]", "[a\\\\\"\n,={} #é]{0,3}", 0..3)
}

fn help() -> impl Strategy<Value = String> {
    "[a-c\\\\\"\n\té #]{0,12}"
}

proptest! {
    #[test]
    fn values_come_back_as_they_went_in(
        measurements in vec((labels(), measurement(), any::<bool>()), 0..60),
        help in help(),
    ) {
        let registry = registry().build().unwrap();
        let expected = measure(&registry, &measurements, &help);

        let text = scrape(&registry, Format::OpenMetrics);
        let parsed = parser::parse(&text).map_err(TestCaseError::fail)?;

        let named = |name: &str| parsed.iter().find(|family| family.name == name).unwrap();
        for name in ["ups", "downs", "levels", "waits_seconds"] {
            let family = named(name);
            prop_assert_eq!(family.help.as_deref().unwrap_or_default(), &help);
            prop_assert_eq!(family.unit.as_deref(), name.strip_prefix("waits_"));
            let found = flatten(family);
            let of_family = expected.iter().filter(|((of, ..), _)| of == name);
            let of_family: BTreeMap<_, _> = of_family
                .map(|((_, suffix, labels), value)| ((suffix.clone(), labels.clone()), value.clone()))
                .collect();
            prop_assert_eq!(found, of_family);
        }
        prop_assert!(parsed.is_sorted_by_key(|family| (family.kind != "info", family.name.clone())));
    }
}

type Expected = BTreeMap<(String, String, Labels), String>;

fn measure(
    registry: &Registry,
    measurements: &[(Labels, Measurement, bool)],
    help: &str,
) -> Expected {
    let describe = |name: &'static str| Descriptor::new(name).with_help(help.to_owned());
    let ups = registry.counter(describe("ups"));
    let downs = registry.up_down_counter(describe("downs"));
    let levels = registry.gauge(describe("levels"));
    let bounds = BOUNDS.map(|bound| f64::from(bound) / 1e3);
    let waits = describe("waits").with_unit(Unit::SECONDS);
    let waits = registry.histogram(waits, Buckets::explicit(&bounds).unwrap());

    let mut counters = BTreeMap::<Labels, u64>::new();
    let mut up_downs = BTreeMap::<Labels, i64>::new();
    let mut gauges = BTreeMap::<Labels, f64>::new();
    let mut durations = BTreeMap::<Labels, Vec<u32>>::new();
    for (labels, measurement, in_span) in measurements {
        let pairs: Vec<_> = labels.iter().map(|(k, v)| (&**k, &**v)).collect();
        // A label without a value is no label.
        let mut labels = labels.clone();
        labels.retain(|_, value| !value.is_empty());
        match *measurement {
            Measurement::Counter(n) if *in_span => {
                ups.add_in(&pairs, n.into(), &sampled());
                *counters.entry(labels).or_default() += u64::from(n);
            }
            Measurement::Counter(n) => {
                ups.add(&pairs, n.into());
                *counters.entry(labels).or_default() += u64::from(n);
            }
            Measurement::UpDown(n) => {
                downs.add(&pairs, n.into());
                *up_downs.entry(labels).or_default() += i64::from(n);
            }
            Measurement::Gauge(value) => {
                levels.set(&pairs, value);
                gauges.insert(labels, value);
            }
            Measurement::Duration(millis) => {
                let seconds = f64::from(millis) / 1e3;
                if *in_span {
                    waits.record_in(&pairs, seconds, &sampled());
                } else {
                    waits.record(&pairs, seconds);
                }
                durations.entry(labels).or_default().push(millis);
            }
        }
    }

    let mut expected = Expected::new();
    let mut expect = |name: &str, suffix: &str, labels: &Labels, value: String| {
        expected.insert((name.to_owned(), suffix.to_owned(), labels.clone()), value);
    };
    for (labels, total) in &counters {
        expect("ups", "_total", labels, total.to_string());
    }
    for (labels, sum) in &up_downs {
        expect("downs", "", labels, sum.to_string());
    }
    for (labels, value) in &gauges {
        expect("levels", "", labels, comparable(value.to_string().as_str()));
    }
    for (labels, millis) in &durations {
        for (bound, le) in BOUNDS.iter().zip(["0.001", "0.02", "0.3", "4.0"]) {
            let below = millis.iter().filter(|millis| *millis <= bound).count();
            let mut labels = labels.clone();
            labels.insert("le".to_owned(), le.to_owned());
            expect("waits_seconds", "_bucket", &labels, below.to_string());
        }
        let mut infinite = labels.clone();
        infinite.insert("le".to_owned(), "+Inf".to_owned());
        expect(
            "waits_seconds",
            "_bucket",
            &infinite,
            millis.len().to_string(),
        );
        expect("waits_seconds", "_count", labels, millis.len().to_string());
        // Exact: the text is that of the sum of integers.
        let sum: u32 = millis.iter().sum();
        let decimal = (f64::from(sum) / 1e3).to_string();
        expect("waits_seconds", "_sum", labels, decimal);
    }
    expected
}

fn flatten(family: &Family) -> BTreeMap<(String, Labels), String> {
    let sample = |sample: &Sample| {
        let value = match &*family.name {
            "levels" => comparable(&sample.value),
            _ => sample.value.clone(),
        };
        ((sample.suffix.clone(), sample.labels.clone()), value)
    };
    family.samples.iter().map(sample).collect()
}

/// The bits of a float, which are the same however it is spelled.
fn comparable(text: &str) -> String {
    let value: f64 = text.parse().unwrap();
    format!("{:x}", value.to_bits())
}
