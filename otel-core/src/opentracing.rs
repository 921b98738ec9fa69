//! The vocabulary of OpenTracing, in the words of today.
//!
//! Code of that time marks an error with a tag and describes it with log fields; read as plain
//! attributes, its failures look like successes. Here tags become status, kind and attributes of the
//! current conventions, and log fields an event, by two tables. A name no table has stays as it is.
//!
//! Source: [semantic conventions of OpenTracing](https://opentracing.io/specification/conventions/).

use opentelemetry::trace::{SpanBuilder, SpanKind, SpanRef, Status};
use opentelemetry::{Key, KeyValue, Value};

use crate::propagation::SamplingState;
use crate::semconv;

/// The tags of a span, translated.
///
/// ```
/// use otel_core::opentelemetry::Value;
/// use otel_core::opentracing::Tags;
///
/// let tags = Tags::read([
///     ("error", Value::from(true)),
///     ("db.statement", Value::from("SELECT 1")),
/// ]);
/// assert!(tags.is_error());
/// assert_eq!(tags.attributes()[0].key.as_str(), "db.query.text");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Tags {
    is_error: bool,
    kind: Option<SpanKind>,
    sampling: Option<SamplingState>,
    attributes: Vec<KeyValue>,
}

impl Tags {
    /// Translates tags; of a tag that is there twice, the last has the word.
    pub fn read<K: Into<Key>>(tags: impl IntoIterator<Item = (K, Value)>) -> Self {
        let mut read = Self::default();
        for (name, value) in tags {
            read.take(name.into(), value);
        }
        read
    }

    fn take(&mut self, name: Key, value: Value) {
        match name.as_str() {
            "error" => self.is_error = is_true(&value),
            "span.kind" => self.kind = kind(&value.as_str()),
            "sampling.priority" => self.sampling = sampling(&value),
            other => {
                let Some((key, shape)) = current(TAGS, other) else {
                    self.attributes.push(KeyValue::new(name, value));
                    return;
                };
                if let Some(value) = shape.of(value) {
                    self.attributes.retain(|kept| kept.key.as_str() != key);
                    self.attributes.push(KeyValue::new(key, value));
                }
            }
        }
    }

    /// Whether the span failed.
    #[must_use]
    pub const fn is_error(&self) -> bool {
        self.is_error
    }

    /// The kind of span, if a tag names one.
    #[must_use]
    pub const fn kind(&self) -> Option<&SpanKind> {
        self.kind.as_ref()
    }

    /// What `sampling.priority` asks for.
    #[must_use]
    pub const fn sampling(&self) -> Option<SamplingState> {
        self.sampling
    }

    /// All other tags, under their current names.
    #[must_use]
    pub fn attributes(&self) -> &[KeyValue] {
        &self.attributes
    }

    /// Gives kind and attributes to a span that is about to start.
    #[must_use]
    pub fn start(&self, mut builder: SpanBuilder) -> SpanBuilder {
        if let Some(kind) = &self.kind {
            builder = builder.with_kind(kind.clone());
        }
        let mut attributes = builder.attributes.take().unwrap_or_default();
        attributes.extend_from_slice(&self.attributes);
        builder.with_attributes(attributes)
    }

    /// Gives status and attributes to a span that is running; its kind was fixed at its start.
    pub fn set_on(&self, span: &SpanRef<'_>) {
        span.set_attributes(self.attributes.iter().cloned());
        if self.is_error {
            span.set_status(Status::error(""));
        }
    }
}

/// The fields of one log of a span, translated to an event.
///
/// ```
/// use otel_core::opentelemetry::Value;
/// use otel_core::opentracing::LogEvent;
///
/// let event = LogEvent::read([
///     ("event", Value::from("error")),
///     ("error.kind", Value::from("TimeoutException")),
/// ]);
/// assert_eq!((event.name(), event.is_error()), ("exception", true));
/// ```
#[derive(Clone, Debug)]
pub struct LogEvent {
    name: String,
    is_error: bool,
    attributes: Vec<KeyValue>,
}

impl LogEvent {
    /// Translates log fields. `event: error`, or an error object, make it an `exception`.
    pub fn read<K: Into<Key>>(fields: impl IntoIterator<Item = (K, Value)>) -> Self {
        let fields: Vec<(Key, Value)> = fields
            .into_iter()
            .map(|(name, value)| (name.into(), value))
            .collect();
        let event = fields.iter().find(|(name, _)| name.as_str() == "event");
        let event = event.map(|(_, value)| value.as_str().into_owned());
        let has_object = fields
            .iter()
            .any(|(name, _)| name.as_str() == "error.object");
        let is_error = has_object || event.as_deref() == Some("error");
        let mut attributes = Vec::with_capacity(fields.len());
        let mut message = None;
        for (name, value) in fields {
            match name.as_str() {
                "event" => {}
                // What is told to people beats what the object prints.
                "message" if is_error => message = Some(value),
                "error.object" => {
                    message.get_or_insert_with(|| value.as_str().into_owned().into());
                }
                other => {
                    let key =
                        current(LOG_FIELDS, other).map_or(name.clone(), |(key, _)| key.into());
                    attributes.push(KeyValue::new(key, value));
                }
            }
        }
        if let Some(message) = message {
            attributes.push(KeyValue::new(semconv::EXCEPTION_MESSAGE, message));
        }
        let name = match (is_error, event) {
            (true, _) => "exception".to_owned(),
            (false, Some(event)) => event,
            (false, None) => "log".to_owned(),
        };
        Self {
            name,
            is_error,
            attributes,
        }
    }

    /// The name of the event.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it tells of an error; the span then has failed.
    #[must_use]
    pub const fn is_error(&self) -> bool {
        self.is_error
    }

    /// The fields, under their current names.
    #[must_use]
    pub fn attributes(&self) -> &[KeyValue] {
        &self.attributes
    }

    /// Adds the event to a span, and its status.
    pub fn add_to(&self, span: &SpanRef<'_>) {
        span.add_event(self.name.clone(), self.attributes.clone());
        if self.is_error {
            span.set_status(Status::error(""));
        }
    }
}

/// What a value has to be under its current name.
#[derive(Clone, Copy, Debug)]
enum Shape {
    Same,
    Integer,
    /// There is no such attribute any more.
    Gone,
}

impl Shape {
    fn of(self, value: Value) -> Option<Value> {
        match self {
            Self::Same => Some(value),
            Self::Gone => None,
            Self::Integer => Some(match value.as_str().trim().parse::<i64>() {
                Ok(number) => number.into(),
                Err(_) => value,
            }),
        }
    }
}

type Table = &'static [(&'static str, &'static str, Shape)];

/// Tags and the attributes they are now.
const TAGS: Table = &[
    ("component", semconv::COMPONENT, Shape::Same),
    ("db.instance", semconv::DB_NAMESPACE, Shape::Same),
    ("db.statement", semconv::DB_QUERY_TEXT, Shape::Same),
    ("db.type", semconv::DB_SYSTEM_NAME, Shape::Same),
    // Removed from the conventions: who is connected is not what is asked.
    ("db.user", "", Shape::Gone),
    ("http.method", semconv::HTTP_REQUEST_METHOD, Shape::Same),
    (
        "http.status_code",
        semconv::HTTP_RESPONSE_STATUS_CODE,
        Shape::Integer,
    ),
    ("http.url", semconv::URL_FULL, Shape::Same),
    (
        "message_bus.destination",
        semconv::MESSAGING_DESTINATION_NAME,
        Shape::Same,
    ),
    ("peer.address", semconv::NETWORK_PEER_ADDRESS, Shape::Same),
    ("peer.hostname", semconv::SERVER_ADDRESS, Shape::Same),
    ("peer.ipv4", semconv::NETWORK_PEER_ADDRESS, Shape::Same),
    ("peer.ipv6", semconv::NETWORK_PEER_ADDRESS, Shape::Same),
    ("peer.port", semconv::NETWORK_PEER_PORT, Shape::Integer),
    ("peer.service", semconv::SERVICE_PEER_NAME, Shape::Same),
];

/// Log fields and the attributes of an event they are now.
const LOG_FIELDS: Table = &[
    ("error.kind", semconv::EXCEPTION_TYPE, Shape::Same),
    ("stack", semconv::EXCEPTION_STACKTRACE, Shape::Same),
];

fn current(table: Table, name: &str) -> Option<(&'static str, Shape)> {
    let (_, key, shape) = table.iter().find(|(old, ..)| *old == name)?;
    Some((key, *shape))
}

/// Clients of the time write `true`, `"true"` or 1.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(is_true) => *is_true,
        other => matches!(&*other.as_str(), "true" | "1"),
    }
}

fn kind(value: &str) -> Option<SpanKind> {
    match value {
        "client" => Some(SpanKind::Client),
        "server" => Some(SpanKind::Server),
        "producer" => Some(SpanKind::Producer),
        "consumer" => Some(SpanKind::Consumer),
        _ => None,
    }
}

/// Above zero it is to be recorded, at zero it is not; anything else says nothing.
fn sampling(value: &Value) -> Option<SamplingState> {
    match value.as_str().trim().parse::<i64>().ok()? {
        0 => Some(SamplingState::Deny),
        1.. => Some(SamplingState::Accept),
        _ => None,
    }
}
