//! A small HTTP client.

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Method, Request};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Serialize;
use serde_json::Value;
use std::error::Error;
use std::net::SocketAddr;
use tower_layer::Layer;
use tower_service::Service;

type Inner = hyper_util::client::legacy::Client<HttpConnector, Full<Bytes>>;

/// Asks one server.
#[derive(Clone)]
pub struct Client {
    inner: Inner,
    address: SocketAddr,
    observed: bool,
}

/// What it answers.
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Client {
    /// Of the server at an address.
    pub fn of(address: SocketAddr) -> Self {
        let inner = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build_http();
        Self {
            inner,
            address,
            observed: true,
        }
    }

    /// The same for somebody outside, whose requests are not this service's own.
    pub fn outside(address: SocketAddr) -> Self {
        Self {
            observed: false,
            ..Self::of(address)
        }
    }

    /// Posts JSON.
    pub async fn post(
        &self,
        path: &str,
        token: Option<&str>,
        body: &impl Serialize,
    ) -> Result<Answer, Box<dyn Error + Send + Sync>> {
        self.send(Method::POST, path, token, serde_json::to_vec(body)?)
            .await
    }

    /// Gets JSON.
    pub async fn get(
        &self,
        path: &str,
        token: Option<&str>,
    ) -> Result<Answer, Box<dyn Error + Send + Sync>> {
        self.send(Method::GET, path, token, Vec::new()).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Vec<u8>,
    ) -> Result<Answer, Box<dyn Error + Send + Sync>> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.address))
            .header("content-type", "application/json");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.body(Full::new(body.into()))?;
        let response = if self.observed {
            let mut client = instrumental::http::client().layer(self.inner.clone());
            client.call(request).await?
        } else {
            self.inner.request(request).await?
        };
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await?.to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Ok(Answer { status, body })
    }
}
