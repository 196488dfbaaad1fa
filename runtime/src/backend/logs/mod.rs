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
use crate::pipeline::{FinishedSpan, OpenSpans, Sink};
use crate::setup::{Config, LogFormat};
use crate::tap::Record;
use output::Output;
use paint::Paint;
use std::io::Stdout;
use std::time::Instant;
use traces::Traces;

/// Who writes the lines.
pub(crate) struct Identity {
    service: String,
    environment: String,
    version: Option<String>,
}

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
            identity: Identity {
                service: config.service.clone(),
                environment: config.environment.clone(),
                version: config.version.clone(),
            },
            traces: config.tree.then(Traces::default),
            summary: config.summary,
        }
    }

    fn round(&mut self, last: bool) {
        let mut texts = Vec::new();
        if let Some(traces) = &mut self.traces {
            let show = |text: String| texts.push(text);
            traces.round(Instant::now(), last, self.paint, show);
        }
        if last && self.summary {
            texts.push(crate::summary());
        }
        let (format, identity) = (self.format, &self.identity);
        for text in texts {
            self.output.add(|out| match format {
                LogFormat::Pretty => out.push_str(&text),
                LogFormat::Json => json::text(out, &text, identity),
            });
        }
        self.output.flush();
    }
}

impl Sink for Logs {
    fn spans(&mut self, spans: &[FinishedSpan]) {
        if let Some(traces) = &mut self.traces {
            spans.iter().for_each(|span| traces.span(span));
        }
    }

    fn record(&mut self, record: &Record, open: &OpenSpans) {
        if let (Record::Event(event), Some(traces)) = (record, &mut self.traces) {
            traces.event(event);
        }
        let (target, level) = match record {
            Record::Event(event) => (event.site.spec().module, tracing::Level::INFO),
            // `tracing` asked before it was made.
            Record::Log(log) => (log.metadata.target(), *log.metadata.level()),
            Record::Report(report) => {
                let module = report.site.map_or("", |site| site.spec().module);
                (module, self::level(report.level))
            }
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

    fn tick(&mut self) {
        self.round(false);
    }

    fn close(&mut self, _: Instant) {
        self.round(true);
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
