//! One kind of request, known from its first sight on.
//!
//! Method, route and scheme repeat; their names, labels and metric series are worked out once and
//! kept here, so that a request that is like another costs no more than atomic adds. The table is
//! bounded: past its capacity a request is of the operation without a name.

use std::borrow::{Borrow, Cow};
use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use opentelemetry::{Context, KeyValue};

use super::end_series::EndSeries;
use super::{Instruments, ParentKind};
use crate::outcome::Judgement;
use crate::registry::{Counter, UpDownCounter};
use crate::semconv;

/// Endings of an operation whose series are held; others are looked up in the registry.
const HELD_ENDINGS: usize = 8;
/// Labels an operation may have, besides the three that tell how it ended.
pub(super) const MAX_LABELS: usize = 12;

/// The static side of an exchange: span name, labels and their series.
pub struct Operation {
    name: &'static str,
    labels: Box<[(&'static str, &'static str)]>,
    active: Option<UpDownCounter>,
    endings: [OnceLock<(Judgement, EndSeries)>; HELD_ENDINGS],
    parents: [OnceLock<Counter>; ParentKind::COUNT],
    placeholder: Option<&'static str>,
    variant: u64,
    /// The name it is kept under, `""` while it has none.
    key: &'static str,
}

impl Operation {
    /// The span name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its labels, such as method and route.
    #[must_use]
    pub fn labels(&self) -> &[(&'static str, &'static str)] {
        &self.labels
    }

    /// The labels a span has as attributes from its start: all but the placeholder.
    pub(super) fn attributes(&self) -> impl Iterator<Item = KeyValue> {
        self.labels
            .iter()
            .filter(|(name, _)| self.placeholder != Some(*name))
            .map(|(name, value)| attribute(name, value))
    }

    /// The attribute a span gets at its end if no name was found to take its place.
    pub(super) fn placeholder(&self) -> Option<KeyValue> {
        let (name, value) = self
            .labels
            .iter()
            .find(|(name, _)| self.placeholder == Some(*name))?;
        Some(attribute(name, value))
    }

    pub(super) const fn active(&self) -> Option<&UpDownCounter> {
        self.active.as_ref()
    }

    /// The route or method it is kept under; `""` without one.
    pub(super) const fn key(&self) -> &'static str {
        self.key
    }

    /// What a named operation of the same kind has in common with this one.
    pub(super) const fn variant(&self) -> u64 {
        self.variant
    }

    /// Whether the route or method is known.
    pub(super) const fn is_named(&self) -> bool {
        !self.key.is_empty()
    }

    /// Records an exchange of this operation that ended this way; `seconds` are `None` where its
    /// time is not a latency.
    pub(super) fn record(
        &self,
        instruments: &Instruments,
        judgement: &Judgement,
        seconds: Option<f64>,
        cx: &Context,
    ) {
        for slot in &self.endings {
            let (held, series) =
                slot.get_or_init(|| (*judgement, EndSeries::of(instruments, self, judgement, &[])));
            if held == judgement {
                return series.record(seconds, cx);
            }
        }
        EndSeries::of(instruments, self, judgement, &[]).record(seconds, cx);
    }

    /// The same with further labels, whose series are not held but looked up.
    pub(super) fn record_with(
        &self,
        instruments: &Instruments,
        judgement: &Judgement,
        seconds: Option<f64>,
        cx: &Context,
        further: &[(&'static str, Cow<'static, str>)],
    ) {
        EndSeries::of(instruments, self, judgement, further).record(seconds, cx);
    }

    /// Counts where the parent of a request came from, by its route or method.
    pub(super) fn count_parent(&self, instruments: &Instruments, parent: ParentKind) {
        let (Some(family), Some(slot)) = (instruments.parents(), self.parents.get(parent as usize))
        else {
            return;
        };
        let series = slot.get_or_init(|| {
            let is_name = |name: &str| matches!(name, semconv::HTTP_ROUTE | semconv::RPC_METHOD);
            let name = self.labels.iter().find(|(name, _)| is_name(name));
            let kind = (semconv::EXCHANGE_PARENT, parent.as_str());
            family.with(&[kind, name.copied().unwrap_or(("", ""))])
        });
        series.inc();
    }
}

/// A label as an attribute: labels are text, but a port is a number to the conventions.
fn attribute(name: &'static str, value: &'static str) -> KeyValue {
    match value.parse::<i64>() {
        Ok(port) if name == semconv::SERVER_PORT => KeyValue::new(name, port),
        _ => KeyValue::new(name, value),
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operation")
            .field("name", &self.name)
            .field("labels", &self.labels)
            .finish_non_exhaustive()
    }
}

/// How a layer describes a kind of request when it first meets one.
///
/// ```
/// use otel_core::exchange::OperationParts;
///
/// let parts = OperationParts::new("GET /orders/{id}")
///     .with_active_label("http.request.method", "GET")
///     .with_label("http.route", "/orders/{id}");
/// # let _ = parts;
/// ```
#[derive(Debug)]
#[must_use = "parts describe an operation only once they are returned"]
pub struct OperationParts {
    name: &'static str,
    labels: Vec<(&'static str, &'static str)>,
    active_labels: Vec<(&'static str, &'static str)>,
    placeholder: Option<&'static str>,
}

impl OperationParts {
    /// Starts with the span name.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            labels: Vec::new(),
            active_labels: Vec::new(),
            placeholder: None,
        }
    }

    /// The span name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Another span name.
    pub const fn with_name(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    /// Adds a label of the duration, which is an attribute of the span too. At most 12 are kept.
    pub fn with_label(mut self, name: &'static str, value: &'static str) -> Self {
        if self.labels.len() < MAX_LABELS {
            self.labels.push((name, value));
        }
        self
    }

    /// Adds a label of both the duration and the number in flight.
    pub fn with_active_label(mut self, name: &'static str, value: &'static str) -> Self {
        if self.labels.len() < MAX_LABELS {
            self.active_labels.push((name, value));
        }
        self.with_label(name, value)
    }

    /// Adds a label that stands in for a name not known yet, such as `rpc.method="_OTHER"`.
    ///
    /// The metric needs it; the span gets it only at its end, and only if no name was found: the
    /// SDK appends attributes, so one that may change must not be written early.
    pub fn with_placeholder(mut self, name: &'static str, value: &'static str) -> Self {
        self.placeholder = Some(name);
        self.with_label(name, value)
    }

    pub(super) fn build(
        self,
        instruments: &Instruments,
        variant: u64,
        key: &'static str,
    ) -> Operation {
        Operation {
            name: self.name,
            labels: self.labels.into(),
            active: instruments
                .active()
                .map(|active| active.with(&self.active_labels)),
            endings: [const { OnceLock::new() }; HELD_ENDINGS],
            parents: [const { OnceLock::new() }; ParentKind::COUNT],
            placeholder: self.placeholder,
            variant,
            key,
        }
    }
}

/// The operations a layer has met. Reading takes no lock.
#[derive(Debug)]
pub(super) struct Operations {
    known: ArcSwap<HashMap<OwnedKey, Arc<Operation>, foldhash::fast::RandomState>>,
    capacity: usize,
}

impl Operations {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            known: ArcSwap::default(),
            capacity,
        }
    }

    pub(super) fn get(&self, variant: u64, name: &str) -> Option<Arc<Operation>> {
        let key: &dyn Key = &(variant, name);
        self.known.load().get(key).map(Arc::clone)
    }

    /// Whether another operation would still be kept.
    pub(super) fn has_room(&self) -> bool {
        self.known.load().len() < self.capacity
    }

    /// Keeps an operation unless one is there already; gives back the one that is kept.
    ///
    /// Threads that race past [`has_room`](Self::has_room) may exceed the capacity by one each.
    pub(super) fn insert(&self, name: &'static str, operation: Operation) -> Arc<Operation> {
        let operation = Arc::new(operation);
        let key: &dyn Key = &(operation.variant, name);
        self.known.rcu(|known| {
            if known.contains_key(key) {
                return Arc::clone(known);
            }
            let mut known = HashMap::clone(known);
            known.insert(OwnedKey(operation.variant, name), Arc::clone(&operation));
            Arc::new(known)
        });
        self.get(operation.variant, name)
            .unwrap_or_else(|| Arc::clone(&operation))
    }
}

/// Lets the table be asked with a borrowed name.
trait Key {
    fn parts(&self) -> (u64, &str);
}

#[derive(Clone, Debug)]
struct OwnedKey(u64, &'static str);

impl Key for OwnedKey {
    fn parts(&self) -> (u64, &str) {
        (self.0, self.1)
    }
}

impl Key for (u64, &str) {
    fn parts(&self) -> (u64, &str) {
        *self
    }
}

impl<'a> Borrow<dyn Key + 'a> for OwnedKey {
    fn borrow(&self) -> &(dyn Key + 'a) {
        self
    }
}

impl Hash for dyn Key + '_ {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

impl PartialEq for dyn Key + '_ {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for dyn Key + '_ {}

impl Hash for OwnedKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

impl PartialEq for OwnedKey {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for OwnedKey {}
