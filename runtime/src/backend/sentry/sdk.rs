//! The description of this library in events.

use sentry::protocol::ClientSdkInfo;

/// Returns the name and version of this library.
pub(super) fn sdk() -> ClientSdkInfo {
    ClientSdkInfo {
        name: "sentry.rust.instrumental".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        integrations: Vec::new(),
        packages: Vec::new(),
    }
}
