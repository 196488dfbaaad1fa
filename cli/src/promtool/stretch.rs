//! Time ranges in which a query has one value, and the samples of a series over them.

/// The value that counters start with, as a program has been running for some time.
const INITIAL: f64 = 7.0;
/// Events or units per step that ratios are made of.
pub(super) const TRAFFIC: f64 = 100.0;

/// A time range in which the query has one value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch {
    pub steps: usize,
    pub activity: Activity,
    /// Whether the program restarts at the start of the range, which resets its counters.
    pub restart: bool,
}

impl Stretch {
    pub(crate) fn of(steps: usize, activity: Activity) -> Self {
        Self {
            steps,
            activity,
            restart: false,
        }
    }
}

/// What happens in a time range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Activity {
    /// The query has this value.
    Value(f64),
    /// Nothing happens; the series exist.
    Idle,
    /// The series do not exist.
    Missing,
}

/// How an amount becomes samples.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// A counter that grows by the amount in each step.
    Counter,
    /// A gauge that has the amount as its value.
    Gauge,
}

/// Returns the value of the query; 0 if nothing happens.
pub(super) fn amount(stretch: &Stretch) -> f64 {
    match stretch.activity {
        Activity::Value(value) => value,
        Activity::Idle | Activity::Missing => 0.0,
    }
}

/// Returns the traffic of each range.
pub(super) fn traffic(stretches: &[Stretch]) -> Vec<f64> {
    let traffic = |stretch: &Stretch| match stretch.activity {
        Activity::Value(_) => TRAFFIC,
        Activity::Idle | Activity::Missing => 0.0,
    };
    stretches.iter().map(traffic).collect()
}

/// Rounds off the last digits, which binary fractions distort.
fn rounded(number: f64) -> f64 {
    format!("{number:.12e}").parse().unwrap_or(number)
}

/// Returns samples in promtool's notation: `7+2x10`, `_x10`.
pub(super) fn values(shape: Shape, stretches: &[Stretch], amounts: &[f64]) -> String {
    let mut text = Vec::new();
    let mut last = INITIAL;
    for (stretch, amount) in stretches.iter().zip(amounts) {
        let amount = rounded(*amount);
        let more = stretch.steps.saturating_sub(1);
        match (stretch.activity, shape) {
            (Activity::Missing, _) => {
                text.push(format!("_x{}", stretch.steps));
                last = 0.0;
            }
            (_, Shape::Gauge) => text.push(format!("{amount}+0x{more}")),
            (_, Shape::Counter) => {
                let first = if stretch.restart {
                    amount
                } else {
                    rounded(last + amount)
                };
                text.push(format!("{first}+{amount}x{more}"));
                last = first + amount * more as f64;
            }
        }
    }
    text.join(" ")
}
