//! Finding and building a program, and asking it for its manifest.

use crate::error::Error;
use crate::io;
use crate::progress::Spinner;
use cargo_metadata::{Message, Metadata, MetadataCommand, TargetKind};
use clap::Args;
use instrumental_manifest::{Manifest, VERSION};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a program may take to write its manifest, which it does before anything else.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Options that select the program.
#[derive(Args, Debug)]
#[command(next_help_heading = "Program")]
pub(crate) struct Program {
    /// The package of the program [default: the only one of the workspace].
    #[arg(long, short, global = true, value_name = "PACKAGE")]
    package: Option<String>,
    /// The program, if the package has several.
    #[arg(long, global = true, value_name = "NAME")]
    bin: Option<String>,
    /// Run this executable instead of building one.
    #[arg(long, global = true, value_name = "FILE", conflicts_with_all = ["package", "bin", "release"])]
    exe: Option<PathBuf>,
    /// Read a saved manifest instead of running a program.
    #[arg(long, global = true, value_name = "FILE", conflicts_with_all = ["package", "bin", "exe", "release"])]
    manifest: Option<PathBuf>,
    /// Build in release mode.
    #[arg(long, global = true)]
    release: bool,
    /// Features of the package to build with.
    #[arg(long, global = true, value_name = "FEATURES")]
    features: Option<String>,
    /// An argument that the program needs to reach `init()`; may be repeated.
    #[arg(
        long = "arg",
        global = true,
        value_name = "ARGUMENT",
        allow_hyphen_values = true
    )]
    arguments: Vec<String>,
}

impl Program {
    /// Returns the program's manifest.
    pub(crate) fn manifest(&self) -> Result<Manifest, Error> {
        match &self.manifest {
            Some(file) => stored(file),
            None => self.ask(&self.executable()?),
        }
    }

    /// Returns the executable, which is built if necessary, or `None` if the manifest is a saved one.
    pub(crate) fn live(&self) -> Result<Option<PathBuf>, Error> {
        match self.manifest {
            Some(_) => Ok(None),
            None => self.executable().map(Some),
        }
    }

    /// Returns a command that starts the program with one more environment variable.
    pub(crate) fn command(&self, executable: &Path, variable: &str, value: &Path) -> Command {
        let mut command = Command::new(executable);
        command
            .args(&self.arguments)
            .env(variable, value)
            .stdin(Stdio::null());
        command
    }

    fn executable(&self) -> Result<PathBuf, Error> {
        if let Some(exe) = &self.exe {
            return Ok(exe.clone());
        }
        let (package, bin) = self.find()?;
        self.build(&package, &bin)
    }

    /// Returns the package and the name of the program that the options select.
    fn find(&self) -> Result<(String, String), Error> {
        let mut found = self.programs(&metadata()?);
        match found.len() {
            1 => Ok(found.remove(0)),
            0 => Err(Error::new(self.not_found())),
            _ => {
                let names = found.iter();
                let names = names.map(|(package, bin)| format!("-p {package} --bin {bin}"));
                let names: Vec<_> = names.collect();
                Err(Error::new(format!(
                    "there are several programs; select one: {}",
                    names.join(", ")
                )))
            }
        }
    }

    /// Returns the packages and names of all programs that the options do not exclude.
    fn programs(&self, metadata: &Metadata) -> Vec<(String, String)> {
        let is_selected = |name: &str, option: &Option<String>| {
            option.as_deref().is_none_or(|wanted| wanted == name)
        };
        let mut found = Vec::new();
        for package in metadata.workspace_packages() {
            if !is_selected(&package.name, &self.package) {
                continue;
            }
            let bins = package.targets.iter();
            let bins = bins.filter(|target| target.is_kind(TargetKind::Bin));
            let bins = bins.filter(|target| is_selected(&target.name, &self.bin));
            found.extend(bins.map(|bin| (package.name.to_string(), bin.name.clone())));
        }
        found
    }

    fn not_found(&self) -> String {
        match (&self.package, &self.bin) {
            (Some(package), Some(bin)) => {
                format!("package `{package}` of this workspace has no program `{bin}`")
            }
            (Some(package), None) => {
                format!("this workspace has no package `{package}` with a program")
            }
            (None, Some(bin)) => format!("this workspace has no program `{bin}`"),
            (None, None) => {
                "this workspace has no program; use --exe or --manifest to name an executable or a manifest"
                    .into()
            }
        }
    }

    fn build(&self, package: &str, bin: &str) -> Result<PathBuf, Error> {
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
        // The compiler's diagnostics and Cargo's progress go to the terminal.
        let output = command.stderr(Stdio::inherit()).output();
        let output = output.map_err(|error| Error::new(format!("cannot start cargo: {error}")))?;
        if !output.status.success() {
            return Err(Error::new(format!(
                "cannot build `{bin}` of package `{package}`"
            )));
        }
        let messages = Message::parse_stream(output.stdout.as_slice());
        let built = messages.flatten().find_map(|message| match message {
            Message::CompilerArtifact(artifact) if artifact.target.name == bin => {
                artifact.executable
            }
            _ => None,
        });
        let built = built.map(PathBuf::from);
        built.ok_or_else(|| Error::new(format!("cargo built no executable of `{bin}`")))
    }

    fn ask(&self, executable: &Path) -> Result<Manifest, Error> {
        let name = executable.display().to_string();
        let file = Scratch::new("manifest");
        let mut command = self.command(executable, "INSTRUMENTAL_MANIFEST", &file.0);
        run(&mut command, &name, TIMEOUT)?;
        let text = std::fs::read_to_string(&file.0).map_err(|_| {
            Error::new(format!(
                "{name} exited without writing a manifest: it does not call `instrumental::init()`, or it needs arguments to \
                 reach the call (--arg)"
            ))
        })?;
        parse(&text, &name)
    }
}

/// Runs a program until it exits, with any exit code, or until the timeout.
pub(crate) fn run(command: &mut Command, name: &str, timeout: Duration) -> Result<(), Error> {
    let _spinner = Spinner::new(format!("running {name}"));
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let child = command.spawn();
    let mut child = child.map_err(|error| Error::new(format!("cannot start {name}: {error}")))?;
    let deadline = Instant::now() + timeout;
    loop {
        match child.try_wait() {
            Ok(Some(_)) => return Ok(()),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(5)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                let seconds = timeout.as_secs();
                return Err(Error::new(format!(
                    "{name} is still running after {seconds} s: it does not call `instrumental::init()` first, or it was \
                     built with a version that does not write a manifest"
                )));
            }
        }
    }
}

/// A path for a temporary file of this process. The file is removed on drop.
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

/// Returns the packages of the workspace.
fn metadata() -> Result<Metadata, Error> {
    let metadata = MetadataCommand::new().cargo_path(cargo()).no_deps().exec();
    metadata.map_err(|error| {
        let text = match error {
            cargo_metadata::Error::CargoMetadata { stderr } => stderr,
            other => other.to_string(),
        };
        let mut lines = text.lines();
        let reason = lines.find_map(|line| line.strip_prefix("error: "));
        let reason = reason.unwrap_or("cargo metadata failed");
        Error::new(format!(
            "{reason}; run this in a package, or use --exe or --manifest"
        ))
    })
}

fn cargo() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Reads a saved manifest.
pub(crate) fn stored(file: &Path) -> Result<Manifest, Error> {
    parse(&io::read(file)?, &file.display().to_string())
}

/// Parses a manifest. Errors name the source.
pub(crate) fn parse(text: &str, source: &str) -> Result<Manifest, Error> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| Error::new(format!("{source}: not a manifest: invalid JSON ({error})")))?;
    match value["manifest"].as_u64() {
        Some(version) if version == u64::from(VERSION) => {}
        Some(version) => {
            return Err(Error::new(format!(
                "{source}: the manifest has version {version}, but this tool reads version {VERSION}; use the same version \
                 of `cargo instrumental` and `instrumental`"
            )));
        }
        None => {
            return Err(Error::new(format!(
                "{source}: not a manifest: the member `manifest` is not a version"
            )));
        }
    }
    serde_json::from_value(value)
        .map_err(|error| Error::new(format!("{source}: invalid manifest: {error}")))
}
