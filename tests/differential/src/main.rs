//! Writes pairs of functions, plain and annotated.

use instrumental_tests_differential::generate::{Project, write, write_warned};
use std::collections::HashSet;
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "usage: differential generate --out DIR [--seed N] [--pairs N] [--only TAG] [--without FILE]\n       differential warned --out DIR";

fn main() -> ExitCode {
    match generate(std::env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn generate(mut arguments: impl Iterator<Item = String>) -> Result<(), String> {
    let command = arguments.next().unwrap_or_default();
    let (mut seed, mut pairs, mut out, mut only, mut without) =
        (1, 2000, None, None, HashSet::new());
    while let Some(option) = arguments.next() {
        let value = arguments.next().ok_or(USAGE)?;
        let number = || {
            value
                .parse()
                .map_err(|_| format!("{option} requires a number, not {value}"))
        };
        match option.as_str() {
            "--seed" => seed = number()?,
            "--pairs" => {
                pairs = usize::try_from(number()?).map_err(|_| format!("{value} is too many"))?
            }
            "--out" => out = Some(PathBuf::from(value)),
            "--only" => only = Some(value),
            "--without" => {
                let names =
                    std::fs::read_to_string(&value).map_err(|error| format!("{value}: {error}"))?;
                without = names.split_whitespace().map(str::to_owned).collect();
            }
            _ => return Err(USAGE.to_owned()),
        }
    }
    let out = out.ok_or(USAGE)?;
    let written = match command.as_str() {
        "generate" => write(
            &Project {
                seed,
                pairs,
                only: only.as_deref(),
                without: &without,
            },
            &out,
        ),
        "warned" => write_warned(&without, &out),
        _ => return Err(USAGE.to_owned()),
    };
    written.map_err(|error| format!("{}: {error}", out.display()))
}
