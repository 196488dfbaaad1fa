//! Writes pairs of functions, plain and annotated.

use instrumental_tests_differential::generate::{Project, write};
use std::collections::HashSet;
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str =
    "usage: differential generate --out DIR [--seed N] [--pairs N] [--without FILE]";

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
    if arguments.next().as_deref() != Some("generate") {
        return Err(USAGE.to_owned());
    }
    let (mut seed, mut pairs, mut out, mut without) = (1, 2000, None, HashSet::new());
    while let Some(option) = arguments.next() {
        let value = arguments.next().ok_or(USAGE)?;
        let number = || {
            value
                .parse()
                .map_err(|_| format!("{option} wants a number, not {value}"))
        };
        match option.as_str() {
            "--seed" => seed = number()?,
            "--pairs" => pairs = number()? as usize,
            "--out" => out = Some(PathBuf::from(value)),
            "--without" => {
                let names =
                    std::fs::read_to_string(&value).map_err(|error| format!("{value}: {error}"))?;
                without = names.split_whitespace().map(str::to_owned).collect();
            }
            _ => return Err(USAGE.to_owned()),
        }
    }
    let out = out.ok_or(USAGE)?;
    write(
        &Project {
            seed,
            pairs,
            without: &without,
        },
        &out,
    )
    .map_err(|error| format!("{}: {error}", out.display()))
}
