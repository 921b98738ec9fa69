//! The client side: [`GrpcClientLayer`].

mod builder;
mod calls;
mod layer;
mod service;

pub use builder::GrpcClientBuilder;
pub use calls::{GrpcCallLayer, GrpcCalls};
pub use layer::GrpcClientLayer;
pub use service::GrpcClient;
