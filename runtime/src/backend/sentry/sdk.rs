//! What Sentry is told of this library.

use sentry::protocol::ClientSdkInfo;

/// Name and version.
pub(super) fn sdk() -> ClientSdkInfo {
    ClientSdkInfo {
        name: "sentry.rust.instrumental".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        integrations: Vec::new(),
        packages: Vec::new(),
    }
}
