//! Whom the policy believes, and what is found wrong with the others.

use std::net::SocketAddr;
use std::time::{Duration, UNIX_EPOCH};

use http::Extensions;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use otel_core::identity::{
    Claim, ClaimSource, Connection, DeclaredHeader, Federated, Finding, FindingKind, Forwards,
    Identify, MismatchKind, PeerIdentity, Proxy, Sender, Standing, TrustPolicy,
};
use otel_core::telemetry::Telemetry;
use proptest::prelude::*;

const EDGE: &str = "spiffe://prod.example.org/edge/1";
const WEB: &str = "spiffe://prod.example.org/ns/shop/sa/web";
const XFCC: &str = "x-forwarded-client-cert";

fn telemetry() -> Telemetry {
    Telemetry::builder().build().unwrap()
}

fn identify(
    configure: impl FnOnce(
        otel_core::identity::TrustPolicyBuilder,
    ) -> otel_core::identity::TrustPolicyBuilder,
) -> Identify {
    let policy = TrustPolicy::builder("prod.example.org".parse().unwrap());
    Identify::new(&telemetry(), configure(policy).build().unwrap())
}

/// A connection of a peer that proved this identity.
fn of(id: &str) -> Connection {
    let peer = PeerIdentity::of_claims(id.parse().unwrap(), UNIX_EPOCH);
    Connection::unknown().with_peer(peer)
}

fn from(address: &str) -> Connection {
    Connection::tcp(SocketAddr::new(address.parse().unwrap(), 4000))
}

fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(*name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn arrive(identify: &Identify, connection: &Connection, lines: &[(&'static str, &str)]) -> Sender {
    let mut extensions = Extensions::new();
    extensions.insert(connection.clone());
    identify.arrive(&extensions, &headers(lines))
}

fn id(arrival: &Sender) -> &str {
    let id = arrival.peer().and_then(|peer| peer.spiffe_id());
    id.map_or("", |id| id.as_str())
}

fn kinds(arrival: &Sender) -> Vec<FindingKind> {
    arrival.findings().iter().map(Finding::kind).collect()
}

#[test]
fn a_header_is_believed_only_from_a_proxy_that_writes_it() {
    let xfcc = format!("By={EDGE};URI={WEB}");
    let spiffe = |forwards| {
        Proxy::spiffe(
            "spiffe://prod.example.org/edge/*".parse().unwrap(),
            forwards,
        )
    };
    let rows: &[(Option<Proxy>, Connection, bool)] = &[
        (None, of(EDGE), false),
        (None, from("127.0.0.1"), false),
        (Some(spiffe(Forwards::XfccSet)), of(EDGE), true),
        (
            Some(spiffe(Forwards::XfccSet)),
            of("spiffe://prod.example.org/edge/2"),
            false,
        ),
        (
            Some(spiffe(Forwards::XfccSet)),
            of("spiffe://prod.example.org/edge"),
            false,
        ),
        (
            Some(spiffe(Forwards::XfccSet)),
            of("spiffe://partner.example.net/edge/1"),
            false,
        ),
        (Some(spiffe(Forwards::XfccSet)), from("127.0.0.1"), false),
        (
            Some(Proxy::loopback(Forwards::XfccSet)),
            from("127.0.0.9"),
            true,
        ),
        (Some(Proxy::loopback(Forwards::XfccSet)), from("::1"), true),
        (
            Some(Proxy::loopback(Forwards::XfccSet)),
            from("::ffff:127.0.0.1"),
            true,
        ),
        (
            Some(Proxy::loopback(Forwards::XfccSet)),
            from("10.0.0.1"),
            false,
        ),
        (
            Some(Proxy::loopback(Forwards::XfccSet)),
            Connection::unix(),
            false,
        ),
        (
            Some(Proxy::loopback(Forwards::L5d)),
            from("127.0.0.1"),
            false,
        ),
        (
            Some(Proxy::unix_socket(Forwards::XfccSet)),
            Connection::unix(),
            true,
        ),
        (
            Some(Proxy::unix_socket(Forwards::XfccSet)),
            Connection::unknown(),
            false,
        ),
        (
            Some(Proxy::network(
                "10.0.0.0".parse().unwrap(),
                8,
                Forwards::XfccSet,
            )),
            from("10.9.9.9"),
            true,
        ),
        (
            Some(Proxy::network(
                "10.0.0.0".parse().unwrap(),
                8,
                Forwards::XfccSet,
            )),
            from("11.0.0.1"),
            false,
        ),
    ];
    for (proxy, connection, believed) in rows {
        let identify = identify(|policy| match proxy {
            Some(proxy) => policy.add_proxy(proxy.clone()),
            None => policy,
        });
        let arrival = arrive(&identify, connection, &[(XFCC, &xfcc)]);
        assert_eq!(id(&arrival) == WEB, *believed, "{proxy:?} {connection:?}");
        let untrusted = kinds(&arrival).contains(&FindingKind::UntrustedHeader);
        let mut kept = headers(&[(XFCC, &xfcc), ("accept", "*/*")]);
        identify.settle(&arrival, &mut kept, &mut Extensions::new());
        let second_edge = connection
            .peer()
            .is_some_and(|peer| peer.spiffe_id().unwrap().path() == "/edge/2");
        assert_eq!(
            untrusted,
            !*believed && !second_edge,
            "{proxy:?} {connection:?}"
        );
        assert_eq!(kept.contains_key(XFCC), !untrusted);
        assert!(kept.contains_key("accept"));
    }
}

#[test]
fn every_identity_header_of_a_stranger_is_taken_away() {
    let identify = identify(|policy| policy.add_proxy(Proxy::loopback(Forwards::XfccSet)));
    let lines = [
        (XFCC, "URI=spiffe://prod.example.org/admin"),
        ("client-cert", ":AQID:"),
        ("client-cert-chain", ":AQID:"),
        ("l5d-client-id", "admin.test"),
        (
            "x_forwarded_client_cert",
            "URI=spiffe://prod.example.org/admin",
        ),
        ("client_cert", ":AQID:"),
        ("client_cert_chain", ":AQID:"),
        ("l5d_client_id", "admin.test"),
    ];
    let stranger = arrive(&identify, &from("192.0.2.1"), &lines);
    assert_eq!(stranger.peer().map(|_| ()), None);
    assert_eq!(kinds(&stranger), [FindingKind::UntrustedHeader; 8]);
    let mut all = headers(&lines);
    identify.settle(&stranger, &mut all, &mut Extensions::new());
    assert!(all.is_empty());
    // A proxy is believed in the one header it writes.
    let proxy = arrive(&identify, &from("127.0.0.1"), &lines);
    assert_eq!(id(&proxy), "spiffe://prod.example.org/admin");
    assert_eq!(kinds(&proxy), [FindingKind::UntrustedHeader; 7]);
}

#[test]
fn the_walk_begins_at_the_connection_and_goes_back_through_named_proxies() {
    let edge = |id: &str| Proxy::spiffe(id.parse().unwrap(), Forwards::XfccAppend);
    let identify = identify(|policy| {
        policy
            .add_proxy(edge("spiffe://prod.example.org/edge/*"))
            .add_proxy(edge("spiffe://prod.example.org/mesh"))
            .with_max_hops(3)
    });
    let mesh = "spiffe://prod.example.org/mesh";
    let admin = "spiffe://prod.example.org/admin";
    let rows: &[(&str, &[String], &str, &[FindingKind])] = &[
        ("one", &[format!("By={EDGE};URI={WEB}")], WEB, &[]),
        // The client wrote the first element; the nearest proxy appended to it.
        (
            "forged first",
            &[format!("By={EDGE};URI={admin},By={EDGE};URI={WEB}")],
            WEB,
            &[],
        ),
        (
            "two hops",
            &[format!("By={mesh};URI={WEB},By={EDGE};URI={mesh}")],
            WEB,
            &[],
        ),
        (
            "two lines",
            &[
                format!("By={mesh};URI={WEB}"),
                format!("By={EDGE};URI={mesh}"),
            ],
            WEB,
            &[],
        ),
        (
            "three hops",
            &[format!(
                "By={EDGE};URI={WEB},By={mesh};URI={EDGE},By={EDGE};URI={mesh}"
            )],
            WEB,
            &[],
        ),
        // A fourth is beyond what is walked: the proxy at the end is the caller that is known.
        (
            "four hops",
            &[format!(
                "By={mesh};URI={admin},By={EDGE};URI={mesh},By={mesh};URI={EDGE},By={EDGE};URI={mesh}"
            )],
            mesh,
            &[],
        ),
        (
            "an element of another proxy",
            &[format!(
                "By=spiffe://prod.example.org/x;URI={admin},By={EDGE};URI={mesh}"
            )],
            mesh,
            &[FindingKind::Mismatch(MismatchKind::ForwardedBy)],
        ),
        (
            "an element of no proxy",
            &[format!("URI={admin},By={EDGE};URI={mesh}")],
            mesh,
            &[FindingKind::Mismatch(MismatchKind::ForwardedBy)],
        ),
        (
            "one of the names is strange",
            &[format!(
                "By={mesh};By=spiffe://prod.example.org/x;URI={admin},By={EDGE};URI={mesh}"
            )],
            mesh,
            &[FindingKind::Mismatch(MismatchKind::ForwardedBy)],
        ),
        (
            "the nearest is of another",
            &[format!("By={mesh};URI={admin}")],
            "",
            &[FindingKind::Mismatch(MismatchKind::ForwardedBy)],
        ),
        (
            "two identities",
            &[format!("By={EDGE};URI={WEB};URI={admin}")],
            "",
            &[],
        ),
        ("none", &[format!("By={EDGE};Subject=\"CN=x\"")], "", &[]),
        (
            "no SPIFFE ID",
            &[format!("By={EDGE};URI=https://a.test/")],
            "",
            &[],
        ),
        (
            "a trust domain",
            &[format!("By={EDGE};URI=spiffe://prod.example.org")],
            "",
            &[],
        ),
        (
            "broken",
            &[format!("By={EDGE};URI={WEB},")],
            "",
            &[FindingKind::MalformedHeader],
        ),
    ];
    for (name, lines, expected, findings) in rows {
        let lines: Vec<_> = lines.iter().map(|line| (XFCC, line.as_str())).collect();
        let arrival = arrive(&identify, &of(EDGE), &lines);
        assert_eq!(id(&arrival), *expected, "{name}");
        assert_eq!(kinds(&arrival), *findings, "{name}");
    }
}

#[test]
fn a_caller_that_is_not_named_has_not_the_rights_of_the_proxy() {
    let edge = Proxy::spiffe(
        "spiffe://prod.example.org/edge/*".parse().unwrap(),
        Forwards::XfccSet,
    );
    for (proxy, connection, expected) in [
        (edge.clone(), of(EDGE), ""),
        (edge.with_own_calls(), of(EDGE), EDGE),
        // Who has proven an identity of its own is no sidecar.
        (Proxy::loopback(Forwards::XfccSet), of(WEB), WEB),
    ] {
        let identify = identify(|policy| policy.add_proxy(proxy.clone()));
        assert_eq!(id(&arrive(&identify, &connection, &[])), expected);
        // A header of another kind changes nothing.
        let chain = [("client-cert-chain", ":AQID:")];
        assert_eq!(id(&arrive(&identify, &connection, &chain)), expected);
    }
}

#[test]
fn a_proxy_that_sets_the_header_writes_one_element() {
    let identify = identify(|policy| {
        let own = Proxy::loopback(Forwards::XfccSet)
            .with_by("spiffe://prod.example.org/orders".parse().unwrap());
        policy.add_proxy(own)
    });
    let by = "By=spiffe://prod.example.org/orders";
    for (header, expected, finding) in [
        (format!("{by};URI={WEB}"), WEB, None),
        (
            format!("{by};URI={WEB},{by};URI={WEB}"),
            "",
            Some(FindingKind::MalformedHeader),
        ),
        (
            format!("URI={WEB}"),
            "",
            Some(FindingKind::Mismatch(MismatchKind::ForwardedBy)),
        ),
        (
            format!("By={EDGE};URI={WEB}"),
            "",
            Some(FindingKind::Mismatch(MismatchKind::ForwardedBy)),
        ),
        (
            format!("{by};By={EDGE};URI={WEB}"),
            "",
            Some(FindingKind::Mismatch(MismatchKind::ForwardedBy)),
        ),
    ] {
        let arrival = arrive(&identify, &from("127.0.0.1"), &[(XFCC, &header)]);
        assert_eq!(id(&arrival), expected, "{header}");
        assert_eq!(kinds(&arrival), Vec::from_iter(finding), "{header}");
    }
}

#[test]
fn standing_is_by_the_federation_map() {
    let identify = identify(|policy| {
        policy
            .add_federated(Federated::new(
                "partner.example.net".parse().unwrap(),
                "acme",
            ))
            .add_federated(
                Federated::new("bank.example".parse().unwrap(), "bank")
                    .add_peer("spiffe://bank.example/pay/**".parse().unwrap(), "bank-pay"),
            )
    });
    for (peer, standing, unknown) in [
        (WEB, Standing::Own, false),
        (
            "spiffe://partner.example.net/a",
            Standing::Federated("acme".into()),
            false,
        ),
        (
            "spiffe://bank.example/pay/x",
            Standing::Federated("bank-pay".into()),
            false,
        ),
        ("spiffe://bank.example/other", Standing::Unknown, true),
        ("spiffe://stranger.example/a", Standing::Unknown, true),
    ] {
        let arrival = arrive(&identify, &of(peer), &[]);
        assert_eq!(*arrival.standing(), standing, "{peer}");
        assert_eq!(
            kinds(&arrival).contains(&FindingKind::UnknownTrustDomain),
            unknown
        );
    }
    assert_eq!(
        *arrive(&identify, &from("192.0.2.1"), &[]).standing(),
        Standing::Anonymous
    );
}

#[test]
fn what_a_policy_refuses() {
    let own = || TrustPolicy::builder("prod.example.org".parse().unwrap());
    let domain = |name: &str| name.parse().unwrap();
    for (setting, policy) in [
        (
            "add_proxy",
            own().add_proxy(Proxy::network(
                "10.0.0.0".parse().unwrap(),
                33,
                Forwards::XfccSet,
            )),
        ),
        (
            "add_proxy",
            own().add_proxy(Proxy::spiffe(EDGE.parse().unwrap(), Forwards::L5d)),
        ),
        (
            "add_federated",
            own().add_federated(Federated::new(domain("prod.example.org"), "us")),
        ),
        (
            "add_federated",
            own()
                .add_federated(Federated::new(domain("a.org"), "a"))
                .add_federated(Federated::new(domain("A.org"), "b")),
        ),
        (
            "add_federated",
            own().add_federated(Federated::new(domain("a.org"), "")),
        ),
        (
            "add_federated",
            own().add_federated(
                Federated::new(domain("a.org"), "a")
                    .add_peer("spiffe://b.org/**".parse().unwrap(), "b"),
            ),
        ),
        ("with_max_hops", own().with_max_hops(0)),
        ("with_max_hops", own().with_max_hops(9)),
        (
            "with_validity_slack",
            own().with_validity_slack(Duration::from_secs(3601)),
        ),
    ] {
        assert_eq!(policy.build().unwrap_err().setting(), setting);
    }
}

/// A token in the extensions, verified by a layer outside.
#[derive(Clone, Debug)]
struct Token(&'static str);

#[derive(Debug)]
struct Tokens;

impl ClaimSource for Tokens {
    fn claim(&self, extensions: &Extensions, _: &HeaderMap) -> Option<Claim> {
        extensions
            .get::<Token>()
            .map(|token| Claim::verified(token.0))
    }
}

#[test]
fn claims_are_compared_with_the_certificate() {
    let policy = || {
        TrustPolicy::builder("prod.example.org".parse().unwrap())
            .build()
            .unwrap()
    };
    let declared = Identify::builder(&telemetry(), policy())
        .with_claims(DeclaredHeader::new(HeaderName::from_static("x-workload")))
        .build();
    for (connection, says, expected, mismatch) in [
        (of(WEB), WEB, WEB, None),
        (
            of(WEB),
            "SPIFFE://PROD.example.org/ns/shop/sa/web",
            WEB,
            None,
        ),
        (
            of(WEB),
            "spiffe://prod.example.org/ns/shop/sa/admin",
            WEB,
            Some(MismatchKind::Declared),
        ),
        (of(WEB), "gibberish", WEB, Some(MismatchKind::Declared)),
        // A declaration identifies nobody.
        (from("192.0.2.1"), WEB, "", None),
    ] {
        let arrival = arrive(&declared, &connection, &[("x-workload", says)]);
        assert_eq!(id(&arrival), expected, "{says}");
        let mismatch: Vec<_> = mismatch.into_iter().map(FindingKind::Mismatch).collect();
        assert_eq!(kinds(&arrival), mismatch, "{says}");
    }
    let verified = Identify::builder(&telemetry(), policy())
        .with_claims(Tokens)
        .build();
    let mut extensions = Extensions::new();
    extensions.insert(Token(WEB));
    let arrival = verified.arrive(&extensions, &HeaderMap::new());
    assert_eq!(
        (id(&arrival), arrival.peer().unwrap().source().as_str()),
        (WEB, "jwt_svid")
    );
    extensions.insert(of(EDGE));
    let arrival = verified.arrive(&extensions, &HeaderMap::new());
    assert_eq!(
        (id(&arrival), kinds(&arrival)),
        (EDGE, vec![FindingKind::Mismatch(MismatchKind::Claims)])
    );
}

#[test]
fn linkerd_is_believed_over_loopback() {
    let identify = identify(|policy| policy.add_proxy(Proxy::loopback(Forwards::L5d)));
    let name = "web.shop.serviceaccount.identity.linkerd.cluster.local";
    let arrival = arrive(&identify, &from("127.0.0.1"), &[("l5d-client-id", name)]);
    let peer = arrival.peer().unwrap();
    assert_eq!(
        (peer.spiffe_id(), peer.san_dns().collect::<Vec<_>>()),
        (None, vec![name])
    );
    assert_eq!(
        id(&arrive(
            &identify,
            &from("127.0.0.1"),
            &[("l5d-client-id", WEB)]
        )),
        WEB
    );
    let twice = [("l5d-client-id", WEB), ("l5d-client-id", EDGE)];
    assert_eq!(
        kinds(&arrive(&identify, &from("127.0.0.1"), &twice)),
        [FindingKind::MalformedHeader]
    );
}

#[test]
fn early_data_is_whatever_somebody_says_is() {
    let identify = identify(|policy| policy);
    let connection = of(WEB);
    assert!(!arrive(&identify, &connection, &[]).is_early_data());
    assert!(arrive(&identify, &connection, &[("early-data", "1")]).is_early_data());
    connection.set_early_data(true);
    assert!(arrive(&identify, &connection, &[]).is_early_data());
}

#[cfg(feature = "x509")]
mod certificates {
    use std::sync::Arc;

    use otel_core::identity::{Fingerprint, IdentityTrust, SvidViolation};
    use testkit::pki::Authority;
    use testkit::pki::rcgen::date_time_ymd;

    use super::*;

    fn percent(text: &str) -> String {
        let escape = |c: char| {
            if c.is_ascii_alphanumeric() {
                c.to_string()
            } else {
                format!("%{:02X}", u32::from(c))
            }
        };
        text.chars().map(escape).collect()
    }

    #[test]
    fn what_an_element_says_must_be_of_its_certificate() {
        let authority = Authority::root("prod.example.org");
        let leaf = authority.svid(WEB);
        let cert = percent(&leaf.pem);
        let hash = Fingerprint::of(&leaf.chain[0]);
        let other = Fingerprint::of(b"another");
        let mismatch = FindingKind::Mismatch;
        let identify = identify(|policy| policy.add_proxy(Proxy::loopback(Forwards::XfccSet)));
        for (header, expected, findings) in [
            (
                format!("Hash={hash};Cert=\"{cert}\";URI={WEB}"),
                WEB,
                vec![],
            ),
            (format!("Hash={hash};Cert=\"{cert}\""), WEB, vec![]),
            (
                format!("Hash={other};Cert=\"{cert}\";URI={WEB}"),
                "",
                vec![mismatch(MismatchKind::ForwardedHash)],
            ),
            (
                format!("Hash={hash};Cert=\"{cert}\";URI=spiffe://prod.example.org/admin"),
                "",
                vec![mismatch(MismatchKind::ForwardedUri)],
            ),
            (
                format!("Hash={hash};Cert=\"%2\";URI={WEB}"),
                "",
                vec![FindingKind::MalformedHeader],
            ),
            (
                format!(
                    "Cert=\"{}\";URI={WEB}",
                    percent("-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n")
                ),
                "",
                vec![mismatch(MismatchKind::ForwardedUri)],
            ),
        ] {
            let arrival = arrive(&identify, &from("127.0.0.1"), &[(XFCC, &header)]);
            assert_eq!(id(&arrival), expected, "{header}");
            assert_eq!(kinds(&arrival), findings, "{header}");
            if expected == WEB {
                let peer = arrival.peer().unwrap();
                assert_eq!(peer.fingerprint(), Some(&hash));
                assert!(peer.serial().is_some() && peer.not_after().is_some());
                assert_eq!(peer.trust(), IdentityTrust::Asserted);
            }
        }
    }

    #[test]
    fn client_cert_is_read_whole() {
        let authority = Authority::root("prod.example.org");
        let leaf = authority.svid(WEB);
        let base64: String = leaf
            .pem
            .lines()
            .filter(|line| !line.starts_with('-'))
            .collect();
        let identify = identify(|policy| policy.add_proxy(Proxy::loopback(Forwards::ClientCert)));
        let header = format!(":{base64}:");
        let arrival = arrive(
            &identify,
            &from("127.0.0.1"),
            &[("client-cert", &header), ("client-cert-chain", ":AQID:")],
        );
        assert_eq!(id(&arrival), WEB);
        assert_eq!(arrival.peer().unwrap().source().as_str(), "client_cert");
        for (lines, violation, findings) in [
            (
                vec![("client-cert", ":AQID:")],
                Some(SvidViolation::Malformed),
                vec![],
            ),
            (
                vec![("client-cert", "AQID")],
                None,
                vec![FindingKind::MalformedHeader],
            ),
            (
                vec![("client-cert", &*header), ("client-cert", &*header)],
                None,
                vec![FindingKind::MalformedHeader],
            ),
            (
                vec![("client-cert", &*header), ("client-cert-chain", "x")],
                None,
                vec![FindingKind::MalformedHeader],
            ),
        ] {
            let arrival = arrive(&identify, &from("127.0.0.1"), &lines);
            assert_eq!(id(&arrival), "");
            assert_eq!(
                arrival.peer().and_then(|peer| peer.violation()),
                violation,
                "{lines:?}"
            );
            assert_eq!(kinds(&arrival), findings, "{lines:?}");
        }
    }

    #[test]
    fn an_issuer_is_accepted_only_by_name() {
        let root = Authority::root("prod.example.org");
        let node = root.intermediate("node", Some("spiffe://prod.example.org/node/7"));
        let leaf = node.leaf("", |_| {});
        let peer = Arc::new(PeerIdentity::of_chain(&leaf.chain, UNIX_EPOCH).unwrap());
        let connection = Connection::unknown().with_peer(peer);
        let refused = arrive(&identify(|policy| policy), &connection, &[]);
        assert_eq!(
            (id(&refused), kinds(&refused)),
            ("", vec![FindingKind::IssuerIdentity])
        );
        assert!(refused.peer().unwrap().fingerprint().is_some());
        let accepted = identify(|policy| {
            policy.add_issuer("spiffe://prod.example.org/node/*".parse().unwrap())
        });
        assert_eq!(
            id(&arrive(&accepted, &connection, &[])),
            "spiffe://prod.example.org/node/7"
        );
    }

    #[test]
    fn expiry_is_asked_for_each_request() {
        let authority = Authority::root("prod.example.org");
        let leaf = authority.leaf(WEB, |params| {
            params.not_before = date_time_ymd(2026, 1, 2);
            params.not_after = date_time_ymd(2026, 1, 3);
        });
        let clock = Arc::new(otel_core::clock::ManualClock::new());
        let telemetry = Telemetry::builder()
            .with_clock(Shared(Arc::clone(&clock)))
            .build()
            .unwrap();
        let policy = TrustPolicy::builder("prod.example.org".parse().unwrap())
            .with_validity_slack(Duration::from_secs(60))
            .build()
            .unwrap();
        let identify = Identify::new(&telemetry, policy);
        let peer = PeerIdentity::of_chain(&leaf.chain, UNIX_EPOCH).unwrap();
        let (begin, end) = (peer.not_before().unwrap(), peer.not_after().unwrap());
        let connection = Connection::unknown().with_peer(peer);
        for (at, expected) in [
            (
                begin - Duration::from_secs(61),
                Some(FindingKind::NotYetValid),
            ),
            (begin - Duration::from_secs(60), None),
            (end + Duration::from_secs(60), None),
            (end + Duration::from_secs(61), Some(FindingKind::Expired)),
        ] {
            clock.set_wall(at);
            assert_eq!(
                kinds(&arrive(&identify, &connection, &[])),
                Vec::from_iter(expected)
            );
        }
    }

    #[derive(Debug)]
    struct Shared(Arc<otel_core::clock::ManualClock>);

    impl otel_core::clock::Clock for Shared {
        fn now(&self) -> std::time::Instant {
            self.0.now()
        }

        fn wall(&self) -> std::time::SystemTime {
            self.0.wall()
        }
    }
}

proptest! {
    /// Whatever a stranger writes, nobody is identified and every such header is gone.
    #[test]
    fn a_stranger_is_never_believed(values in prop::collection::vec("[ -~]{0,60}", 4)) {
        let identify = identify(|policy| {
            policy.add_proxy(Proxy::spiffe(EDGE.parse().unwrap(), Forwards::XfccAppend))
                .add_proxy(Proxy::loopback(Forwards::L5d))
        });
        let names = [XFCC, "client-cert", "l5d-client-id", "client-cert-chain"];
        let lines: Vec<_> = names.iter().copied().zip(values.iter().map(String::as_str)).collect();
        let arrival = arrive(&identify, &from("192.0.2.1"), &lines);
        prop_assert!(arrival.peer().is_none());
        let mut map = headers(&lines);
        identify.settle(&arrival, &mut map, &mut Extensions::new());
        prop_assert!(map.is_empty());
    }

    /// Whatever stands before the last element, the last one counts.
    #[test]
    fn what_a_client_writes_before_the_proxy_does_not_count(forged in "[ -~&&[^\"]]{0,60}") {
        let identify = identify(|policy| {
            policy.add_proxy(Proxy::spiffe(EDGE.parse().unwrap(), Forwards::XfccAppend))
        });
        let header = format!("{forged},By={EDGE};URI={WEB}");
        let arrival = arrive(&identify, &of(EDGE), &[(XFCC, &header)]);
        prop_assert!(matches!(id(&arrival), WEB | ""), "{}", id(&arrival));
    }
}
