//! Alerts, durations and quantities in words.

use crate::query::{selections, selects_failed_calls, selects_failures};
use instrumental_manifest::{
    Alert, Comparison, Condition, Manifest, MatchOperator, Matcher, Query, Selection,
};

/// Returns `PaymentSystemDown` for `payment_system_down`.
pub(crate) fn camel_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for word in name.split(|c: char| !c.is_alphanumeric()) {
        let mut chars = word.chars();
        out.extend(chars.next().into_iter().flat_map(char::to_uppercase));
        out.push_str(chars.as_str());
    }
    out
}

/// Returns the name of an alert in the backends. If two functions have the same name, it includes the module.
pub(crate) fn alert_title(manifest: &Manifest, alert: &Alert) -> String {
    let same = |other: &&Alert| camel_case(&other.name) == camel_case(&alert.name);
    if manifest.alerts.iter().filter(same).count() > 1 {
        return camel_case(&format!("{}::{}", alert.place.module, alert.name));
    }
    camel_case(&alert.name)
}

/// Returns seconds in words: `5 min`.
pub(crate) fn duration(seconds: f64) -> String {
    let units = [
        (604_800.0, "weeks"),
        (86_400.0, "days"),
        (3_600.0, "h"),
        (60.0, "min"),
    ];
    for (size, unit) in units {
        let number = seconds / size;
        if number >= 1.0 && number.fract() == 0.0 {
            return match (number as u64, unit) {
                (1, "weeks") => "1 week".into(),
                (1, "days") => "1 day".into(),
                (number, unit) => format!("{number} {unit}"),
            };
        }
    }
    if seconds >= 1.0 {
        format!("{seconds} s")
    } else {
        format!("{} ms", (seconds * 1e6).round() / 1e3)
    }
}

/// Returns a threshold with its unit.
fn quantity(number: f64, unit: &str) -> String {
    match unit {
        "1" => format!("{}%", (number * 1e6).round() / 1e4),
        "%" => format!("{number}%"),
        "s" => duration(number),
        "/s" if number < 1.0 => format!("{} per minute", (number * 6e5).round() / 1e4),
        "/s" => format!("{number} per second"),
        "" => format!("{number}"),
        unit => format!("{number} {}", unit.trim_matches(['{', '}'])),
    }
}

/// Returns the condition as a sentence.
pub(crate) fn condition(condition: &Condition) -> String {
    let window = duration(condition.window);
    let what = subject(&condition.query);
    let within = match condition.query {
        Query::Level { .. } | Query::Fraction { .. } => String::new(),
        Query::Increase { .. } | Query::Total { .. } => format!(" within {window}"),
        _ => format!(" over {window}"),
    };
    let lasting = if condition.lasting > 0.0 {
        format!(", for {}", duration(condition.lasting))
    } else {
        String::new()
    };
    let side = match condition.compare {
        Comparison::Above => "above",
        Comparison::Below => "below",
        Comparison::Absent => return format!("No {what}{within}{lasting}."),
    };
    let limit = match condition.past {
        Some(past) => format!(
            "{} times the value {} ago",
            condition.threshold,
            duration(past)
        ),
        None => quantity(condition.threshold, &condition.unit),
    };
    let subject = match &condition.query {
        Query::Rate { .. } => format!("The rate of {what}"),
        Query::Increase { .. } => format!("The number of {what}"),
        Query::Share { part, whole } => format!("The share of {} in {}", list(part), list(whole)),
        Query::Quantile { q, of } => format!("The {} of {}", percentile(*q), values(of)),
        Query::Average { of } => format!("The average of {}", values(of)),
        Query::Total { of } => {
            let all: Vec<_> = of.iter().map(values).collect();
            format!("The sum of {}", all.join(" and "))
        }
        Query::Level { of } => format!("The level of {}", values(of)),
        Query::Fraction { part, whole } => {
            format!("The ratio of {} to {}", values(part), values(whole))
        }
    };
    format!("{subject}{within} is {side} {limit}{lasting}.")
}

fn subject(query: &Query) -> String {
    let all = selections(query).into_iter().map(one);
    all.collect::<Vec<_>>().join(" and ")
}

fn list(of: &[Selection]) -> String {
    of.iter().map(one).collect::<Vec<_>>().join(" and ")
}

/// Describes the values of a selection.
fn values(of: &Selection) -> String {
    match of.metric.as_str() {
        "function.duration" | "http.server.request.duration" => {
            format!("the duration of {}", one(of))
        }
        _ => one(of),
    }
}

/// Describes what a selection counts. The library's own metrics are described in words instead of by name.
fn one(of: &Selection) -> String {
    let (subject, described) = match of.metric.as_str() {
        "http.server.request.duration" => ("requests".to_owned(), Vec::new()),
        "function.duration" | "function.errors" => calls(of),
        name => (name.to_owned(), Vec::new()),
    };
    let others = of.matchers.iter().filter(|one| !described.contains(one));
    let conditions = others.map(|matcher| {
        let operator = match matcher.is {
            MatchOperator::In => "is",
            MatchOperator::NotIn => "is not",
            MatchOperator::Prefix => "begins with",
        };
        format!(
            "{} {operator} {}",
            matcher.label,
            matcher.values.join(" or ")
        )
    });
    match conditions.collect::<Vec<_>>().join(" and ") {
        none if none.is_empty() => subject,
        conditions => format!("{subject} where {conditions}"),
    }
}

/// Describes calls of a function, or their errors: `failed calls of pay`. Also returns the matchers that the description
/// covers.
fn calls(of: &Selection) -> (String, Vec<&Matcher>) {
    let find = |label: &str| {
        let mut matchers = of.matchers.iter();
        matchers.find(|matcher| matcher.label == label && matcher.is == MatchOperator::In)
    };
    let function = find("function");
    let counts_calls = of.metric == "function.duration";
    let outcome = find("outcome").filter(|outcome| counts_calls && selects_failed_calls(outcome));
    let class = find("class").filter(|class| !counts_calls && selects_failures(class));
    let what = match (counts_calls, outcome, class) {
        (true, Some(_), _) => "failed calls",
        (true, None, _) => "calls",
        (false, _, Some(_)) => "failures",
        (false, _, None) => "errors",
    };
    // The name of a function says enough without its module.
    let module = function.and_then(|_| find("module"));
    let described = [function, module, outcome, class].into_iter().flatten();
    let subject = match function {
        Some(function) => format!("{what} of {}", function.values.join(" or ")),
        None => what.to_owned(),
    };
    (subject, described.collect())
}

/// `median`, `95th percentile`, `99.9th percentile`.
fn percentile(q: f64) -> String {
    // 0.999 of one is 99.9 of a hundred, whatever binary fractions make of it.
    let of_a_hundred = (q * 1e8).round() / 1e6;
    let ending = match of_a_hundred % 100.0 {
        11.0 | 12.0 | 13.0 => "th",
        n if n % 10.0 == 1.0 => "st",
        n if n % 10.0 == 2.0 => "nd",
        n if n % 10.0 == 3.0 => "rd",
        _ => "th",
    };
    if of_a_hundred == 50.0 {
        "median".to_owned()
    } else {
        format!("{of_a_hundred}{ending} percentile")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::tests::shop;

    #[test]
    fn conditions_are_sentences() {
        let shop = shop();
        let sentences: Vec<_> = shop
            .alerts
            .iter()
            .map(|alert| condition(&alert.condition))
            .collect();
        let expected = [
            "The share of failed calls of PaymentService::release in calls of PaymentService::release over \
             5 min is above 5%, for 5 min.",
            "The number of payment.failed within 5 min is above 0.",
            "The average of the duration of requests over 5 min is above 500 ms, for 5 min.",
            "The share of requests where http.response.status_code begins with 5 in requests over 2 min is \
             above 1%, for 2 min.",
            "The ratio of db.connections.open to db.connections.max is above 90%, for 5 min.",
            "The 95th percentile of payments.processing over 5 min is above 2 s, for 10 min.",
            "The rate of auth.failures over 5 min is above 10 per minute.",
            "No bids.submitted within 5 min, for 15 min.",
            "The rate of bids.submitted over 1 h is below 0.5 times the value 1 week ago, for 30 min.",
            "The sum of payment.released.amount within 1 h is below 100 USD, for 10 min.",
            "The level of http.server.active_requests is above 200, for 5 min.",
        ];
        assert_eq!(sentences, expected);
    }

    #[test]
    fn alerts_with_the_same_name_are_distinguished_by_module() {
        let mut shop = shop();
        let mut second = shop.alerts[0].clone();
        assert_eq!(alert_title(&shop, &second), "PaymentSystemDown");
        second.place.module = "shop::other".into();
        shop.alerts.push(second.clone());
        assert_eq!(alert_title(&shop, &second), "ShopOtherPaymentSystemDown");
        assert_eq!(
            alert_title(&shop, &shop.alerts[0]),
            "ShopAlertsPaymentSystemDown"
        );
    }

    #[test]
    fn quantiles_are_described_as_percentiles() {
        for (q, words) in [
            (0.5, "median"),
            (0.91, "91st percentile"),
            (0.12, "12th percentile"),
            (0.999, "99.9th percentile"),
        ] {
            assert_eq!(super::percentile(q), words);
        }
    }
}
