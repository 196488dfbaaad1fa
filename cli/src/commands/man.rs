//! `man`: manual pages.

use crate::error::Error;
use crate::io;
use crate::session::Session;
use clap::Args;
use clap_mangen::Man as Page;
use std::path::PathBuf;
use std::process::ExitCode;

/// Writes the manual pages of the tool and of each subcommand.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  cargo instrumental man --out ~/.local/share/man/man1")]
pub(crate) struct Man {
    /// The folder to write to. Without it, the page of the tool itself is printed.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

impl Man {
    pub(crate) fn run(&self, session: &Session) -> Result<ExitCode, Error> {
        let mut interface = session.interface.clone().name("cargo-instrumental");
        // Gives the subcommands their full names.
        interface.build();
        let Some(folder) = &self.out else {
            io::print(&page(interface)?)?;
            return Ok(ExitCode::SUCCESS);
        };
        let subcommands = interface.get_subcommands().cloned();
        let subcommands = subcommands.filter(|one| one.get_name() != "help");
        let pages =
            subcommands.map(|one| (format!("cargo-instrumental-{}.1", one.get_name()), one));
        let own = ("cargo-instrumental.1".to_owned(), interface.clone());
        for (file, command) in std::iter::once(own).chain(pages.collect::<Vec<_>>()) {
            let path = folder.join(file);
            io::write(&path, &page(command)?)?;
            io::print(&format!("{}\n", path.display()))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Returns a manual page in roff.
fn page(command: clap::Command) -> Result<String, Error> {
    let mut out = Vec::new();
    let rendered = Page::new(command).render(&mut out);
    rendered.map_err(|error| Error::new(format!("cannot render the manual page: {error}")))?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}
