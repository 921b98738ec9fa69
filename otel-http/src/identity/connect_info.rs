//! Connections of plain TCP, from what axum attaches to a request.

use std::borrow::Cow;
use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use http::Extensions;
use otel_core::identity::{Connection, ConnectionSource};

/// Finds the address axum leaves with requests of a service made with
/// `into_make_service_with_connect_info::<SocketAddr>()`: for a server behind a proxy that has shaken
/// hands itself.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a unit struct users name as a value"
)]
pub struct ConnectedAddress;

impl ConnectionSource for ConnectedAddress {
    fn connection<'a>(&self, extensions: &'a Extensions) -> Option<Cow<'a, Connection>> {
        let ConnectInfo(remote) = extensions.get::<ConnectInfo<SocketAddr>>()?;
        Some(Cow::Owned(Connection::tcp(*remote)))
    }
}
