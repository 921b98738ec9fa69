//! What has changed between two versions of a schema, and whom it breaks.

use std::collections::BTreeMap;
use std::fmt;

use super::{Schema, SchemaField};

/// A difference between two versions of a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaChange {
    kind: ChangeKind,
    event: Option<String>,
    field: String,
}

/// How a schema differs from an older one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChangeKind {
    /// A field that events may have now.
    Added,
    /// A field that events must have now, which older lines have not.
    AddedRequired,
    /// A field that readers may look for and not find.
    Removed,
    /// A field whose type has changed.
    Type,
    /// A field that was optional and is required.
    BecameRequired,
    /// A field that was required and may be missing.
    BecameOptional,
    /// A range, length or enumeration that allows what it did not.
    Widened,
    /// A range, length or enumeration that allows less.
    Narrowed,
}

impl SchemaChange {
    /// What has changed.
    #[must_use]
    pub const fn kind(&self) -> ChangeKind {
        self.kind
    }

    /// The event it is about; `None` for a field of all events.
    #[must_use]
    pub fn event(&self) -> Option<&str> {
        self.event.as_deref()
    }

    /// The name of the field.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// Whether a reader or writer of the older version meets what it does not know. A build can fail
    /// on it.
    #[must_use]
    pub const fn is_breaking(&self) -> bool {
        matches!(
            self.kind,
            ChangeKind::AddedRequired
                | ChangeKind::Removed
                | ChangeKind::Type
                | ChangeKind::BecameRequired
                | ChangeKind::BecameOptional
                | ChangeKind::Widened
        )
    }
}

impl fmt::Display for SchemaChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.kind {
            ChangeKind::Added => "added",
            ChangeKind::AddedRequired => "added and required",
            ChangeKind::Removed => "removed",
            ChangeKind::Type => "of another type",
            ChangeKind::BecameRequired => "required now",
            ChangeKind::BecameOptional => "optional now",
            ChangeKind::Widened => "wider",
            ChangeKind::Narrowed => "narrower",
        };
        if let Some(event) = &self.event {
            write!(f, "{event}: ")?;
        }
        write!(f, "`{}` is {word}", self.field)
    }
}

impl Schema {
    /// What has changed since an older version.
    ///
    /// ```
    /// use otel_log_bridge::{Schema, SchemaField};
    ///
    /// # fn main() -> Result<(), otel_core::ConfigError> {
    /// let old = Schema::builder("shop.logs", 1)
    ///     .add_field(SchemaField::float("ratio").with_range(0.0..=1.0))
    ///     .build()?;
    /// let new = Schema::builder("shop.logs", 2)
    ///     .add_field(SchemaField::float("ratio").with_range(0.0..=100.0))
    ///     .add_field(SchemaField::text("tenant"))
    ///     .build()?;
    /// let breaking = new.changes_since(&old).into_iter().filter(|change| change.is_breaking());
    /// let breaking: Vec<String> = breaking.map(|change| change.to_string()).collect();
    /// assert_eq!(breaking, ["`ratio` is wider"]);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn changes_since(&self, older: &Self) -> Vec<SchemaChange> {
        let mut changes = Vec::new();
        compare(&older.fields, &self.fields, None, &mut changes);
        let none = BTreeMap::new();
        let mut events: Vec<&String> = older.events.keys().chain(self.events.keys()).collect();
        events.sort();
        events.dedup();
        for event in events {
            let old = older.events.get(event).unwrap_or(&none);
            let new = self.events.get(event).unwrap_or(&none);
            // Older lines have no event that is new, so nothing of it is missing in them.
            let is_new = !older.events.contains_key(event);
            let from = changes.len();
            compare(old, new, Some(event), &mut changes);
            for change in changes.iter_mut().skip(from).filter(|_| is_new) {
                change.kind = ChangeKind::Added;
            }
        }
        changes
    }
}

fn compare(
    old: &BTreeMap<String, SchemaField>,
    new: &BTreeMap<String, SchemaField>,
    event: Option<&String>,
    changes: &mut Vec<SchemaChange>,
) {
    let mut found = |kind, field: &str| {
        changes.push(SchemaChange {
            kind,
            event: event.cloned(),
            field: field.to_owned(),
        });
    };
    for (name, before) in old {
        let Some(after) = new.get(name) else {
            found(ChangeKind::Removed, name);
            continue;
        };
        if before.kind != after.kind {
            found(ChangeKind::Type, name);
        }
        match (before.is_required, after.is_required) {
            (false, true) => found(ChangeKind::BecameRequired, name),
            (true, false) => found(ChangeKind::BecameOptional, name),
            _ => {}
        }
        let (is_wider, is_narrower) = limits(before, after);
        if is_wider {
            found(ChangeKind::Widened, name);
        }
        if is_narrower {
            found(ChangeKind::Narrowed, name);
        }
    }
    for (name, field) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
        let kind = if field.is_required {
            ChangeKind::AddedRequired
        } else {
            ChangeKind::Added
        };
        found(kind, name);
    }
}

/// Whether the limits allow what they did not, and whether they forbid what they allowed.
fn limits(before: &SchemaField, after: &SchemaField) -> (bool, bool) {
    let least = |field: &SchemaField| field.min.unwrap_or(f64::NEG_INFINITY);
    let most = |field: &SchemaField| field.max.unwrap_or(f64::INFINITY);
    let longest = |field: &SchemaField| field.max_len.unwrap_or(usize::MAX);
    let allows = |field: &SchemaField, other: &SchemaField| {
        let lists = match (field.one_of.is_empty(), other.one_of.is_empty()) {
            (true, _) => true,
            (false, true) => false,
            (false, false) => other
                .one_of
                .iter()
                .all(|value| field.one_of.contains(value)),
        };
        least(field) <= least(other)
            && most(field) >= most(other)
            && longest(field) >= longest(other)
            && lists
    };
    (!allows(before, after), !allows(after, before))
}
