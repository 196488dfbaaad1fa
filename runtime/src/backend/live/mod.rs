//! The live view: a page that shows the telemetry of the running process in a browser.

mod feed;

use crate::base::settings::{self, ConfigErrors, Identity};
use crate::model::log_format::LogFormat;
use crate::model::record::Record;
use crate::pipeline::serve::Candidates;
use crate::pipeline::serve::page::{Answer, Headers, Page};
use crate::pipeline::{Backend, Config, Consumer, Endpoints, Environment, Pages, Started, Trace};
use feed::Feed;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

/// The preferred port.
const PORT: u16 = 9463;
const HTML: &str = include_str!("view.html");
const SCRIPT: &str = include_str!("view.js");
const STYLE: &str = include_str!("view.css");
/// The headers of the page. The policy allows resources of this server only and no inline scripts, so recorded data cannot
/// run as a script.
const POLICY: Headers = &[
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
    ),
    ("referrer-policy", "no-referrer"),
];

/// The settings: the candidates for the view's address. Empty if it is off.
pub(crate) struct LiveConfig(Candidates);

impl Backend for LiveConfig {
    const NAME: &'static str = "live";
    const QUEUES: &'static [&'static str] = &[];

    fn configure(environment: Environment<'_>, errors: &mut ConfigErrors) -> Option<Self> {
        let candidates = addresses(environment.config.format == LogFormat::Pretty, errors);
        (!candidates.is_empty()).then_some(Self(candidates))
    }

    fn endpoints(&self) -> Endpoints {
        let first = self.0.iter().take(1);
        first
            .map(|address| ("pages", format!("http://{address}")))
            .collect()
    }

    fn start(self, config: &Config) -> std::io::Result<Started> {
        let (consumer, pages) = open(&config.identity);
        Ok(Started {
            consumer: Some(Box::new(consumer)),
            pages: Some(Pages {
                setting: "INSTRUMENTAL_LIVE",
                places: vec![self.0],
                pages,
            }),
        })
    }
}

/// Returns the candidates for the view's address; none if it is off. `INSTRUMENTAL_LIVE` is `on`, `off` or a port. If it is
/// unset, the view is on if the log is in the pretty format. Port 0 is the fallback if [`PORT`] is in use.
fn addresses(is_pretty: bool, errors: &mut ConfigErrors) -> Candidates {
    const EXPECTED: &str = "`on`, `off` or a port";
    let given = settings::parsed(
        &["INSTRUMENTAL_LIVE"],
        EXPECTED,
        errors,
        |value| match value.to_ascii_lowercase().as_str() {
            "on" | "true" => Some(vec![PORT, 0]),
            "off" | "false" => Some(Vec::new()),
            port => Some(vec![port.parse().ok()?]),
        },
    );
    let default = if is_pretty { vec![PORT, 0] } else { Vec::new() };
    let ports = given.unwrap_or(default).into_iter();
    ports
        .map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        .collect()
}

/// Creates the feed, with the consumer that writes it and the pages that read it.
fn open(identity: &Identity) -> (LiveConsumer, Vec<Page>) {
    let feed = Arc::new(Mutex::new(Feed::new(identity)));
    let read = Arc::clone(&feed);
    let page = |path, content_type, text: &'static str| {
        Page::new(path, move |_| Answer {
            headers: POLICY,
            ..Answer::whole(200, content_type, text)
        })
    };
    let pages = vec![
        page("/", "text/html; charset=utf-8", HTML),
        page("/view.js", "text/javascript; charset=utf-8", SCRIPT),
        page("/view.css", "text/css; charset=utf-8", STYLE),
        Page::new("/live.json", move |request| {
            let since = request
                .parameter("since")
                .and_then(|since| since.parse().ok());
            let body = crate::base::sync::lock(&read)
                .json(since.unwrap_or(0))
                .to_string();
            Answer::whole(200, "application/json", body)
        }),
    ];
    (LiveConsumer { feed }, pages)
}

/// Writes the feed.
pub(crate) struct LiveConsumer {
    feed: Arc<Mutex<Feed>>,
}

impl Consumer for LiveConsumer {
    fn trace(&mut self, trace: &Trace) {
        crate::base::sync::lock(&self.feed).trace(trace);
    }

    fn record(&mut self, record: &Record) {
        crate::base::sync::lock(&self.feed).record(record);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_does_not_interpret_recorded_data_as_markup() {
        for forbidden in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
        ] {
            assert!(!SCRIPT.contains(forbidden), "{forbidden}");
        }
    }
}
