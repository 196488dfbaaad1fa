//! The pairs that cover most combinations, and tests of the generator. The conformance suite runs all pairs.
#![allow(unreachable_pub, reason = "the pairs are those of a library")]
#![deny(warnings, clippy::pedantic)]
// Lints that the plain functions trigger too. The conformance suite checks that annotated ones trigger no others.
#![allow(
    dead_code,
    unreachable_code,
    unused_assignments,
    unused_variables,
    clippy::assign_op_pattern,
    clippy::size_of_ref,
    clippy::needless_lifetimes,
    clippy::bool_to_int_with_if,
    clippy::boxed_local,
    clippy::diverging_sub_expression,
    clippy::doc_markdown,
    clippy::drop_non_drop,
    clippy::elidable_lifetime_names,
    clippy::if_not_else,
    clippy::items_after_statements,
    clippy::large_futures,
    clippy::large_types_passed_by_value,
    clippy::manual_async_fn,
    clippy::many_single_char_names,
    clippy::match_single_binding,
    clippy::needless_pass_by_value,
    clippy::needless_return,
    clippy::non_minimal_cfg,
    clippy::question_mark,
    clippy::single_match_else,
    clippy::too_many_arguments,
    clippy::too_many_lines,
    clippy::toplevel_ref_arg,
    clippy::trivially_copy_pass_by_ref,
    clippy::type_complexity,
    clippy::unit_arg,
    clippy::unnecessary_box_returns,
    clippy::unnecessary_lazy_evaluations,
    clippy::unnecessary_wraps,
    clippy::unused_async,
    clippy::unwrap_used,
    clippy::wildcard_imports
)]

include!(concat!(env!("OUT_DIR"), "/pairs/pairs.rs"));

use instrumental_tests_differential::generate::{Project, write};
use instrumental_tests_differential::kit::{Limits, differences};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;

#[test]
fn annotated_functions_behave_like_plain_ones() {
    let describe = |pair| {
        let found = differences(pair, Limits::of_this_build()).into_iter();
        found.map(move |difference| format!("{}: {difference}\n  {}", pair.name, pair.shape))
    };
    // Moving futures with large arguments needs more stack than a test's thread has.
    let run = move || PAIRS.iter().flat_map(describe).collect();
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(run);
    let all: Vec<_> = thread
        .and_then(|thread| {
            let panicked = |_| std::io::Error::other("the pairs panicked");
            thread.join().map_err(panicked)
        })
        .expect("a thread");
    assert!(
        all.is_empty(),
        "{} differences:\n{}",
        all.len(),
        all.join("\n")
    );
}

#[test]
fn the_pairs_cover_most_tags() {
    let tags: HashSet<_> = PAIRS
        .iter()
        .flat_map(|pair| pair.shape.split(' '))
        .collect();
    assert!(tags.len() > 200, "only {} tags are covered", tags.len());
}

fn generated(seed: u64, folder: &Path) -> BTreeMap<String, String> {
    let _ = std::fs::remove_dir_all(folder);
    write(
        &Project {
            seed,
            pairs: 60,
            only: None,
            without: &HashSet::new(),
        },
        folder,
    )
    .expect("a writable folder");
    let files = std::fs::read_dir(folder)
        .expect("a readable folder")
        .map(|entry| entry.expect("a file").path());
    let read = |file: std::path::PathBuf| {
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        (
            name,
            std::fs::read_to_string(&file).expect("a readable file"),
        )
    };
    files.map(read).collect()
}

#[test]
fn the_same_seed_writes_the_same_functions() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("same");
    let (once, again, other) = (
        generated(3, &folder),
        generated(3, &folder),
        generated(4, &folder),
    );
    assert_eq!(once.len(), 61);
    assert!(once == again && once != other);
}
