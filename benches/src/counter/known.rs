//! The series exists; the labels come as text with each write.

use metrics::Label;
use otel_core::registry::Registry;
use prometheus::{IntCounterVec, Opts};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;

use super::{NAME, NAMES, Turn, job, key_values, label_sets, pairs};
use crate::harness::Case;

pub(super) fn cases(threads: usize) -> Vec<Case> {
    let job = job(["known series", "known series, 2 threads"], threads);
    vec![
        Case::new(job, "otel-core Family::add", move |meter| {
            let (sets, family) = (label_sets(), Registry::new().counter(NAME));
            meter.run_on_threads(threads, |thread| {
                let mut turn = Turn::new(thread, sets.len());
                let (sets, family) = (&sets, &family);
                move || family.add(&pairs(&sets[turn.next()]), 1)
            });
        }),
        Case::new(job, "prometheus (tikv) with_label_values", move |meter| {
            let (sets, family) = (label_sets(), tikv());
            meter.run_on_threads(threads, |thread| {
                let mut turn = Turn::new(thread, sets.len());
                let (sets, family) = (&sets, &family);
                move || {
                    let values = sets[turn.next()].each_ref().map(String::as_str);
                    family.with_label_values(&values).inc();
                }
            });
        }),
        Case::new(
            job,
            "prometheus-client Family, owned labels",
            move |meter| {
                let (sets, family) = (label_sets(), Family::<Labels, Counter>::default());
                meter.run_on_threads(threads, |thread| {
                    let mut turn = Turn::new(thread, sets.len());
                    let (sets, family) = (&sets, &family);
                    move || {
                        let [method, route, status] = sets[turn.next()].clone();
                        let labels = Labels {
                            method,
                            route,
                            status,
                        };
                        family.get_or_create(&labels).inc();
                    }
                });
            },
        ),
        Case::new(job, "metrics counter!, owned labels", move |meter| {
            super::install_metrics_recorder();
            let sets = label_sets();
            meter.run_on_threads(threads, |thread| {
                let mut turn = Turn::new(thread, sets.len());
                let sets = &sets;
                move || {
                    let [method, route, status] = sets[turn.next()].clone();
                    let labels = vec![
                        Label::new(NAMES[0], method),
                        Label::new(NAMES[1], route),
                        Label::new(NAMES[2], status),
                    ];
                    metrics::counter!(NAME, labels).increment(1);
                }
            });
        }),
        Case::new(
            job,
            "opentelemetry_sdk Counter::add, owned labels",
            move |meter| {
                let (sets, (_provider, counter)) = (label_sets(), super::otel_counter());
                meter.run_on_threads(threads, |thread| {
                    let mut turn = Turn::new(thread, sets.len());
                    let (sets, counter) = (&sets, &counter);
                    move || counter.add(1, &key_values(&sets[turn.next()]))
                });
            },
        ),
    ]
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(super) struct Labels {
    pub(super) method: String,
    pub(super) route: String,
    pub(super) status: String,
}

pub(super) fn tikv() -> IntCounterVec {
    IntCounterVec::new(Opts::new(NAME, "Requests."), &NAMES).expect("a valid name")
}
