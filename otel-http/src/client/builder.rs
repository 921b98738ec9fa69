//! Configuration of the client layer.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use otel_core::exchange::{Instrumentation, InstrumentationBuilder, OperationParts, Signals};
use otel_core::outcome::{Classify, Side};
use otel_core::registry::{Descriptor, Unit};
use otel_core::telemetry::Telemetry;
use otel_core::{ConfigError, intern, semconv};

use super::{ClientEnd, HttpClientLayer};
use crate::attributes::{Captured, Methods, Query};
use crate::operation::describe;

/// Collects what an [`HttpClientLayer`] needs.
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct HttpClientBuilder {
    telemetry: Telemetry,
    signals: Signals,
    max_operations: Option<NonZeroUsize>,
    end: ClientEnd,
    timeout: Option<Duration>,
    methods: Methods,
    query: Query,
    marks: bool,
    request_headers: Vec<String>,
    response_headers: Vec<String>,
    may_be_sensitive: bool,
    error: Option<ConfigError>,
}

/// What every request of a layer shares.
#[derive(Debug)]
pub(super) struct Config {
    pub(super) instrumentation: Arc<Instrumentation>,
    pub(super) end: ClientEnd,
    pub(super) timeout: Option<Duration>,
    pub(super) methods: Methods,
    pub(super) query: Query,
    pub(super) marks: bool,
    pub(super) request_headers: Captured,
    pub(super) response_headers: Captured,
}

impl HttpClientBuilder {
    pub(super) fn new(telemetry: &Telemetry) -> Self {
        Self {
            telemetry: telemetry.clone(),
            signals: Signals::ALL,
            max_operations: None,
            end: ClientEnd::default(),
            timeout: None,
            methods: Methods::default(),
            query: Query::default(),
            marks: false,
            request_headers: Vec::new(),
            response_headers: Vec::new(),
            may_be_sensitive: false,
            error: None,
        }
    }

    /// The signals to produce; all of them otherwise.
    pub const fn with_signals(mut self, signals: Signals) -> Self {
        self.signals = signals;
        self
    }

    /// When an exchange ends; at the head otherwise.
    pub const fn with_end(mut self, end: ClientEnd) -> Self {
        self.end = end;
        self
    }

    /// The timeout a layer *outside* this one gives each attempt: past it, a call that is dropped is
    /// a `timeout`, before it the caller has changed its mind.
    ///
    /// A [`Deadline`](crate::Deadline) in the request's extensions is exact and wins over it.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        if timeout.is_zero() {
            self.refuse(ConfigError::invalid("with_timeout", "more than zero"));
        }
        self.timeout = Some(timeout);
        self
    }

    /// How many combinations of method, scheme, version, host and template are told apart; 1,024
    /// otherwise.
    pub const fn with_max_operations(mut self, max: NonZeroUsize) -> Self {
        self.max_operations = Some(max);
        self
    }

    /// The methods that are told apart, in place of the standard ones; others are `_OTHER`.
    pub fn with_known_methods<M: AsRef<str>>(
        mut self,
        methods: impl IntoIterator<Item = M>,
    ) -> Self {
        match Methods::of(methods) {
            Ok(methods) => self.methods = methods,
            Err(error) => self.refuse(error),
        }
        self
    }

    /// Query parameters whose values are replaced by `REDACTED` in `url.full`, in place of those the
    /// conventions list. The comparison is case-sensitive.
    pub fn with_sensitive_parameters<P: Into<Box<str>>>(
        mut self,
        parameters: impl IntoIterator<Item = P>,
    ) -> Self {
        self.query = Query::redacting(parameters);
        self
    }

    /// Leaves queries out of `url.full`.
    pub fn without_query(mut self) -> Self {
        self.query = Query::Omit;
        self
    }

    /// Request headers to record on spans, by name; none otherwise. A name that tells of a secret,
    /// such as `authorization`, is refused.
    pub fn with_request_headers<N: Into<String>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Self {
        self.request_headers = names.into_iter().map(Into::into).collect();
        self
    }

    /// The same of response headers.
    pub fn with_response_headers<N: Into<String>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Self {
        self.response_headers = names.into_iter().map(Into::into).collect();
        self
    }

    /// Records headers whose names tell of a secret as well: their values leave the process.
    pub const fn danger_capture_sensitive_headers(mut self) -> Self {
        self.may_be_sensitive = true;
        self
    }

    /// Marks each request, so that client layers below this one pass it by: a client that brings its
    /// own is then counted once. Off otherwise; costs two allocations a request.
    pub const fn without_nested(mut self) -> Self {
        self.marks = true;
        self
    }

    /// Finishes the layer.
    ///
    /// # Errors
    ///
    /// The first value that was refused.
    pub fn build(mut self) -> Result<HttpClientLayer, ConfigError> {
        let request_headers = self.capture(
            ("with_request_headers", semconv::HTTP_REQUEST_HEADER),
            &self.request_headers,
        );
        let response_headers = self.capture(
            ("with_response_headers", semconv::HTTP_RESPONSE_HEADER),
            &self.response_headers,
        );
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        Ok(self.finish(request_headers?, response_headers?))
    }

    pub(super) fn finish(
        self,
        request_headers: Captured,
        response_headers: Captured,
    ) -> HttpClientLayer {
        HttpClientLayer::from_config(Config {
            instrumentation: self.instrumentation().build(),
            end: self.end,
            timeout: self.timeout,
            methods: self.methods,
            query: self.query,
            marks: self.marks,
            request_headers,
            response_headers,
        })
    }

    fn instrumentation(&self) -> InstrumentationBuilder {
        let duration = Descriptor::new(semconv::HTTP_CLIENT_REQUEST_DURATION)
            .with_unit(Unit::SECONDS)
            .with_help("Duration of HTTP client requests.");
        let active = Descriptor::new(semconv::HTTP_CLIENT_ACTIVE_REQUESTS)
            .with_unit(Unit::new("{request}"))
            .with_help("Number of HTTP client requests in flight.");
        let methods = self.methods.clone();
        let builder = Instrumentation::builder(
            &self.telemetry,
            (Classify::Http, Side::Client),
            duration,
            active,
            move |variant, target| describe_target(&methods, variant, target),
        )
        .with_scope(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
        .with_signals(self.signals);
        match self.max_operations {
            Some(max) => builder.with_max_operations(max),
            None => builder,
        }
    }

    fn capture(
        &self,
        (setting, prefix): (&'static str, &str),
        names: &[String],
    ) -> Result<Captured, ConfigError> {
        let names = names.iter().map(String::as_str);
        Captured::named(setting, prefix, names, self.may_be_sensitive)
    }

    fn refuse(&mut self, error: ConfigError) {
        self.error.get_or_insert(error);
    }
}

/// A client's operation is named by its target, `host:port`, the labels the conventions require; and
/// by the template of the URL after a space, where the caller told it.
fn describe_target(methods: &Methods, variant: u64, target: &'static str) -> OperationParts {
    let (target, template) = target.split_once(' ').unwrap_or((target, ""));
    let mut parts = describe(methods, variant, "");
    if !template.is_empty() {
        let verb = parts.name();
        if let Some(name) = intern(&format!("{verb} {template}")) {
            parts = parts.with_name(name);
        }
        parts = parts.with_label(semconv::URL_TEMPLATE, template);
    }
    match target.rsplit_once(':') {
        Some((address, port)) => parts
            .with_active_label(semconv::SERVER_ADDRESS, address)
            .with_active_label(semconv::SERVER_PORT, port),
        None => parts,
    }
}
