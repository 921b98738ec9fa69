//! The pair under `--tls-dir`: the caller shows on both sides, and who may not is turned away.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that meets the unexpected has failed"
)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use serde_json::Value;
use testkit::pki::{Authority, Leaf, client_config, dns_name};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

#[tokio::test]
async fn a_pair_of_two_trust_domains() {
    let own = Authority::root("prod.example.org");
    let partner = Authority::root("partner.example.net");
    let storefront = Storefront::start(&own, &partner);

    let web = "spiffe://prod.example.org/ns/shop/sa/web";
    let client = own.svid(web);
    let echo: Value =
        serde_json::from_str(&storefront.get(Some(&client), "/echo").await.1).unwrap();
    assert_eq!(echo["peer"]["spiffe_id"], web);
    assert_eq!(echo["peer"]["source"], "tls");
    assert_eq!(echo["peer"]["trust"], "verified");
    // Through the inventory, which takes nobody but the storefront.
    assert_eq!(storefront.get(Some(&client), "/orders/1").await.0, 200);
    let anonymous: Value = serde_json::from_str(&storefront.get(None, "/echo").await.1).unwrap();
    assert_eq!(anonymous["peer"], Value::Null);

    let metrics = storefront.metrics().await;
    let has = |line: &str| metrics.lines().any(|known| known.starts_with(line));
    assert!(
        has("authz_decisions_total{authz_decision=\"allowed\"} 1"),
        "{metrics}"
    );
    assert!(
        has("tls_server_handshakes_total{tls_handshake_result=\"SUCCESS\""),
        "{metrics}"
    );
}

/// The program, running over TLS.
struct Storefront {
    process: Child,
    http: String,
    admin: String,
    directory: PathBuf,
    /// Held, so that the program can go on writing to it.
    _said: BufReader<ChildStderr>,
}

impl Storefront {
    fn start(own: &Authority, partner: &Authority) -> Self {
        let directory = std::env::temp_dir().join(format!("storefront-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let write = |name: &str, text: &str| fs::write(directory.join(name), text).unwrap();
        write("prod.example.org.bundle.pem", own.root_pem());
        write("partner.example.net.bundle.pem", partner.root_pem());
        for (name, authority, id) in [
            (
                "storefront",
                own,
                "spiffe://prod.example.org/ns/shop/sa/storefront",
            ),
            (
                "inventory",
                partner,
                "spiffe://partner.example.net/ns/stock/sa/inventory",
            ),
        ] {
            let svid = authority.leaf(id, |params| {
                params.subject_alt_names.push(dns_name("localhost"))
            });
            write(&format!("{name}.pem"), &svid.pem);
            write(&format!("{name}.key"), &svid.key_pem);
        }
        let mut process = Command::new(env!("CARGO_BIN_EXE_storefront"))
            .args([
                "--http",
                "127.0.0.1:0",
                "--grpc",
                "127.0.0.1:0",
                "--admin",
                "127.0.0.1:0",
            ])
            .arg("--tls-dir")
            .arg(&directory)
            .env_remove("OTEL_EXPORTER_OTLP_ENDPOINT")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(process.stderr.take().unwrap());
        let mut listening = String::new();
        said.read_line(&mut listening).unwrap();
        let listening = listening.strip_prefix("listening: ").unwrap();
        let address = |name: &str| {
            let mut words = listening.split_whitespace();
            words
                .find_map(|word| word.strip_prefix(name))
                .unwrap()
                .to_owned()
        };
        Self {
            http: address("http="),
            admin: address("admin="),
            process,
            directory,
            _said: said,
        }
    }

    async fn get(&self, leaf: Option<&Leaf>, target: &str) -> (u16, String) {
        let tcp = TcpStream::connect(&self.http).await.unwrap();
        let connector = TlsConnector::from(Arc::new(client_config(leaf)));
        let name = ServerName::try_from("localhost").unwrap();
        let tls = connector.connect(name, tcp).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(tls))
            .await
            .unwrap();
        tokio::spawn(connection);
        answer(&mut sender, target).await
    }

    async fn metrics(&self) -> String {
        let tcp = TcpStream::connect(&self.admin).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(tcp))
            .await
            .unwrap();
        tokio::spawn(connection);
        answer(&mut sender, "/metrics").await.1
    }
}

async fn answer(
    sender: &mut hyper::client::conn::http1::SendRequest<Empty<Bytes>>,
    target: &str,
) -> (u16, String) {
    let request = axum::http::Request::get(target)
        .header("host", "localhost")
        .body(Empty::new())
        .unwrap();
    let response = sender.send_request(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

impl Drop for Storefront {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}
