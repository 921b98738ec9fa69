//! How a line looks: which keys, in which spelling, with which of them first.
//!
//! A profile is data: keys of the head, a table of names, a spelling. What a record says is the same
//! in every profile.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use super::{escape, keys};
use crate::name::Name;
use crate::severity::{RANGE_NAMES, Severity};

/// Names whose translation is kept; of further ones it is looked up for each line.
const KEPT_NAMES: usize = 4096;

/// The shape of a line. Given to [`JsonSink::with_profile`](crate::JsonSink::with_profile).
///
/// | profile | for |
/// |---|---|
/// | [`otel`](Self::otel) | the OpenTelemetry collector; the default |
/// | [`ecs`](Self::ecs) | Elastic Common Schema, as its logging libraries write it |
/// | [`loki`](Self::loki) | Grafana Loki |
/// | [`gcp`](Self::gcp) | Google Cloud Logging |
/// | [`metadata`](Self::metadata) | stores with `camelCase` keys, `subject_identifier` and `event_type` |
/// | [`console`](Self::console) | people at a terminal; the one that is not JSON |
///
/// ```
/// use otel_log_bridge::{JsonSink, Profile, vocabulary};
///
/// let sink = JsonSink::stdout().with_profile(
///     Profile::ecs()
///         .with_name("tenant", "organization.id")
///         .with_names(vocabulary::HTTP_OLD_TO_STABLE),
/// );
/// # let _ = sink;
/// ```
#[derive(Clone)]
#[must_use = "a profile is given to a sink"]
pub struct Profile {
    pub(super) shape: Shape,
    pub(super) table: HashMap<String, String>,
}

/// The data of a profile.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) name: &'static str,
    pub(super) form: Form,
    pub(super) head: Head,
    pub(super) level: LevelStyle,
    pub(super) spelling: Spelling,
    /// Before a trace id.
    pub(super) trace_prefix: String,
    /// The trace flags say only whether the trace is sampled.
    pub(super) has_sampled_flag: bool,
    /// Members that every line has, each with the comma before it.
    pub(super) constant: &'static str,
    /// First parts of names that are objects to the reader: a plain value of such a name would be
    /// refused, and is written under `labels.`.
    pub(super) objects: &'static [&'static str],
    pub(super) has_color: bool,
}

/// JSON or text for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Console,
}

/// Keys of the head; an empty one is left out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) timestamp: &'static str,
    pub(super) level: &'static str,
    pub(super) severity_number: &'static str,
    pub(super) body: &'static str,
    pub(super) trace_id: &'static str,
    pub(super) span_id: &'static str,
    pub(super) trace_flags: &'static str,
    pub(super) request_id: &'static str,
    pub(super) correlation_id: &'static str,
    pub(super) event_name: &'static str,
    pub(super) target: &'static str,
}

impl Head {
    pub(super) const fn all(&self) -> [&'static str; 11] {
        [
            self.timestamp,
            self.level,
            self.severity_number,
            self.body,
            self.trace_id,
            self.span_id,
            self.trace_flags,
            self.request_id,
            self.correlation_id,
            self.event_name,
            self.target,
        ]
    }
}

/// How a level is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LevelStyle {
    /// `INFO2`, with the number beside it.
    Otel,
    /// `info`.
    Lower,
    /// `LogSeverity` of Google Cloud.
    Gcp,
}

/// How names that are not in the table are spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    AsIs,
    /// `http_route`.
    Snake,
    /// `httpRoute`.
    Camel,
}

impl Profile {
    /// Writes the field `from` under the name `to`.
    pub fn with_name(mut self, from: impl Into<String>, to: impl Into<String>) -> Self {
        self.table.insert(from.into(), to.into());
        self
    }

    /// Translates by a table, such as those in [`vocabulary`](super::vocabulary).
    pub fn with_names(self, table: &[(&str, &str)]) -> Self {
        table
            .iter()
            .fold(self, |profile, (from, to)| profile.with_name(*from, *to))
    }

    /// The only labels a Loki stream should have: whatever else is a label multiplies streams.
    /// Ids and fields stay in the line.
    #[must_use]
    pub fn loki_labels(resource: &otel_core::resource::Resource) -> Vec<(&'static str, String)> {
        use otel_core::semconv;
        [
            ("service_name", semconv::SERVICE_NAME),
            ("service_namespace", semconv::SERVICE_NAMESPACE),
            (
                "deployment_environment_name",
                semconv::DEPLOYMENT_ENVIRONMENT_NAME,
            ),
        ]
        .into_iter()
        .filter_map(|(label, name)| Some((label, resource.get(name)?)))
        .collect()
    }

    pub(super) fn spell(&self, name: &str) -> String {
        if let Some(told) = self.table.get(name) {
            return told.clone();
        }
        match self.shape.spelling {
            Spelling::AsIs if self.shape.objects.contains(&name) => format!("labels.{name}"),
            Spelling::AsIs => name.to_owned(),
            Spelling::Snake => name.replace(['.', '-'], "_"),
            Spelling::Camel => camel(name),
        }
    }
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Profile").field(&self.shape.name).finish()
    }
}

fn camel(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut is_start = false;
    for c in name.chars() {
        if matches!(c, '.' | '_' | '-') && !out.is_empty() {
            is_start = true;
        } else if is_start {
            out.push(c.to_ascii_uppercase());
            is_start = false;
        } else {
            out.push(c);
        }
    }
    out
}

/// A profile made ready: keys escaped, names translated once.
#[derive(Debug)]
pub(crate) struct Encoder {
    pub(super) profile: Profile,
    pub(super) members: Members,
    names: Option<Box<[OnceLock<Option<&'static Name>>]>>,
}

/// The head of a line, made ready.
#[derive(Debug)]
pub(super) struct Members {
    /// `{"timestamp":"`.
    pub(super) timestamp: Box<[u8]>,
    /// `","severity_text":"INFO","severity_number":9`, by severity number from 1.
    pub(super) levels: Vec<Box<[u8]>>,
    /// `,"body":"`.
    pub(super) body: Box<[u8]>,
    /// `,"trace_id":"…","span_id":"…","trace_flags":"…"` with room for the digits.
    pub(super) span: Box<[u8]>,
    /// Where the digits of each begin in it.
    pub(super) digits: [usize; 3],
    pub(super) request_id: Box<[u8]>,
    pub(super) correlation_id: Box<[u8]>,
    pub(super) event_name: Box<[u8]>,
    pub(super) target: Box<[u8]>,
}

impl Encoder {
    pub(crate) fn new(profile: Profile) -> Arc<Self> {
        let is_identity = profile.table.is_empty()
            && profile.shape.spelling == Spelling::AsIs
            && profile.shape.objects.is_empty();
        Arc::new(Self {
            members: Members::new(&profile.shape),
            profile,
            names: (!is_identity).then(|| (0..KEPT_NAMES).map(|_| OnceLock::new()).collect()),
        })
    }

    /// Whether names are written as they are, so that none can meet another.
    pub(crate) fn is_identity(&self) -> bool {
        self.names.is_none() && self.profile.shape.form == Form::Json
    }

    /// The name a field is written under; `None` when there is no room for it.
    pub(super) fn name(&self, name: &'static Name) -> Option<&'static Name> {
        let Some(names) = &self.names else {
            return Some(name);
        };
        match names.get(name.index()) {
            Some(kept) => *kept.get_or_init(|| self.translate(name)),
            None => self.translate(name),
        }
    }

    fn translate(&self, name: &'static Name) -> Option<&'static Name> {
        let told = self.profile.spell(name.text());
        let shape = &self.profile.shape;
        let is_taken = shape.head.all().contains(&told.as_str())
            || keys::RESOURCE
                .iter()
                .any(|fact| self.profile.spell(fact) == told)
            || shape.constant.contains(&format!("\"{told}\":"));
        if is_taken && !told.is_empty() {
            Name::intern(&format!("field.{told}"))
        } else {
            Name::intern(&told)
        }
    }
}

impl Members {
    fn new(shape: &Shape) -> Self {
        let head = shape.head;
        let opened = |key: &str| {
            let mut out = member(key).into_vec();
            if !out.is_empty() {
                out.push(b'"');
            }
            out
        };
        let mut timestamp = opened(head.timestamp);
        if let Some(first) = timestamp.first_mut() {
            *first = b'{';
        }
        let level = |severity: Severity| {
            let mut out = b"\"".to_vec();
            out.extend_from_slice(&opened(head.level));
            out.extend_from_slice(shape.level.text(severity).as_bytes());
            out.push(b'"');
            if !head.severity_number.is_empty() {
                out.extend_from_slice(&member(head.severity_number));
                out.extend_from_slice(severity.number().to_string().as_bytes());
            }
            out.into_boxed_slice()
        };
        let mut span = opened(head.trace_id);
        span.extend_from_slice(shape.trace_prefix.as_bytes());
        let trace = span.len();
        span.extend_from_slice(&[b'0'; 32]);
        span.push(b'"');
        span.extend_from_slice(&opened(head.span_id));
        let id = span.len();
        span.extend_from_slice(&[b'0'; 16]);
        span.push(b'"');
        let mut flags = 0;
        if !head.trace_flags.is_empty() {
            span.extend_from_slice(&member(head.trace_flags));
            flags = span.len();
            if !shape.has_sampled_flag {
                span.extend_from_slice(b"\"00\"");
                flags += 1;
            }
        }
        Self {
            timestamp: timestamp.into(),
            levels: Severity::all().map(level).collect(),
            body: opened(head.body).into(),
            span: span.into(),
            digits: [trace, id, flags],
            request_id: opened(head.request_id).into(),
            correlation_id: opened(head.correlation_id).into(),
            event_name: member(head.event_name),
            target: member(head.target),
        }
    }
}

impl LevelStyle {
    fn text(self, severity: Severity) -> &'static str {
        let range = severity.range();
        let by_range: &[&'static str] = match self {
            Self::Otel => return severity.text(),
            Self::Lower => &RANGE_NAMES,
            Self::Gcp => &["DEBUG", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"],
        };
        by_range.get(range).copied().unwrap_or_default()
    }
}

/// `,"key":`, or nothing for a key that is left out.
pub(super) fn member(key: &str) -> Box<[u8]> {
    if key.is_empty() {
        return Box::default();
    }
    let mut out = b",\"".to_vec();
    escape::push(&mut out, key);
    out.extend_from_slice(b"\":");
    out.into()
}
