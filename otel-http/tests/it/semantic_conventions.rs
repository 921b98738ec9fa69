//! What is really exported, held against the registry of the semantic conventions.
//!
//! The data are the HTTP parts of the registry of release 1.44.0. Names of ours are listed in
//! `otel_core::semconv` and begin with prefixes the registry does not have.

use axum::Router;
use axum::body::Body;
use axum::extract::Extension;
use axum::routing::post;
use http::{Method, Request, Response};
use http_body_util::BodyExt;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use otel_core::exchange::ExchangeHandle;
use otel_core::opentelemetry::trace::SpanKind;
use otel_core::opentelemetry::{Array, Value};
use otel_core::registry::Kind;
use otel_core::telemetry::Telemetry;
use otel_http::axum::MatchedRoute;
use otel_http::client::{Attempts, UrlTemplate};
use otel_http::server::RequestBodyLayer;
use otel_http::{ForwardedTrust, HttpClientLayer, HttpServerLayer, PeerAddress};
use serde_json::Value as Json;
use tower::{Layer, ServiceExt, service_fn};

/// Names of ours.
const OWN: [&str; 4] = ["exchange.", "healthz.", "telemetry.", "order."];

/// Everything the layers can be told to record, over answers of every class and an error.
async fn exercise(telemetry: &Telemetry) {
    let server = HttpServerLayer::builder(telemetry)
        .with_route(MatchedRoute)
        .with_handle()
        .with_body_sizes()
        .with_time_to_head()
        .with_forwarded(ForwardedTrust::hops(1).unwrap())
        .with_request_headers(["x-tenant"])
        .with_response_headers(["content-type"])
        .build()
        .unwrap();
    let handler = |Extension(handle): Extension<ExchangeHandle>, body: Body| async move {
        handle.set_fact("order.id", "o-1");
        body.collect()
            .await
            .map_or(0, |body| body.to_bytes().len())
            .to_string()
    };
    let app = Router::new()
        .route("/orders/{id}", post(handler))
        .route("/fails", post(async || http::StatusCode::BAD_GATEWAY))
        .layer(RequestBodyLayer)
        .layer(server);
    let client = HttpClientLayer::builder(telemetry)
        .with_request_headers(["x-tenant"])
        .build()
        .unwrap()
        .layer(app);
    for (method, path) in [
        (Method::POST, "/orders/17?a=1&sig=secret"),
        (Method::POST, "/fails"),
        (Method::GET, "/missing"),
        (Method::from_bytes(b"BREW").unwrap(), "/orders/17"),
    ] {
        let attempts = Attempts::new();
        for _ in 0..2 {
            let mut request = Request::builder()
                .method(method.clone())
                .uri(format!("https://shop.example:8443{path}"))
                .header("x-tenant", "acme")
                .header("user-agent", "test")
                .header("x-forwarded-for", "192.0.2.1")
                .body(Body::from("a body"))
                .unwrap();
            let peer = PeerAddress::new("10.0.0.1:4711".parse().unwrap());
            request.extensions_mut().insert(peer);
            request.extensions_mut().insert(attempts.clone());
            request
                .extensions_mut()
                .insert(UrlTemplate::new("/orders/{id}"));
            let response = client.clone().oneshot(request).await.unwrap();
            response.into_body().collect().await.unwrap();
        }
    }
    let broken = HttpClientLayer::new(telemetry).layer(service_fn(|_: Request<Body>| async {
        Err::<Response<Body>, _>(std::io::Error::from(std::io::ErrorKind::ConnectionRefused))
    }));
    let request = Request::get("http://down.example/")
        .body(Body::empty())
        .unwrap();
    assert!(broken.oneshot(request).await.is_err());
}

#[tokio::test]
async fn exports_are_what_the_conventions_define() {
    let registry: Json =
        serde_json::from_str(include_str!("../data/semconv-http-1.44.0.json")).unwrap();
    let spans = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(spans.clone())
        .build();
    let telemetry = Telemetry::builder()
        .with_tracer_provider(provider)
        .build()
        .unwrap();
    exercise(&telemetry).await;

    let mut findings = Vec::new();
    let spans = spans.get_finished_spans().unwrap();
    assert_eq!(spans.len(), 17);
    for span in &spans {
        let kind = match span.span_kind {
            SpanKind::Server => "span.http.server",
            _ => "span.http.client",
        };
        let defined = &registry["spans"][kind]["attributes"];
        for attribute in &span.attributes {
            let name = attribute.key.as_str();
            check_attribute(
                &registry,
                kind,
                name,
                type_of(&attribute.value),
                &mut findings,
            );
            let is_defined = |name: &str| !defined[name].is_null();
            let template = name.rsplit_once('.').map_or("", |(prefix, _)| prefix);
            if !is_own(name) && !is_defined(name) && !is_defined(template) {
                findings.push(format!("{kind}: `{name}` is not of this span"));
            }
        }
        for (name, level) in defined.as_object().unwrap() {
            let is_there = span
                .attributes
                .iter()
                .any(|attribute| attribute.key.as_str() == name);
            if level == "required" && !is_there {
                findings.push(format!("{kind}: `{name}` is missing"));
            }
        }
    }
    check_metrics(&registry, &telemetry, &mut findings);
    findings.sort();
    findings.dedup();
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

fn check_metrics(registry: &Json, telemetry: &Telemetry, findings: &mut Vec<String>) {
    let snapshot = telemetry.registry().collect();
    let mut seen = 0;
    for family in snapshot.families().filter(|family| !family.is_empty()) {
        let name = family.original_name();
        let defined = &registry["metrics"][name];
        if defined.is_null() {
            if name.starts_with("http.") && name != otel_core::semconv::HTTP_SERVER_TIME_TO_HEAD {
                findings.push(format!("metric {name} is not defined"));
            }
            continue;
        }
        seen += 1;
        if defined["unit"] != family.ucum_unit() {
            findings.push(format!(
                "{name}: unit {:?}, wanted {}",
                family.ucum_unit(),
                defined["unit"]
            ));
        }
        let kind = match family.kind() {
            Kind::Histogram => "histogram",
            Kind::UpDownCounter => "updowncounter",
            _ => "other",
        };
        if defined["instrument"] != kind {
            findings.push(format!("{name}: {kind}, wanted {}", defined["instrument"]));
        }
        for series in family.series() {
            for (label, _) in series.label_pairs() {
                let label = family.original_label_name(label);
                if !is_own(&label) && defined["attributes"][&*label].is_null() {
                    findings.push(format!("{name}: label `{label}` is not of this metric"));
                }
            }
            for (label, level) in defined["attributes"].as_object().unwrap() {
                let mut there = series.label_pairs();
                let is_there = there.any(|(name, _)| family.original_label_name(name) == *label);
                if level == "required" && !is_there {
                    findings.push(format!("{name}: label `{label}` is missing"));
                }
            }
        }
    }
    assert_eq!(
        seen, 6,
        "durations and numbers in flight on both sides, sizes at the server"
    );
}

fn check_attribute(
    registry: &Json,
    kind: &str,
    name: &str,
    found: &str,
    findings: &mut Vec<String>,
) {
    if is_own(name) {
        return;
    }
    let template = name.rsplit_once('.').map_or("", |(prefix, _)| prefix);
    let attributes = &registry["attributes"];
    let defined = [name, template].map(|name| &attributes[name]);
    // A few are defined by what they describe; the list of the span is then all there is.
    let Some(defined) = defined.into_iter().find(|defined| !defined.is_null()) else {
        return;
    };
    if !defined["deprecated"].is_null() {
        findings.push(format!("{kind}: `{name}` is deprecated"));
    }
    let wanted = defined["type"].as_str().unwrap();
    let wanted = wanted
        .strip_prefix("template[")
        .map_or(wanted, |rest| rest.trim_end_matches(']'));
    let wanted = match wanted {
        "enum" => "string",
        "string[" => "string[]",
        wanted => wanted,
    };
    if found != wanted {
        findings.push(format!("{kind}: `{name}` is {found}, wanted {wanted}"));
    }
}

fn is_own(name: &str) -> bool {
    OWN.iter().any(|own| name.starts_with(own))
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "boolean",
        Value::I64(_) => "int",
        Value::F64(_) => "double",
        Value::String(_) => "string",
        Value::Array(Array::String(_)) => "string[]",
        _ => "other",
    }
}
