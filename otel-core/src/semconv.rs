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
/// Query of the request target, without the values of parameters that are credentials.
pub const URL_QUERY: &str = "url.query";
/// Template of the path of an outgoing request, such as `/orders/{id}`.
pub const URL_TEMPLATE: &str = "url.template";
/// Address of the client, behind proxies that are trusted, else of the peer.
pub const CLIENT_ADDRESS: &str = "client.address";
/// Address of the other end of the connection.
pub const NETWORK_PEER_ADDRESS: &str = "network.peer.address";
/// Port of the other end of the connection.
pub const NETWORK_PEER_PORT: &str = "network.peer.port";
/// How often this request has been sent before.
pub const HTTP_REQUEST_RESEND_COUNT: &str = "http.request.resend_count";
/// Prefix of captured request headers; the lower-case name follows.
pub const HTTP_REQUEST_HEADER: &str = "http.request.header.";
/// Prefix of captured response headers; the lower-case name follows.
pub const HTTP_RESPONSE_HEADER: &str = "http.response.header.";
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
/// Size of the bodies of HTTP requests a server received, bytes.
pub const HTTP_SERVER_REQUEST_BODY_SIZE: &str = "http.server.request.body.size";
/// Size of the bodies of HTTP responses a server sent, bytes.
pub const HTTP_SERVER_RESPONSE_BODY_SIZE: &str = "http.server.response.body.size";
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
/// Ours: business facts of an exchange on its log line, `name=value` with spaces between.
pub const EXCHANGE_FACTS: &str = "exchange.facts";
/// Ours: time from the arrival of HTTP requests to the head of their responses, seconds.
pub const HTTP_SERVER_TIME_TO_HEAD: &str = "http.server.request.time_to_head";
/// Ours: whether a health check passed when it was last run, 1 or 0.
pub const HEALTHZ_CHECK_STATUS: &str = "healthz.check.status";
/// Ours: how long a health check took when it was last run, seconds.
pub const HEALTHZ_CHECK_DURATION: &str = "healthz.check.duration";
/// Ours: when a health check was last run, seconds since 1970.
pub const HEALTHZ_LAST_CHECK: &str = "healthz.last_check";
/// Ours: which health check.
pub const HEALTHZ_CHECK: &str = "healthz.check";
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
