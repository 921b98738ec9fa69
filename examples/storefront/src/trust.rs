//! Zero trust: the shop and the inventory as workloads of two trust domains.
//!
//! `--tls-dir` names a directory with an SVID for each of them (`storefront.pem`, `storefront.key`,
//! `inventory.pem`, `inventory.key`) and the bundle of each trust domain (`<trust domain>.bundle.pem`).
//! `certs.sh` makes one.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use otel_core::identity::tls::SpiffeVerifier;
use otel_core::identity::{
    Federated, Forwards, Identify, PeerIdentity, Proxy, SpiffeId, SpiffePattern, TrustDomain,
    TrustPolicy,
};
use otel_core::telemetry::Telemetry;
use otel_http::identity::ConnectedAddress;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{RootCertStore, ServerConfig};
use tonic::transport::{Certificate, ClientTlsConfig, Identity};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The two workloads.
#[derive(Clone, Debug)]
pub(crate) struct Trust {
    pub(crate) storefront: Member,
    pub(crate) inventory: Member,
}

/// One workload, as files.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    directory: PathBuf,
    name: &'static str,
    id: SpiffeId,
    /// The other one, and its trust domain.
    other: (&'static str, TrustDomain),
}

impl Trust {
    pub(crate) fn read(directory: &Path) -> Result<Self> {
        let id = |name: &str| -> Result<SpiffeId> {
            let chain = chain(&directory.join(format!("{name}.pem")))?;
            let leaf = chain.get(..1).unwrap_or_default();
            // The moment matters to nobody: only the ID is read.
            let svid = PeerIdentity::of_chain(leaf, std::time::UNIX_EPOCH);
            let id = svid.and_then(|svid| svid.spiffe_id().cloned());
            id.ok_or_else(|| format!("{name}.pem holds no X509-SVID").into())
        };
        let (storefront, inventory) = (id("storefront")?, id("inventory")?);
        let member = |name, id: &SpiffeId, other, other_id: &SpiffeId| Member {
            directory: directory.to_owned(),
            name,
            id: id.clone(),
            other: (other, other_id.to_trust_domain()),
        };
        Ok(Self {
            storefront: member("storefront", &storefront, "inventory", &inventory),
            inventory: member("inventory", &inventory, "storefront", &storefront),
        })
    }
}

impl Member {
    /// How this workload finds out who calls: its own domain, and the other one under its alias.
    pub(crate) fn identify(
        &self,
        telemetry: &Telemetry,
        xfcc: Option<Forwards>,
    ) -> Result<Identify> {
        let (alias, domain) = self.other.clone();
        let mut policy = TrustPolicy::builder(self.id.to_trust_domain());
        if domain != self.id.to_trust_domain() {
            policy = policy.add_federated(Federated::new(domain, alias));
        }
        if let Some(forwards) = xfcc {
            policy = policy.add_proxy(Proxy::loopback(forwards));
        }
        let identify = Identify::builder(telemetry, policy.build()?);
        Ok(identify.add_source(ConnectedAddress).build())
    }

    /// Serves with the SVID, and verifies clients by the bundle of their own domain.
    pub(crate) fn server_config(
        &self,
        protocols: &[&[u8]],
        anonymous: bool,
    ) -> Result<ServerConfig> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let own = self.id.to_trust_domain();
        let mut verifier = SpiffeVerifier::builder(own.clone(), Arc::clone(&provider))
            .add_bundle(&own, self.bundle(&own)?);
        if self.other.1 != own {
            verifier = verifier.add_bundle(&self.other.1, self.bundle(&self.other.1)?);
        }
        if anonymous {
            verifier = verifier.with_anonymous();
        }
        let key = PrivateKeyDer::from_pem_file(self.path("key"))?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(verifier.build()?)
            .with_single_cert(chain(&self.path("pem"))?, key)?;
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        Ok(config)
    }

    /// Every workload of the other's trust domain.
    pub(crate) fn other(&self) -> SpiffePattern {
        SpiffePattern::all_of(self.other.1.clone())
    }

    /// Calls the other one: shows the SVID, and takes a server that the bundle of the other's domain
    /// verifies as `localhost`.
    pub(crate) fn client_config(&self) -> Result<ClientTlsConfig> {
        let bundle = fs::read(self.bundle_path(&self.other.1))?;
        let identity = Identity::from_pem(fs::read(self.path("pem"))?, fs::read(self.path("key"))?);
        Ok(ClientTlsConfig::new()
            .ca_certificate(Certificate::from_pem(bundle))
            .identity(identity)
            .domain_name("localhost"))
    }

    pub(crate) fn chain(&self) -> Result<Vec<CertificateDer<'static>>> {
        chain(&self.path("pem"))
    }

    fn bundle(&self, domain: &TrustDomain) -> Result<RootCertStore> {
        let mut roots = RootCertStore::empty();
        for root in chain(&self.bundle_path(domain))? {
            roots.add(root)?;
        }
        Ok(roots)
    }

    fn bundle_path(&self, domain: &TrustDomain) -> PathBuf {
        self.directory.join(format!("{domain}.bundle.pem"))
    }

    fn path(&self, extension: &str) -> PathBuf {
        self.directory.join(format!("{}.{extension}", self.name))
    }
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let certificates = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(certificates)
}
