//! The series an ended exchange is recorded in, under every name it has.

use std::borrow::Cow;

use opentelemetry::Context;

use super::operation::MAX_LABELS;
use super::{Instruments, Operation};
use crate::outcome::{Judgement, Status};
use crate::registry::{Counter, Histogram};
use crate::semconv::{self, SemconvMode};

/// Labels of an ending, and room for those the code inside adds.
const FURTHER: usize = 3 + 4;

/// The series of one operation that ended one way.
pub(super) struct EndSeries {
    duration: Option<Histogram>,
    alias: Option<(Counter, Histogram)>,
}

impl EndSeries {
    pub(super) fn of(
        instruments: &Instruments,
        operation: &Operation,
        judgement: &Judgement,
        further: &[(&'static str, Cow<'static, str>)],
    ) -> Self {
        Self {
            duration: instruments.duration().map(|family| {
                let mut labels = [("", ""); MAX_LABELS + FURTHER];
                let ending = [
                    status_label(judgement.status, instruments.semconv()),
                    (
                        semconv::ERROR_TYPE,
                        judgement.error_type.unwrap_or_default(),
                    ),
                    (semconv::EXCHANGE_OUTCOME, judgement.outcome.as_str()),
                ];
                let further = further.iter().map(|(name, value)| (*name, value.as_ref()));
                let all = operation.labels().iter().copied();
                let mut used = 0;
                // The registry takes an empty value for an absent label.
                for (slot, label) in labels.iter_mut().zip(all.chain(ending).chain(further)) {
                    *slot = label;
                    used += 1;
                }
                family.with(labels.get(..used).unwrap_or_default())
            }),
            alias: instruments
                .alias()
                .map(|alias| alias.series(operation.labels(), judgement)),
        }
    }

    /// Counts one exchange, and its time where that is a latency.
    pub(super) fn record(&self, seconds: Option<f64>, cx: &Context) {
        if let Some((total, duration)) = &self.alias {
            total.inc();
            if let Some(seconds) = seconds {
                duration.record_in(seconds, cx);
            }
        }
        if let (Some(duration), Some(seconds)) = (&self.duration, seconds) {
            duration.record_in(seconds, cx);
        }
    }
}

fn status_label(status: Option<Status>, mode: SemconvMode) -> (&'static str, &'static str) {
    match status {
        Some(Status::Grpc(code)) => (mode.status_key(), code.as_str()),
        Some(status) => (semconv::HTTP_RESPONSE_STATUS_CODE, status.as_str()),
        None => (semconv::HTTP_RESPONSE_STATUS_CODE, ""),
    }
}
