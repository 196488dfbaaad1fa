//! What a backend is to the setup: settings that are read, described for the manifest, or started.

use super::config::Config;
use super::consumer::Consumer;
use super::serve::{Candidates, Page};
use crate::base::given::Given;
use crate::base::settings::ConfigErrors;
use std::io;

/// Where each signal goes: the signal's name and an address.
pub(crate) type Endpoints = Vec<(&'static str, String)>;

/// What a backend reads its settings from, besides the variables of the environment (`base::settings`).
#[derive(Clone, Copy)]
pub(crate) struct Environment<'a> {
    /// The settings that the program gave in code.
    pub(crate) given: &'a Given,
    /// The settings that hold for every backend.
    pub(crate) config: &'a Config,
}

/// A backend with its settings, before it starts. Each has a row in the table of `backend`.
pub(crate) trait Backend: Sized + 'static {
    /// Its name in the manifest and in messages, which is its feature's.
    const NAME: &'static str;

    /// The names of its queues in `health()`.
    const QUEUES: &'static [&'static str];

    /// Reads the settings; `None` if they do not turn the backend on. Adds to `errors` what is wrong with them.
    fn configure(environment: Environment<'_>, errors: &mut ConfigErrors) -> Option<Self>;

    /// Returns where each signal goes.
    fn endpoints(&self) -> Endpoints;

    /// Returns the fraction of the errors that is sent, if the backend samples them.
    fn error_sample_rate(&self) -> Option<f64> {
        None
    }

    /// Returns pages that the other backends' servers also serve, if only this machine can reach those.
    fn local_pages(&self) -> Vec<Page> {
        Vec::new()
    }

    /// Starts the threads that send.
    ///
    /// # Errors
    /// The system refuses a thread or a file, or an address cannot be used.
    fn start(self, config: &Config) -> io::Result<Started>;
}

/// What a backend runs.
#[derive(Default)]
pub(crate) struct Started {
    pub(crate) consumer: Option<Box<dyn Consumer>>,
    pub(crate) pages: Option<Pages>,
}

impl Started {
    /// A backend that takes traces and records.
    pub(crate) fn consumer(consumer: impl Consumer + 'static) -> Self {
        Self {
            consumer: Some(Box::new(consumer)),
            pages: None,
        }
    }
}

/// Pages to serve.
pub(crate) struct Pages {
    /// The variable that sets the port.
    pub(crate) setting: &'static str,
    pub(crate) places: Vec<Candidates>,
    pub(crate) pages: Vec<Page>,
}

/// A backend of any type.
pub(crate) trait Configured {
    fn name(&self) -> &'static str;
    fn endpoints(&self) -> Endpoints;
    fn error_sample_rate(&self) -> Option<f64>;
    fn local_pages(&self) -> Vec<Page>;
    fn start(self: Box<Self>, config: &Config) -> io::Result<Started>;
}

impl<B: Backend> Configured for B {
    fn name(&self) -> &'static str {
        B::NAME
    }

    fn endpoints(&self) -> Endpoints {
        Backend::endpoints(self)
    }

    fn error_sample_rate(&self) -> Option<f64> {
        Backend::error_sample_rate(self)
    }

    fn local_pages(&self) -> Vec<Page> {
        Backend::local_pages(self)
    }

    fn start(self: Box<Self>, config: &Config) -> io::Result<Started> {
        Backend::start(*self, config)
    }
}
