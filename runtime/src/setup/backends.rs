//! Starts the backends that the settings turn on.

use crate::base::settings::ConfigErrors;
use crate::ops::probe;
use crate::pipeline::serve::{Page, Server};
use crate::pipeline::{Config, Configured, Consumer, Pages};

/// What runs: consumers for the background thread, and servers of pages.
#[derive(Default)]
pub(super) struct Running {
    pub(super) consumers: Vec<Box<dyn Consumer>>,
    pub(super) servers: Vec<Server>,
}

/// Starts every backend. One that does not start is an error, and no other starts after it.
pub(super) fn start(
    backends: Vec<Box<dyn Configured>>,
    config: &Config,
    errors: &mut ConfigErrors,
) -> Running {
    let local = backends.iter().flat_map(|backend| backend.local_pages());
    let local: Vec<Page> = local.collect();
    let mut running = Running::default();
    for backend in backends {
        if !errors.0.is_empty() {
            break;
        }
        let name = backend.name();
        match backend.start(config) {
            Ok(started) => {
                running.consumers.extend(started.consumer);
                let pages = started.pages.filter(|_| probe::file().is_none());
                running
                    .servers
                    .extend(pages.and_then(|pages| serve(pages, &local, errors)));
            }
            Err(error) => errors.part(format!("{name} does not start: {error}")),
        }
    }
    running
}

/// Serves pages, and those for this machine alone if no other machine can reach them. A probe serves none: it runs
/// beside the program, which has the address.
fn serve(pages: Pages, local: &[Page], errors: &mut ConfigErrors) -> Option<Server> {
    let Pages {
        setting,
        places,
        mut pages,
    } = pages;
    let mut addresses = places.iter().flatten();
    if addresses.all(|address| address.ip().is_loopback()) {
        pages.extend_from_slice(local);
    }
    match Server::start(&places, pages) {
        Ok(server) => Some(server),
        Err(error) => {
            let places = places.iter().flatten().map(ToString::to_string);
            let places = places.collect::<Vec<_>>().join(", ");
            errors.part(format!(
                "no pages can be served at {places}: {error}; set another {setting}"
            ));
            None
        }
    }
}
