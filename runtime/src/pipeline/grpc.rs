//! A blocking gRPC client that sends encoded messages. It drives tonic on a current-thread runtime of its own, so that it
//! does not depend on the application's runtime.

use super::transport::tls::{Material, Roots, Tls};
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};
use tonic::client::Grpc;
use tonic::codec::{
    BufferSettings, Codec, CompressionEncoding, DecodeBuf, Decoder, EncodeBuf, Encoder,
};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::metadata::{AsciiMetadataKey, AsciiMetadataValue};
use tonic::transport::{Channel as Connection, ClientTlsConfig, Endpoint, Identity};
use tonic::{Code, Request, Status};

/// The maximum size of a response message, in bytes.
const MAX_RESPONSE: usize = 64 << 10;

/// The result of a call.
pub(crate) enum CallResult {
    Message(Vec<u8>),
    /// The call may be retried, after the given delay if the server asked for one.
    Retry(Option<Duration>),
    TooLarge,
    Refused,
}

/// A unary call: the method's path, headers, and the encoded message.
pub(crate) struct Call<'a> {
    pub(crate) method: &'static str,
    pub(crate) headers: &'a [(String, String)],
    pub(crate) body: &'a [u8],
    pub(crate) gzip: bool,
}

/// A channel to one server. It connects when it is first used.
pub(crate) struct Channel {
    runtime: Runtime,
    endpoint: Endpoint,
    /// `None` for an `http://` URL.
    tls: Option<Tls>,
    connection: Option<Connection>,
    /// A call has succeeded, so the TLS settings are correct.
    has_answered: bool,
    failure: Option<String>,
}

impl Channel {
    /// Creates a channel. Does not connect.
    ///
    /// # Errors
    /// If the URL is invalid, or the system refuses the resources of a runtime.
    pub(crate) fn open(url: &str, tls: Tls) -> std::io::Result<Self> {
        let endpoint = Endpoint::from_shared(url.to_owned()).map_err(std::io::Error::other)?;
        let is_secure = endpoint.uri().scheme_str() == Some("https");
        Ok(Self {
            tls: is_secure.then_some(tls),
            runtime: Builder::new_current_thread().enable_all().build()?,
            endpoint: endpoint.connect_timeout(Duration::from_secs(2)),
            connection: None,
            has_answered: false,
            failure: None,
        })
    }

    /// Takes the description of the last call's failure.
    pub(crate) fn failure(&mut self) -> Option<String> {
        self.failure.take()
    }

    /// Calls a method, and returns by `deadline`.
    pub(crate) fn call(&mut self, call: &Call<'_>, deadline: Instant) -> CallResult {
        let left = deadline.saturating_duration_since(Instant::now());
        let request = request(call.headers, call.body);
        let connection = match self.connect() {
            Ok(connection) => connection,
            Err(why) => {
                self.failure = Some(why);
                return CallResult::Retry(None);
            }
        };
        let response = self.runtime.block_on(async {
            let mut client = Grpc::new(connection).max_decoding_message_size(MAX_RESPONSE);
            if call.gzip {
                client = client.send_compressed(CompressionEncoding::Gzip);
            }
            let response = async {
                client
                    .ready()
                    .await
                    .map_err(|error| Status::from_error(Box::new(error)))?;
                client
                    .unary(request, PathAndQuery::from_static(call.method), Raw)
                    .await
            };
            tokio::time::timeout(left, response).await
        });
        match response {
            Ok(Ok(response)) => {
                self.has_answered = true;
                CallResult::Message(response.into_inner())
            }
            Ok(Err(status)) => self.failed(&status),
            Err(_) => {
                self.failure = Some("timed out".into());
                self.connection = None;
                CallResult::Retry(None)
            }
        }
    }

    /// Returns the connection, and creates it for the first call.
    fn connect(&mut self) -> Result<Connection, String> {
        if let Some(connection) = &self.connection {
            return Ok(connection.clone());
        }
        let endpoint = match &self.tls {
            None => self.endpoint.clone(),
            Some(tls) => {
                let config = tls_config(tls.load().map_err(|why| format!("TLS: {why}"))?);
                let endpoint = self.endpoint.clone().tls_config(config);
                endpoint.map_err(|error| match tls.explain_cause(&error) {
                    Some(why) => why,
                    None => format!("TLS: {error}"),
                })?
            }
        };
        // A lazy connection has to be made within a runtime.
        let _entered = self.runtime.enter();
        let connection = endpoint.connect_lazy();
        Ok(self.connection.insert(connection).clone())
    }

    /// Records why a call failed, and returns whether it may be retried.
    fn failed(&mut self, status: &Status) -> CallResult {
        let code = || format!("gRPC {:?}", status.code());
        // tonic also reports transport errors as a status. No server has answered then, whatever the code says.
        let broken = std::error::Error::source(status);
        let broken = broken.filter(|source| source.is::<tonic::transport::Error>());
        let (failure, result) = match (broken, &self.tls) {
            (None, _) => (code(), result_of(status)),
            (Some(_), None) => (code(), CallResult::Retry(None)),
            (Some(error), Some(tls)) => {
                let why = tls.explain_cause(error);
                let unexplained = || match self.has_answered {
                    true => code(),
                    false => tls.explain_end(&innermost(error)),
                };
                (why.unwrap_or_else(unexplained), CallResult::Retry(None))
            }
        };
        self.failure = Some(failure);
        result
    }
}

/// Returns the text of the last error in the chain of sources.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

fn tls_config(material: Material) -> ClientTlsConfig {
    let config = match material.roots {
        Roots::WebPki => ClientTlsConfig::new().with_webpki_roots(),
        Roots::Certificates(roots) => {
            let mut store = rustls::RootCertStore::empty();
            store.add_parsable_certificates(roots);
            ClientTlsConfig::new().trust_anchors(store.roots)
        }
    };
    match material.identity {
        None => config,
        Some(identity) => config.identity(Identity::from_pem(identity.pem.0, identity.pem.1)),
    }
}

/// Returns whether a call with this status may be retried (OTLP 1.9, "Failures": the table of gRPC codes). The server may
/// ask for a delay with `grpc-retry-pushback-ms`, in milliseconds.
fn result_of(status: &Status) -> CallResult {
    let pushback = || {
        let millis = status.metadata().get("grpc-retry-pushback-ms")?;
        millis
            .to_str()
            .ok()?
            .parse()
            .ok()
            .map(Duration::from_millis)
    };
    match status.code() {
        Code::Cancelled
        | Code::DeadlineExceeded
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unavailable
        | Code::DataLoss => CallResult::Retry(pushback()),
        Code::ResourceExhausted if pushback().is_some() => CallResult::Retry(pushback()),
        Code::ResourceExhausted => CallResult::TooLarge,
        _ => CallResult::Refused,
    }
}

fn request(headers: &[(String, String)], body: &[u8]) -> Request<Vec<u8>> {
    let mut request = Request::new(body.to_vec());
    for (name, value) in headers {
        let name = AsciiMetadataKey::from_bytes(name.to_ascii_lowercase().as_bytes());
        if let (Ok(name), Ok(value)) = (name, AsciiMetadataValue::try_from(value)) {
            request.metadata_mut().insert(name, value);
        }
    }
    request
}

/// A codec that passes encoded messages through.
#[derive(Clone, Copy)]
struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, out: &mut EncodeBuf<'_>) -> Result<(), Status> {
        bytes::BufMut::put_slice(out, &item);
        Ok(())
    }

    fn buffer_settings(&self) -> BufferSettings {
        BufferSettings::default()
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let len = bytes::Buf::remaining(from);
        let mut body = vec![0; len];
        bytes::Buf::copy_to_slice(from, &mut body);
        Ok(Some(body))
    }

    fn buffer_settings(&self) -> BufferSettings {
        BufferSettings::default()
    }
}
