//! The input of every subcommand: the program and the tool's own interface.

use crate::error::Error;
use crate::program::Program;
use instrumental_manifest::Manifest;

/// One run of the tool.
pub(crate) struct Session {
    /// The program that the options name.
    pub(crate) program: Program,
    /// The tool's command line, from which completions and manual pages are generated.
    pub(crate) interface: clap::Command,
}

impl Session {
    /// Returns the program's manifest.
    pub(crate) fn manifest(&self) -> Result<Manifest, Error> {
        self.program.manifest()
    }
}
