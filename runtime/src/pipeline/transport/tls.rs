//! TLS: the trusted authorities, the client certificate, and explanations of errors.
//!
//! Servers are verified against the trust store of the system, or the files that `SSL_CERT_FILE` and `SSL_CERT_DIR` name
//! instead. A backend may name authorities of its own, which are then the only trusted ones. If the system has no trust
//! store at all, as in an empty container, Mozilla's list is used, which is compiled in.

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{AlertDescription, CertificateError, Error};
use std::path::PathBuf;
use std::sync::Arc;

/// The variables that name files and folders of trusted authorities, as in OpenSSL.
const SYSTEM: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// A file that a setting names.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PemFile {
    /// The variable that names it.
    pub(crate) variable: &'static str,
    pub(crate) path: PathBuf,
}

/// The TLS settings of a backend. By default, the trust store of the system is used.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Tls {
    /// The authorities to trust instead of the system's.
    pub(crate) authorities: Option<PemFile>,
    /// The client certificate, and its private key.
    pub(crate) identity: Option<(PemFile, PemFile)>,
    /// The variables to set if a server is not trusted, or requires a certificate.
    pub(crate) variables: Variables,
}

/// The variables that messages suggest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Variables {
    pub(crate) authorities: &'static str,
    /// `None` if the backend does not support client certificates.
    pub(crate) identity: Option<&'static str>,
}

impl Default for Variables {
    fn default() -> Self {
        Self {
            authorities: "SSL_CERT_FILE",
            identity: None,
        }
    }
}

/// The content of the files.
#[derive(Debug)]
pub(in crate::pipeline) struct Material {
    pub(in crate::pipeline) roots: Roots,
    pub(in crate::pipeline) identity: Option<Identity>,
}

/// The trusted authorities.
#[derive(Debug)]
pub(in crate::pipeline) enum Roots {
    Certificates(Vec<CertificateDer<'static>>),
    /// Mozilla's list, which is compiled in.
    WebPki,
}

/// A client certificate with its chain, and the private key that belongs to it.
#[derive(Debug)]
pub(in crate::pipeline) struct Identity {
    pub(in crate::pipeline) chain: Vec<CertificateDer<'static>>,
    /// The certificate and the key, in PEM.
    pub(in crate::pipeline) pem: (Vec<u8>, Vec<u8>),
}

impl Tls {
    /// Checks the files that the settings name.
    ///
    /// # Errors
    /// Returns a sentence for each file that cannot be used. It names the variable and the file.
    pub(crate) fn check(&self) -> Result<(), Vec<String>> {
        let authorities = self.authorities.as_ref().map(PemFile::certificates);
        let authorities = authorities.transpose().err();
        let identity = self.identity().err();
        let errors: Vec<String> = authorities.into_iter().chain(identity).collect();
        if errors.is_empty() {
            Ok(())
        } else {
            Err(errors)
        }
    }

    /// Reads the files.
    ///
    /// # Errors
    /// Returns a sentence that names the first file that cannot be used.
    pub(in crate::pipeline) fn load(&self) -> Result<Material, String> {
        Ok(Material {
            roots: match &self.authorities {
                Some(file) => Roots::Certificates(file.certificates()?),
                None => system_roots()?,
            },
            identity: self.identity()?,
        })
    }

    fn identity(&self) -> Result<Option<Identity>, String> {
        let Some((certificate, key)) = &self.identity else {
            return Ok(None);
        };
        let pem = (certificate.read()?, key.read()?);
        let chain = certificate.certificates()?;
        let private = PrivateKeyDer::from_pem_slice(&pem.1)
            .map_err(|error| key.unusable("a PEM file with a private key", readable(&error)))?;
        let provider = CryptoProvider::get_default().cloned();
        let provider = provider.unwrap_or_else(|| Arc::new(ring::default_provider()));
        CertifiedKey::from_der(chain.clone(), private, &provider).map_err(|error| {
            let expected = format!("the private key of {}", certificate.variable);
            key.unusable(&expected, error)
        })?;
        Ok(Some(Identity { chain, pem }))
    }

    /// Explains a TLS error, and says how to fix it.
    pub(in crate::pipeline) fn explain(&self, error: &Error) -> String {
        let Variables {
            authorities,
            identity,
        } = self.variables;
        let text = match error {
            Error::InvalidMessage(_) => {
                "the server does not speak TLS: write http:// instead of https://, or check the port".into()
            }
            // The signature does not match if the authority has a new key under its old name.
            Error::InvalidCertificate(
                CertificateError::UnknownIssuer | CertificateError::BadSignature,
            ) => match &self.authorities {
                Some(PemFile { variable, .. }) => {
                    format!("the server's certificate is not signed by an authority of {variable}: add that authority to the file")
                }
                None => format!(
                    "the server's certificate is not signed by a trusted authority: set {authorities} to a PEM file of that authority"
                ),
            },
            Error::InvalidCertificate(error) => format!("the server's certificate is not valid: {error}"),
            Error::AlertReceived(
                alert @ (AlertDescription::CertificateRequired | AlertDescription::HandshakeFailure),
            ) if self.identity.is_none() => match identity {
                Some(variables) => format!(
                    "the server refuses the connection ({alert:?}): if it requires a client certificate, set {variables}"
                ),
                None => format!("the server refuses the connection: {alert:?}"),
            },
            Error::AlertReceived(alert) if self.identity.is_some() => {
                format!("the server refuses the client certificate: {alert:?}")
            }
            other => other.to_string(),
        };
        format!("TLS: {text}")
    }

    /// Explains why a connection may have ended before the first response. With TLS 1.3, a server may refuse a client
    /// certificate only after the client has completed the handshake.
    pub(in crate::pipeline) fn explain_end(&self, why: &str) -> String {
        match (&self.identity, self.variables.identity) {
            (None, Some(variables)) => format!(
                "TLS: the server ended the connection ({why}): if it requires a client certificate, set {variables}"
            ),
            _ => format!("TLS: the server ended the connection ({why})"),
        }
    }

    /// Explains the TLS error among the causes of an error, if there is one.
    pub(in crate::pipeline) fn explain_cause(
        &self,
        error: &(dyn std::error::Error + 'static),
    ) -> Option<String> {
        let mut cause = Some(error);
        while let Some(error) = cause {
            let within = error.downcast_ref::<std::io::Error>();
            let within = within.and_then(|error| error.get_ref());
            let tls = error.downcast_ref::<Error>();
            if let Some(tls) = tls.or_else(|| within?.downcast_ref::<Error>()) {
                return Some(self.explain(tls));
            }
            cause = match within {
                Some(within) => Some(within),
                None => error.source(),
            };
        }
        None
    }
}

impl PemFile {
    fn read(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.path).map_err(|error| self.unusable("a PEM file", error))
    }

    /// Reads the certificates of the file, which must contain at least one.
    fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, String> {
        const EXPECTED: &str = "a PEM file with certificates";
        let text = self.read()?;
        let certificates = CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>();
        let certificates =
            certificates.map_err(|error| self.unusable(EXPECTED, readable(&error)))?;
        let (first, is_none) = (certificates.first(), certificates.is_empty());
        let is_certificate = |der: &CertificateDer<'_>| {
            rustls::RootCertStore::empty()
                .add(der.clone().into_owned())
                .is_ok()
        };
        if is_none {
            return Err(self.unusable(EXPECTED, "the file contains none"));
        }
        if !first.is_some_and(is_certificate) {
            return Err(self.unusable(EXPECTED, "the first one is malformed"));
        }
        Ok(certificates)
    }

    fn unusable(&self, expected: &str, why: impl std::fmt::Display) -> String {
        let Self { variable, path } = self;
        format!("{variable} is {path:?}, expected {expected}: {why}")
    }
}

/// Describes a parser's error. The error's own text quotes bytes of the file, which may be those of a key.
fn readable(error: &pem::Error) -> &'static str {
    match error {
        pem::Error::NoItemsFound => "the file contains none",
        _ => "the file is not valid PEM",
    }
}

/// Reads the authorities of the system.
fn system_roots() -> Result<Roots, String> {
    let found = rustls_native_certs::load_native_certs();
    if !found.certs.is_empty() {
        return Ok(Roots::Certificates(found.certs));
    }
    let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let set: Vec<&str> = SYSTEM.into_iter().filter(is_set).collect();
    if set.is_empty() {
        return Ok(Roots::WebPki);
    }
    let why = match found.errors.first() {
        Some(error) => error.to_string(),
        None => "no certificate found".to_owned(),
    };
    let set = set.join(" and ");
    Err(format!(
        "no trusted authorities, because {set} cannot be used: {why}; set it to PEM certificates"
    ))
}

#[cfg(test)]
mod tests;
