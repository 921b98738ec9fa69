//! Every name the suite writes, in one table.
//!
//! The first part repeats names of the OpenTelemetry semantic conventions (stable ones of schema
//! 1.42, RPC ones at release candidate); the second part holds the names the conventions lack.
//! Nothing else in the suite spells a name, so a check of this file against the registry of the
//! conventions is a check of every signal.

pub use crate::semconv_mode::SemconvMode;

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
/// What follows [`RPC_RESPONSE_STATUS_CODE`] after schema 1.44.
pub const RPC_STATUS_CODE: &str = "rpc.status_code";
/// Legacy, up to 1.37: name of the RPC system.
pub const RPC_SYSTEM: &str = "rpc.system";
/// Legacy, up to 1.37: `package.Service`.
pub const RPC_SERVICE: &str = "rpc.service";
/// Legacy, up to 1.37: the status by number.
pub const RPC_GRPC_STATUS_CODE: &str = "rpc.grpc.status_code";
/// Legacy, up to 1.37: duration of calls a server received, milliseconds.
pub const RPC_SERVER_DURATION: &str = "rpc.server.duration";
/// Legacy, up to 1.37: duration of calls a client made, milliseconds.
pub const RPC_CLIENT_DURATION: &str = "rpc.client.duration";
/// Prefix of captured request metadata; a lower-case key follows.
pub const RPC_REQUEST_METADATA: &str = "rpc.request.metadata.";
/// Prefix of captured response metadata; a lower-case key follows.
pub const RPC_RESPONSE_METADATA: &str = "rpc.response.metadata.";
/// Event of one message, deprecated since 1.40 without a successor.
pub const RPC_MESSAGE: &str = "rpc.message";
/// On that event: `SENT` or `RECEIVED`.
pub const RPC_MESSAGE_TYPE: &str = "rpc.message.type";
/// On that event: which message of its direction, from 1.
pub const RPC_MESSAGE_ID: &str = "rpc.message.id";
/// On that event: bytes of the message as sent.
pub const RPC_MESSAGE_COMPRESSED_SIZE: &str = "rpc.message.compressed_size";
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
/// Ours: messages a call sent, on its span.
pub const GRPC_SENT_MESSAGE_COUNT: &str = "grpc.sent.message_count";
/// Ours: messages a call received, on its span.
pub const GRPC_RECEIVED_MESSAGE_COUNT: &str = "grpc.received.message_count";
/// Ours: bytes of the messages a call sent, as compressed and without framing, on its span.
pub const GRPC_SENT_COMPRESSED_SIZE: &str = "grpc.sent.compressed_size";
/// Ours: bytes of the messages a call received, as compressed and without framing, on its span.
pub const GRPC_RECEIVED_COMPRESSED_SIZE: &str = "grpc.received.compressed_size";
/// Ours: messages of calls a server received, by method and direction.
pub const RPC_SERVER_MESSAGES: &str = "rpc.server.messages";
/// Ours: messages of calls a client made, by method and direction.
pub const RPC_CLIENT_MESSAGES: &str = "rpc.client.messages";
/// Ours: the direction of messages, `sent` or `received`.
pub const RPC_MESSAGE_DIRECTION: &str = "rpc.message.direction";
/// Ours: calls that arrived at a gRPC server, before it sheds any.
pub const RPC_SERVER_ARRIVALS: &str = "rpc.server.arrivals";
/// Ours: calls that reached the layer of a gRPC server that counts arrivals.
pub const RPC_SERVER_ADMISSIONS: &str = "rpc.server.admissions";
/// Ours: attempts of calls, on the span of the call above its retries.
pub const GRPC_ATTEMPT_COUNT: &str = "grpc.attempt_count";
/// gRFC A72: attempts of the same call before this one, on the span of an attempt.
pub const GRPC_PREVIOUS_ATTEMPTS: &str = "previous-rpc-attempts";
/// Ours: how long after its deadline a call ended that went well, seconds.
pub const GRPC_DEADLINE_OVERRUN: &str = "grpc.deadline_overrun";
/// Ours: which span of a stream that is told in several, from 0.
pub const EXCHANGE_SEGMENT_INDEX: &str = "exchange.segment.index";
/// Ours: how often a watch was opened before, on the span of its stream.
pub const EXCHANGE_REOPENED: &str = "exchange.reopened";
/// Ours: event and log line of a decision taken inside a stream.
pub const EXCHANGE_DECISION: &str = "exchange.decision";
/// Ours: what was decided about, such as `authorization`.
pub const EXCHANGE_DECISION_NAME: &str = "exchange.decision.name";
/// Ours: `allow` or `deny`.
pub const EXCHANGE_DECISION_RESULT: &str = "exchange.decision.result";
/// Ours: why, in a word.
pub const EXCHANGE_DECISION_REASON: &str = "exchange.decision.reason";
/// Ours: messages received when it was decided; 0 before the first.
pub const EXCHANGE_DECISION_MESSAGE_INDEX: &str = "exchange.decision.message_index";
/// Ours: decisions taken inside streams, by name and result.
pub const EXCHANGE_DECISIONS: &str = "exchange.decisions";
/// Ours: how many decisions of a stream were `deny`, on its span.
pub const EXCHANGE_DENIALS: &str = "exchange.denials";
/// Ours: faults of the suite itself, by [`Fault`](crate::diagnostics::Fault).
pub const TELEMETRY_FAULTS: &str = "telemetry.faults";
/// Ours: which fault.
pub const TELEMETRY_FAULT: &str = "telemetry.fault";
/// Ours: the correlation id of a request, on its log lines.
pub const REQUEST_ID: &str = "request_id";
