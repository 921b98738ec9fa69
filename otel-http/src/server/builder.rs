//! Configuration of the server layer.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use otel_core::environment::Environment;
use otel_core::exchange::{Instrumentation, Measure, Signals};
use otel_core::identity::Identify;
use otel_core::outcome::{Classify, Side};
use otel_core::registry::{Descriptor, Unit};
use otel_core::telemetry::Telemetry;
use otel_core::{ConfigError, semconv};

use super::HttpServerLayer;
use super::hosts::Hosts;
use super::settings::{ResponseSettings, Settings};
use crate::attributes::{Captured, Methods, Query, Scheme};
use crate::forwarded_trust::ForwardedTrust;
use crate::metrics::{Further, MAX_ROUTES, MAX_SERIES, MetricNames};
use crate::operation::describe;
use crate::response_header::TraceHeader;
use crate::rollout::Rollout;
use crate::route::{NoRoute, RequestHead, RouteSource};

/// The variable that replaces the list of known methods, separated by commas.
const KNOWN_METHODS: &str = "OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS";

/// Collects what an [`HttpServerLayer`] needs.
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct HttpServerBuilder<R = NoRoute> {
    route: R,
    parts: Parts,
}

/// All but the source of routes.
#[derive(Debug)]
struct Parts {
    telemetry: Telemetry,
    signals: Signals,
    names: MetricNames,
    further: Further,
    scheme: Scheme,
    timeout: Option<Duration>,
    max_operations: Option<NonZeroUsize>,
    settings: Settings,
    response: ResponseSettings,
    request_headers: Vec<String>,
    response_headers: Vec<String>,
    may_be_sensitive: bool,
    identify: Option<Identify>,
    error: Option<ConfigError>,
}

/// What every request of a layer shares.
#[derive(Debug)]
pub(super) struct Config<R> {
    pub(super) instrumentation: Arc<Instrumentation>,
    pub(super) route: R,
    pub(super) scheme: Scheme,
    pub(super) timeout: Option<Duration>,
    pub(super) settings: Settings,
    /// `None` where a response is looked at for its status alone.
    pub(super) response: Option<Arc<ResponseSettings>>,
    pub(super) identify: Option<Identify>,
    pub(super) hosts: Hosts,
}

impl HttpServerBuilder {
    pub(super) fn new(telemetry: &Telemetry) -> Self {
        Self {
            route: NoRoute,
            parts: Parts {
                telemetry: telemetry.clone(),
                signals: Signals::ALL,
                names: MetricNames::default(),
                further: Further::default(),
                scheme: Scheme::Http,
                timeout: None,
                max_operations: None,
                settings: Settings::default(),
                response: ResponseSettings::default(),
                request_headers: Vec::new(),
                response_headers: Vec::new(),
                may_be_sensitive: false,
                identify: None,
                error: None,
            },
        }
    }
}

impl<R: RouteSource> HttpServerBuilder<R> {
    /// Where routes come from; nowhere otherwise.
    pub fn with_route<R2: RouteSource>(self, route: R2) -> HttpServerBuilder<R2> {
        HttpServerBuilder {
            route,
            parts: self.parts,
        }
    }

    /// The signals to produce; all of them otherwise.
    pub fn with_signals(mut self, signals: Signals) -> Self {
        self.parts.signals = signals;
        self
    }

    /// Says for each request, and its route where that is known, which signals to produce of those
    /// of the layer.
    ///
    /// For a health check take [`Signals::CONTEXT`]: it leaves no span, no log line and no metric of
    /// its own, and what happens inside it still belongs to the caller's trace. `select` runs on the
    /// request path and must not block; where it panics, every signal is produced.
    ///
    /// ```
    /// use otel_core::exchange::Signals;
    /// use otel_core::telemetry::Telemetry;
    /// use otel_http::HttpServerLayer;
    ///
    /// # fn main() -> Result<(), otel_core::ConfigError> {
    /// # let telemetry = Telemetry::builder().build()?;
    /// let layer = HttpServerLayer::builder(&telemetry)
    ///     .with_selection(|head, _route| match head.uri().path() {
    ///         "/healthz" => Signals::CONTEXT,
    ///         _ => Signals::ALL,
    ///     })
    ///     .build()?;
    /// # let _ = layer;
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_selection(
        mut self,
        select: impl Fn(RequestHead<'_>, Option<&str>) -> Signals + Send + Sync + 'static,
    ) -> Self {
        self.parts.settings.select = Some(Arc::new(select));
        self
    }

    /// Instruments a share of the requests, which can be changed while the service runs.
    pub fn with_rollout(mut self, rollout: &Rollout) -> Self {
        self.parts.settings.rollout = Some(rollout.clone());
        self
    }

    /// Puts an [`ExchangeHandle`](otel_core::exchange::ExchangeHandle) into the extensions of each
    /// request, through which handlers tell the exchange what they know. Costs two allocations a
    /// request, more where the request had no extensions.
    ///
    /// ```
    /// use http::{Request, StatusCode};
    /// use otel_core::exchange::ExchangeHandle;
    ///
    /// async fn look_up(request: Request<()>) -> StatusCode {
    ///     if let Some(exchange) = request.extensions().get::<ExchangeHandle>() {
    ///         exchange.set_fact("order.id", "o-17");
    ///         exchange.set_label("tenant.tier", "gold");
    ///         exchange.expect_error();
    ///     }
    ///     StatusCode::NOT_FOUND
    /// }
    /// # let _ = look_up;
    /// ```
    pub fn with_handle(mut self) -> Self {
        self.parts.settings.has_handle = true;
        self
    }

    /// Counts gRPC calls as the HTTP requests they are, too.
    ///
    /// Otherwise requests of content type `application/grpc` pass by: their verdict is in trailers
    /// this layer does not judge, and the layer of `otel-grpc` counts them.
    pub fn with_grpc_counted(mut self) -> Self {
        self.parts.settings.counts_grpc = true;
        self
    }

    /// The server is reached over TLS: `url.scheme` is `https` where a request does not say.
    pub const fn with_tls(mut self) -> Self {
        self.parts.scheme = Scheme::Https;
        self
    }

    /// Whose word is taken for client, scheme and host; nobody's otherwise.
    pub fn with_forwarded(mut self, trust: ForwardedTrust) -> Self {
        self.parts.settings.forwarded = trust;
        self
    }

    /// Where the address of the other end of the connection is found, such as in axum's
    /// `ConnectInfo`; in a [`PeerAddress`](crate::PeerAddress) extension otherwise.
    pub fn with_peer_address(mut self, peer: fn(RequestHead<'_>) -> Option<SocketAddr>) -> Self {
        self.parts.settings.peer = Some(peer);
        self
    }

    /// The methods that are told apart, in place of the standard ones; others are `_OTHER`.
    pub fn with_known_methods<M: AsRef<str>>(
        mut self,
        methods: impl IntoIterator<Item = M>,
    ) -> Self {
        match Methods::of(methods) {
            Ok(methods) => self.parts.settings.methods = methods,
            Err(error) => self.refuse(error),
        }
        self
    }

    /// Takes the known methods from `OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS`, where it is set.
    pub fn with_environment(self, environment: &Environment) -> Self {
        match environment.get(KNOWN_METHODS) {
            Some(methods) => self.with_known_methods(methods.split(',').map(str::trim)),
            None => self,
        }
    }

    /// Query parameters whose values are replaced by `REDACTED`, in place of those the conventions
    /// list. The comparison is case-sensitive.
    pub fn with_sensitive_parameters<P: Into<Box<str>>>(
        mut self,
        parameters: impl IntoIterator<Item = P>,
    ) -> Self {
        self.parts.settings.query = Query::redacting(parameters);
        self
    }

    /// Leaves `url.query` out.
    pub fn without_query(mut self) -> Self {
        self.parts.settings.query = Query::Omit;
        self
    }

    /// Request headers to record on spans, by name; none otherwise. A name that tells of a secret,
    /// such as `authorization`, is refused.
    pub fn with_request_headers<N: Into<String>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Self {
        self.parts.request_headers = names.into_iter().map(Into::into).collect();
        self
    }

    /// The same of response headers.
    pub fn with_response_headers<N: Into<String>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Self {
        self.parts.response_headers = names.into_iter().map(Into::into).collect();
        self
    }

    /// Records headers whose names tell of a secret as well: their values leave the process.
    pub fn danger_capture_sensitive_headers(mut self) -> Self {
        self.parts.may_be_sensitive = true;
        self
    }

    /// Adds a response header that carries the trace back to the caller. Off otherwise.
    pub fn add_trace_header(mut self, header: TraceHeader) -> Self {
        self.parts.response.trace_headers.push(header);
        self
    }

    /// What of a stream is its latency: the whole otherwise, as the conventions define it, which
    /// puts every long stream into the last bucket.
    ///
    /// A response is a stream if its content type is one that has no end of its own, such as
    /// `text/event-stream`. An upgraded connection ends its exchange at the head in any case.
    pub fn with_streams(mut self, measure: Measure) -> Self {
        self.parts.response.streams = measure;
        self
    }

    /// Records the time to the head of the response as `http.server.request.time_to_head`.
    pub fn with_time_to_head(mut self) -> Self {
        self.parts.further.time_to_head = true;
        self
    }

    /// Records the sizes of bodies as they were transferred: `http.server.response.body.size`, and,
    /// with a [`RequestBodyLayer`](super::RequestBodyLayer) inside, `http.server.request.body.size`.
    pub fn with_body_sizes(mut self) -> Self {
        self.parts.further.body_sizes = true;
        self
    }

    /// The names of the metrics; those of the conventions otherwise.
    pub fn with_metric_names(mut self, names: MetricNames) -> Self {
        self.parts.names = names;
        self
    }

    /// The timeout a layer *outside* this one gives each request.
    ///
    /// Such a layer drops the request as a leaving client does; knowing its limit, this one tells
    /// them apart. The timer outside has started a little earlier, so a drop in the last 1 % of the
    /// time, at least 2 ms, counts as one at its end. A [`Deadline`](crate::Deadline) in the request's
    /// extensions is exact and wins over it.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        if timeout.is_zero() {
            self.refuse(ConfigError::invalid("with_timeout", "more than zero"));
        }
        self.parts.timeout = Some(timeout);
        self
    }

    /// Finds out who sent each request: on its span, in its
    /// [`ExchangeContext`](otel_core::exchange::ExchangeContext), and in the events of what is wrong
    /// with it. Identity headers that are not believed are taken away. Off otherwise.
    pub fn with_identity(mut self, identify: &Identify) -> Self {
        self.parts.identify = Some(identify.clone());
        self
    }

    /// How many combinations of method, scheme, version and route are told apart; 1,024 otherwise.
    pub fn with_max_operations(mut self, max: NonZeroUsize) -> Self {
        self.parts.max_operations = Some(max);
        self
    }

    /// Finishes the layer.
    ///
    /// # Errors
    ///
    /// The first value that was refused.
    pub fn build(mut self) -> Result<HttpServerLayer<R>, ConfigError> {
        let request = std::mem::take(&mut self.parts.request_headers);
        let response = std::mem::take(&mut self.parts.response_headers);
        self.parts.settings.headers = self.capture(
            ("with_request_headers", semconv::HTTP_REQUEST_HEADER),
            &request,
        );
        self.parts.response.headers = self.capture(
            ("with_response_headers", semconv::HTTP_RESPONSE_HEADER),
            &response,
        );
        match self.parts.error.take() {
            Some(error) => Err(error),
            None => Ok(self.finish()),
        }
    }

    pub(crate) fn finish(self) -> HttpServerLayer<R> {
        let Self { route, parts } = self;
        let instrumentation = parts.instrumentation();
        HttpServerLayer::from_config(Config {
            instrumentation,
            route,
            scheme: parts.scheme,
            timeout: parts.timeout,
            settings: parts.settings,
            response: (!parts.response.is_default()).then(|| Arc::new(parts.response)),
            identify: parts.identify,
            hosts: Hosts::default(),
        })
    }

    fn capture(&mut self, (setting, prefix): (&'static str, &str), names: &[String]) -> Captured {
        let names = names.iter().map(String::as_str);
        match Captured::named(setting, prefix, names, self.parts.may_be_sensitive) {
            Ok(captured) => captured,
            Err(error) => {
                self.refuse(error);
                Captured::default()
            }
        }
    }

    fn refuse(&mut self, error: ConfigError) {
        self.parts.error.get_or_insert(error);
    }
}

impl Parts {
    fn instrumentation(&self) -> Arc<Instrumentation> {
        let duration = Descriptor::new(semconv::HTTP_SERVER_REQUEST_DURATION)
            .with_unit(Unit::SECONDS)
            .with_help("Duration of HTTP server requests, to the last frame the server took.")
            .with_label_budget(semconv::HTTP_ROUTE, MAX_ROUTES)
            .with_series_budget(MAX_SERIES);
        let active = Descriptor::new(semconv::HTTP_SERVER_ACTIVE_REQUESTS)
            .with_unit(Unit::new("{request}"))
            .with_help("Number of HTTP server requests in flight.");
        let methods = self.settings.methods.clone();
        let mut builder = Instrumentation::builder(
            &self.telemetry,
            (Classify::Http, Side::Server),
            duration,
            active,
            move |variant, route| describe(&methods, variant, route),
        )
        .with_scope(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
        .with_signals(self.signals);
        if let Some(max) = self.max_operations {
            builder = builder.with_max_operations(max);
        }
        if let Some(alias) = self.names.alias() {
            builder = builder.with_alias(alias);
        }
        if !self.names.has_conventions() {
            builder = builder.without_standard_names();
        }
        if !self.further.is_none() {
            builder = builder.with_recorder(self.further.register(self.telemetry.registry()));
        }
        builder.build()
    }
}
