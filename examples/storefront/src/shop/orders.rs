//! Orders, which need the inventory.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tonic::Code;

use super::Shop;
use crate::inventory::proto::GetRequest;

#[derive(Debug, Deserialize)]
pub(super) struct NewOrder {
    item: String,
    quantity: u32,
}

#[derive(Debug, Serialize)]
struct Order {
    id: String,
    title: String,
    in_stock: u32,
}

/// `GET /orders/{id}`: one order, looked up over gRPC.
pub(super) async fn read(State(shop): State<Shop>, Path(id): Path<String>) -> Response {
    match look_up(shop, id).await {
        Ok(order) => Json(order).into_response(),
        Err(status) => refuse(&status),
    }
}

/// `POST /orders`: a new order, if there is enough in stock.
pub(super) async fn create(State(shop): State<Shop>, Json(new): Json<NewOrder>) -> Response {
    match look_up(shop, new.item).await {
        Ok(order) if order.in_stock >= new.quantity => {
            tracing::info!(item = order.id, quantity = new.quantity, "ordered");
            (StatusCode::CREATED, Json(order)).into_response()
        }
        Ok(order) => {
            tracing::warn!(
                item = order.id,
                in_stock = order.in_stock,
                "not enough in stock"
            );
            StatusCode::CONFLICT.into_response()
        }
        Err(status) => refuse(&status),
    }
}

async fn look_up(mut shop: Shop, sku: String) -> Result<Order, tonic::Status> {
    let request = GetRequest {
        sku,
        behaviour: None,
    };
    let item = shop.inventory.get(request).await?.into_inner();
    Ok(Order {
        id: item.sku,
        title: item.title,
        in_stock: item.in_stock,
    })
}

fn refuse(status: &tonic::Status) -> Response {
    match status.code() {
        Code::NotFound => StatusCode::NOT_FOUND.into_response(),
        code => {
            tracing::error!(code = %code, "the inventory failed");
            StatusCode::BAD_GATEWAY.into_response()
        }
    }
}
