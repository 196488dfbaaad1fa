//! The targets of the workspace, from `cargo metadata`.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A library or binary of the workspace.
#[derive(Clone, Debug)]
pub struct Target {
    /// The name of its package.
    pub package: String,
    /// The file of its root module.
    pub root: PathBuf,
}

/// The folder of the workspace.
///
/// # Panics
/// This package is not two folders below it.
#[must_use]
pub fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = here.parent().and_then(Path::parent);
    workspace.expect("two folders up").to_owned()
}

/// Every library and binary of the workspace.
///
/// # Panics
/// Cargo cannot read the workspace.
#[must_use]
pub fn targets() -> Vec<Target> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version=1"])
        .current_dir(workspace())
        .output()
        .expect("cargo runs");
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("JSON from cargo metadata");
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let targets = packages.flat_map(|package| {
        let targets = package["targets"].as_array().into_iter().flatten();
        targets.map(move |target| (package, target))
    });
    targets
        .filter(|(_, target)| {
            let kinds = target["kind"].as_array().into_iter().flatten();
            let mut kinds = kinds.filter_map(serde_json::Value::as_str);
            kinds.any(|kind| ["lib", "bin", "proc-macro"].contains(&kind))
        })
        .map(|(package, target)| Target {
            package: package["name"].as_str().unwrap_or_default().to_owned(),
            root: target["src_path"].as_str().unwrap_or_default().into(),
        })
        .collect()
}
