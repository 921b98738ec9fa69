//! The path of a write to a series that takes one number at a time.
//!
//! Counters, up-down counters and gauges differ in what they do to their number; when the write is
//! theirs, where it goes if not, and what becomes an exemplar is the same for all.

use std::sync::Arc;

use opentelemetry::Context;

use super::event::Event;
use super::exemplar::{ThinSlot, in_sampled_span, in_sampled_span_of};
use super::family_core::{Core, Origin};
use super::pulse::Beat;
use super::series::{Cell, Series};

/// A cell that holds one number.
pub(crate) trait Scalar: Cell {
    /// What is done to the number.
    type Write: Copy;

    /// Whether what a handle added it will take away again, so that it stays with its series
    /// whatever becomes of that.
    const COMES_DOWN: bool = false;

    fn write(&self, write: Self::Write) -> Result<(), Event>;

    /// How much is added, where it can be said in whole numbers; zero if nothing is.
    fn weight(write: Self::Write) -> u64;

    /// Where the exemplar of a write is kept, and the value it would have.
    fn exemplar_slot(&self, _: Self::Write) -> Option<(&ThinSlot, f64)> {
        None
    }
}

/// Whether a kind keeps exemplars, known when the program is built.
const fn has_exemplars<C: Scalar>() -> bool {
    matches!(C::KIND, super::Kind::Counter)
}

impl<C: Scalar> Core<C> {
    /// Writes to the series of these labels.
    #[inline]
    pub(super) fn write_labels(
        &self,
        labels: &[(&str, &str)],
        write: C::Write,
        cx: Option<&Context>,
    ) {
        self.with_series(labels, C::weight(write), |series| {
            self.write(series, Origin::Labels(labels), write, cx);
        });
    }

    /// Writes to a series that was found or is held.
    #[inline(always)]
    pub(super) fn write(
        &self,
        series: &Series<C>,
        origin: Origin<'_>,
        write: C::Write,
        cx: Option<&Context>,
    ) {
        let window = self.shared().window.number();
        match series.pulse().beat(window) {
            Beat::Settled => self.apply(series, write),
            Beat::WantsExemplar => {
                self.apply(series, write);
                if cx.map_or_else(in_sampled_span, in_sampled_span_of) {
                    self.offer_exemplar(series, write, cx, window);
                }
            }
            Beat::Unsettled => self.write_unsettled(series, origin, write, cx, window),
        }
    }

    #[cold]
    #[inline(never)]
    fn write_unsettled(
        &self,
        series: &Series<C>,
        origin: Origin<'_>,
        write: C::Write,
        cx: Option<&Context>,
        window: u32,
    ) {
        if self.settle(series, origin, has_exemplars::<C>()) {
            self.apply(series, write);
            let wants_exemplar = series.pulse().beat(window) == Beat::WantsExemplar;
            if wants_exemplar && cx.map_or_else(in_sampled_span, in_sampled_span_of) {
                self.offer_exemplar(series, write, cx, window);
            }
        } else if C::COMES_DOWN && matches!(origin, Origin::Handle) {
            // The series may be resumed by this; the write is its own in any case.
            self.write_elsewhere(series, origin, 0, |_| {});
            self.apply(series, write);
        } else {
            self.write_elsewhere(series, origin, C::weight(write), |series| {
                self.apply(series, write);
            });
        }
    }

    #[inline]
    fn apply(&self, series: &Series<C>, write: C::Write) {
        if let Err(event) = series.cell().write(write) {
            self.events().add(event, 1);
        }
    }

    #[cold]
    #[inline(never)]
    fn offer_exemplar(
        &self,
        series: &Series<C>,
        write: C::Write,
        cx: Option<&Context>,
        window: u32,
    ) {
        let Some((slot, value)) = series.cell().exemplar_slot(write) else {
            return;
        };
        let clock = &*self.shared().clock;
        let offer = |cx: &Context| slot.offer(cx, value, window, clock);
        if cx.map_or_else(|| Context::map_current(offer), offer) {
            series.pulse().has_exemplar(window);
        } else {
            self.events().add(Event::ExemplarSkipped, 1);
        }
    }
}

impl<C: Cell> Core<C> {
    /// Marks a series that is written whole as alive, and resumes it if it was idle.
    pub(super) fn keep_alive(&self, series: &Arc<Series<C>>) {
        if !self.settle(series, Origin::Handle, false) {
            self.write_elsewhere(series, Origin::Handle, 0, |_| {});
        }
    }
}
