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
/// Name of a database system, such as `postgresql`.
pub const DB_SYSTEM_NAME: &str = "db.system.name";
/// Database within a system.
pub const DB_NAMESPACE: &str = "db.namespace";
/// What is done, such as `SELECT`.
pub const DB_OPERATION_NAME: &str = "db.operation.name";
/// What it is done to, such as a table.
pub const DB_COLLECTION_NAME: &str = "db.collection.name";
/// Text of a query, without values.
pub const DB_QUERY_TEXT: &str = "db.query.text";
/// Duration of database calls a client made, seconds.
pub const DB_CLIENT_OPERATION_DURATION: &str = "db.client.operation.duration";
/// Where a message goes to.
pub const MESSAGING_DESTINATION_NAME: &str = "messaging.destination.name";
/// Logical name of the service at the other end.
pub const SERVICE_PEER_NAME: &str = "service.peer.name";
/// Type of an error that was raised.
pub const EXCEPTION_TYPE: &str = "exception.type";
/// Message of an error that was raised.
pub const EXCEPTION_MESSAGE: &str = "exception.message";
/// Stack at the point where an error was raised.
pub const EXCEPTION_STACKTRACE: &str = "exception.stacktrace";
/// File of a place in the code, as the compiler names it.
pub const CODE_FILE_PATH: &str = "code.file.path";
/// Line of a place in the code.
pub const CODE_LINE_NUMBER: &str = "code.line.number";
/// Deployment environment, such as `production`.
pub const DEPLOYMENT_ENVIRONMENT_NAME: &str = "deployment.environment.name";

/// Whether the connection of the peer is over TLS.
pub const TLS_ESTABLISHED: &str = "tls.established";
/// Version of TLS, such as `1.3`.
pub const TLS_PROTOCOL_VERSION: &str = "tls.protocol.version";
/// Cipher suite, by its IANA name.
pub const TLS_CIPHER: &str = "tls.cipher";
/// Protocol agreed on by ALPN.
pub const TLS_NEXT_PROTOCOL: &str = "tls.next_protocol";
/// Whether the TLS session was resumed.
pub const TLS_RESUMED: &str = "tls.resumed";
/// SHA-256 of the client's certificate, upper-case hexadecimal.
pub const TLS_CLIENT_HASH_SHA256: &str = "tls.client.hash.sha256";
/// Subject of the client's certificate, an RFC 4514 text.
pub const TLS_CLIENT_SUBJECT: &str = "tls.client.subject";
/// Issuer of the client's certificate, an RFC 4514 text.
pub const TLS_CLIENT_ISSUER: &str = "tls.client.issuer";
/// Begin of the validity of the client's certificate, RFC 3339.
pub const TLS_CLIENT_NOT_BEFORE: &str = "tls.client.not_before";
/// End of the validity of the client's certificate, RFC 3339.
pub const TLS_CLIENT_NOT_AFTER: &str = "tls.client.not_after";

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
/// Ours: database calls a client has in flight; the conventions define none.
pub const DB_CLIENT_ACTIVE_OPERATIONS: &str = "db.client.active_operations";
/// Ours: duration of outgoing calls for which there is no convention, seconds.
pub const CALL_CLIENT_DURATION: &str = "call.client.duration";
/// Ours: such calls in flight.
pub const CALL_CLIENT_ACTIVE: &str = "call.client.active";
/// Ours: what such a call goes to, such as `ldap`.
pub const CALL_SYSTEM: &str = "call.system";
/// Ours: a part of that system.
pub const CALL_NAMESPACE: &str = "call.namespace";
/// Ours: what such a call does.
pub const CALL_OPERATION: &str = "call.operation";
/// Ours: what it does it to.
pub const CALL_TARGET: &str = "call.target";
/// Of OpenTracing, without a successor: the library or framework that made a span.
pub const COMPONENT: &str = "component";
/// Ours: requests received, by where the parent of their span came from.
pub const EXCHANGE_PARENTS: &str = "exchange.parents";
/// Ours: a [`ParentKind`](crate::exchange::ParentKind).
pub const EXCHANGE_PARENT: &str = "exchange.parent";
/// Ours: whether the parent of a span was reconstructed; present only if it was.
pub const TRACE_RECONSTRUCTED: &str = "trace.reconstructed";
/// Ours: what it was reconstructed from, a
/// [`ReconstructionSource`](crate::propagation::ReconstructionSource).
pub const TRACE_RECONSTRUCTED_SOURCE: &str = "trace.reconstructed.source";
/// Ours: whether other services come to the same, `global` or `local`.
pub const TRACE_RECONSTRUCTED_SCOPE: &str = "trace.reconstructed.scope";
/// Ours, on request only: an alias of `trace.reconstructed` for tools that know no other.
pub const IS_RECONSTRUCTED: &str = "isReconstructed";
/// Ours: carried tasks, streams and items that are alive, by the place that carried them.
pub const CONTEXT_CARRIED: &str = "context.carried";
/// Ours: carried work that was still alive when its exchange ended, by the place that carried it.
pub const CONTEXT_OUTLIVED: &str = "context.outlived";
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

/// Ours: SPIFFE ID of the workload that emits the telemetry, on its resource. The conventions have
/// no name for a SPIFFE ID, a serial number, a name in a certificate or the depth of a chain.
pub const SERVICE_IDENTITY_SPIFFE_ID: &str = "service.identity.spiffe_id";
/// Ours: SPIFFE ID of the peer.
pub const PEER_SPIFFE_ID: &str = "peer.spiffe_id";
/// Ours: trust domain of the peer, lower case.
pub const PEER_TRUST_DOMAIN: &str = "peer.trust_domain";
/// Ours: trust domain of a peer that is not of our own.
pub const FEDERATED_TRUST_DOMAIN: &str = "federated.trust_domain";
/// Ours: what the federation map calls a peer of another trust domain.
pub const FEDERATED_PEER_ID: &str = "federated.peer_id";
/// Ours: SHA-256 of the peer's certificate, lower-case hexadecimal.
pub const CERT_FINGERPRINT_SHA256: &str = "cert.fingerprint.sha256";
/// Ours: serial number of the peer's certificate: lower-case hexadecimal, no colons, no leading zero
/// byte.
pub const TLS_CLIENT_CERTIFICATE_SERIAL: &str = "tls.client_certificate_serial";
/// Ours: SHA-256 over the DER of the issuer's name, lower-case hexadecimal.
pub const X509_ISSUER_HASH_SHA256: &str = "x509.issuer.hash.sha256";
/// Ours: URIs among the names of the peer's certificate.
pub const X509_SAN_URI: &str = "x509.san.uri";
/// Ours: DNS names of the peer's certificate.
pub const X509_SAN_DNS: &str = "x509.san.dns";
/// Ours: whether the certificate has more names than are recorded.
pub const X509_SAN_TRUNCATED: &str = "x509.san.truncated";
/// Ours: place in the chain of the certificate that bears the SPIFFE ID; 1 is the leaf.
pub const CERT_CHAIN_DEPTH: &str = "cert.chain.depth";
/// Ours: fingerprints from the leaf to the certificate that bears the SPIFFE ID.
pub const CERT_CHAIN_PATH: &str = "cert.chain.path";
/// Ours: which rule of the X509-SVID standard the peer's certificate breaks.
pub const IDENTITY_VIOLATION: &str = "identity.violation";
/// Ours: when the identity was asserted, RFC 3339 with nanoseconds: the handshake for TLS, the
/// arrival for a header.
pub const IDENTITY_ASSERTION_TIME: &str = "identity.assertion_time";
/// Ours: where the identity comes from.
pub const IDENTITY_SOURCE: &str = "identity.source";
/// Ours: how far the identity is proven.
pub const IDENTITY_TRUST: &str = "identity.trust";
/// Ours: SPIFFE ID of the proxy that vouches for a forwarded identity.
pub const IDENTITY_ASSERTED_BY: &str = "identity.asserted_by";
/// Ours: whether the request came in TLS early data, which can be replayed.
pub const TLS_EARLY_DATA: &str = "tls.early_data";
/// Ours: event of two sources that name different callers, and the family that counts them.
pub const IDENTITY_MISMATCH: &str = "identity.mismatch";
/// Ours: which two sources disagree.
pub const IDENTITY_MISMATCH_KIND: &str = "identity.mismatch.kind";
/// Ours: the identity another source claims.
pub const IDENTITY_CLAIMED: &str = "identity.claimed";
/// Ours: event of an identity whose certificate has expired, or is not valid yet.
pub const IDENTITY_EXPIRED: &str = "identity.expired";
/// Ours: event of a peer of a trust domain that no policy names.
pub const IDENTITY_UNKNOWN: &str = "identity.unknown";
/// Ours: event of an identity header that was not believed.
pub const IDENTITY_UNTRUSTED_HEADER: &str = "identity.untrusted_header";
/// Ours: name of the header of such an event.
pub const IDENTITY_HEADER: &str = "identity.header";
/// Ours: why an identity or a header was refused.
pub const IDENTITY_REASON: &str = "identity.reason";
/// Ours: identities looked for, by source and result.
pub const IDENTITY_EXTRACT: &str = "identity.extract";
/// Ours: what came of looking for an identity.
pub const IDENTITY_RESULT: &str = "identity.result";
/// Ours: event of a denied request, and name of its record.
pub const AUTHZ_DENIED: &str = "authz_denied";
/// Ours: decisions of authorisation, by decision and reason.
pub const AUTHZ_DECISIONS: &str = "authz.decisions";
/// Ours: `allowed`, `denied`, or `observed` for a denial that was not enforced.
pub const AUTHZ_DECISION: &str = "authz.decision";
/// Ours: why.
pub const AUTHZ_REASON: &str = "authz.reason";
/// Ours: name of the policy that decided.
pub const AUTHZ_POLICY: &str = "authz.policy";
/// Ours: when it was decided, RFC 3339 with nanoseconds, UTC.
pub const AUTHZ_TIME: &str = "authz.time";
/// Ours: TLS handshakes at a server, by result; the conventions define none.
pub const TLS_SERVER_HANDSHAKES: &str = "tls.server.handshakes";
/// Ours: duration of TLS handshakes at a server, seconds.
pub const TLS_SERVER_HANDSHAKE_DURATION: &str = "tls.server.handshake.duration";
/// Ours: how a TLS handshake ended, in the words of gRPC proposal A118.
pub const TLS_HANDSHAKE_RESULT: &str = "tls.handshake.result";
/// Ours: whether a TLS handshake resumed a session: `FULL_HANDSHAKE` or `RESUMED_HANDSHAKE`.
pub const TLS_HANDSHAKE_RESUMED: &str = "tls.handshake.resumed";
/// Ours: TLS connections whose handshake is not over.
pub const TLS_SERVER_ACTIVE_HANDSHAKES: &str = "tls.server.active_handshakes";
/// Ours: event of clocks that disagree, and the family of the last disagreement of each comparison.
pub const CLOCK_SKEW: &str = "clock.skew";
/// Ours: which comparison of clocks.
pub const CLOCK_SKEW_KIND: &str = "clock.skew.kind";
/// Ours: by how much clocks disagree, milliseconds.
pub const CLOCK_SKEW_MS: &str = "clock.skew_ms";
/// Ours: disagreements beyond a limit, by comparison.
pub const CLOCK_SKEW_ALERTS: &str = "clock.skew.alerts";
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
