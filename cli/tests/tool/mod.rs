//! Runs the tool.
#![allow(dead_code)]

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

pub(crate) const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/shop.json");

pub(crate) fn run(arguments: &[&str]) -> Output {
    let command = Command::new(env!("CARGO_BIN_EXE_cargo-instrumental"))
        // Cargo passes the name of the subcommand.
        .arg("instrumental")
        .args(arguments)
        .output();
    command.expect("the tool starts")
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Asserts one line on standard error, nothing on standard output, and exit code 2.
pub(crate) fn refused(arguments: &[&str], why: &str) {
    let output = run(arguments);
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
    assert!(
        error.starts_with("error: ") && error.contains(why),
        "{error}"
    );
    assert_eq!(
        (error.lines().count(), output.stdout.len()),
        (1, 0),
        "{error}"
    );
}

/// A folder of one test, removed on drop.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Relaxed);
        let name = format!("instrumental-{name}-{}-{count}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    pub(crate) fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("text").to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
