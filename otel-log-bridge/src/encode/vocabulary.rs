//! Tables between vocabularies: the name in the code, the name that is written.
//!
//! For [`Profile::with_names`](crate::Profile::with_names), which translates on one sink, and
//! [`LogBridgeBuilder::with_names`](crate::LogBridgeBuilder::with_names), which does on all.

/// Names of HTTP attributes before version 1.23 of the semantic conventions, and since.
pub const HTTP_OLD_TO_STABLE: &[(&str, &str)] = &[
    ("http.method", "http.request.method"),
    ("http.status_code", "http.response.status_code"),
    ("http.request_content_length", "http.request.body.size"),
    ("http.response_content_length", "http.response.body.size"),
    ("http.url", "url.full"),
    ("http.target", "url.path"),
    ("http.scheme", "url.scheme"),
    ("http.client_ip", "client.address"),
    ("http.user_agent", "user_agent.original"),
    ("http.flavor", "network.protocol.version"),
    ("net.peer.name", "server.address"),
    ("net.peer.port", "server.port"),
    ("net.sock.peer.addr", "network.peer.address"),
    ("net.sock.peer.port", "network.peer.port"),
];

/// The other way, for readers that have not moved yet.
pub const HTTP_STABLE_TO_OLD: &[(&str, &str)] = &[
    ("http.request.method", "http.method"),
    ("http.response.status_code", "http.status_code"),
    ("http.request.body.size", "http.request_content_length"),
    ("http.response.body.size", "http.response_content_length"),
    ("url.full", "http.url"),
    ("url.path", "http.target"),
    ("url.scheme", "http.scheme"),
    ("client.address", "http.client_ip"),
    ("user_agent.original", "http.user_agent"),
    ("network.protocol.version", "http.flavor"),
    ("server.address", "net.peer.name"),
    ("server.port", "net.peer.port"),
    ("network.peer.address", "net.sock.peer.addr"),
    ("network.peer.port", "net.sock.peer.port"),
];

/// Names of code attributes before version 1.30 of the semantic conventions, and since.
pub const CODE_OLD_TO_STABLE: &[(&str, &str)] = &[
    ("code.filepath", "code.file.path"),
    ("code.lineno", "code.line.number"),
    ("code.function", "code.function.name"),
    ("code.column", "code.column.number"),
];

/// Standard attributes of Datadog.
pub const DATADOG: &[(&str, &str)] = &[
    ("http.request.method", "http.method"),
    ("http.response.status_code", "http.status_code"),
    ("url.full", "http.url"),
    ("user_agent.original", "http.useragent"),
    ("client.address", "network.client.ip"),
    ("enduser.id", "usr.id"),
    ("exception.type", "error.kind"),
    ("exception.message", "error.message"),
    ("exception.stacktrace", "error.stack"),
    ("service.name", "service"),
    ("service.version", "version"),
    ("deployment.environment.name", "env"),
    ("thread.name", "logger.thread_name"),
];

/// Columns of Azure Monitor.
pub const AZURE: &[(&str, &str)] = &[
    ("service.name", "cloud_RoleName"),
    ("service.instance.id", "cloud_RoleInstance"),
    ("service.version", "application_Version"),
    ("client.address", "client_IP"),
    ("enduser.id", "user_AuthenticatedId"),
    ("session.id", "session_Id"),
    ("exception.type", "type"),
    ("exception.message", "outerMessage"),
    ("http.response.status_code", "resultCode"),
];

/// Fields of Alibaba Cloud Log Service.
pub const ALIBABA: &[(&str, &str)] = &[
    ("service.name", "__service__"),
    ("service.instance.id", "__instance__"),
    ("deployment.environment.name", "__env__"),
    ("client.address", "client_ip"),
    ("http.request.method", "request_method"),
    ("http.response.status_code", "status"),
    ("url.path", "request_uri"),
];
