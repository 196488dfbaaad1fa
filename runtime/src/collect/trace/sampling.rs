//! Head sampling: decided once, where a trace begins in this process.

use crate::collect::trace::frame;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// The default sample rate, as a threshold for the low half of the trace id.
static BELOW: AtomicU64 = AtomicU64::new(u64::MAX);
/// Whether unsampled traces are recorded until it is known whether they failed or were slow.
static KEEP: AtomicBool = AtomicBool::new(false);
/// Whether every trace is sampled, so that no decision is needed.
static ALL: AtomicBool = AtomicBool::new(true);
static RULES: OnceLock<Vec<Rule>> = OnceLock::new();

/// A sample rate for traces whose root span's name matches.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rule {
    /// Pattern: `*` matches any text, and `?` any character.
    pub(crate) name: String,
    /// Sample rate from 0 to 1.
    pub(crate) rate: f64,
}

impl Rule {
    /// Parses a list of rules: `GET /health=0, ContractService::*=0.5`.
    pub(crate) fn parse_list(text: &str) -> Option<Vec<Self>> {
        let rules = text
            .split(',')
            .map(str::trim)
            .filter(|rule| !rule.is_empty());
        rules.map(Self::parse).collect()
    }

    fn parse(rule: &str) -> Option<Self> {
        let (name, rate) = rule.rsplit_once('=')?;
        let rate = rate
            .trim()
            .parse()
            .ok()
            .filter(|rate| (0.0..=1.0).contains(rate))?;
        let name = name.trim().to_owned();
        (!name.is_empty()).then_some(Self { name, rate })
    }
}

/// Sampling settings.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sampling {
    pub(crate) rate: f64,
    /// Whether the rate was configured. Otherwise, a Datadog Agent may set it.
    pub(crate) is_given: bool,
    pub(crate) rules: Vec<Rule>,
    /// Whether traces that fail or are slow are kept even if they were not sampled.
    pub(crate) keep_notable: bool,
}

/// Applies the settings. Rules can be set only once; later ones are ignored.
pub(crate) fn set(sampling: &Sampling) {
    let rules = RULES.get_or_init(|| sampling.rules.clone());
    set_rate(sampling.rate);
    KEEP.store(sampling.keep_notable, Relaxed);
    ALL.store(sampling.rate >= 1.0 && rules.is_empty(), Relaxed);
}

/// Sets the sample rate, from 0 to 1, of traces without a rule.
pub(crate) fn set_rate(rate: f64) {
    BELOW.store(threshold(rate), Relaxed);
    if rate < 1.0 {
        ALL.store(false, Relaxed);
    }
}

/// Returns the sample rate of traces without a rule.
pub(crate) fn rate() -> f64 {
    BELOW.load(Relaxed) as f64 / u64::MAX as f64
}

/// Converts a rate to a threshold. The conversion saturates, so 1.0 includes every trace.
fn threshold(rate: f64) -> u64 {
    (rate * u64::MAX as f64) as u64
}

/// Returns the flags of a root frame. The decision depends on the trace id, so that services with the same rate agree.
#[inline]
pub(crate) fn of_root(trace: u128, name: impl FnOnce() -> &'static str) -> u32 {
    if ALL.load(Relaxed) {
        frame::SAMPLED | frame::RECORDED
    } else {
        decide(trace, name())
    }
}

#[inline(never)]
fn decide(trace: u128, name: &str) -> u32 {
    of_parent(is_sampled(trace, name))
}

/// Returns whether a trace is sampled whose root has this name.
pub(crate) fn is_sampled(trace: u128, name: &str) -> bool {
    let below = rule(name).map_or_else(|| BELOW.load(Relaxed), threshold);
    below == u64::MAX || (trace as u64) < below
}

/// Returns the rate of the first rule that matches the root's name.
pub(crate) fn rule(name: &str) -> Option<f64> {
    let mut rules = RULES.get()?.iter();
    rules
        .find(|rule| matches(&rule.name, name))
        .map(|rule| rule.rate)
}

/// Returns the flags of a frame whose parent, in another process, was or was not sampled.
#[inline]
pub(crate) fn of_parent(sampled: bool) -> u32 {
    match sampled {
        true => frame::SAMPLED | frame::RECORDED,
        false if KEEP.load(Relaxed) => frame::RECORDED,
        false => 0,
    }
}

/// Returns whether a text matches a pattern with `*` and `?`. Backtracks only to the last `*`, so it takes at most
/// `pattern * text` steps.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((at, from)) = star else { return false };
                star = Some((at, from + 1));
                p = at + 1;
                t = from + 1;
            }
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, expected) in [
            ("GET /health", "GET /health", true),
            ("GET /health", "GET /healthy", false),
            ("GET *", "GET /health", true),
            ("*::release", "ContractService::release", true),
            ("a*b?d", "axxbxbcd", true),
            ("a*b?d", "axxbxbcde", false),
            ("*", "", true),
            ("", "x", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn rules_are_read() {
        let rules = Rule::parse_list("GET /health=0, ContractService::*=0.5,").expect("valid");
        assert_eq!(rules.len(), 2);
        assert_eq!(
            (rules[1].name.as_str(), rules[1].rate),
            ("ContractService::*", 0.5)
        );
        for wrong in ["x", "x=2", "x=NaN", "=1", "x=-1"] {
            assert_eq!(Rule::parse_list(wrong), None, "{wrong}");
        }
    }
}
