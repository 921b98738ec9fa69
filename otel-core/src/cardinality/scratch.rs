//! Room for label values that the policy writes anew.

use std::cell::Cell;

use super::MAX_LABELS;
use super::policy::ValueScratch;

/// Room for each label of a set, kept by the thread so that writing into it allocates only until it
/// has grown.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    values: [ValueScratch; MAX_LABELS],
    derived: [String; MAX_LABELS],
}

thread_local! {
    static KEPT: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

impl Scratch {
    /// Lends the room of this thread, or new room if that is lent already: a rule may itself
    /// measure something.
    pub(crate) fn with<R>(body: impl FnOnce(&mut Self) -> R) -> R {
        let kept = KEPT.try_with(Cell::take).ok().flatten();
        let mut scratch = kept.unwrap_or_default();
        let result = body(&mut scratch);
        let _ = KEPT.try_with(|kept| kept.set(Some(scratch)));
        result
    }

    /// Room for the values that rules are applied to, and for those that are derived.
    pub(crate) fn split(
        &mut self,
    ) -> (
        impl Iterator<Item = &mut ValueScratch>,
        impl Iterator<Item = &mut String>,
    ) {
        (self.values.iter_mut(), self.derived.iter_mut())
    }
}
