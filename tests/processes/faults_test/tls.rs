//! A service whose backends use TLS, configured by the standard variables (f35).

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Certificate, Identity, Server, ServerTlsConfig};
use tonic::{Request, Response, Status};

/// A private authority and the certificates it signed, as PEM and as files.
struct Authority {
    folder: PathBuf,
    pem: String,
    server: (String, String),
    server_der: (Vec<u8>, Vec<u8>),
}

impl Authority {
    fn new(name: &str) -> Self {
        let folder = format!("instrumental-tls-of-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let authority = CertifiedIssuer::self_signed(params, key).expect("an authority");
        let sign = |host: &str| {
            let key = KeyPair::generate().expect("a key");
            let params = CertificateParams::new(vec![host.to_owned()]).expect("a name");
            (params.signed_by(&key, &authority).expect("signed"), key)
        };
        let (server, server_key) = sign("127.0.0.1");
        let (client, client_key) = sign("client");
        for (name, text) in [
            ("ca.pem", authority.pem()),
            ("client.pem", client.pem()),
            ("client.key", client_key.serialize_pem()),
        ] {
            std::fs::write(folder.join(name), text).expect("written");
        }
        Self {
            folder,
            pem: authority.pem(),
            server: (server.pem(), server_key.serialize_pem()),
            server_der: (server.der().to_vec(), server_key.serialize_der()),
        }
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// Serves HTTP with TLS; counts the requests for paths with each of the words.
    fn serve_http(&self, words: [&'static str; 2]) -> (SocketAddr, Arc<[AtomicUsize; 2]>) {
        let key = PrivateKeyDer::try_from(self.server_der.1.clone()).expect("a key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![self.server_der.0.clone().into()], key);
        let config = Arc::new(config.expect("a certificate"));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound");
        let counts = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
        let counted = Arc::clone(&counts);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let server = ServerConnection::new(Arc::clone(&config)).expect("a server");
                let mut stream = StreamOwned::new(server, stream.expect("a client"));
                let counted = Arc::clone(&counted);
                std::thread::spawn(move || answer(&mut stream, words, &counted));
            }
        });
        (address, counts)
    }

    /// Serves gRPC with TLS and requires a client certificate; counts the requests.
    fn serve_grpc(&self) -> (SocketAddr, Arc<AtomicUsize>) {
        let (listener, count) = (
            TcpListener::bind("127.0.0.1:0").expect("a port"),
            Arc::new(AtomicUsize::new(0)),
        );
        let address = listener.local_addr().expect("bound");
        let tls = ServerTlsConfig::new()
            .identity(Identity::from_pem(&self.server.0, &self.server.1))
            .client_ca_root(Certificate::from_pem(&self.pem));
        let collector = TraceServiceServer::new(Collector(Arc::clone(&count)));
        listener.set_nonblocking(true).expect("set");
        std::thread::spawn(move || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener);
                let incoming = TcpIncoming::from(listener.expect("a listener"));
                let mut server = Server::builder().tls_config(tls).expect("TLS");
                let server = server.add_service(collector);
                let served = server.serve_with_incoming(incoming).await;
                served.expect("the server runs");
            });
        });
        (address, count)
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

struct Collector(Arc<AtomicUsize>);

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        _: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.0.fetch_add(1, SeqCst);
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

/// Responds with 200 until the client disconnects.
fn answer(stream: &mut (impl Read + Write), words: [&str; 2], counts: &[AtomicUsize; 2]) {
    let mut read = Vec::new();
    let mut part = [0; 4096];
    while let Ok(len) = stream.read(&mut part) {
        read.extend_from_slice(&part[..len]);
        let Some(head) = read.windows(4).position(|four| four == b"\r\n\r\n") else {
            if len == 0 {
                return;
            }
            continue;
        };
        let text = String::from_utf8_lossy(&read[..head]).to_ascii_lowercase();
        let length = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.map_or(0, |length| length.parse().expect("a length"));
        if read.len() < head + 4 + length {
            continue;
        }
        for (word, count) in words.iter().zip(counts) {
            let first = text.lines().next().unwrap_or_default();
            count.fetch_add(usize::from(first.contains(word)), SeqCst);
        }
        read.drain(..head + 4 + length);
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        if stream
            .write_all(answer)
            .and_then(|()| stream.flush())
            .is_err()
        {
            return;
        }
    }
}

/// Runs the service for a short time and returns its output.
fn run(environment: &[(&str, String)]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_faults"))
        .arg("few")
        .env_clear()
        .envs([("LOG_FORMAT", "json"), ("RUST_LOG", "info")])
        .envs(environment.iter().map(|(name, value)| (*name, value)))
        .output()
        .expect("the service starts");
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8(text).expect("text")
}

#[test]
fn f35_otlp_over_http_and_sentry_trust_a_private_authority() {
    let authority = Authority::new("http");
    let (address, counts) = authority.serve_http(["/v1/traces", "/envelope/"]);
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("https://{address}"));
    let dsn = ("SENTRY_DSN", format!("https://key@{address}/1"));
    let text = run(&[
        endpoint.clone(),
        dsn.clone(),
        ("SSL_CERT_FILE", authority.path("ca.pem")),
    ]);
    assert!(
        counts[0].load(SeqCst) > 0 && counts[1].load(SeqCst) > 0,
        "{text}"
    );
    assert!(!text.contains("TLS"), "{text}");
    // The file of the signal overrides the common one.
    let before = counts[0].load(SeqCst);
    let other = Authority::new("other-http");
    let text = run(&[
        endpoint.clone(),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", other.path("ca.pem")),
        (
            "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",
            authority.path("ca.pem"),
        ),
        // A failing signal would delay the others.
        ("OTEL_METRICS_EXPORTER", "none".to_owned()),
        ("OTEL_LOGS_EXPORTER", "none".to_owned()),
    ]);
    assert!(counts[0].load(SeqCst) > before, "{text}");
    assert!(!text.contains("TLS"), "{text}");
    let text = run(&[
        endpoint.clone(),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", other.path("ca.pem")),
    ]);
    assert!(
        text.contains("not signed by an authority of OTEL_EXPORTER_OTLP_CERTIFICATE"),
        "{text}"
    );
    let text = run(&[endpoint, dsn]);
    for name in [
        "OTEL_EXPORTER_OTLP_CERTIFICATE or SSL_CERT_FILE",
        "SSL_CERT_FILE",
    ] {
        let advice = format!(
            "TLS: the server's certificate is not signed by a trusted authority: set {name} to"
        );
        assert!(text.contains(&advice), "{text}");
    }
}

#[test]
fn f35_otlp_over_grpc_sends_a_client_certificate() {
    let authority = Authority::new("grpc");
    let (address, count) = authority.serve_grpc();
    let mut environment = vec![
        ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("https://{address}")),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc".to_owned()),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "none".to_owned()),
        ("OTEL_METRICS_EXPORTER", "none".to_owned()),
        ("OTEL_LOGS_EXPORTER", "none".to_owned()),
    ];
    let text = run(&environment);
    let advice = "TLS: the server's certificate is not signed by a trusted authority: set OTEL_EXPORTER_OTLP_CERTIFICATE";
    assert!(text.contains(advice), "{text}");
    environment.push(("OTEL_EXPORTER_OTLP_CERTIFICATE", authority.path("ca.pem")));
    let text = run(&environment);
    assert!(
        text.contains(
            "set OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and OTEL_EXPORTER_OTLP_CLIENT_KEY"
        ),
        "{text}"
    );
    assert_eq!(count.load(SeqCst), 0);
    environment.push((
        "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
        authority.path("client.pem"),
    ));
    environment.push((
        "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY",
        authority.path("client.key"),
    ));
    let text = run(&environment);
    assert!(count.load(SeqCst) > 0, "{text}");
    assert!(!text.contains("TLS"), "{text}");
}

#[test]
fn f35_unusable_files_are_errors_of_the_settings() {
    let authority = Authority::new("faults");
    let certificate = ("OTEL_EXPORTER_OTLP_CERTIFICATE", authority.path("none.pem"));
    let key = (
        "OTEL_EXPORTER_OTLP_CLIENT_KEY",
        authority.path("client.key"),
    );
    let secure = (
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "https://127.0.0.1:1".to_owned(),
    );
    let text = run(&[secure, certificate.clone(), key.clone()]);
    assert_eq!(
        text.matches("OTEL_EXPORTER_OTLP_CERTIFICATE is ").count(),
        1,
        "{text}"
    );
    assert!(
        text.contains("none.pem\", expected a PEM file: No such file"),
        "{text}"
    );
    assert!(
        text.contains("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE is not: set both or none"),
        "{text}"
    );
    // Without TLS, they have no effect.
    let plain = (
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "http://127.0.0.1:1".to_owned(),
    );
    let text = run(&[plain, certificate, key]);
    assert!(text.contains("shutdown "), "{text}");
}
