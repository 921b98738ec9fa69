//! The caller holds the handle of each series.

use metrics::Label;
use opentelemetry::metrics::BoundCounter;
use otel_core::registry::Registry;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;

use super::known::{Labels, tikv};
use super::{NAME, NAMES, Turn, Values, job, key_values, label_sets, pairs};
use crate::harness::{Case, Meter};

pub(super) fn cases(threads: usize) -> Vec<Case> {
    let job = job(["held handle", "held handle, 2 threads"], threads);
    vec![
        Case::new(job, "otel-core Counter", move |meter| {
            let family = Registry::new().counter(NAME);
            let handles = each(|values| family.with(&pairs(values)));
            run(meter, threads, &handles, otel_core::registry::Counter::inc);
        }),
        Case::new(job, "otel-metrics-guard BoundCounter", move |meter| {
            let (_provider, counter) = super::guard_counter();
            let handles: Vec<BoundCounter<u64>> = each(|values| counter.bind(&key_values(values)));
            run(meter, threads, &handles, |counter| counter.add(1));
        }),
        Case::new(job, "prometheus (tikv) IntCounter", move |meter| {
            let family = tikv();
            let handles =
                each(|values| family.with_label_values(&values.each_ref().map(String::as_str)));
            run(meter, threads, &handles, prometheus::IntCounter::inc);
        }),
        Case::new(job, "prometheus-client Counter", move |meter| {
            let family = Family::<Labels, Counter>::default();
            let handles = each(|values| {
                let [method, route, status] = values.clone();
                family.get_or_create_owned(&Labels {
                    method,
                    route,
                    status,
                })
            });
            run(meter, threads, &handles, |counter| {
                counter.inc();
            });
        }),
        Case::new(job, "metrics Counter", move |meter| {
            super::install_metrics_recorder();
            let handles = each(|values| {
                let [method, route, status] = values.clone();
                let labels = vec![
                    Label::new(NAMES[0], method),
                    Label::new(NAMES[1], route),
                    Label::new(NAMES[2], status),
                ];
                metrics::counter!(NAME, labels)
            });
            run(meter, threads, &handles, |counter| counter.increment(1));
        }),
        Case::new(
            job,
            "opentelemetry_sdk BoundCounter (experimental)",
            move |meter| {
                let (_provider, counter) = super::otel_counter();
                let handles: Vec<BoundCounter<u64>> =
                    each(|values| counter.bind(&key_values(values)));
                run(meter, threads, &handles, |counter| counter.add(1));
            },
        ),
    ]
}

fn each<H>(handle: impl FnMut(&Values) -> H) -> Vec<H> {
    label_sets().iter().map(handle).collect()
}

fn run<H: Sync>(meter: &mut Meter, threads: usize, handles: &[H], add: impl Fn(&H) + Sync) {
    let add = &add;
    meter.run_on_threads(threads, |thread| {
        let mut turn = Turn::new(thread, handles.len());
        move || add(&handles[turn.next()])
    });
}
