//! How a program is configured to report.

record! {
    /// How a program is configured to report, without secrets.
    #[derive(Default)]
    pub struct Config {
        /// Sentences about invalid settings; `init()` fails if there are any.
        faults: Vec<String>,
        /// The features that the library was built with.
        features: Vec<String>,
        /// The log filter: `info,sqlx=warn`.
        log_filter: String,
        /// The fraction of traces that is recorded, from 0 to 1.
        sample_rate: f64,
        /// Sample rates of functions and routes.
        sample_rules: Vec<SampleRule>,
        /// Whether traces that failed or were slow are kept even if they are not sampled.
        keep_notable: bool,
        /// The backends that are on.
        backends: Vec<Backend>,
        /// The environment variables that configure telemetry and are set. Secret values are replaced.
        environment: Vec<Variable>,
        /// The environment variables that the program reads, set or not; empty if a program does not list them.
        #[cfg_attr(feature = "serde", serde(default))]
        asked: Vec<String>,
    }
}

record! {
    /// The sample rate of a function or route.
    pub struct SampleRule {
        /// The name of the function or route.
        name: String,
        /// The fraction of its traces that is recorded, from 0 to 1.
        rate: f64,
    }
}

record! {
    /// A backend that is on.
    pub struct Backend {
        /// The backend's name: `sentry`, `datadog`, `otlp`, `prometheus`, `logs`, `live`.
        name: String,
        /// The addresses that it sends to or serves.
        endpoints: Vec<Endpoint>,
        /// The fraction of errors that is sent, from 0 to 1, if the backend samples errors.
        error_sample_rate: Option<f64>,
    }
}

record! {
    /// An address of a backend.
    #[derive(Eq)]
    pub struct Endpoint {
        /// The signal: `errors`, `traces`, `metrics`, `logs` or `pages`.
        signal: String,
        /// `http://host:8126`, `udp://host:8125`, `unix:///path`, `file:///folder` or `tcp://host:port`, without user, key,
        /// password and query.
        address: String,
    }
}

record! {
    /// An environment variable.
    #[derive(Eq)]
    pub struct Variable {
        /// The variable's name.
        name: String,
        /// The value, or `…` if it may be a secret.
        value: String,
    }
}
