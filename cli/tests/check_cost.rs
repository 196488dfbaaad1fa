//! The commands as they run in CI: their output and exit codes.
#![allow(missing_docs)]

mod tool;

use std::path::Path;
use tool::{Folder, SHOP, refused, run, text};

#[test]
fn list_and_docs_print_or_write() {
    let output = run(&["list", "bids", "--kind", "metric", "--manifest", SHOP]);
    assert_eq!(output.status.code(), Some(0));
    let lines = text(&output.stdout);
    assert_eq!(lines.lines().count(), 3, "{lines}");
    let folder = Folder::new("cli-docs");
    let file = folder.file("new/folder/signals.md");
    let output = run(&["docs", "--out", &file, "--manifest", SHOP]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0));
    let written = std::fs::read_to_string(&file).expect("a file");
    assert!(written.starts_with("# What shop reports\n"), "{written}");
}

#[test]
fn check_exits_with_0_1_or_2() {
    let folder = Folder::new("cli-check");
    let shop = std::fs::read_to_string(SHOP).expect("a manifest");
    let clean = folder.file("clean.json");
    std::fs::write(&clean, shop.replace("docs/runbooks.md#payments", "")).expect("written");
    let code = |arguments: &[&str]| run(arguments).status.code();
    // Warnings only: alerts without runbooks.
    assert_eq!(code(&["check", "--manifest", &clean]), Some(0));
    assert_eq!(code(&["check", "--strict", "--manifest", &clean]), Some(1));
    assert_eq!(
        code(&["check", "--budget", "10", "--manifest", &clean]),
        Some(1)
    );
    let output = run(&["check", "--manifest", SHOP, "--json"]);
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(
        (output.status.code(), &found["errors"]),
        (Some(1), &1.into())
    );
    assert_eq!(found["findings"][0]["source"], "src/alerts.rs:10");
    let renamed = folder.file("renamed.json");
    let text_of = shop
        .replace("docs/runbooks.md#payments", "")
        .replace("auth.failures", "auth.failed");
    std::fs::write(&renamed, text_of).expect("written");
    let output = run(&["check", "--against", &clean, "--manifest", &renamed]);
    let lines = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1));
    let line = "src/signals.rs:35: error: the metric `auth.failures` was renamed to `auth.failed`; used by alert \
                `auth_failures` [renamed]";
    assert!(lines.lines().any(|found| found == line), "{lines}");
    refused(
        &["check", "--against", "no/such.json", "--manifest", &clean],
        "cannot read",
    );
    refused(&["check", "--manifest", "no/such.json"], "cannot read");
}

#[test]
fn errors_of_cost_are_one_line_and_write_nothing() {
    let folder = Folder::new("cli-cost");
    let prices = folder.file("prices.json");
    let output = run(&["cost", "--write-prices", &prices]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0));
    refused(&["cost", "--write-prices", &prices], "already exists");
    let page = folder.file("page.txt");
    std::fs::write(&page, "# TYPE a_total counter\na_total 3\n").expect("written");
    let output = run(&[
        "cost", "--scrape", &page, "--over", "60", "--prices", &prices,
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("1 metrics with 1 combinations of labels"));
    refused(&["cost", "--scrape", &page], "one page has no rates");
    refused(
        &["cost", "--scrape", SHOP, "--over", "1"],
        "is not a page of Prometheus metrics: line 1",
    );
    refused(
        &["cost", "--scrape", &page, "--over", "1", "--prices", SHOP],
        "is not a price file",
    );
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = free.local_addr().expect("bound").to_string();
    drop(free);
    refused(
        &["cost", "--metrics", &address, "--over", "0.01"],
        "cannot reach",
    );
    let files = std::fs::read_dir(&folder.0).expect("a folder").count();
    assert_eq!(files, 2);
    assert!(Path::new(&prices).is_file());
}
