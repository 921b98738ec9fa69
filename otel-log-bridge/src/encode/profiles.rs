//! The profiles there are.

use std::collections::HashMap;

use super::Profile;
use super::profile::{Form, Head, LevelStyle, Shape, Spelling};

/// First parts of field sets of the Elastic Common Schema 8.11 that a service may meet.
const ECS_OBJECTS: &[&str] = &[
    "agent",
    "client",
    "cloud",
    "code",
    "container",
    "destination",
    "device",
    "dns",
    "ecs",
    "error",
    "event",
    "exception",
    "faas",
    "file",
    "group",
    "host",
    "http",
    "labels",
    "log",
    "network",
    "observer",
    "orchestrator",
    "organization",
    "package",
    "process",
    "registry",
    "related",
    "rule",
    "server",
    "service",
    "session",
    "source",
    "span",
    "thread",
    "tls",
    "trace",
    "transaction",
    "url",
    "user",
    "user_agent",
];

/// Names of the semantic conventions that the Elastic Common Schema has under another.
const ECS_NAMES: &[(&str, &str)] = &[
    ("exception.type", "error.type"),
    ("exception.message", "error.message"),
    ("exception.stacktrace", "error.stack_trace"),
    ("code.file.path", "log.origin.file.name"),
    ("code.line.number", "log.origin.file.line"),
    ("code.function.name", "log.origin.function"),
    ("thread.name", "process.thread.name"),
    ("thread.id", "process.thread.id"),
    ("service.instance.id", "service.node.name"),
    ("deployment.environment.name", "service.environment"),
    ("enduser.id", "user.id"),
    ("client.address", "client.ip"),
    ("http.response.status_code", "http.response.status_code"),
];

/// Names that stores of metadata have under another.
const METADATA_NAMES: &[(&str, &str)] = &[
    ("enduser.id", "subject_identifier"),
    ("user.id", "subject_identifier"),
    ("subject_identifier", "subject_identifier"),
    ("event_type", "event_type"),
];

impl Profile {
    /// The OpenTelemetry log data model, flat: the keys of the table in the
    /// [crate documentation](crate#a-line).
    pub fn otel() -> Self {
        Self::of(
            Shape {
                name: "otel",
                form: Form::Json,
                head: Head {
                    timestamp: "timestamp",
                    level: "severity_text",
                    severity_number: "severity_number",
                    body: "body",
                    trace_id: "trace_id",
                    span_id: "span_id",
                    trace_flags: "trace_flags",
                    request_id: "request_id",
                    correlation_id: "correlation_id",
                    event_name: "event_name",
                    target: "target",
                },
                level: LevelStyle::Otel,
                spelling: Spelling::AsIs,
                trace_prefix: String::new(),
                has_sampled_flag: false,
                constant: "",
                objects: &[],
                has_color: false,
            },
            &[],
        )
    }

    /// The Elastic Common Schema 8.11 with dotted keys, in the order its logging libraries write.
    ///
    /// A plain field whose name is an object there (`error`, `http`) is written under `labels.`, so
    /// that an index takes the line.
    pub fn ecs() -> Self {
        let otel = Self::otel().shape;
        Self::of(
            Shape {
                name: "ecs",
                head: Head {
                    timestamp: "@timestamp",
                    level: "log.level",
                    severity_number: "",
                    body: "message",
                    trace_id: "trace.id",
                    span_id: "span.id",
                    trace_flags: "",
                    request_id: "http.request.id",
                    correlation_id: "labels.correlation_id",
                    event_name: "event.action",
                    target: "log.logger",
                },
                level: LevelStyle::Lower,
                constant: r#","ecs.version":"8.11.0""#,
                objects: ECS_OBJECTS,
                ..otel
            },
            ECS_NAMES,
        )
    }

    /// Keys that a `json` stage of Loki takes as they are. See [`loki_labels`](Self::loki_labels)
    /// for the labels of the stream.
    pub fn loki() -> Self {
        let otel = Self::otel().shape;
        Self::of(
            Shape {
                name: "loki",
                head: Head {
                    timestamp: "ts",
                    level: "level",
                    severity_number: "",
                    body: "msg",
                    ..otel.head
                },
                level: LevelStyle::Lower,
                spelling: Spelling::Snake,
                ..otel
            },
            &[],
        )
    }

    /// Structured logging of Google Cloud. `project` is the id of the project its traces are in.
    pub fn gcp(project: &str) -> Self {
        let otel = Self::otel().shape;
        Self::of(
            Shape {
                name: "gcp",
                head: Head {
                    timestamp: "time",
                    level: "severity",
                    severity_number: "",
                    body: "message",
                    trace_id: "logging.googleapis.com/trace",
                    span_id: "logging.googleapis.com/spanId",
                    trace_flags: "logging.googleapis.com/trace_sampled",
                    ..otel.head
                },
                level: LevelStyle::Gcp,
                trace_prefix: format!("projects/{project}/traces/"),
                has_sampled_flag: true,
                ..otel
            },
            &[],
        )
    }

    /// `camelCase` keys, with `event_type` for the name of an event and `subject_identifier` for
    /// whom it is about.
    pub fn metadata() -> Self {
        let otel = Self::otel().shape;
        Self::of(
            Shape {
                name: "metadata",
                head: Head {
                    timestamp: "timestamp",
                    level: "logLevel",
                    severity_number: "",
                    body: "message",
                    trace_id: "traceId",
                    span_id: "spanId",
                    trace_flags: "traceFlags",
                    request_id: "requestId",
                    correlation_id: "correlationId",
                    event_name: "event_type",
                    target: "target",
                },
                spelling: Spelling::Camel,
                ..otel
            },
            METADATA_NAMES,
        )
    }

    /// Text for people: time, level, `[service,trace,span]`, target, message and fields.
    pub fn console() -> Self {
        let otel = Self::otel().shape;
        Self::of(
            Shape {
                name: "console",
                form: Form::Console,
                ..otel
            },
            &[],
        )
    }

    /// Colours the level, in a [`console`](Self::console) profile.
    pub const fn with_color(mut self) -> Self {
        self.shape.has_color = true;
        self
    }

    fn of(shape: Shape, names: &[(&str, &str)]) -> Self {
        Self {
            shape,
            table: HashMap::new(),
        }
        .with_names(names)
    }
}
