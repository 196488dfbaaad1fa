//! Annotates the functions of third-party files in place and prints a report as JSON.
//!
//! ```text
//! wholesale MODE ROOT [--extern-crate] [--begin-tests TEXT] [--leave-out FILE:LINE].. FILE..
//! ```
//!
//! Each `FILE` is a path below `ROOT`. `--extern-crate` is for the roots of crates of edition 2015, which need it to see
//! dependencies. `--begin-tests` is a statement to insert at the start of each test. `--leave-out` names a function by its
//! first line.
//!
//! Each annotated function also gets `#[allow(clippy::wholesale, reason = "FILE:LINE:NAME")]`, with the line of its name.
//! The compiler keeps this attribute, so the expanded crate shows which functions are compiled.

mod find;
mod plan;
mod rewrite;
mod rules;
#[cfg(test)]
mod tests;

use plan::{Mode, Plan};
use rewrite::Rewritten;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;
use std::{env, fs};

/// The arguments of the program.
struct Arguments {
    plan: Plan,
    root: PathBuf,
    leave_out: Vec<(String, usize)>,
    files: Vec<String>,
}

fn main() -> ExitCode {
    let done = read(env::args().skip(1)).and_then(|arguments| run(&arguments));
    match done {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("wholesale: {message}");
            ExitCode::FAILURE
        }
    }
}

fn read(mut words: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let mut next = |what: &str| words.next().ok_or_else(|| format!("{what} is missing"));
    let mode = next("the mode")?;
    let mode = Mode::named(&mode).ok_or_else(|| format!("`{mode}` is not a mode"))?;
    let mut arguments = Arguments {
        plan: Plan::new(mode),
        root: next("the folder of the crate")?.into(),
        leave_out: Vec::new(),
        files: Vec::new(),
    };
    while let Ok(word) = next("a file") {
        match word.as_str() {
            "--extern-crate" => arguments.plan.extern_crate = true,
            "--begin-tests" => arguments.plan.begin_tests = Some(next("the statement")?),
            "--leave-out" => {
                let place = next("the function")?;
                let parts = place
                    .rsplit_once(':')
                    .and_then(|(file, line)| Some((file.to_owned(), line.parse().ok()?)));
                let place = parts.ok_or_else(|| format!("`{place}` is not FILE:LINE"))?;
                arguments.leave_out.push(place);
            }
            _ => arguments.files.push(word),
        }
    }
    Ok(arguments)
}

fn run(arguments: &Arguments) -> Result<Value, String> {
    let (mut functions, mut left_out, mut unread) = (Vec::new(), Vec::new(), Vec::new());
    for file in &arguments.files {
        let path = arguments.root.join(file);
        let source = fs::read_to_string(&path).map_err(|error| format!("{file}: {error}"))?;
        let mut plan = arguments.plan.clone();
        let here = arguments.leave_out.iter().filter(|(name, _)| name == file);
        plan.leave_out = here.map(|(_, line)| *line).collect();
        plan.mark = Some(file.clone());
        let Ok(rewritten) = rewrite::rewrite(&source, &plan) else {
            unread.push(file);
            continue;
        };
        fs::write(&path, &rewritten.text).map_err(|error| format!("{file}: {error}"))?;
        report(file, &rewritten, &mut functions, &mut left_out);
    }
    Ok(json!({ "functions": functions, "left_out": left_out, "unread": unread }))
}

fn report(file: &str, rewritten: &Rewritten, all: &mut Vec<Value>, left_out: &mut Vec<Value>) {
    for found in &rewritten.functions {
        let (name, line) = (&found.name, found.line);
        let lines = [found.first, found.last];
        let place = format!("{file}:{}:{name}", found.name_line);
        all.push(json!({
            "file": file, "name": name, "line": line, "lines": lines, "place": place,
        }));
    }
    for left in &rewritten.left_out {
        let (line, count, reason) = (left.line, left.count, left.reason.as_str());
        left_out.push(json!({ "file": file, "line": line, "count": count, "reason": reason }));
    }
}
