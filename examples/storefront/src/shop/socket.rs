//! A connection that stops being HTTP.

use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::response::Response;

/// `GET /ws`: a WebSocket that sends back what it is sent.
pub(super) async fn upgrade(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(talk)
}

async fn talk(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        if socket.send(message).await.is_err() {
            return;
        }
    }
}
