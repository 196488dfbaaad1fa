//! The console: log lines, pretty or JSON; the tree of each finished request; the summary at the end.

mod fold;
mod json;
mod output;
mod paint;
mod pretty;
mod shown;
mod traces;
mod tree;

use crate::filter::Filter;
use crate::model::scope::Level;
use crate::pipeline::{OpenSpans, Sink, Trace};
use crate::settings::Identity;
use crate::setup::{Config, LogFormat};
use crate::tap::Record;
use output::Output;
use paint::Paint;
use std::io::Stdout;
use std::time::Instant;
use traces::Traces;

/// Writes to the console.
pub(crate) struct Logs {
    output: Output<Stdout>,
    format: LogFormat,
    filter: Filter,
    paint: Paint,
    identity: Identity,
    traces: Option<Traces>,
    summary: bool,
}

impl Logs {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            output: Output::new(std::io::stdout()),
            format: config.format,
            filter: config.filter.clone(),
            paint: Paint { on: config.color },
            identity: config.identity.clone(),
            traces: config.tree.then(Traces::default),
            summary: config.summary,
        }
    }

    fn round(&mut self, now: Instant, last: bool) {
        let mut texts = Vec::new();
        if let Some(traces) = &mut self.traces {
            traces.round(now, last, |text| texts.push(text));
        }
        if last && self.summary {
            texts.push(crate::summary());
        }
        texts.iter().for_each(|text| self.text(text));
        self.output.flush();
    }

    fn text(&mut self, text: &str) {
        let (format, identity) = (self.format, &self.identity);
        self.output.add(|out| match format {
            LogFormat::Pretty => out.push_str(text),
            LogFormat::Json => json::text(out, text, identity),
        });
    }
}

impl Sink for Logs {
    fn trace(&mut self, trace: &Trace) {
        let paint = self.paint;
        let traces = self.traces.as_mut();
        if let Some(tree) = traces.and_then(|traces| traces.trace(trace, paint)) {
            self.text(&tree);
        }
    }

    fn record(&mut self, record: &Record, open: &OpenSpans) {
        let (target, level) = match record {
            Record::Event(event) => (event.site.spec().module, tracing::Level::INFO),
            // `tracing` asked before it was made.
            Record::Log(log) => (log.metadata.target(), *log.metadata.level()),
            Record::Report(report) => {
                let module = report.site.map_or("", |site| site.spec().module);
                (module, self::level(report.level))
            }
            Record::Incoming(..) => return,
        };
        if !self.filter.would_enable(target, &level) {
            return;
        }
        let around = match record {
            Record::Report(report) => open.fields(report.place.span),
            _ => None,
        };
        let (format, paint, identity) = (self.format, self.paint, &self.identity);
        self.output.add(|out| match format {
            LogFormat::Pretty => pretty::record(out, record, around, paint),
            LogFormat::Json => json::record(out, record, around, identity),
        });
    }

    fn tick(&mut self, now: Instant) {
        self.round(now, false);
    }

    fn flush(&mut self) {
        self.output.flush();
    }

    fn close(&mut self) {
        self.round(Instant::now(), true);
    }
}

/// The log level of a report.
fn level(level: Level) -> tracing::Level {
    match level {
        Level::Debug => tracing::Level::DEBUG,
        Level::Info => tracing::Level::INFO,
        Level::Warning => tracing::Level::WARN,
        Level::Error | Level::Fatal => tracing::Level::ERROR,
    }
}
