//! The interface itself: help texts, completions, manual pages, and tables in a pipe.
#![allow(missing_docs)]

mod tool;

use tool::{Folder, SHOP, run, text};

/// The names of the subcommands, from the help text.
fn subcommands() -> Vec<String> {
    let help = text(&run(&["--help"]).stdout);
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands = commands.take_while(|line| !line.is_empty());
    let names = commands.filter_map(|line| line.split_whitespace().next());
    names
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_subcommand_has_an_example() {
    let names = subcommands();
    assert!(names.len() >= 13, "{names:?}");
    for name in names {
        let output = run(&[&name, "--help"]);
        let help = text(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{name}: {help}");
        let example = help.lines().skip_while(|line| *line != "Example:").nth(1);
        let example = example.unwrap_or_else(|| panic!("{name} has no example: {help}"));
        let start = format!("  cargo instrumental {name}");
        assert!(example.starts_with(&start), "{name}: {example}");
    }
}

#[test]
fn completions_know_every_subcommand() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = run(&["completions", shell]);
        let script = text(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{shell}");
        for name in subcommands() {
            assert!(script.contains(&name), "{shell} lacks {name}");
        }
    }
}

#[test]
fn every_subcommand_has_a_manual_page() {
    let folder = Folder::new("man");
    let output = run(&["man", "--out", &folder.file("man1")]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let pages = folder.0.join("man1");
    for name in subcommands() {
        let page = pages.join(format!("cargo-instrumental-{name}.1"));
        let page = std::fs::read_to_string(page).expect("a page");
        assert!(
            page.contains(&format!(".TH cargo-instrumental-{name} 1")),
            "{page}"
        );
    }
    let count = std::fs::read_dir(pages).expect("a folder").count();
    assert_eq!(count, subcommands().len() + 1);
    let page = text(&run(&["man"]).stdout);
    assert!(page.contains(".TH cargo-instrumental 1"), "{page}");
}

#[test]
fn f56_names_are_not_cut_in_a_pipe() {
    let folder = Folder::new("pipe");
    let name = format!("Payments::{}", "release_".repeat(40));
    let manifest = std::fs::read_to_string(SHOP).expect("a manifest");
    let file = folder.file("long.json");
    std::fs::write(&file, manifest.replace("PaymentService::hold", &name)).expect("written");
    let output = run(&["list", "--kind", "function", "--manifest", &file]);
    let lines = text(&output.stdout);
    let row = lines.lines().find(|line| line.starts_with(&name));
    let row = row.unwrap_or_else(|| panic!("{lines}"));
    assert!(row.ends_with("src/payments.rs:60"), "{row}");
    assert!(!lines.contains(['…', '\u{1b}']), "{lines}");
}

#[test]
fn colors_and_spinners_stay_on_terminals() {
    let output = run(&["list", "--manifest", "no/such.json"]);
    assert!(text(&output.stderr).starts_with("error: "));
    assert!(!output.stderr.contains(&0x1b));
}
