//! The exporters that a program gives.

use super::Exporter;
use super::consumer::Gathering;
use crate::base::builder::Builder;
use crate::base::settings::ConfigErrors;
use crate::base::sync::lock;
use crate::pipeline::serve::Page;
use crate::pipeline::{Config, Configured, Endpoints, Environment, Started};
use std::sync::{Arc, Mutex};
use std::{fmt, io};

/// An exporter that the program gave. Clones of its builder share it, and the first that starts takes it.
#[derive(Clone)]
struct Given {
    name: &'static str,
    exporter: Arc<Mutex<Option<Box<dyn Exporter>>>>,
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Exporter").field(&self.name).finish()
    }
}

impl Builder {
    /// Adds an exporter: see [`export`](crate::export). Its name is its own in [`health`](crate::health()): ASCII letters,
    /// digits, `_`, `-` and `.`.
    ///
    /// ```no_run
    /// use instrumental::export::{Batch, ExportError, Exporter};
    ///
    /// struct Count(u64);
    ///
    /// impl Exporter for Count {
    ///     fn export(&mut self, batch: &Batch<'_>) -> Result<(), ExportError> {
    ///         self.0 += batch.spans().len() as u64;
    ///         Ok(())
    ///     }
    /// }
    ///
    /// let telemetry = instrumental::builder().exporter("count", Count(0)).init()?;
    /// # Ok::<(), instrumental::SetupError>(())
    /// ```
    pub fn exporter(mut self, name: &'static str, exporter: impl Exporter + 'static) -> Self {
        let exporter: Box<dyn Exporter> = Box::new(exporter);
        self.given.add(Given {
            name,
            exporter: Arc::new(Mutex::new(Some(exporter))),
        });
        self
    }
}

/// Returns the exporters that the program gave. Adds to `errors` what is wrong with their names; `taken` are those of
/// the built-in backends.
pub(crate) fn configure<'a>(
    environment: Environment<'_>,
    taken: impl Iterator<Item = &'a &'static str>,
    errors: &mut ConfigErrors,
) -> Vec<Box<dyn Configured>> {
    let taken: Vec<&str> = taken.copied().collect();
    let mut exporters: Vec<Given> = Vec::new();
    for given in environment.given.all::<Given>() {
        let name = given.name;
        let is_valid = |b: u8| b.is_ascii_alphanumeric() || b"_-.".contains(&b);
        if name.is_empty() {
            errors.part("an exporter has an empty name: give it one, such as `archive`");
        } else if !name.bytes().all(is_valid) {
            errors.part(format!(
                "exporter name {name:?} must consist of ASCII letters, digits, `_`, `-` and `.`"
            ));
        } else if taken.contains(&name) {
            errors.part(format!(
                "exporter name {name:?} is that of a built-in backend: choose another"
            ));
        } else if exporters.iter().any(|known| known.name == name) {
            errors.part(format!(
                "two exporters are named {name:?}: give each a name of its own"
            ));
        }
        exporters.push(given.clone());
    }
    let configured = exporters.into_iter();
    configured
        .map(|exporter| Box::new(exporter) as Box<dyn Configured>)
        .collect()
}

impl Configured for Given {
    fn name(&self) -> &'static str {
        self.name
    }

    /// Where an exporter sends is its own business; the manifest lists that it is there.
    fn endpoints(&self) -> Endpoints {
        vec![("all", "exporter".to_owned())]
    }

    fn error_sample_rate(&self) -> Option<f64> {
        None
    }

    fn local_pages(&self) -> Vec<Page> {
        Vec::new()
    }

    fn start(self: Box<Self>, config: &Config) -> io::Result<Started> {
        let exporter = lock(&self.exporter).take().ok_or_else(|| {
            io::Error::other(
                "a clone of its builder has it: give each builder an exporter of its own",
            )
        })?;
        Gathering::start(self.name, exporter, config.identity.clone()).map(Started::consumer)
    }
}
