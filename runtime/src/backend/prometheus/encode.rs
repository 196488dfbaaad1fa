//! The exposition formats: Prometheus text 0.0.4 and OpenMetrics 1.0.

use crate::base::drop_counts;
use crate::base::settings::Identity;
use crate::base::text::prometheus as names;
use crate::collect::store::bucket;
use crate::model::drop_reason::DropReason;
use crate::model::family::MetricKind;
use crate::pipeline::exemplars::{self, Exemplar};
use crate::{Distribution, Sample, SampleValue};
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::time::UNIX_EPOCH;

/// The bounds of histograms in seconds: the first and last octave (2^-14 s is 61 µs, 2^6 s is 64 s), and the number of
/// bounds per octave. Each is also a bound of the store, so counts are exact. They do not depend on the data, because
/// PromQL compares a bucket with itself over time.
const SECONDS: (i32, i32, usize) = (-14, 6, 2);
/// The number of octaves of a histogram in another unit, which has one bound per octave from its smallest value.
const OCTAVES: i32 = 39;

/// The samples of one metric.
struct Family<'a> {
    /// The dotted name in the program.
    source: &'static str,
    kind: MetricKind,
    unit_word: &'static str,
    help: &'static str,
    samples: Vec<&'a Sample>,
}

/// Writes a page. `identity` adds the metric `target_info`.
pub(super) fn write(
    out: &mut dyn Write,
    samples: &[Sample],
    identity: Option<&Identity>,
    open_metrics: bool,
) -> io::Result<()> {
    if let Some(identity) = identity {
        target(out, identity, open_metrics)?;
    }
    for (name, family) in &families(samples) {
        self::family(out, name, family, open_metrics)?;
    }
    if open_metrics {
        out.write_all(b"# EOF\n")?;
    }
    Ok(())
}

/// Groups samples by their Prometheus name. If two metrics have the same one, the first keeps it and the samples of the
/// other are dropped and counted.
fn families(samples: &[Sample]) -> BTreeMap<String, Family<'_>> {
    let mut families: BTreeMap<String, Family<'_>> = BTreeMap::new();
    let mut sorted: Vec<&Sample> = samples.iter().collect();
    sorted.sort_by_cached_key(|sample| (sample.name(), sample.series.labels().len()));
    for sample in sorted {
        let series = sample.series;
        let kind = kind(&sample.value);
        let name = names::metric(sample.name(), series.unit_word(), kind);
        let family = families.entry(name).or_insert_with(|| Family {
            source: sample.name(),
            kind,
            unit_word: series.unit_word(),
            help: series.help(),
            samples: Vec::new(),
        });
        if family.source == sample.name() && family.kind == kind {
            family.samples.push(sample);
        } else {
            drop_counts::add(DropReason::NameCollision, 1);
        }
    }
    families
}

fn kind(value: &SampleValue) -> MetricKind {
    match value {
        SampleValue::Counter(_) => MetricKind::Counter,
        SampleValue::Gauge(_) => MetricKind::Gauge,
        SampleValue::Histogram(_) => MetricKind::Histogram,
    }
}

/// Writes `target_info`, as OpenTelemetry's Prometheus compatibility specification defines it.
fn target(out: &mut dyn Write, identity: &Identity, open_metrics: bool) -> io::Result<()> {
    let mut pairs = vec![
        ("service_name", identity.service.as_str()),
        ("deployment_environment_name", identity.environment.as_str()),
    ];
    pairs.extend(
        identity
            .version
            .iter()
            .map(|version| ("service_version", version.as_str())),
    );
    let labels = labels(pairs.into_iter());
    let (name, kind) = if open_metrics {
        ("target", "info")
    } else {
        ("target_info", "gauge")
    };
    write!(
        out,
        "# HELP {name} Target metadata\n# TYPE {name} {kind}\ntarget_info{{{labels}}} 1\n"
    )
}

fn family(out: &mut dyn Write, name: &str, family: &Family<'_>, open: bool) -> io::Result<()> {
    // In OpenMetrics, the family name of a counter has no suffix.
    let declared = match family.kind {
        MetricKind::Counter if open => name.strip_suffix("_total").unwrap_or(name),
        _ => name,
    };
    let mut help = String::new();
    let text = if family.help.is_empty() {
        family.source
    } else {
        family.help
    };
    names::escape(&mut help, text, open);
    writeln!(out, "# HELP {declared} {help}")?;
    writeln!(out, "# TYPE {declared} {}", family.kind.as_str())?;
    if open && !family.unit_word.is_empty() && declared.ends_with(&format!("_{}", family.unit_word))
    {
        writeln!(out, "# UNIT {declared} {}", family.unit_word)?;
    }
    let mut seen = HashSet::new();
    for sample in &family.samples {
        let labels = labels(sample.labels().into_iter());
        // Two label keys may have the same Prometheus name, so two series may have the same labels here.
        if !seen.insert(labels.clone()) {
            drop_counts::add(DropReason::NameCollision, 1);
            continue;
        }
        match &sample.value {
            SampleValue::Counter(count) => writeln!(out, "{name}{} {count}", braced(&labels))?,
            SampleValue::Gauge(level) => writeln!(out, "{name}{} {level:?}", braced(&labels))?,
            SampleValue::Histogram(values) => {
                let exemplars = if open {
                    exemplars::of(sample.series)
                } else {
                    Vec::new()
                };
                histogram(out, name, &labels, values, &exemplars)?;
            }
        }
    }
    Ok(())
}

fn braced(labels: &str) -> String {
    if labels.is_empty() {
        String::new()
    } else {
        format!("{{{labels}}}")
    }
}

/// Returns `key="value"` pairs, separated by commas. If two keys have the same Prometheus name, the first is used.
fn labels<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut out = String::new();
    let mut keys = HashSet::new();
    for (key, value) in pairs {
        let key = names::label(key);
        if !keys.insert(key.clone()) {
            continue;
        }
        if !out.is_empty() {
            out.push(',');
        }
        // Writing to a `String` cannot fail.
        let _ = write!(out, "{key}=\"");
        names::escape(&mut out, value, true);
        out.push('"');
    }
    out
}

/// Returns the indexes of the store's buckets whose upper bounds are bounds of the page.
fn bounds(floor: i16) -> Vec<usize> {
    let floor = i32::from(floor);
    let at = |quarters: i32| usize::try_from(quarters - 4 * floor - 1).ok();
    if floor == i32::from(<crate::unit::Seconds as crate::unit::Unit>::FLOOR) {
        let (first, last, parts) = SECONDS;
        let step = 4 / parts;
        return (4 * first..=4 * last)
            .step_by(step)
            .filter_map(at)
            .collect();
    }
    let octaves = floor + 1..=floor + OCTAVES;
    octaves.filter_map(|octave| at(4 * octave)).collect()
}

fn histogram(
    out: &mut dyn Write,
    name: &str,
    labels: &str,
    values: &Distribution,
    exemplars: &[Exemplar],
) -> io::Result<()> {
    let comma = if labels.is_empty() { "" } else { "," };
    let (mut below, mut next, mut lower) = (0_u64, 0, f64::NEG_INFINITY);
    for bound in bounds(values.floor) {
        below += values
            .buckets
            .get(next..=bound)
            .unwrap_or_default()
            .iter()
            .sum::<u64>();
        next = bound + 1;
        let upper = bucket::upper(bound, values.floor);
        write!(
            out,
            "{name}_bucket{{{labels}{comma}le=\"{upper:?}\"}} {below}"
        )?;
        exemplar(out, exemplars, lower, upper)?;
        lower = upper;
    }
    let count = values.count();
    write!(out, "{name}_bucket{{{labels}{comma}le=\"+Inf\"}} {count}")?;
    exemplar(out, exemplars, lower, f64::INFINITY)?;
    let braced = braced(labels);
    writeln!(out, "{name}_sum{braced} {:?}", values.sum)?;
    writeln!(out, "{name}_count{braced} {count}")
}

/// Writes the latest exemplar of a bucket, if there is one, and ends the line.
fn exemplar(out: &mut dyn Write, all: &[Exemplar], lower: f64, upper: f64) -> io::Result<()> {
    let within = all.iter().filter(|e| e.value > lower && e.value <= upper);
    if let Some(latest) = within.max_by_key(|exemplar| exemplar.time) {
        let since = latest.time.duration_since(UNIX_EPOCH).unwrap_or_default();
        write!(
            out,
            " # {{trace_id=\"{:032x}\",span_id=\"{:016x}\"}} {:?} {:.3}",
            latest.trace,
            latest.span,
            latest.value,
            since.as_secs_f64()
        )?;
    }
    writeln!(out)
}
