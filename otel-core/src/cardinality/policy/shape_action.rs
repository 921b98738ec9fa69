//! What is done about a value that has a shape.

use crate::cardinality::ValueShape;

/// What becomes of a value that looks like an identifier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ShapeAction {
    /// It is kept, and the report names the shape.
    #[default]
    Report,
    /// The template of its shape takes its place: `{uuid}`. In a path, that of each segment.
    Replace,
    /// It folds to the sentinel.
    Fold,
    /// The label set goes without the label.
    DropLabel,
}

/// An action for each shape, where something was said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ShapeActions {
    all: Option<ShapeAction>,
    single: [Option<ShapeAction>; ValueShape::ALL.len()],
}

impl ShapeActions {
    pub(super) const fn set_all(&mut self, action: ShapeAction) {
        self.all = Some(action);
    }

    pub(super) fn set(&mut self, shape: ValueShape, action: ShapeAction) {
        if let Some(single) = self.single.get_mut(shape as usize) {
            *single = Some(action);
        }
    }

    /// The action for a shape: a single one before one for all, this before `base`.
    pub(super) fn get(&self, shape: ValueShape, base: &Self) -> ShapeAction {
        self.said(shape)
            .or_else(|| base.said(shape))
            .unwrap_or_default()
    }

    fn said(&self, shape: ValueShape) -> Option<ShapeAction> {
        self.single
            .get(shape as usize)
            .copied()
            .flatten()
            .or(self.all)
    }
}
