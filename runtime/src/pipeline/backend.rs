//! The interface between the setup and the backends.

use super::config::Config;
use super::consumer::Consumer;
use super::serve::{Candidates, Page};
use crate::base::given::Given;
use crate::base::settings::ConfigErrors;
use std::io;

/// Where each signal goes: the signal's name and an address.
pub(crate) type Endpoints = Vec<(&'static str, String)>;

/// The sources of a backend's settings, besides environment variables (`base::settings`).
#[derive(Clone, Copy)]
pub(crate) struct Environment<'a> {
    /// The backends' settings in code.
    pub(crate) given: &'a Given,
    /// The settings that all backends share.
    pub(crate) config: &'a Config,
}

/// A backend with its settings, before it starts. Each has a row in the table of `backend`.
pub(crate) trait Backend: Sized + 'static {
    /// The backend's name in the manifest and in messages, the same as its feature's.
    const NAME: &'static str;

    /// The names of its queues in `health()`.
    const QUEUES: &'static [&'static str];

    /// Reads the settings. Returns `None` if the backend is off. Adds an error for each invalid setting.
    fn configure(environment: Environment<'_>, errors: &mut ConfigErrors) -> Option<Self>;

    /// Returns where each signal goes.
    fn endpoints(&self) -> Endpoints;

    /// Returns the fraction of errors that is sent, from 0 to 1, if the backend samples them.
    fn error_sample_rate(&self) -> Option<f64> {
        None
    }

    /// Returns pages for the servers of other backends. They serve them if they listen at loopback addresses only.
    fn local_pages(&self) -> Vec<Page> {
        Vec::new()
    }

    /// Starts the backend, with the threads that send.
    ///
    /// # Errors
    /// If the system refuses a thread or a file, or an address cannot be used.
    fn start(self, config: &Config) -> io::Result<Started>;
}

/// A started backend.
#[derive(Default)]
pub(crate) struct Started {
    pub(crate) consumer: Option<Box<dyn Consumer>>,
    pub(crate) pages: Option<Pages>,
}

impl Started {
    /// Returns a started backend that consumes traces and records, and has no pages.
    pub(crate) fn consumer(consumer: impl Consumer + 'static) -> Self {
        Self {
            consumer: Some(Box::new(consumer)),
            pages: None,
        }
    }
}

/// Pages to serve, and where.
pub(crate) struct Pages {
    /// The variable that sets the port, for error messages.
    pub(crate) setting: &'static str,
    /// One listener for each.
    pub(crate) places: Vec<Candidates>,
    pub(crate) pages: Vec<Page>,
}

/// A [`Backend`] of any type.
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
