//! The backends that the settings ask for, told instead of started.

use super::config::{Builder, Config};
use crate::base::settings::Faults;
#[cfg(feature = "live")]
use crate::model::log_format::LogFormat;
use crate::ops::manifest::Backend;

/// All of them. What is wrong with their settings is a fault.
pub(super) fn backends(builder: &Builder, config: &Config, faults: &mut Faults) -> Vec<Backend> {
    let mut backends = pages(builder, config, faults);
    backends.extend(logs(builder, config, faults));
    backends.extend(senders(builder, config, faults));
    backends.retain(|backend| !backend.endpoints.is_empty());
    backends
}

#[allow(dead_code)]
fn backend(name: &'static str, endpoints: Vec<(&'static str, String)>) -> Backend {
    Backend {
        name,
        endpoints,
        error_sample_rate: None,
    }
}

/// Those that are served.
#[allow(unused)]
fn pages(builder: &Builder, config: &Config, faults: &mut Faults) -> Vec<Backend> {
    let mut backends = Vec::new();
    let page = |address: std::net::SocketAddr| ("pages", format!("http://{address}"));
    #[cfg(feature = "prometheus")]
    {
        let addresses = crate::backend::prometheus::addresses(builder.prometheus, faults);
        let endpoints = addresses.into_iter().map(page).collect();
        backends.push(backend("prometheus", endpoints));
    }
    #[cfg(feature = "live")]
    {
        let for_people = config.format == LogFormat::Pretty;
        let places = crate::backend::live::addresses(for_people, faults).into_iter();
        let addresses = places.filter_map(|place| place.first().copied());
        backends.push(backend("live", addresses.map(page).collect()));
    }
    backends
}

#[cfg(feature = "logs")]
fn logs(builder: &Builder, config: &Config, faults: &mut Faults) -> Option<Backend> {
    use crate::backend::logs::{files, tcp};
    let mut endpoints = vec![("logs", "stdout".to_owned())];
    let folder = files::read(builder.log_dir.as_deref(), &config.logs(), faults);
    endpoints.extend(folder.map(|folder| ("logs", folder.address())));
    endpoints.extend(tcp::read(faults).map(|peer| ("logs", format!("tcp://{peer}"))));
    Some(backend("logs", endpoints))
}

#[cfg(not(feature = "logs"))]
fn logs(_: &Builder, _: &Config, _: &mut Faults) -> Option<Backend> {
    None
}

/// Those that are sent to.
#[allow(unused)]
fn senders(builder: &Builder, config: &Config, faults: &mut Faults) -> Vec<Backend> {
    let mut backends = Vec::new();
    #[cfg(feature = "otlp")]
    if let Some(otlp) = crate::backend::otlp::read(builder.otlp.as_ref(), faults) {
        backends.push(backend("otlp", otlp.endpoints()));
    }
    #[cfg(feature = "datadog")]
    if let Some(datadog) = crate::backend::datadog::read(builder.datadog.as_ref(), None, faults) {
        backends.push(backend("datadog", datadog.endpoints()));
    }
    #[cfg(feature = "sentry")]
    {
        use crate::backend::sentry::read;
        let (given, rate) = (builder.sentry.as_ref(), config.sampling.rate);
        if let Some(sentry) = read(given, &config.identity, rate, faults) {
            let (endpoint, rate) = sentry.endpoint();
            backends.push(Backend {
                error_sample_rate: Some(rate),
                ..backend("sentry", vec![("errors", endpoint)])
            });
        }
    }
    backends
}
