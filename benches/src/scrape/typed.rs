//! `measured`, which wants its label sets declared as types.

use measured::metric::MetricFamilyEncoding;
use measured::metric::histogram::Thresholds;
use measured::metric::name::MetricName;
use measured::text::BufferedTextEncoder;
use measured::{CounterVec, HistogramVec, LabelGroup};
use paracord::ParaCord;

use super::{BOUNDS, RECORDED, SERIES, render, series};
use crate::harness::Meter;

/// The values are known at run time, as in the other cases; this is the faster of its two interners.
#[derive(Clone, Copy, LabelGroup)]
#[label(set = LabelsSet)]
struct Labels<'a> {
    #[label(dynamic_with = ParaCord, default)]
    method: &'a str,
    #[label(dynamic_with = ParaCord, default)]
    route: &'a str,
    #[label(dynamic_with = ParaCord, default)]
    status: &'a str,
}

pub(super) fn counters(meter: &mut Meter, count: usize) {
    let family = CounterVec::with_label_set(LabelsSet::default());
    for values in series(count) {
        family.inc(labels(&values));
    }
    scrape(meter, count, "bench_requests", &family);
}

pub(super) fn histograms(meter: &mut Meter) {
    let buckets = Thresholds::with_buckets(BOUNDS);
    let family = HistogramVec::with_label_set_and_metadata(LabelsSet::default(), buckets);
    for values in series(SERIES) {
        for value in RECORDED {
            family.observe(labels(&values), value);
        }
    }
    scrape(meter, SERIES, "bench_duration", &family);
}

fn labels(values: &[String; 3]) -> Labels<'_> {
    let [method, route, status] = values.each_ref().map(String::as_str);
    Labels {
        method,
        route,
        status,
    }
}

fn scrape<F>(meter: &mut Meter, series: usize, name: &'static str, family: &F)
where
    F: MetricFamilyEncoding<BufferedTextEncoder>,
{
    let name = MetricName::from_str(name);
    // It is meant to be kept.
    let mut encoder = BufferedTextEncoder::new();
    render(meter, series, || {
        let collected = family.collect_family_into(name, &mut encoder);
        collected.expect("a buffer takes it");
        encoder.finish().len()
    });
}
