//! Every name the suite writes, in one table.
//!
//! The first part repeats names of the OpenTelemetry semantic conventions (stable ones of schema
//! 1.42, RPC ones at release candidate); the second part holds the names the conventions lack.
//! Nothing else in the suite spells a name, so a check of this file against the registry of the
//! conventions is a check of every signal.

/// The schema the conventional names below belong to.
pub const SCHEMA_URL: &str = "https://opentelemetry.io/schemas/1.42.0";

/// Closed, low-cardinality cause of a failure; absent on success.
pub const ERROR_TYPE: &str = "error.type";
/// HTTP method, `_OTHER` when not one of the known ones.
pub const HTTP_REQUEST_METHOD: &str = "http.request.method";
/// The method as sent, when it is not a known one.
pub const HTTP_REQUEST_METHOD_ORIGINAL: &str = "http.request.method_original";
/// Status code of the response, an integer.
pub const HTTP_RESPONSE_STATUS_CODE: &str = "http.response.status_code";
/// Template of the matched route; absent when nothing matched.
pub const HTTP_ROUTE: &str = "http.route";
/// Version of the application protocol: `1.0`, `1.1`, `2`, `3`.
pub const NETWORK_PROTOCOL_VERSION: &str = "network.protocol.version";
/// Host the request was sent to.
pub const SERVER_ADDRESS: &str = "server.address";
/// Port the request was sent to.
pub const SERVER_PORT: &str = "server.port";
/// Scheme of the request: `http` or `https`.
pub const URL_SCHEME: &str = "url.scheme";
/// Path of the request target. Span attribute only: it never becomes a label.
pub const URL_PATH: &str = "url.path";
/// Whole URL of an outgoing request, without credentials.
pub const URL_FULL: &str = "url.full";
/// `User-Agent` of the request.
pub const USER_AGENT_ORIGINAL: &str = "user_agent.original";
/// Name of the RPC system, here always `grpc`.
pub const RPC_SYSTEM_NAME: &str = "rpc.system.name";
/// Fully qualified method, `package.Service/Method`, or `_OTHER`.
pub const RPC_METHOD: &str = "rpc.method";
/// The method as sent, when it is not a known one.
pub const RPC_METHOD_ORIGINAL: &str = "rpc.method_original";
/// gRPC status by name, such as `NOT_FOUND`.
pub const RPC_RESPONSE_STATUS_CODE: &str = "rpc.response.status_code";
/// Logical name of the service.
pub const SERVICE_NAME: &str = "service.name";
/// Namespace of the service.
pub const SERVICE_NAMESPACE: &str = "service.namespace";
/// Version of the service.
pub const SERVICE_VERSION: &str = "service.version";
/// Id of this instance of the service.
pub const SERVICE_INSTANCE_ID: &str = "service.instance.id";
/// Deployment environment, such as `production`.
pub const DEPLOYMENT_ENVIRONMENT_NAME: &str = "deployment.environment.name";

/// Duration of HTTP requests a server received, seconds.
pub const HTTP_SERVER_REQUEST_DURATION: &str = "http.server.request.duration";
/// HTTP requests a server has in flight.
pub const HTTP_SERVER_ACTIVE_REQUESTS: &str = "http.server.active_requests";
/// Duration of HTTP requests a client made, seconds.
pub const HTTP_CLIENT_REQUEST_DURATION: &str = "http.client.request.duration";
/// HTTP requests a client has in flight.
pub const HTTP_CLIENT_ACTIVE_REQUESTS: &str = "http.client.active_requests";
/// Duration of calls a gRPC server received, seconds.
pub const RPC_SERVER_CALL_DURATION: &str = "rpc.server.call.duration";
/// Duration of calls a gRPC client made, seconds.
pub const RPC_CLIENT_CALL_DURATION: &str = "rpc.client.call.duration";

/// Stands for a value outside a closed set.
pub const OTHER: &str = "_OTHER";

/// Ours: the one [`Outcome`](crate::outcome::Outcome) of an exchange, on its span, its duration
/// and its log line. The conventions have no word for a verdict that covers every ending.
pub const EXCHANGE_OUTCOME: &str = "exchange.outcome";
/// Ours: seconds from the arrival of a request to the head of its response.
pub const EXCHANGE_TIME_TO_HEAD: &str = "exchange.time_to_head";
/// Ours: duration of an exchange on its log line, seconds.
pub const EXCHANGE_DURATION: &str = "exchange.duration";
/// Ours: gRPC calls in flight at a server; the conventions define none.
pub const RPC_SERVER_ACTIVE_CALLS: &str = "rpc.server.active_calls";
/// Ours: gRPC calls in flight at a client; the conventions define none.
pub const RPC_CLIENT_ACTIVE_CALLS: &str = "rpc.client.active_calls";
/// Ours: faults of the suite itself, by [`Fault`](crate::diagnostics::Fault).
pub const TELEMETRY_FAULTS: &str = "telemetry.faults";
/// Ours: which fault.
pub const TELEMETRY_FAULT: &str = "telemetry.fault";
/// Ours: the correlation id of a request, on its log lines.
pub const REQUEST_ID: &str = "request_id";

/// Message of an error that was logged.
pub const EXCEPTION_MESSAGE: &str = "exception.message";
/// Type of an error that was logged.
pub const EXCEPTION_TYPE: &str = "exception.type";
/// Where an error came from: its chain of sources, or a backtrace.
pub const EXCEPTION_STACKTRACE: &str = "exception.stacktrace";
/// Source file of a callsite.
pub const CODE_FILE_PATH: &str = "code.file.path";
/// Line in the source file of a callsite.
pub const CODE_LINE_NUMBER: &str = "code.line.number";
/// Fully qualified name around a callsite; of `tracing` events the module path.
pub const CODE_FUNCTION_NAME: &str = "code.function.name";
/// Id of a thread.
pub const THREAD_ID: &str = "thread.id";
/// Name of a thread.
pub const THREAD_NAME: &str = "thread.name";
/// Attributes a limit left out (OpenTelemetry, "Mapping to non-OTLP formats").
pub const OTEL_DROPPED_ATTRIBUTES_COUNT: &str = "otel.dropped_attributes_count";

/// Ours: what joins the lines of one unit of work where there is neither trace nor request.
pub const CORRELATION_ID: &str = "correlation_id";
/// Ours: `true` on a log record whose span had ended before it was made.
pub const LOG_AFTER_SPAN_END: &str = "log.after_span_end";
/// Ours: records of the same callsite that sampling left out since the last one that was kept.
pub const LOG_SUPPRESSED_COUNT: &str = "log.suppressed_count";
/// Ours: the share of records like this one that is kept, where it is below 1.
pub const LOG_SAMPLING_PROBABILITY: &str = "log.sampling.probability";
/// Ours: the schema that log records are written by, `name/version`.
pub const LOG_SCHEMA: &str = "log.schema";
/// Ours: prefix of the facts of a `log.dropped` record.
pub const LOG_DROPPED: &str = "log.dropped";
/// Ours: name of the record that tells of a change of sampling.
pub const LOG_SAMPLING_CHANGED: &str = "log.sampling.changed";
/// Ours: name of the record that tells of a departure from the schema.
pub const LOG_SCHEMA_DRIFT: &str = "log.schema.drift";
/// Ours: name of the record of a panic.
pub const LOG_PANIC: &str = "log.panic";
/// Ours: events a log bridge was given.
pub const LOG_BRIDGE_EVENTS: &str = "log.bridge.events";
/// Ours: events a log bridge did not write, by reason.
pub const LOG_BRIDGE_DROPPED: &str = "log.bridge.dropped";
/// Ours: lines a log bridge has written.
pub const LOG_BRIDGE_LINES: &str = "log.bridge.lines";
/// Ours: lines of a log bridge that wait to be written, bytes.
pub const LOG_BRIDGE_PENDING: &str = "log.bridge.pending";
/// Ours: values a log bridge has redacted.
pub const LOG_BRIDGE_REDACTIONS: &str = "log.bridge.redactions";
/// Ours: departures from the schema, by kind.
pub const LOG_BRIDGE_DRIFT: &str = "log.bridge.schema.drift";
/// Ours: events without the id of a trace.
pub const LOG_BRIDGE_UNTRACED: &str = "log.bridge.untraced";
/// Ours: the share of events of a level that sampling keeps.
pub const LOG_BRIDGE_SAMPLING_RATIO: &str = "log.bridge.sampling.ratio";
