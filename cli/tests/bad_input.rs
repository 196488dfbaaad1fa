//! Invalid input is one line on standard error and exit code 2, and no file is written.

#![allow(missing_docs)]

mod tool;

use tool::{Folder, SHOP, run, text};

/// Every command that reads a manifest fails, and leaves the folder as it is.
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
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert!(
            error.starts_with("error: ") && error.trim_end().lines().count() == 1,
            "{error}"
        );
        assert!(
            words.iter().all(|word| error.contains(word)),
            "{arguments:?}: {error}"
        );
        assert_eq!(
            std::fs::read_dir(&out.0).expect("a folder").count(),
            0,
            "{arguments:?}"
        );
    }
}

#[test]
fn a_missing_program_is_an_error() {
    refused(
        &["--exe", "/nonexistent/program"],
        &["/nonexistent/program", "cannot start"],
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
fn a_program_without_init_is_an_error() {
    refused(
        &["--exe", "/bin/true"],
        &["without writing a manifest", "`instrumental::init()`"],
    );
}

#[test]
fn invalid_manifests_are_errors() {
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
            ["version 2", "use the same version"],
        ),
        (
            file("half.json", &whole[..whole.len() / 2]),
            ["half.json", "invalid JSON"],
        ),
        (
            file("other.json", "[1, 2]"),
            ["other.json", "not a version"],
        ),
        (
            file(
                "damaged.json",
                &whole.replacen("\"functions\"", "\"function\"", 1),
            ),
            ["invalid manifest", "functions"],
        ),
        (folder.file("absent.json"), ["absent.json", "cannot read"]),
    ] {
        refused(&["--manifest", &file], &words);
    }
}

#[test]
fn a_folder_that_is_not_writable_is_an_error() {
    // The parent is a file.
    let out = format!("{SHOP}/ops");
    for command in ["alerts", "dashboards", "generate"] {
        let output = run(&["--manifest", SHOP, command, "--out", &out]);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(
            error.lines().any(|line| line.contains("cannot write")),
            "{error}"
        );
    }
}
