//! A client of one server that speaks JSON.

use reqwest::Body;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use serde::Serialize;
use serde_json::Value;
use std::error::Error;
use std::net::SocketAddr;
use tower::{Layer as _, ServiceExt as _, service_fn};

type Failure = Box<dyn Error + Send + Sync>;

/// Sends requests to one server.
#[derive(Clone)]
pub(crate) struct Client {
    inner: reqwest::Client,
    address: SocketAddr,
    observed: bool,
}

/// A response.
pub(crate) struct Answer {
    pub status: u16,
    /// The JSON of the body; `null` where it is something else.
    pub body: Value,
}

impl Client {
    /// A client whose requests are calls of this service, and carry its trace context.
    pub(crate) fn new(address: SocketAddr) -> Result<Self, Failure> {
        Ok(Self {
            // Both services run on loopback, where no proxy is of use.
            inner: reqwest::Client::builder().no_proxy().build()?,
            address,
            observed: true,
        })
    }

    /// A client that acts as a user's browser; its requests are not calls of this service.
    pub(crate) fn outside(address: SocketAddr) -> Result<Self, Failure> {
        Ok(Self {
            observed: false,
            ..Self::new(address)?
        })
    }

    /// Posts JSON.
    pub(crate) async fn post(
        &self,
        path: &str,
        token: Option<&str>,
        body: &impl Serialize,
    ) -> Result<Answer, Failure> {
        let request = self.inner.post(self.url(path));
        let request = request
            .header(CONTENT_TYPE, "application/json")
            .body(serde_json::to_vec(body)?);
        self.send(request, token).await
    }

    /// Gets JSON.
    pub(crate) async fn get(&self, path: &str, token: Option<&str>) -> Result<Answer, Failure> {
        self.send(self.inner.get(self.url(path)), token).await
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    async fn send(
        &self,
        mut request: reqwest::RequestBuilder,
        token: Option<&str>,
    ) -> Result<Answer, Failure> {
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.build()?;
        let response = if self.observed {
            self.observe(request).await?
        } else {
            self.inner.execute(request).await?
        };
        let status = response.status().as_u16();
        let body = serde_json::from_slice(&response.bytes().await?).unwrap_or(Value::Null);
        Ok(Answer { status, body })
    }

    /// Sends a request through the layer that makes it a call of kind client.
    async fn observe(&self, request: reqwest::Request) -> Result<reqwest::Response, Failure> {
        let send = service_fn(async |request: axum::http::Request<Body>| {
            let response = self.inner.execute(request.try_into()?).await?;
            Ok::<_, reqwest::Error>(axum::http::Response::<Body>::from(response))
        });
        let service = instrumental::http::client().layer(send);
        let response = service.oneshot(request.try_into()?).await?;
        Ok(response.into())
    }
}
