//! What the code inside an exchange may tell it.
//!
//! A handler knows what no layer can see: which customer it is for, that a 404 is the expected
//! answer, that a 200 hides a failure. It says so through a handle, and the exchange takes the notes
//! with it when it ends, into every signal at once. All of it is bounded, and what names a label is
//! admitted by the registry like any other label.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use opentelemetry::trace::{SpanContext, TraceId};
use opentelemetry::{Key, KeyValue, Value};

use crate::outcome::{Ending, Judgement, Outcome};
use crate::semconv;

/// Attributes, facts and labels an exchange takes; further ones are refused.
const MAX_ATTRIBUTES: usize = 32;
const MAX_FACTS: usize = 32;
const MAX_LABELS: usize = 4;

/// Tells an exchange what only the code inside it knows. Cheap to clone.
///
/// A layer that was asked for it puts one into the extensions of each request. What is said after
/// the exchange has ended is refused; so is a name the suite writes itself, since a span holds what
/// it is given twice. Each method says whether the note was taken.
#[derive(Clone)]
pub struct ExchangeHandle {
    shared: Arc<Shared>,
}

struct Shared {
    span_context: SpanContext,
    told: Mutex<Option<Told>>,
}

/// What has been told until the end.
#[derive(Default)]
pub(super) struct Told {
    pub(super) route: Option<Box<str>>,
    pub(super) attributes: Vec<KeyValue>,
    pub(super) facts: Vec<KeyValue>,
    pub(super) labels: Vec<(&'static str, Cow<'static, str>)>,
    error_type: Option<&'static str>,
    is_expected: bool,
    received: Option<u64>,
}

#[expect(
    clippy::must_use_candidate,
    reason = "whether a note was taken is rarely of interest to who gives it"
)]
impl ExchangeHandle {
    pub(super) fn new(span_context: SpanContext) -> Self {
        Self {
            shared: Arc::new(Shared {
                span_context,
                told: Mutex::new(Some(Told::default())),
            }),
        }
    }

    /// Tells the route template that was matched, such as `/orders/{id}`. The first word counts, and
    /// only while the layer knows no route.
    pub fn set_route(&self, template: &str) -> bool {
        self.tell(|told| {
            let is_first = told.route.is_none();
            if is_first {
                told.route = Some(template.into());
            }
            is_first
        })
    }

    /// Sets an attribute of the span, if one is recorded. A later value replaces an earlier one.
    pub fn set_attribute(&self, name: impl Into<Key>, value: impl Into<Value>) -> bool {
        let new = KeyValue::new(name, value);
        self.tell(|told| put(&mut told.attributes, MAX_ATTRIBUTES, new))
    }

    /// Sets a business fact of the request, such as `order.id`: on the span, on the log line of its
    /// end and for observers, never on a metric. A later value replaces an earlier one.
    pub fn set_fact(&self, name: impl Into<Key>, value: impl Into<Value>) -> bool {
        let new = KeyValue::new(name, value);
        self.tell(|told| put(&mut told.facts, MAX_FACTS, new))
    }

    /// Sets a label of the duration, for a value out of a small set, such as `tenant.tier`.
    ///
    /// The registry admits it under its budgets: past them the value becomes `__other__`. At most
    /// four labels are taken.
    pub fn set_label(&self, name: &'static str, value: impl Into<Cow<'static, str>>) -> bool {
        if is_taken(name) {
            return false;
        }
        let value = value.into();
        self.tell(|told| {
            if let Some((_, old)) = told.labels.iter_mut().find(|(known, _)| *known == name) {
                *old = value;
                return true;
            }
            let has_room = told.labels.len() < MAX_LABELS;
            if has_room {
                told.labels.push((name, value));
            }
            has_room
        })
    }

    /// Names the error that is about to end the exchange, as its `error.type`.
    ///
    /// An answer that looks fine is then a `server_error` too, as a failed query behind a 200 is. A
    /// panic, a timeout or a client that leaves keeps its own name.
    pub fn set_error_type(&self, error_type: &'static str) -> bool {
        self.tell(|told| {
            told.error_type = Some(error_type);
            true
        })
    }

    /// The error status that is about to be answered is what was asked for, as a 404 is to a look-up
    /// that may find nothing: the outcome is `ok`, and there is no `error.type`.
    pub fn expect_error(&self) -> bool {
        self.tell(|told| {
            told.is_expected = true;
            true
        })
    }

    /// Adds bytes to what was received of the body of the request.
    pub fn add_received(&self, bytes: u64) -> bool {
        self.tell(|told| {
            let before = told.received.unwrap_or_default();
            told.received = Some(before.saturating_add(bytes));
            true
        })
    }

    /// The trace the exchange belongs to; invalid where the layer makes no context.
    #[must_use]
    pub fn trace_id(&self) -> TraceId {
        self.shared.span_context.trace_id()
    }

    /// The span of the exchange, recorded or not.
    #[must_use]
    pub fn span_context(&self) -> &SpanContext {
        &self.shared.span_context
    }

    /// The route, while nobody has taken it.
    pub(super) fn route(&self) -> Option<Box<str>> {
        self.lock().as_ref()?.route.clone()
    }

    /// Takes what was told; nothing is taken any more after it.
    pub(super) fn close(&self) -> Told {
        self.lock().take().unwrap_or_default()
    }

    fn tell(&self, say: impl FnOnce(&mut Told) -> bool) -> bool {
        self.lock().as_mut().is_some_and(say)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Told>> {
        let told = self.shared.told.lock();
        told.unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ExchangeHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExchangeHandle")
            .field("trace_id", &self.trace_id())
            .finish_non_exhaustive()
    }
}

impl Told {
    /// Bytes of the request's body, where somebody counted them.
    pub(super) const fn received(&self) -> Option<u64> {
        self.received
    }

    /// What the code inside makes of a judgement.
    pub(super) fn amend(&self, ending: Ending, judgement: Judgement) -> Judgement {
        let has_answered = matches!(
            ending,
            Ending::Complete | Ending::Trailers | Ending::ServiceError
        );
        if !has_answered || judgement.outcome == Outcome::Timeout {
            return judgement;
        }
        if let Some(error_type) = self.error_type {
            let outcome = match judgement.outcome {
                Outcome::Ok => Outcome::ServerError,
                outcome => outcome,
            };
            return Judgement {
                outcome,
                error_type: Some(error_type),
                span_error: judgement.span_error || outcome == Outcome::ServerError,
                ..judgement
            };
        }
        if self.is_expected && ending != Ending::ServiceError {
            return Judgement {
                outcome: Outcome::Ok,
                error_type: None,
                span_error: false,
                ..judgement
            };
        }
        judgement
    }
}

/// Sets a value in a bounded list of distinct names.
fn put(list: &mut Vec<KeyValue>, max: usize, new: KeyValue) -> bool {
    if is_taken(new.key.as_str()) {
        return false;
    }
    if let Some(old) = list.iter_mut().find(|old| old.key == new.key) {
        *old = new;
        return true;
    }
    let has_room = list.len() < max;
    if has_room {
        list.push(new);
    }
    has_room
}

/// Whether the suite may write this name itself.
fn is_taken(name: &str) -> bool {
    const PREFIXES: [&str; 8] = [
        "client.",
        "exchange.",
        "http.",
        "network.",
        "rpc.",
        "server.",
        "url.",
        "user_agent.",
    ];
    name == semconv::ERROR_TYPE || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Facts as one text, `name=value` with spaces between.
pub(super) struct FactsText<'a>(pub(super) &'a [KeyValue]);

impl fmt::Display for FactsText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fact) in self.0.iter().enumerate() {
            let space = if index > 0 { " " } else { "" };
            write!(f, "{space}{}={}", fact.key, fact.value)?;
        }
        Ok(())
    }
}
