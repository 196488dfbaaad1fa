use super::super::{Client, RequestError, Response};
use super::*;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::path::Path;
use std::time::{Duration, Instant};

/// A private authority with a server certificate and a client certificate, in files.
struct Authority {
    folder: PathBuf,
    certificate: CertificateDer<'static>,
    server: (CertificateDer<'static>, PrivateKeyDer<'static>),
}

impl Authority {
    fn new(name: &str) -> Self {
        Self::for_host(name, "127.0.0.1")
    }

    /// Creates an authority whose server certificate is for `host`.
    fn for_host(name: &str, host: &str) -> Self {
        let folder = format!("instrumental-tls-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let authority = CertifiedIssuer::self_signed(params, key).expect("an authority");
        let sign = |host: &str, usage| {
            let key = KeyPair::generate().expect("a key");
            let mut params = CertificateParams::new(vec![host.to_owned()]).expect("a name");
            params.extended_key_usages.push(usage);
            let certificate = params.signed_by(&key, &authority).expect("signed");
            (certificate, key)
        };
        let (server, server_key) = sign(host, ExtendedKeyUsagePurpose::ServerAuth);
        let (client, client_key) = sign("client", ExtendedKeyUsagePurpose::ClientAuth);
        let write = |name: &str, text: String| {
            std::fs::write(folder.join(name), text).expect("written");
        };
        write("ca.pem", authority.pem());
        write("client.pem", client.pem());
        write("client.key", client_key.serialize_pem());
        write("other.key", server_key.serialize_pem());
        write("empty.pem", String::new());
        write("broken.pem", authority.pem().replace('M', "-"));
        Self {
            certificate: authority.der().clone(),
            server: (
                server.der().clone(),
                PrivateKeyDer::try_from(server_key.serialize_der()).expect("a key"),
            ),
            folder,
        }
    }

    fn file(&self, variable: &'static str, name: &str) -> PemFile {
        PemFile {
            variable,
            path: self.folder.join(name),
        }
    }

    fn authorities(&self) -> Option<PemFile> {
        Some(self.file("CERTIFICATE", "ca.pem"))
    }

    fn identity(&self, key: &str) -> Option<(PemFile, PemFile)> {
        let certificate = self.file("CLIENT_CERTIFICATE", "client.pem");
        Some((certificate, self.file("CLIENT_KEY", key)))
    }

    /// Starts a server on a loopback address, and returns its URL. It may require a client certificate of this authority.
    fn serve(&self, requires_certificate: bool) -> String {
        let provider = Arc::new(ring::default_provider());
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("versions");
        let config = if requires_certificate {
            let mut roots = RootCertStore::empty();
            roots.add(self.certificate.clone()).expect("an authority");
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            config.with_client_cert_verifier(verifier.expect("a verifier"))
        } else {
            config.with_no_client_auth()
        };
        let (certificate, key) = (self.server.0.clone(), self.server.1.clone_key());
        let config = config.with_single_cert(vec![certificate], key);
        let config = Arc::new(config.expect("a certificate"));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("https://{}/", listener.local_addr().expect("bound"));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let server = ServerConnection::new(Arc::clone(&config)).expect("a server");
                let mut stream = StreamOwned::new(server, stream.expect("a client"));
                if stream.read(&mut [0; 4096]).is_err() {
                    // Reads the rest, so that a refused client gets the alert: unread bytes would reset the connection.
                    let _ = stream.conn.write_tls(&mut stream.sock);
                    let _ = stream.sock.shutdown(Shutdown::Write);
                    let _ = stream.sock.read_to_end(&mut Vec::new());
                    continue;
                }
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        });
        url
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

const VARIABLES: Variables = Variables {
    authorities: "CERTIFICATE or SSL_CERT_FILE",
    identity: Some("CLIENT_CERTIFICATE and CLIENT_KEY"),
};

fn tls(authorities: Option<PemFile>, identity: Option<(PemFile, PemFile)>) -> Tls {
    Tls {
        authorities,
        identity,
        variables: VARIABLES,
    }
}

fn get(url: &str, tls: Tls) -> Result<u16, String> {
    let deadline = Instant::now() + Duration::from_secs(20);
    let response: Result<Response, RequestError> =
        Client::with_tls(tls).post(url, &[], b"", deadline);
    response
        .map(|response| response.status)
        .map_err(|error| error.0)
}

#[test]
fn f35_a_private_authority_is_trusted_if_the_settings_name_it() {
    let authority = Authority::new("private");
    let url = authority.serve(false);
    assert_eq!(get(&url, tls(authority.authorities(), None)), Ok(200));
    assert_eq!(
        get(&url, tls(None, None)).expect_err("not trusted"),
        "TLS: the server's certificate is not signed by a trusted authority: set CERTIFICATE or SSL_CERT_FILE to a PEM \
         file of that authority"
    );
    let other = Authority::new("another");
    assert_eq!(
        get(&url, tls(other.authorities(), None)).expect_err("not trusted"),
        "TLS: the server's certificate is not signed by an authority of CERTIFICATE: add that authority to the file"
    );
    let elsewhere = Authority::for_host("elsewhere", "shop.example");
    let url = elsewhere.serve(false);
    let refused = get(&url, tls(elsewhere.authorities(), None)).expect_err("another host");
    assert!(
        refused.starts_with("TLS: the server's certificate is not valid"),
        "{refused}"
    );
    assert!(
        refused.contains("127.0.0.1") && refused.contains("shop.example"),
        "{refused}"
    );
}

#[test]
fn f35_a_server_may_require_a_certificate() {
    let authority = Authority::new("mutual");
    let url = authority.serve(true);
    let with = |identity| get(&url, tls(authority.authorities(), identity));
    assert_eq!(with(authority.identity("client.key")), Ok(200));
    let refused = with(None).expect_err("no certificate");
    assert!(
        refused.starts_with("TLS: the server refuses the connection"),
        "{refused}"
    );
    assert!(
        refused.ends_with("set CLIENT_CERTIFICATE and CLIENT_KEY"),
        "{refused}"
    );
    let other = Authority::new("other-mutual");
    let refused = with(other.identity("client.key")).expect_err("a wrong certificate");
    assert!(
        refused.starts_with("TLS: the server refuses the client certificate"),
        "{refused}"
    );
}

#[test]
fn f35_errors_name_the_files_that_cannot_be_used() {
    let authority = Authority::new("files");
    let path = |name: &str| format!("{:?}", authority.folder.join(name));
    let pem = "expected a PEM file";
    for (tls, parts) in [
        (
            tls(Some(authority.file("CERTIFICATE", "none.pem")), None),
            vec![
                format!("CERTIFICATE is {}, {pem}: ", path("none.pem")),
                "No such file".into(),
            ],
        ),
        (
            tls(Some(authority.file("CERTIFICATE", "empty.pem")), None),
            vec![format!("{pem} with certificates: the file contains none")],
        ),
        (
            tls(Some(authority.file("CERTIFICATE", "client.key")), None),
            vec![format!("{pem} with certificates: the file contains none")],
        ),
        (
            tls(Some(authority.file("CERTIFICATE", "broken.pem")), None),
            vec![format!(
                "CERTIFICATE is {}, {pem} with certificates: ",
                path("broken.pem")
            )],
        ),
        (
            tls(None, authority.identity("client.pem")),
            vec![format!(
                "CLIENT_KEY is {}, {pem} with a private key: the file contains none",
                path("client.pem")
            )],
        ),
        (
            tls(None, authority.identity("other.key")),
            vec![format!(
                "CLIENT_KEY is {}, expected the private key of CLIENT_CERTIFICATE: ",
                path("other.key")
            )],
        ),
    ] {
        let errors = tls.check().expect_err("unusable");
        assert_eq!(errors.len(), 1, "{errors:?}");
        for part in parts {
            assert!(errors[0].contains(&part), "{errors:?}");
        }
        let sent = get("https://127.0.0.1:1/", tls).expect_err("unusable");
        assert_eq!(sent, format!("TLS: {}", errors[0]));
    }
    let both = tls(
        Some(authority.file("CERTIFICATE", "none.pem")),
        authority.identity("none.key"),
    );
    assert_eq!(both.check().expect_err("unusable").len(), 2);
    let usable = tls(authority.authorities(), authority.identity("client.key"));
    assert_eq!(usable.check(), Ok(()));
}

#[test]
fn f35_a_missing_file_is_read_again_for_the_next_request() {
    let authority = Authority::new("later");
    let url = authority.serve(false);
    let later = authority.file("CERTIFICATE", "later.pem");
    let client = Client::with_tls(tls(Some(later.clone()), None));
    let get = || client.post(&url, &[], b"", Instant::now() + Duration::from_secs(20));
    assert!(get().is_err());
    std::fs::copy(authority.folder.join("ca.pem"), &later.path).expect("copied");
    assert_eq!(get().expect("trusted").status, 200);
}

#[test]
fn f35_a_server_that_ends_the_connection_may_require_a_certificate() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("https://{}/", listener.local_addr().expect("bound"));
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let authority = Authority::new("ends");
    let refused = get(&url, tls(authority.authorities(), None)).expect_err("it ends");
    assert!(
        refused.starts_with("TLS: the server ended the connection ("),
        "{refused}"
    );
    assert!(
        refused.ends_with("set CLIENT_CERTIFICATE and CLIENT_KEY"),
        "{refused}"
    );
    let identity = authority.identity("client.key");
    let refused = get(&url, tls(authority.authorities(), identity)).expect_err("it ends");
    assert!(
        refused.starts_with("TLS: the server ended the connection ("),
        "{refused}"
    );
    assert!(!refused.contains("set "), "{refused}");
}

#[test]
fn f35_a_server_without_tls_is_reported_as_such() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("https://{}/", listener.local_addr().expect("bound"));
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    });
    let authority = Authority::new("plain");
    let refused = get(&url, tls(authority.authorities(), None)).expect_err("no TLS");
    assert_eq!(
        refused,
        "TLS: the server does not speak TLS: write http:// instead of https://, or check the port"
    );
}

/// Runs in a process of its own, started by the test below: the system's variables belong to the process.
#[test]
fn child_that_sends_with_the_systems_variables() {
    if let Ok(url) = std::env::var("INSTRUMENTAL_TLS_TEST_URL") {
        println!("result: {:?}", get(&url, Tls::default()));
    }
}

fn get_in_child(url: &str, variables: &[(&str, &Path)]) -> String {
    let name = "child_that_sends_with_the_systems_variables";
    let output = std::process::Command::new(std::env::current_exe().expect("a path"))
        .args([name, "--nocapture"])
        .env("INSTRUMENTAL_TLS_TEST_URL", url)
        .env_remove("SSL_CERT_FILE")
        .env_remove("SSL_CERT_DIR")
        .envs(variables.iter().copied())
        .output()
        .expect("it runs");
    let text = String::from_utf8(output.stdout).expect("text");
    let line = text.lines().find_map(|line| line.split_once("result: "));
    line.unwrap_or_else(|| panic!("{text}")).1.to_owned()
}

#[test]
fn f35_the_systems_variables_are_used() {
    let authority = Authority::new("system");
    let url = authority.serve(false);
    let (file, folder) = (
        authority.folder.join("ca.pem"),
        authority.folder.join("certs"),
    );
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::copy(&file, folder.join("company.pem")).expect("copied");
    assert_eq!(get_in_child(&url, &[("SSL_CERT_FILE", &file)]), "Ok(200)");
    assert_eq!(get_in_child(&url, &[("SSL_CERT_DIR", &folder)]), "Ok(200)");
    let untrusted = get_in_child(&url, &[]);
    assert!(
        untrusted.contains("set SSL_CERT_FILE to a PEM file of that authority"),
        "{untrusted}"
    );
    let missing = authority.folder.join("none.pem");
    let unusable = get_in_child(&url, &[("SSL_CERT_FILE", &missing)]);
    assert!(
        unusable.contains("TLS: no trusted authorities, because SSL_CERT_FILE cannot be used"),
        "{unusable}"
    );
    assert!(unusable.contains("none.pem"), "{unusable}");
}
