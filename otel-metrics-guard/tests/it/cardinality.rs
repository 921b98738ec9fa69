//! What the guard says of itself, over HTTP.

use axum::body::Body;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use otel_core::registry::Registry;
use otel_metrics_guard::CardinalityService;
use serde_json::Value;
use tower::ServiceExt;

/// A label of user names, one of request ids, and a family nobody writes to.
fn registry() -> Registry {
    let registry = Registry::new();
    let _silent = registry.counter("dead");
    let requests = registry.counter("requests");
    for user in 0..3_000_u32 {
        let (user, id) = (
            format!("alice{user}@example.org"),
            format!("{:032x}", u128::from(user) * 0x9e37_79b9_7f4a_7c15),
        );
        requests.add(&[("user", &user), ("request.id", &id)], 1);
        requests.add(&[("user", "bob@example.org")], 1);
    }
    registry
}

async fn get(accept: &str, method: Method) -> (StatusCode, String, String) {
    let request = Request::builder()
        .method(method)
        .header(ACCEPT, accept)
        .body(Body::empty())
        .unwrap();
    let service = CardinalityService::new(&registry());
    let response = service.oneshot(request).await.unwrap();
    let status = response.status();
    let kind = response.headers().get(CONTENT_TYPE);
    let kind = kind.map_or("", |kind| kind.to_str().unwrap()).to_owned();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, kind, String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn the_offenders_are_named_and_no_value_is_shown() {
    let (status, kind, text) = get("text/html, */*", Method::GET).await;
    assert_eq!(
        (status, &*kind),
        (StatusCode::OK, "text/plain; charset=utf-8")
    );
    for line in [
        "requests (counter): series",
        "mostly email",
        "try .add(FamilyMatch::exact(\"requests\"), Policy::new().add_label(\"user\", \
         LabelPolicy::new().with_shape(ValueShape::Email, ShapeAction::Replace)))",
        "dead (counter): series 0 of 1000, bytes 0, never written",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(!text.contains("alice") && !text.contains("bob"), "{text}");
}

#[tokio::test]
async fn the_report_is_json_for_programs() {
    let (_, kind, text) = get("application/json", Method::GET).await;
    assert_eq!(kind, "application/json");
    assert!(!text.contains("alice") && !text.contains("bob"), "{text}");
    let report: Value = serde_json::from_str(&text).unwrap();
    let families = report["families"].as_array().unwrap();
    let requests = families.iter().find(|f| f["name"] == "requests").unwrap();
    let labels = requests["labels"].as_array().unwrap();
    let user = labels.iter().find(|label| label["name"] == "user").unwrap();
    assert_eq!(user["admitted"], 100);
    let estimated = user["estimated"].as_u64().unwrap();
    assert!((2_400..3_600).contains(&estimated), "{estimated}");
    assert_eq!(user["shape"], "email");
    assert!(report["bytes"].as_u64().unwrap() < report["bytes_budget"].as_u64().unwrap());
    let events = &requests["events"];
    assert!(events["otel_guard_folded.label_values"].as_u64().unwrap() > 2_000);
}

#[tokio::test]
async fn other_methods_are_refused() {
    let (status, _, _) = get("*/*", Method::POST).await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
    let (status, _, body) = get("*/*", Method::HEAD).await;
    assert_eq!((status, &*body), (StatusCode::OK, ""));
}
