//! The live view: what the running process does, in a browser, with no account anywhere.

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

/// Where it is, unless something else is there.
const PORT: u16 = 9463;
const HTML: &str = include_str!("view.html");
const SCRIPT: &str = include_str!("view.js");
const STYLE: &str = include_str!("view.css");
/// Everything the page needs comes from here, and nothing that was recorded is run.
const POLICY: Headers = &[
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
    ),
    ("referrer-policy", "no-referrer"),
];

/// Settings in force: the addresses that the view is served at.
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

/// Whether there is a live view, and where: `INSTRUMENTAL_LIVE` is `on`, `off` or a port. Unless it is set, there is one
/// where logs are for people. The usual port may be taken by another program: any other does.
fn addresses(for_people: bool, faults: &mut ConfigErrors) -> Candidates {
    const EXPECTED: &str = "`on`, `off` or a port";
    let given = settings::parsed(
        &["INSTRUMENTAL_LIVE"],
        EXPECTED,
        faults,
        |value| match value.to_ascii_lowercase().as_str() {
            "on" | "true" => Some(vec![PORT, 0]),
            "off" | "false" => Some(Vec::new()),
            port => Some(vec![port.parse().ok()?]),
        },
    );
    let usual = if for_people {
        vec![PORT, 0]
    } else {
        Vec::new()
    };
    let ports = given.unwrap_or(usual).into_iter();
    ports
        .map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        .collect()
}

/// What the view shows; the pages read it, the consumer writes it.
fn open(identity: &Identity) -> (LiveConsumer, Vec<Page>) {
    let feed = Arc::new(Mutex::new(Feed::new(identity)));
    let shown = Arc::clone(&feed);
    let page = |path, kind, text: &'static str| {
        Page::new(path, move |_| Answer {
            headers: POLICY,
            ..Answer::whole(200, kind, text)
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
            let body = crate::base::sync::lock(&shown)
                .json(since.unwrap_or(0))
                .to_string();
            Answer::whole(200, "application/json", body)
        }),
    ];
    (LiveConsumer { feed }, pages)
}

/// Writes what the view shows.
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
    fn the_page_holds_no_markup_of_what_was_recorded() {
        // All text goes in as text.
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
