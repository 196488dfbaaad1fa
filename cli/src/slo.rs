//! Service level objectives of functions: recording rules, and alerts on the rate at which the error budget is used up
//! (multiwindow, multi-burn-rate alerts; Google, "The Site Reliability Workbook", chapter 5).

use crate::deployment::Deployment;
use crate::describe;
use crate::error::Error;
use crate::query;
use crate::query::promql::{selector, string};
use crate::rules::Rule;
use crate::yaml;
use instrumental_manifest::{Function, Query, Selection, Severity};
use serde_json::{Map, Value, json};

/// The ratio of calls that failed or were slow. The window follows: `slo:bad:ratio_rate5m`.
pub(crate) const BAD: &str = "slo:bad:ratio_rate";
/// The ratio of the error budget of 30 days that remains; negative if the budget is exceeded.
pub(crate) const LEFT: &str = "slo:error_budget_remaining:ratio";
/// The ratio of good calls that the objective requires.
pub(crate) const OBJECTIVE: &str = "slo:objective:ratio";
/// The recorded windows.
const WINDOWS: [&str; 8] = ["5m", "30m", "1h", "2h", "6h", "1d", "3d", "30d"];
/// Half octaves at which the runtime exports bucket bounds of durations to Prometheus: 61 µs to 64 s.
const BOUNDS: std::ops::RangeInclusive<i32> = -28..=12;

/// A burn rate limit. It is exceeded if the burn rate is above `factor` over both windows.
struct Burn {
    long: &'static str,
    short: &'static str,
    factor: f64,
}

/// 2% of the budget within an hour, or 5% within six hours: pages.
const PAGE: [Burn; 2] = [burn("1h", "5m", 14.4), burn("6h", "30m", 6.0)];
/// 10% of the budget within a day, or a rate that uses up all of it: opens a ticket.
const TICKET: [Burn; 2] = [burn("1d", "2h", 3.0), burn("3d", "6h", 1.0)];

const fn burn(long: &'static str, short: &'static str, factor: f64) -> Burn {
    Burn {
        long,
        short,
        factor,
    }
}

/// What an objective requires of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Goal {
    /// The call succeeds.
    Success,
    /// The call takes at most `limit` seconds. `bound` is the bucket bound that it is measured by.
    Latency { limit: f64, bound: f64 },
}

/// One objective of one function.
#[derive(Clone, Debug)]
pub(crate) struct Objective {
    pub(crate) service: String,
    pub(crate) function: Function,
    pub(crate) goal: Goal,
    /// The error budget: the ratio of calls that may be bad.
    pub(crate) budget: f64,
    /// Recording rules: name and expression.
    records: Vec<(String, String)>,
    /// Alerting rules.
    pub(crate) rules: Vec<Rule>,
}

impl Objective {
    /// Returns its alerting rules.
    pub(crate) fn rules(&self) -> Vec<Rule> {
        self.rules.clone()
    }

    fn labels(&self) -> Vec<(String, String)> {
        let kind = if self.goal == Goal::Success {
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

    /// Returns its recording rules as items of Prometheus' configuration.
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

    /// Returns a selector of a recorded series.
    pub(crate) fn series(&self, name: &str) -> String {
        let service = ("service".to_owned(), self.service.clone());
        let labels = std::iter::once(service).chain(self.labels());
        let labels: Vec<_> = labels
            .map(|(name, value)| format!("{name}={}", string(&value)))
            .collect();
        selector(name, &labels)
    }

    /// Returns the objective as a clause: `99.9% of the calls of pay succeed`.
    fn clause(&self) -> String {
        let (good, name) = (round((1.0 - self.budget) * 100.0), &self.function.name);
        match self.goal {
            Goal::Success => format!("{good}% of the calls of {name} succeed"),
            Goal::Latency { limit, .. } => {
                format!(
                    "{good}% of the calls of {name} take no longer than {}",
                    describe::duration(limit)
                )
            }
        }
    }
}

/// Rounds off the error that binary fractions add to a decimal number.
fn round(number: f64) -> f64 {
    (number * 1e9).round() / 1e9
}

/// Returns all objectives of the program.
pub(crate) fn of(deployment: &Deployment<'_>) -> Result<Vec<Objective>, Error> {
    let mut all = Vec::new();
    for function in &deployment.manifest.functions {
        let Some(given) = &function.objective else {
            continue;
        };
        let with_place = |error| Error::new(format!("{}: {error}", function.place.source()));
        if given.success_percent > 0.0 {
            all.push(
                objective(deployment, function, Goal::Success, given.success_percent)
                    .map_err(with_place)?,
            );
        }
        if given.latency > 0.0 && given.latency_percent > 0.0 {
            let goal = Goal::Latency {
                limit: given.latency,
                bound: bound(given.latency).map_err(with_place)?,
            };
            all.push(
                objective(deployment, function, goal, given.latency_percent).map_err(with_place)?,
            );
        }
    }
    Ok(all)
}

/// Returns the largest bucket bound that is at most the limit. Calls between the two count as slow, so an objective that is
/// missed is never reported as met.
fn bound(limit: f64) -> Result<f64, Error> {
    let mut bounds = BOUNDS.rev().map(|half| (f64::from(half) / 2.0).exp2());
    // The last digit of a limit that is written in decimals may differ from the bound.
    let found = bounds.find(|bound| *bound <= limit * (1.0 + 1e-9));
    found.ok_or_else(|| {
        let limit = describe::duration(limit);
        Error::new(format!(
            "no bucket of `function.duration` ends below {limit}, so this latency cannot be measured; use a longer one"
        ))
    })
}

fn objective(
    deployment: &Deployment<'_>,
    function: &Function,
    goal: Goal,
    percent: f64,
) -> Result<Objective, Error> {
    if percent >= 100.0 {
        return Err(Error::new(format!(
            "an objective of {percent}% leaves no error budget to alert on"
        )));
    }
    let mut made = Objective {
        service: deployment.manifest.service.name.clone(),
        function: function.clone(),
        goal,
        budget: round(1.0 - percent / 100.0),
        records: Vec::new(),
        rules: Vec::new(),
    };
    for window in WINDOWS {
        made.records
            .push((format!("{BAD}{window}"), bad(deployment, &made, window)?));
    }
    made.records.push((
        OBJECTIVE.into(),
        format!("vector({})", round(1.0 - made.budget)),
    ));
    let used = made.series(&format!("{BAD}30d"));
    made.records
        .push((LEFT.into(), format!("1 - {used} / {}", made.budget)));
    let page = alert(deployment, &made, Severity::P1, &PAGE);
    let ticket = alert(deployment, &made, Severity::P3, &TICKET);
    made.rules = page.into_iter().chain(ticket).collect();
    Ok(made)
}

/// Returns the ratio of bad calls, which has no value without calls.
fn bad(deployment: &Deployment<'_>, objective: &Objective, window: &str) -> Result<String, Error> {
    let scope = deployment.scope(window);
    match objective.goal {
        Goal::Success => scope.query(&failing(&objective.function)),
        Goal::Latency { bound, .. } => {
            let whole = calls(&objective.function);
            let metric = query::metric(deployment.manifest, &whole.metric)?;
            let fast = scope.bucket(metric, &whole, bound)?;
            let fast = format!("sum(rate({fast}[{window}]))");
            let all = scope.query(&Query::Rate { of: vec![whole] })?;
            Ok(format!("clamp_min(1 - {fast} / ({all} > 0), 0)"))
        }
    }
}

/// Returns the ratio of the function's calls that fail.
pub(crate) fn failing(function: &Function) -> Query {
    query::failing(&[&function.name], Some(&function.place.module))
}

/// Returns the series of the function's calls.
pub(crate) fn calls(function: &Function) -> Selection {
    let matcher = |label, value: &String| query::matcher(label, &[value]);
    Selection {
        metric: "function.duration".into(),
        matchers: vec![
            matcher("function", &function.name),
            matcher("module", &function.place.module),
        ],
    }
}

/// Returns the alert that fires if one of the burn rates is exceeded.
fn alert(
    deployment: &Deployment<'_>,
    objective: &Objective,
    severity: Severity,
    burns: &[Burn],
) -> Option<Rule> {
    let expression = burning(objective, burns)?;
    let what = if objective.goal == Goal::Success {
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
                objective.clause()
            ),
        ),
        ("dashboard_url", deployment.dashboards_link()),
        ("source", function.place.source()),
    ];
    Some(Rule {
        name: format!("{}{what}", describe::camel_case(&function.name)),
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

/// Returns the expression of the alert, or `None` if the limits are so high that no error rate exceeds them.
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

/// Returns the file of recording and alerting rules.
pub(crate) fn file(
    deployment: &Deployment<'_>,
    objectives: &[Objective],
    selected: &dyn Fn(Severity) -> bool,
) -> String {
    let service = &deployment.manifest.service.name;
    let mut groups = Vec::new();
    if !objectives.is_empty() {
        let records: Vec<_> = objectives.iter().flat_map(Objective::recorded).collect();
        let rules = objectives.iter().flat_map(|one| &one.rules);
        let rules = rules.filter(|rule| selected(rule.severity));
        let rules: Vec<_> = rules.map(|rule| rule.value(service)).collect();
        groups.push(json!({"name": format!("{service} objectives"), "rules": records}));
        groups.push(json!({"name": format!("{service} error budgets"), "rules": rules}));
    }
    yaml::generated_with_note(&note(objectives), &json!({"groups": groups}))
}

/// Returns what a reader of the rules has to know.
fn note(objectives: &[Objective]) -> String {
    let mut note = "Objectives cover 30 days, so Prometheus must keep its data for as long \
                    (--storage.tsdb.retention.time=30d)."
        .to_owned();
    for objective in objectives {
        if let Goal::Latency { limit, bound } = objective.goal
            && (limit - bound).abs() > 1e-9 * limit
        {
            note.push_str(&format!(
                "\nThe limit of {name}, {limit}, is not a bucket bound: calls longer than {bound}, the next lower bound, \
                 count as slow.",
                limit = describe::duration(limit),
                name = objective.function.name.escape_debug(),
                bound = describe::duration(bound)
            ));
        }
    }
    note
}
