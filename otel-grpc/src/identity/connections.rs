//! The connection of a call, from what tonic attaches to it.

use std::any::type_name;
use std::borrow::Cow;
use std::fmt;

use http::Extensions;
use otel_core::identity::{Connection, ConnectionSource};
use otel_core::telemetry::Telemetry;
use tonic::transport::server::{TcpConnectInfo, UdsConnectInfo};

/// Finds connections of tonic's own listeners: TCP, Unix sockets, and with the feature
/// `tonic-tls` its TLS over either.
///
/// ```
/// use otel_core::identity::{Identify, TrustPolicy};
/// use otel_core::telemetry::Telemetry;
/// use otel_grpc::identity::TonicConnections;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let telemetry = Telemetry::builder().build()?;
/// let policy = TrustPolicy::builder("prod.example.org".parse()?).build()?;
/// let identify = Identify::builder(&telemetry, policy)
///     .add_source(TonicConnections::new(&telemetry))
///     .build();
/// # let _ = identify;
/// # Ok(())
/// # }
/// ```
pub struct TonicConnections {
    #[cfg(feature = "tonic-tls")]
    own_tls: super::own_tls::OwnTls,
    custom: Vec<(&'static str, Find)>,
}

type Find = Box<dyn Fn(&TonicConnections, &Extensions) -> Option<Connection> + Send + Sync>;

impl TonicConnections {
    /// tonic's own kinds of connections.
    #[must_use]
    pub fn new(telemetry: &Telemetry) -> Self {
        let _ = telemetry;
        Self {
            #[cfg(feature = "tonic-tls")]
            own_tls: super::own_tls::OwnTls::new(telemetry),
            custom: Vec::new(),
        }
    }

    /// Also streams whose `ConnectInfo` is a `T`, alone or under tonic's TLS. `connection` says where
    /// such a stream comes from; under TLS the peer is added to that.
    #[must_use]
    pub fn add_connect_info<T>(
        mut self,
        connection: impl Fn(&T) -> Connection + Send + Sync + 'static,
    ) -> Self
    where
        T: Clone + Send + Sync + 'static,
    {
        let find = move |own: &Self, extensions: &Extensions| {
            own.over_tls(extensions, &connection)
                .or_else(|| extensions.get::<T>().map(&connection))
        };
        self.custom.push((type_name::<T>(), Box::new(find)));
        self
    }

    #[cfg(feature = "tonic-tls")]
    fn over_tls<T>(
        &self,
        extensions: &Extensions,
        connection: impl Fn(&T) -> Connection,
    ) -> Option<Connection>
    where
        T: Clone + Send + Sync + 'static,
    {
        self.own_tls.connection(extensions, connection)
    }

    #[cfg(not(feature = "tonic-tls"))]
    #[expect(
        clippy::unused_self,
        reason = "the same shape as with tonic's own TLS, which this build of it lacks"
    )]
    fn over_tls<T>(&self, _: &Extensions, _: impl Fn(&T) -> Connection) -> Option<Connection> {
        None
    }
}

fn of_tcp(info: &TcpConnectInfo) -> Connection {
    info.remote_addr()
        .map_or_else(Connection::unknown, Connection::tcp)
}

fn of_uds(_: &UdsConnectInfo) -> Connection {
    Connection::unix()
}

impl ConnectionSource for TonicConnections {
    fn connection<'a>(&self, extensions: &'a Extensions) -> Option<Cow<'a, Connection>> {
        self.over_tls(extensions, of_tcp)
            .or_else(|| self.over_tls(extensions, of_uds))
            .or_else(|| {
                let mut custom = self.custom.iter();
                custom.find_map(|(_, find)| find(self, extensions))
            })
            .or_else(|| extensions.get().map(of_tcp))
            .or_else(|| extensions.get().map(of_uds))
            .map(Cow::Owned)
    }
}

impl fmt::Debug for TonicConnections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let custom: Vec<_> = self.custom.iter().map(|(name, _)| name).collect();
        f.debug_struct("TonicConnections")
            .field("custom", &custom)
            .finish_non_exhaustive()
    }
}
