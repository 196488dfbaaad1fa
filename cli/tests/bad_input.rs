//! What is wrong with what the tool is given is one sentence on the standard error and exit code 2; nothing is written.

#![allow(missing_docs)]

mod tool;

use tool::{Folder, SHOP, run, text};

/// Every command that asks a program refuses, and leaves the folder as it is.
fn refused(source: &[&str], words: &[&str]) {
    let out = Folder::new("refused");
    for command in [
        "list",
        "docs",
        "check",
        "alerts",
        "dashboards",
        "runbook",
        "generate",
    ] {
        let mut arguments = source.to_vec();
        arguments.push(command);
        let written = out.0.to_string_lossy();
        if matches!(command, "alerts" | "dashboards" | "generate") {
            arguments.extend(["--out", &written]);
        }
        let output = run(&arguments);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {told}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert!(
            told.starts_with("error: ") && told.trim_end().lines().count() == 1,
            "{told}"
        );
        assert!(
            words.iter().all(|word| told.contains(word)),
            "{arguments:?}: {told}"
        );
        assert_eq!(
            std::fs::read_dir(&out.0).expect("a folder").count(),
            0,
            "{arguments:?}"
        );
    }
}

#[test]
fn a_program_that_is_not_there_is_told() {
    refused(
        &["--exe", "/nonexistent/program"],
        &["/nonexistent/program", "does not start"],
    );
    refused(
        &["-p", "no-such-package"],
        &["no package `no-such-package`"],
    );
    refused(
        &["-p", "instrumental-cli", "--bin", "nothing"],
        &["no program `nothing`"],
    );
}

#[test]
fn a_program_that_does_not_call_init_is_told() {
    refused(
        &["--exe", "/bin/true"],
        &["wrote no manifest", "`instrumental::init()`"],
    );
}

#[test]
fn manifests_that_are_none_are_told() {
    let folder = Folder::new("manifests");
    let file = |name: &str, text: &str| {
        let file = folder.file(name);
        std::fs::write(&file, text).expect("written");
        file
    };
    let whole = include_str!("data/shop.json");
    for (file, words) in [
        (
            file(
                "old.json",
                &whole.replacen("\"manifest\": 1", "\"manifest\": 0", 1),
            ),
            ["version 0", "reads version 1"],
        ),
        (
            file(
                "new.json",
                &whole.replacen("\"manifest\": 1", "\"manifest\": 2", 1),
            ),
            ["version 2", "of one version"],
        ),
        (
            file("half.json", &whole[..whole.len() / 2]),
            ["half.json", "no JSON"],
        ),
        (file("other.json", "[1, 2]"), ["other.json", "no version"]),
        (
            file(
                "damaged.json",
                &whole.replacen("\"functions\"", "\"function\"", 1),
            ),
            ["damaged", "functions"],
        ),
        (
            folder.file("absent.json"),
            ["absent.json", "cannot be read"],
        ),
    ] {
        refused(&["--manifest", &file], &words);
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_told() {
    // A file stands where the folder is to be.
    let out = format!("{SHOP}/ops");
    for command in ["alerts", "dashboards", "generate"] {
        let output = run(&["--manifest", SHOP, command, "--out", &out]);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(
            told.lines().any(|line| line.contains("is not written")),
            "{told}"
        );
    }
}
