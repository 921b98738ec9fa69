//! Who we are, known late and changing.

use otel_core::environment::Environment;
use otel_core::identity::{Identify, SvidViolation, TrustPolicy};
use otel_core::resource::Resource;
use otel_core::telemetry::Telemetry;
use testkit::pki::Authority;
use tracing::subscriber::with_default;
use tracing_subscriber::layer::SubscriberExt;

use super::audit::Audit;

const ORDERS: &str = "spiffe://prod.example.org/ns/shop/sa/orders";

fn identify(attributes: &str) -> Identify {
    let environment = Environment::of([("OTEL_RESOURCE_ATTRIBUTES", attributes)]);
    let resource = Resource::builder()
        .with_environment(&environment)
        .build()
        .unwrap();
    let telemetry = Telemetry::builder()
        .with_resource(resource)
        .build()
        .unwrap();
    let policy = TrustPolicy::builder("prod.example.org".parse().unwrap())
        .build()
        .unwrap();
    Identify::new(&telemetry, policy)
}

#[test]
fn an_identity_that_comes_late_and_changes_is_followed() {
    let environment = Environment::of([("OTEL_SERVICE_NAME", "orders")]);
    let resource = Resource::builder()
        .with_environment(&environment)
        .build()
        .unwrap();
    let telemetry = Telemetry::builder()
        .with_resource(resource.clone())
        .build()
        .unwrap();
    let policy = TrustPolicy::builder("prod.example.org".parse().unwrap())
        .build()
        .unwrap();
    let workload = Identify::new(&telemetry, policy).workload().unwrap();
    assert_eq!((workload.spiffe_id(), resource.version()), (None, 0));
    let authority = Authority::root("prod.example.org");
    for version in [1, 1] {
        // The second one is a rotation: another certificate of the same identity, which is no news.
        workload.set_svid(&authority.svid(ORDERS).chain).unwrap();
        assert_eq!(resource.version(), version);
        let told = resource.get("service.identity.spiffe_id");
        assert_eq!(told.as_deref(), Some(ORDERS));
    }
    assert_eq!(workload.spiffe_id().unwrap().as_str(), ORDERS);
    let renamed = authority.svid("spiffe://prod.example.org/ns/shop/sa/orders-v2");
    workload.set_svid(&renamed.chain).unwrap();
    let version = resource.version();
    assert_eq!(version, 2);
    // What is no SVID changes nothing.
    let broken = workload.set_svid(&authority.leaf("", |_| {}).chain);
    assert_eq!(broken, Err(SvidViolation::NoSpiffeId));
    assert_eq!(
        workload.set_svid::<Vec<u8>>(&[]),
        Err(SvidViolation::NoSpiffeId)
    );
    assert_eq!(resource.version(), version);
}

#[test]
fn an_identity_other_than_the_declared_one_is_a_mismatch() {
    let identify = identify("service.identity.spiffe_id=spiffe://prod.example.org/declared");
    let workload = identify.workload().unwrap();
    assert_eq!(workload.spiffe_id().unwrap().path(), "/declared");
    let audit = Audit::default();
    with_default(tracing_subscriber::registry().with(audit.clone()), || {
        workload
            .set_svid(&Authority::root("prod.example.org").svid(ORDERS).chain)
            .unwrap();
    });
    let records = audit.records();
    let [record] = &*records else {
        panic!("{records:?}")
    };
    assert_eq!(record["authz.decision"], "observed");
    assert_eq!(record["identity.mismatch.kind"], "declared");
    assert_eq!(
        record["identity.claimed"],
        "spiffe://prod.example.org/declared"
    );
    assert_eq!(record["peer.spiffe_id"], ORDERS);
    assert!(record.contains_key("tls.client_certificate_serial"));
}

#[test]
fn a_declaration_that_is_no_id_is_refused() {
    assert!(
        identify("service.identity.spiffe_id=orders")
            .workload()
            .unwrap_err()
            .is_scheme()
    );
}
