//! The client side: [`GrpcClientLayer`].

mod builder;
mod layer;
mod service;

pub use builder::GrpcClientBuilder;
pub use layer::GrpcClientLayer;
pub use service::GrpcClient;
