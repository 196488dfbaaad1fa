//! The logs backend: writes records to the console, to files and over TCP. The console also shows the tree of each
//! finished request, and the summary at the end.

mod backend;
mod calls;
mod file_settings;
mod files;
mod fold;
mod found;
mod json;
mod level;
mod output;
mod paint;
mod pretty;
mod rotation;
mod rows;
mod settings;
mod shown;
mod tcp;
mod traces;
mod tree;

use crate::collect::filter::SharedFilter;
use crate::model::log_format::LogFormat;
use crate::model::record::Record;
use crate::pipeline::queue::{AnyQueue, ExportQueue, Limits, volume};
use crate::pipeline::{Config, Consumer, Trace};
pub(crate) use settings::LogsConfig;

use files::{COMBINED, ERRORS, FilesConfig, LogFiles};
use json::Writer;
use output::{Console, LineWriter, Output};
use paint::Paint;
use std::time::{Duration, Instant};
use tcp::Tcp;
use traces::Traces;

/// The capacity of each output's queue, in bytes.
const QUEUE_BYTES: usize = 4 << 20;

/// Writes log records to the outputs that the settings turn on.
pub(crate) struct Logs {
    console: Output,
    files: Option<[Output; 2]>,
    tcp: Option<Output>,
    format: LogFormat,
    filter: SharedFilter,
    paint: Paint,
    writer: Writer,
    traces: Option<Traces>,
    summary: bool,
}

impl Logs {
    /// Starts the writing threads.
    ///
    /// # Errors
    /// Returns an error if the system cannot create a thread or a file cannot be opened.
    pub(crate) fn start(
        config: &Config,
        files: Option<FilesConfig>,
        tcp: Option<String>,
    ) -> std::io::Result<Self> {
        let limits = Limits {
            bytes: QUEUE_BYTES,
            ..Limits::default()
        };
        let console = Console(LineWriter::new(std::io::stdout()));
        let console = ExportQueue::start("console", limits, console)?;
        let files = match files {
            None => None,
            Some(files) => {
                let queue = ExportQueue::start("files", limits, LogFiles::open(files)?)?;
                Some([COMBINED, ERRORS].map(|file| Output::new(queue.clone(), file)))
            }
        };
        let tcp = match tcp {
            None => None,
            Some(address) => {
                let limits = Limits {
                    attempt: Duration::from_secs(5),
                    ..limits
                };
                Some(Output::new(
                    ExportQueue::start("tcp", limits, Tcp::new(address))?,
                    0,
                ))
            }
        };
        Ok(Self {
            console: Output::new(console, 0),
            files,
            tcp,
            format: config.format,
            filter: config.filter.clone(),
            paint: Paint { on: config.color },
            writer: Writer::new(config.identity.clone(), config.datadog_ids),
            traces: config.tree.then(Traces::default),
            summary: config.summary,
        })
    }

    /// Formats a record as JSON once, and adds it to all outputs of JSON. Returns its size in bytes; `None` if no output
    /// uses JSON.
    fn add_json(
        &mut self,
        is_error: bool,
        write: impl FnOnce(&mut String, &Writer),
    ) -> Option<usize> {
        let to_console = self.format == LogFormat::Json;
        if !to_console && self.files.is_none() && self.tcp.is_none() {
            return None;
        }
        let mut line = String::new();
        write(&mut line, &self.writer);
        if to_console {
            self.console.add(|out| out.push_str(&line));
        }
        if let Some([combined, errors]) = &mut self.files {
            combined.add(|out| out.push_str(&line));
            if is_error {
                errors.add(|out| out.push_str(&line));
            }
        }
        if let Some(tcp) = &mut self.tcp {
            tcp.add(|out| out.push_str(&line));
        }
        Some(line.len() + 1)
    }

    /// Adds a record to the console if its format is pretty. Returns the size in bytes; `None` if it is not.
    fn add_pretty(&mut self, write: impl FnOnce(&mut String, Paint)) -> Option<usize> {
        if self.format != LogFormat::Pretty {
            return None;
        }
        let paint = self.paint;
        let mut bytes = 0;
        self.console.add(|out| {
            write(out, paint);
            bytes = out.len() + usize::from(!out.is_empty());
        });
        Some(bytes)
    }

    fn outputs(&mut self) -> impl Iterator<Item = &mut Output> {
        let files = self.files.iter_mut().flatten();
        [&mut self.console]
            .into_iter()
            .chain(files)
            .chain(&mut self.tcp)
    }

    /// Shows what is due on the console, and flushes all outputs. The last round also shows the summary.
    fn round(&mut self, now: Instant, last: bool) {
        let mut texts = Vec::new();
        if let Some(traces) = &mut self.traces {
            traces.round(now, last, |text| texts.push(text));
        }
        if last && self.summary {
            texts.push(crate::summary());
        }
        texts.iter().for_each(|text| self.text(text));
        self.outputs().for_each(Output::flush);
    }

    /// Adds a tree or a summary to the console. Files and TCP do not receive them.
    fn text(&mut self, text: &str) {
        let (format, writer) = (self.format, &self.writer);
        self.console.add(|out| match format {
            LogFormat::Pretty => out.push_str(text),
            LogFormat::Json => writer.text(out, text),
        });
    }

    /// Writes the beginning and the end of annotated calls at DEBUG, and with their fields at TRACE.
    fn calls(&mut self, trace: &Trace) {
        let filter = self.filter.clone();
        for call in calls::of(trace, &filter) {
            let shown = self.add_pretty(|out, paint| pretty::call(out, &call, paint));
            let written = self.add_json(false, |out, writer| writer.call(out, &call));
            let bytes = written.or(shown).unwrap_or(0);
            volume::add(call.target, call.level().as_str(), bytes);
        }
    }
}

impl Consumer for Logs {
    fn trace(&mut self, trace: &Trace) {
        self.calls(trace);
        let paint = self.paint;
        let traces = self.traces.as_mut();
        if let Some(tree) = traces.and_then(|traces| traces.trace(trace, paint)) {
            self.text(&tree);
        }
    }

    fn record(&mut self, record: &Record) {
        let (target, level) = match record {
            Record::Event(event) => (event.site.spec().module, tracing::Level::INFO),

            Record::Log(log) => (log.metadata.target(), *log.metadata.level()),
            Record::Report(report) => {
                let module = report.site.map_or("", |site| site.spec().module);
                (module, level::of(report.level))
            }
            Record::Incoming(..) => return,
        };
        // Records of `tracing` passed this filter when they were created, but it may have been changed since.
        if !self.filter.would_enable(target, &level) {
            return;
        }
        let around = match record {
            Record::Report(report) => report.around.as_ref(),
            _ => None,
        };
        let shown = self.add_pretty(|out, paint| pretty::record(out, record, around, paint));
        let written = self.add_json(level == tracing::Level::ERROR, |out, writer| {
            writer.record(out, record, around);
        });
        let bytes = written.or(shown).unwrap_or(0);
        volume::add(target, level.as_str(), bytes);
    }

    fn tick(&mut self, now: Instant) {
        self.round(now, false);
    }

    fn flush(&mut self) {
        self.outputs().for_each(Output::flush);
    }

    fn close(&mut self) {
        self.round(Instant::now(), true);
    }

    fn queues(&self) -> Vec<Box<dyn AnyQueue>> {
        let files = self.files.iter().map(|[combined, _]| combined);
        let outputs = [&self.console].into_iter().chain(files).chain(&self.tcp);
        outputs.map(|output| output.queue().any()).collect()
    }
}
