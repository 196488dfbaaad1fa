//! Checks the imports of every library and binary of the workspace.
#![allow(missing_docs)]

use instrumental_architecture::{Tree, cycles, floors, imports, targets, upward, workspace};
use std::collections::BTreeSet;

fn assert_none(messages: &BTreeSet<String>) {
    let all: Vec<&str> = messages.iter().map(String::as_str).collect();
    assert!(
        all.is_empty(),
        "{} violations\n{}\n",
        all.len(),
        all.join("\n")
    );
}

/// Asserts that the imports of a package have no cycle.
fn assert_no_cycles(package: &str) {
    let targets = targets().into_iter();
    let trees = targets
        .filter(|target| target.package == package)
        .map(|target| {
            let root = target
                .root
                .strip_prefix(workspace())
                .expect("within the workspace");
            Tree::read(&workspace(), root)
        });
    let trees: Vec<Tree> = trees.collect();
    assert!(!trees.is_empty(), "no package {package}");
    assert_none(
        &trees
            .iter()
            .flat_map(|tree| cycles(&imports(tree)))
            .collect(),
    );
}

macro_rules! packages {
    ($($name:ident $package:literal;)*) => {
        mod no_cycle_in {
            $(#[test] fn $name() { super::assert_no_cycles($package); })*
        }

        #[test]
        fn every_package_is_checked() {
            let known = BTreeSet::from([$($package.to_owned()),*]);
            let all: BTreeSet<String> = targets().into_iter().map(|target| target.package).collect();
            assert_eq!(known, all);
        }
    };
}

packages! {
    architecture "instrumental-architecture";
    benches "instrumental-benches";
    cli "instrumental-cli";
    differential "instrumental-tests-differential";
    expand "instrumental-tests-expand";
    macros "instrumental-macros";
    manifest "instrumental-manifest";
    marketplace "marketplace";
    public_api "instrumental-public-api";
    renamed "instrumental-tests-renamed";
    runtime "instrumental";
    switch "instrumental-tests-switch";
    tests "instrumental-tests";
    wasm "instrumental-tests-wasm";
    wholesale "instrumental-tests-wholesale";
}

#[test]
fn imports_of_the_runtime_point_down() {
    let tree = Tree::read(&workspace(), "runtime/src/lib.rs".as_ref());
    assert_none(&upward(&imports(&tree)).into_iter().collect());
}

#[test]
fn architecture_md_shows_the_floors() {
    let page = workspace().join("ARCHITECTURE.md");
    let page = std::fs::read_to_string(page).expect("ARCHITECTURE.md");
    assert!(
        page.contains(&floors()),
        "ARCHITECTURE.md lacks `{}`",
        floors()
    );
}
