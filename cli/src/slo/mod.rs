//! Service level objectives of functions: recording rules, and alerts on how fast the error budget is used up (Google,
//! "The Site Reliability Workbook", chapter 5: several windows, several burn rates).

mod proof;

use crate::alerts::rules::Rule;
use crate::alerts::{Context, file_of};
use crate::failure::Failure;
use crate::manifest::{Function, Query, Selection, Severity};
use crate::query;
use crate::query::promql::{selector, string};
use crate::words;
use serde_json::{Map, Value, json};

/// The part of calls that were bad: errors, or slow. Followed by the window: `slo:bad:ratio_rate5m`.
pub(crate) const BAD: &str = "slo:bad:ratio_rate";
/// The part of 30 days' error budget that is left; below 0 where more was used than there is.
pub(crate) const LEFT: &str = "slo:error_budget_remaining:ratio";
/// The part of calls that the objective asks to be good.
pub(crate) const OBJECTIVE: &str = "slo:objective:ratio";
/// Windows that are recorded.
const WINDOWS: [&str; 8] = ["5m", "30m", "1h", "2h", "6h", "1d", "3d", "30d"];
/// Octaves of the bounds that Prometheus is told of durations, two to an octave: 61 µs to 64 s.
const BOUNDS: std::ops::RangeInclusive<i32> = -28..=12;

/// A burn rate that is too high when it is so over a long window and still is over a short one.
struct Burn {
    long: &'static str,
    short: &'static str,
    factor: f64,
}

/// Two percent of the budget in an hour, or five in six: somebody is woken.
const PAGE: [Burn; 2] = [burn("1h", "5m", 14.4), burn("6h", "30m", 6.0)];
/// Ten percent in a day, or as much as there is if it goes on: somebody looks in the morning.
const TICKET: [Burn; 2] = [burn("1d", "2h", 3.0), burn("3d", "6h", 1.0)];

const fn burn(long: &'static str, short: &'static str, factor: f64) -> Burn {
    Burn {
        long,
        short,
        factor,
    }
}

/// What makes a call bad.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Success,
    /// Taking longer than `limit` seconds; `bound` is what the histogram can tell of it.
    Latency {
        limit: f64,
        bound: f64,
    },
}

/// One objective of one function.
#[derive(Clone, Debug)]
pub(crate) struct Objective {
    service: String,
    function: Function,
    kind: Kind,
    /// The part of calls that may be bad.
    budget: f64,
    /// Recording rules: name and expression.
    records: Vec<(String, String)>,
    rules: Vec<Rule>,
}

impl Objective {
    /// Its alerts.
    pub(crate) fn rules(&self) -> Vec<Rule> {
        self.rules.clone()
    }

    fn labels(&self) -> Vec<(String, String)> {
        let kind = if self.kind == Kind::Success {
            "success"
        } else {
            "latency"
        };
        let labels = [
            ("function", self.function.name.as_str()),
            ("module", self.function.place.module.as_str()),
            ("objective", kind),
        ];
        labels
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec()
    }

    /// Its recording rules, as Prometheus reads them.
    fn recorded(&self) -> Vec<Value> {
        let labels = self.labels().into_iter();
        let mut labels: Map<String, Value> =
            labels.map(|(name, value)| (name, value.into())).collect();
        labels.insert("service".into(), self.service.as_str().into());
        let records = self.records.iter();
        records
            .map(|(name, expression)| json!({"record": name, "expr": expression, "labels": labels}))
            .collect()
    }

    /// The recorded series of that name.
    fn series(&self, name: &str) -> String {
        let service = ("service".to_owned(), self.service.clone());
        let labels = std::iter::once(service).chain(self.labels());
        let labels: Vec<_> = labels
            .map(|(name, value)| format!("{name}={}", string(&value)))
            .collect();
        selector(name, &labels)
    }

    /// In words.
    fn sentence(&self) -> String {
        let (good, name) = (round((1.0 - self.budget) * 100.0), &self.function.name);
        match self.kind {
            Kind::Success => format!("{good}% of the calls of {name} succeed"),
            Kind::Latency { limit, .. } => {
                format!(
                    "{good}% of the calls of {name} take no longer than {}",
                    words::time(limit)
                )
            }
        }
    }
}

/// Without what binary fractions add to a decimal one.
fn round(number: f64) -> f64 {
    (number * 1e9).round() / 1e9
}

/// Every objective of the program.
pub(crate) fn of(context: &Context<'_>) -> Result<Vec<Objective>, Failure> {
    let mut all = Vec::new();
    for function in &context.manifest.functions {
        let Some(given) = &function.objective else {
            continue;
        };
        let named = |failure| Failure::new(format!("{}: {failure}", function.place.source()));
        if given.success_percent > 0.0 {
            all.push(
                objective(context, function, Kind::Success, given.success_percent)
                    .map_err(named)?,
            );
        }
        if given.latency > 0.0 && given.latency_percent > 0.0 {
            let kind = Kind::Latency {
                limit: given.latency,
                bound: bound(given.latency).map_err(named)?,
            };
            all.push(objective(context, function, kind, given.latency_percent).map_err(named)?);
        }
    }
    Ok(all)
}

/// The largest bound of the histogram that is no larger: calls between it and the limit count as slow, so that the
/// objective is never reported to hold while it does not.
fn bound(limit: f64) -> Result<f64, Failure> {
    let mut bounds = BOUNDS.rev().map(|half| (f64::from(half) / 2.0).exp2());
    // Of a bound that is written in decimals the last digit may differ.
    let found = bounds.find(|bound| *bound <= limit * (1.0 + 1e-9));
    found.ok_or_else(|| {
        let limit = words::time(limit);
        Failure::new(format!(
            "no bucket of `function.duration` ends below {limit}: what is faster is not told apart"
        ))
    })
}

fn objective(
    context: &Context<'_>,
    function: &Function,
    kind: Kind,
    percent: f64,
) -> Result<Objective, Failure> {
    if percent >= 100.0 {
        return Err(Failure::new(format!(
            "an objective of {percent}% leaves no error budget to alert on"
        )));
    }
    let mut made = Objective {
        service: context.manifest.service.name.clone(),
        function: function.clone(),
        kind,
        budget: round(1.0 - percent / 100.0),
        records: Vec::new(),
        rules: Vec::new(),
    };
    for window in WINDOWS {
        made.records
            .push((format!("{BAD}{window}"), bad(context, &made, window)?));
    }
    made.records.push((
        OBJECTIVE.into(),
        format!("vector({})", round(1.0 - made.budget)),
    ));
    let used = made.series(&format!("{BAD}30d"));
    made.records
        .push((LEFT.into(), format!("1 - {used} / {}", made.budget)));
    let page = alert(context, &made, Severity::P1, &PAGE);
    let ticket = alert(context, &made, Severity::P3, &TICKET);
    made.rules = page.into_iter().chain(ticket).collect();
    Ok(made)
}

/// The part of calls that were bad. Without calls it has no value.
fn bad(context: &Context<'_>, objective: &Objective, window: &str) -> Result<String, Failure> {
    let scope = context.scope(window);
    match objective.kind {
        Kind::Success => scope.query(&failing(&objective.function)),
        Kind::Latency { bound, .. } => {
            let whole = calls(&objective.function);
            let metric = query::metric(context.manifest, &whole.metric)?;
            let fast = scope.bucket(metric, &whole, bound)?;
            let fast = format!("sum(rate({fast}[{window}]))");
            let all = scope.query(&Query::Rate { of: vec![whole] })?;
            Ok(format!("clamp_min(1 - {fast} / ({all} > 0), 0)"))
        }
    }
}

/// The part of the function's calls that fail.
fn failing(function: &Function) -> Query {
    query::failing(&[&function.name], Some(&function.place.module))
}

/// The function's calls.
fn calls(function: &Function) -> Selection {
    let matcher = |label, value: &String| query::matcher(label, &[value]);
    Selection {
        metric: "function.duration".into(),
        matchers: vec![
            matcher("function", &function.name),
            matcher("module", &function.place.module),
        ],
    }
}

/// The alert on the budget being used up that fast.
fn alert(
    context: &Context<'_>,
    objective: &Objective,
    severity: Severity,
    burns: &[Burn],
) -> Option<Rule> {
    let expression = burning(objective, burns)?;
    let what = if objective.kind == Kind::Success {
        "ErrorBudgetBurn"
    } else {
        "LatencyBudgetBurn"
    };
    let function = &objective.function;
    let speed = if severity == Severity::P1 {
        "fast"
    } else {
        "slowly but surely"
    };
    let annotations = [
        (
            "summary",
            format!("The error budget of {} is used up {speed}.", function.name),
        ),
        (
            "description",
            format!(
                "The objective is that {}, over 30 days.",
                objective.sentence()
            ),
        ),
        ("dashboard_url", context.dashboard()),
        ("source", function.place.source()),
    ];
    Some(Rule {
        name: format!("{}{what}", words::camel(&function.name)),
        expression,
        lasting: 0.0,
        severity,
        owner: function.owner.clone(),
        notify: Vec::new(),
        labels: objective.labels(),
        annotations: annotations
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .collect(),
    })
}

/// That the budget is used up too fast; `None` where not even calls that are all bad would do so.
fn burning(objective: &Objective, burns: &[Burn]) -> Option<String> {
    let limit = |burn: &Burn| round(burn.factor * objective.budget);
    let possible = burns.iter().filter(|burn| limit(burn) < 1.0);
    let conditions = possible.map(|burn| {
        let over = |window: &str| {
            let series = objective.series(&format!("{BAD}{window}"));
            format!("{series} > {}", limit(burn))
        };
        format!("({} and {})", over(burn.long), over(burn.short))
    });
    let conditions: Vec<_> = conditions.collect();
    (!conditions.is_empty()).then(|| conditions.join(" or "))
}

/// The rules and their tests.
pub(crate) fn files(
    context: &Context<'_>,
    objectives: &[Objective],
    meant: &dyn Fn(Severity) -> bool,
) -> Vec<(&'static str, String)> {
    let service = &context.manifest.service.name;
    let mut groups = Vec::new();
    if !objectives.is_empty() {
        let records: Vec<_> = objectives.iter().flat_map(Objective::recorded).collect();
        let rules = objectives.iter().flat_map(|one| &one.rules);
        let rules = rules.filter(|rule| meant(rule.severity));
        let rules: Vec<_> = rules.map(|rule| rule.value(service)).collect();
        groups.push(json!({"name": format!("{service} objectives"), "rules": records}));
        groups.push(json!({"name": format!("{service} error budgets"), "rules": rules}));
    }
    let rules = file_of(&remark(objectives), &json!({"groups": groups}));
    let tests = proof::file(context, objectives, meant);
    vec![
        ("prometheus/slo.yml", rules),
        ("prometheus/slo_test.yml", tests),
    ]
}

/// What whoever reads the rules has to know.
fn remark(objectives: &[Objective]) -> String {
    let mut remark =
        "Objectives look back over 30 days: Prometheus has to keep its data for as long \
                      (--storage.tsdb.retention.time=30d)."
            .to_owned();
    for objective in objectives {
        if let Kind::Latency { limit, bound } = objective.kind
            && (limit - bound).abs() > 1e-9 * limit
        {
            remark.push_str(&format!(
                "\nNo bucket ends at the {} of {}: calls of more than {} count as slow, the next bound below.",
                words::time(limit),
                objective.function.name.escape_debug(),
                words::time(bound)
            ));
        }
    }
    remark
}
