//! Room for label values that the policy writes anew.

use std::cell::Cell;

use super::MAX_LABELS;

/// One string for each label of a set, kept by the thread so that writing into one allocates only
/// until it has grown.
#[derive(Debug, Default)]
pub(crate) struct Scratch([String; MAX_LABELS]);

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

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut String> {
        self.0.iter_mut()
    }
}
