//! Starts the enabled backends and the servers of their pages.

use crate::base::settings::ConfigErrors;
use crate::ops::probe;
use crate::pipeline::serve::{Page, Server};
use crate::pipeline::{Config, Configured, Consumer, Pages};

/// The started backends: consumers for the background thread, and page servers.
#[derive(Default)]
pub(super) struct Running {
    pub(super) consumers: Vec<Box<dyn Consumer>>,
    pub(super) servers: Vec<Server>,
}

/// Starts the backends in order. Stops at the first one that fails, and adds the failure to `errors`.
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
                // A probe runs beside the program, which already listens at these addresses.
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

/// Starts the server of a backend's pages. It also serves the `local` pages if all its addresses are loopback addresses.
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
                "cannot serve pages at {places}: {error}; set {setting} to another port"
            ));
            None
        }
    }
}
