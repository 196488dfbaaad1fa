//! Recent changes, from git.

use crate::markdown::{code, text};
use std::process::Command;

/// The maximum number of changes.
const CHANGES: &str = "10";
/// The maximum number of files that are listed.
const NAMED: usize = 5;
/// The separator of columns in git's output.
const COLUMN: char = '\u{1f}';

/// Returns the latest changes of files as a list.
pub(super) fn of(files: &[String]) -> String {
    let mut names: Vec<_> = files.iter().take(NAMED).map(|file| code(file)).collect();
    if files.len() > NAMED {
        names.push(format!("{} more", files.len() - NAMED));
    }
    let Some(changes) = log(files) else {
        return format!(
            "This folder is not a git checkout. In one, run `git log -n {CHANGES}` on {}.\n",
            names.join(", ")
        );
    };
    let mut out = format!("In {}:\n\n", names.join(", "));
    for line in changes.lines() {
        let columns: Vec<_> = line.split(COLUMN).collect();
        if let [hash, date, author, subject] = columns.as_slice() {
            out.push_str(&format!(
                "- {} {} {}, {}\n",
                code(hash),
                text(date),
                text(subject),
                text(author)
            ));
        }
    }
    if changes.trim().is_empty() {
        out.push_str("- none\n");
    }
    out
}

/// Returns the output of `git log`, or `None` outside of a checkout.
fn log(files: &[String]) -> Option<String> {
    // The paths start at the root of the workspace.
    let root = git(&["rev-parse", "--show-toplevel"])?;
    let format = format!("--format=%h{COLUMN}%ad{COLUMN}%an{COLUMN}%s");
    let mut arguments = vec![
        "-C",
        root.trim_end(),
        "log",
        "-n",
        CHANGES,
        "--date=short",
        &format,
        "--",
    ];
    arguments.extend(files.iter().map(String::as_str));
    git(&arguments)
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("--literal-pathspecs")
        .args(arguments)
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
