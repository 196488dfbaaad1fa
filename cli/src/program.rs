//! Asking a program for its manifest.

use crate::failure::Failure;
use crate::input;
use crate::manifest::{Manifest, VERSION};
use clap::Args;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a program may take to print its manifest. It does so before anything else.
const PATIENCE: Duration = Duration::from_secs(30);

/// Which program.
#[derive(Args, Debug)]
#[command(next_help_heading = "Which program")]
pub(crate) struct Program {
    /// The package whose program is asked; the workspace's only one unless given.
    #[arg(long, short, global = true, value_name = "PACKAGE")]
    package: Option<String>,
    /// The program, where the package has several.
    #[arg(long, global = true, value_name = "NAME")]
    bin: Option<String>,
    /// Asks this executable, and builds nothing.
    #[arg(long, global = true, value_name = "FILE", conflicts_with_all = ["package", "bin", "release"])]
    exe: Option<PathBuf>,
    /// Reads a saved manifest, and asks no program.
    #[arg(long, global = true, value_name = "FILE", conflicts_with_all = ["package", "bin", "exe", "release"])]
    manifest: Option<PathBuf>,
    /// Asks the optimized build.
    #[arg(long, global = true)]
    release: bool,
    /// Features of the package to build with.
    #[arg(long, global = true, value_name = "FEATURES")]
    features: Option<String>,
    /// An argument that the program needs to get as far as `init()`; may be repeated.
    #[arg(
        long = "arg",
        global = true,
        value_name = "ARGUMENT",
        allow_hyphen_values = true
    )]
    arguments: Vec<String>,
}

impl Program {
    /// The program's manifest.
    pub(crate) fn manifest(&self) -> Result<Manifest, Failure> {
        match &self.manifest {
            Some(file) => stored(file),
            None => self.ask(&self.executable()?),
        }
    }

    /// The program itself, built where that is asked for; `None` where a saved manifest stands for it.
    pub(crate) fn live(&self) -> Result<Option<PathBuf>, Failure> {
        match self.manifest {
            Some(_) => Ok(None),
            None => self.executable().map(Some),
        }
    }

    /// Starts the program with one more variable of the environment.
    pub(crate) fn command(&self, executable: &Path, variable: &str, value: &Path) -> Command {
        let mut command = Command::new(executable);
        command
            .args(&self.arguments)
            .env(variable, value)
            .stdin(Stdio::null());
        command
    }

    fn executable(&self) -> Result<PathBuf, Failure> {
        if let Some(exe) = &self.exe {
            return Ok(exe.clone());
        }
        let (package, bin) = self.find()?;
        self.build(&package, &bin)
    }

    /// The package and the name of the program that is meant.
    fn find(&self) -> Result<(String, String), Failure> {
        let mut found = self.programs(&metadata()?);
        match found.len() {
            1 => Ok(found.remove(0)),
            0 => Err(Failure::new(self.unknown())),
            _ => {
                let names = found
                    .iter()
                    .map(|(package, bin)| format!("-p {package} --bin {bin}"));
                let names: Vec<_> = names.collect();
                Err(Failure::new(format!(
                    "there are several programs, name one: {}",
                    names.join(", ")
                )))
            }
        }
    }

    /// Packages and programs of the workspace that are not ruled out.
    fn programs(&self, metadata: &Value) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for package in metadata["packages"].as_array().into_iter().flatten() {
            let name = package["name"].as_str().unwrap_or_default();
            if self.package.as_deref().is_some_and(|wanted| wanted != name) {
                continue;
            }
            for target in package["targets"].as_array().into_iter().flatten() {
                let mut kinds = target["kind"].as_array().into_iter().flatten();
                let bin = target["name"].as_str().unwrap_or_default();
                let is_wanted = self.bin.as_deref().is_none_or(|wanted| wanted == bin);
                if is_wanted && kinds.any(|kind| kind == "bin") {
                    found.push((name.to_owned(), bin.to_owned()));
                }
            }
        }
        found
    }

    fn unknown(&self) -> String {
        match (&self.package, &self.bin) {
            (Some(package), Some(bin)) => {
                format!("package `{package}` of this workspace has no program `{bin}`")
            }
            (Some(package), None) => {
                format!("this workspace has no package `{package}` with a program")
            }
            (None, Some(bin)) => format!("this workspace has no program `{bin}`"),
            (None, None) => {
                "this workspace has no program: name one by --exe, or a manifest by --manifest"
                    .into()
            }
        }
    }

    fn build(&self, package: &str, bin: &str) -> Result<PathBuf, Failure> {
        let mut command = Command::new(cargo());
        command.args([
            "build",
            "--message-format=json-render-diagnostics",
            "-p",
            package,
            "--bin",
            bin,
        ]);
        if self.release {
            command.arg("--release");
        }
        if let Some(features) = &self.features {
            command.args(["--features", features]);
        }
        // What the compiler says goes to the terminal.
        let output = command.stderr(Stdio::inherit()).output();
        let output =
            output.map_err(|error| Failure::new(format!("cargo does not start: {error}")))?;
        if !output.status.success() {
            return Err(Failure::new(format!(
                "`{bin}` of package `{package}` does not build"
            )));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let messages = text
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let built = messages
            .filter(|message| {
                message["reason"] == "compiler-artifact" && message["target"]["name"] == bin
            })
            .find_map(|message| message["executable"].as_str().map(PathBuf::from));
        built.ok_or_else(|| Failure::new(format!("cargo built no executable of `{bin}`")))
    }

    fn ask(&self, executable: &Path) -> Result<Manifest, Failure> {
        let name = executable.display().to_string();
        let file = Scratch::new("manifest");
        let mut command = self.command(executable, "INSTRUMENTAL_MANIFEST", &file.0);
        run(&mut command, &name, PATIENCE)?;
        let text = std::fs::read_to_string(&file.0).map_err(|_| {
            Failure::new(format!(
                "{name} ended and wrote no manifest: it does not call `instrumental::init()`, or needs arguments to get \
                 there (--arg)"
            ))
        })?;
        parse(&text, &name)
    }
}

/// Runs a program to its end, which has to come in time. Its exit code says nothing here.
pub(crate) fn run(command: &mut Command, name: &str, patience: Duration) -> Result<(), Failure> {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let child = command.spawn();
    let mut child =
        child.map_err(|error| Failure::new(format!("{name} does not start: {error}")))?;
    let deadline = Instant::now() + patience;
    loop {
        match child.try_wait() {
            Ok(Some(_)) => return Ok(()),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(5)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                let seconds = patience.as_secs();
                return Err(Failure::new(format!(
                    "{name} went on running for {seconds} s: it does not call `instrumental::init()` first thing, or was \
                     built with a version that knows no manifest"
                )));
            }
        }
    }
}

/// A file of this process's own, removed when it is no longer needed.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn new(what: &str) -> Self {
        let name = format!("instrumental-{what}-{}.json", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_file(&path);
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// What cargo knows of the workspace.
fn metadata() -> Result<Value, Failure> {
    let output = Command::new(cargo())
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .output();
    let output = output.map_err(|error| Failure::new(format!("cargo does not start: {error}")))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        let mut lines = text.lines();
        let line = lines.find_map(|line| line.strip_prefix("error: "));
        let line = line.unwrap_or("cargo metadata failed");
        return Err(Failure::new(format!(
            "{line}: run this in a package, or name a program by --exe or --manifest"
        )));
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|error| Failure::new(format!("cargo metadata is not to be read: {error}")))
}

fn cargo() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Reads a manifest that was saved.
pub(crate) fn stored(file: &Path) -> Result<Manifest, Failure> {
    parse(&input::read(file)?, &file.display().to_string())
}

/// Reads a manifest. `source` is where it is from.
pub(crate) fn parse(text: &str, source: &str) -> Result<Manifest, Failure> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        Failure::new(format!(
            "{source} holds no manifest: it is no JSON ({error})"
        ))
    })?;
    match value["manifest"].as_u64() {
        Some(version) if version == u64::from(VERSION) => {}
        Some(version) => {
            return Err(Failure::new(format!(
                "{source} has a manifest of version {version}, and this tool reads version {VERSION}: use \
                 `cargo instrumental` and `instrumental` of one version"
            )));
        }
        None => {
            return Err(Failure::new(format!(
                "{source} holds no manifest: its `manifest` is no version"
            )));
        }
    }
    serde_json::from_value(value)
        .map_err(|error| Failure::new(format!("{source} holds a damaged manifest: {error}")))
}
