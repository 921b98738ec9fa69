//! The client side: [`HttpClientLayer`].

mod attempts;
mod attributes;
mod builder;
mod head;
mod layer;
mod service;
mod url_template;

pub use attempts::{Attempts, AttemptsLayer, CountsAttempts};
pub use builder::HttpClientBuilder;
pub use head::{ClientEnd, ClientHead};
pub use layer::HttpClientLayer;
pub use service::HttpClient;
pub use url_template::UrlTemplate;
