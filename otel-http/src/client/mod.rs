//! The client side: [`HttpClientLayer`].

mod attributes;
mod builder;
mod head;
mod layer;
mod service;

pub use builder::HttpClientBuilder;
pub use head::ClientEnd;
pub use layer::HttpClientLayer;
pub use service::HttpClient;
