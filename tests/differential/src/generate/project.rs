//! Writes the files of a program that runs the pairs.

use super::case::Case;
use super::{cases, twin, warned};
use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

/// What to write.
#[derive(Clone, Copy, Debug)]
pub struct Project<'a> {
    /// The seed of the random shapes.
    pub seed: u64,
    /// The number of pairs.
    pub pairs: usize,
    /// Only pairs with this tag.
    pub only: Option<&'a str>,
    /// The names of pairs to leave out.
    pub without: &'a HashSet<String>,
}

/// Writes a file for each pair, and `pairs.rs` with the list of them.
///
/// # Errors
/// The folder is not writable.
pub fn write(project: &Project<'_>, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut modules = String::new();
    let mut table = String::new();
    for (n, case) in cases(project.seed, project.pairs).iter().enumerate() {
        let name = format!("p{n:04}");
        let other = |tag: &str| !case.tags().iter().any(|own| own == tag);
        if project.without.contains(&name) || project.only.is_some_and(other) {
            continue;
        }
        let file = folder.join(format!("{name}.rs"));
        save(&file, &pair(&name, case))?;
        let _ = writeln!(modules, "#[path = {file:?}]\nmod {name};");
        let _ = writeln!(table, "    {},", entry(&name, case));
    }
    let list = format!(
        "/// Every pair.\npub static PAIRS: &[instrumental_tests_differential::kit::Pair] = &[\n{table}];\n"
    );
    save(&folder.join("pairs.rs"), &format!("{modules}\n{list}"))
}

/// Writes a file for each function that the compiler warns about, and `pairs.rs` with their modules.
///
/// # Errors
/// The folder is not writable.
pub fn write_warned(without: &HashSet<String>, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut modules = String::new();
    for (n, warned) in warned::WARNED.iter().enumerate() {
        let name = format!("p{n:04}");
        if without.contains(&name) {
            continue;
        }
        let (plain, annotated) = (
            warned::module("plain", warned, false),
            warned::module("annotated", warned, true),
        );
        let shape = format!(
            "{} {}",
            warned.attribute,
            warned.function.replace(['"', '\n'], " ")
        );
        let file = folder.join(format!("{name}.rs"));
        save(&file, &format!("{plain}\n{annotated}"))?;
        let _ = writeln!(
            modules,
            "// name: \"{name}\", shape: \"{shape}\", silent: {}",
            warned.silent
        );
        let _ = writeln!(modules, "#[path = {file:?}]\npub mod {name};");
    }
    save(&folder.join("pairs.rs"), &modules)
}

/// Does not touch a file with unchanged content, so that cargo does not rebuild it.
fn save(file: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(file).is_ok_and(|old| old == text) {
        return Ok(());
    }
    fs::write(file, text)
}

fn shape(case: &Case) -> String {
    case.tags().join(" ")
}

fn pair(name: &str, case: &Case) -> String {
    let (plain, annotated) = (
        twin::module("plain", case, false),
        twin::module("annotated", case, true),
    );
    format!("//! {name}: {}\n\n{plain}\n{annotated}", shape(case))
}

fn entry(name: &str, case: &Case) -> String {
    let stream = case.flavour.is_stream();
    let polled = case.flavour.awaits() || stream;
    let spans = !stream && !case.attribute.tag.ends_with("_alone");
    let kit = "instrumental_tests_differential::kit";
    let copies = case.copies();
    let again = case.holds_arguments_again();
    let large = case.large().replace("Big", &format!("{kit}::Big"));
    format!(
        "{kit}::Pair {{ name: {name:?}, shape: {:?}, plain: {name}::plain::run, annotated: {name}::annotated::run, \
         polled: {polled}, spans: {spans}, large: {large}, again: {again}, copies: {copies:?} }}",
        shape(case)
    )
}
