//! Writes the pairs that `cargo test` runs: the first of those in the conformance suite, which cover most combinations.

use std::collections::HashSet;
use std::path::PathBuf;
use std::{env, io};

#[path = "src/generate/mod.rs"]
#[allow(dead_code, unused_imports, unreachable_pub)]
mod generate;

const SEED: u64 = 8;
const PAIRS: usize = 150;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=src/generate");
    println!("cargo::rerun-if-changed=build.rs");
    let out = env::var_os("OUT_DIR")
        .map(PathBuf::from)
        .ok_or(io::ErrorKind::NotFound)?;
    let project = generate::Project {
        seed: SEED,
        pairs: PAIRS,
        only: None,
        without: &HashSet::new(),
    };
    generate::write(&project, &out.join("pairs"))
}
