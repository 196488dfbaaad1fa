//! What alerts are called, and what they, times and quantities are in words.

use crate::manifest::{Alert, Compare, Condition, Is, Manifest, Matcher, Query, Selection};
use crate::query::{is_failure_class, is_what_failed, selections};

/// `payment_system_down` as `PaymentSystemDown`.
pub(crate) fn camel(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for word in name.split(|c: char| !c.is_alphanumeric()) {
        let mut chars = word.chars();
        out.extend(chars.next().into_iter().flat_map(char::to_uppercase));
        out.push_str(chars.as_str());
    }
    out
}

/// The name of an alert in the backends. Of two functions of one name each is called by its path.
pub(crate) fn title(manifest: &Manifest, alert: &Alert) -> String {
    let same = |other: &&Alert| camel(&other.name) == camel(&alert.name);
    if manifest.alerts.iter().filter(same).count() > 1 {
        return camel(&format!("{}::{}", alert.place.module, alert.name));
    }
    camel(&alert.name)
}

/// Seconds for people: `5 min`.
pub(crate) fn time(seconds: f64) -> String {
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

/// A threshold with its unit.
fn quantity(number: f64, unit: &str) -> String {
    match unit {
        "1" => format!("{}%", (number * 1e6).round() / 1e4),
        "%" => format!("{number}%"),
        "s" => time(number),
        "/s" if number < 1.0 => format!("{} a minute", (number * 6e5).round() / 1e4),
        "/s" => format!("{number} a second"),
        "" => format!("{number}"),
        unit => format!("{number} {}", unit.trim_matches(['{', '}'])),
    }
}

/// When the alert fires, as a sentence.
pub(crate) fn condition(condition: &Condition) -> String {
    let window = time(condition.window);
    let what = subject(&condition.query);
    let within = match condition.query {
        Query::Level { .. } | Query::Fraction { .. } => String::new(),
        Query::Increase { .. } | Query::Total { .. } => format!(" within {window}"),
        _ => format!(" over {window}"),
    };
    let lasting = if condition.lasting > 0.0 {
        format!(", for {}", time(condition.lasting))
    } else {
        String::new()
    };
    let side = match condition.compare {
        Compare::Above => "above",
        Compare::Below => "below",
        Compare::Absent => return format!("Nothing of {what}{within}{lasting}."),
    };
    let limit = match condition.past {
        Some(past) => format!(
            "{} times what it was {} before",
            condition.threshold,
            time(past)
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
            format!("{} as a part of {}", values(part), values(whole))
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

/// What a selection's values are.
fn values(of: &Selection) -> String {
    match of.metric.as_str() {
        "function.duration" | "http.server.request.duration" => {
            format!("how long {} take", one(of))
        }
        _ => one(of),
    }
}

/// What a selection counts. The library's own metrics have names that nobody outside says.
fn one(of: &Selection) -> String {
    let mut matchers: Vec<&Matcher> = of.matchers.iter().collect();
    let mut take = |label: &str, is: Is| {
        let found = matchers
            .iter()
            .position(|matcher| matcher.label == label && matcher.is == is);
        found.map(|n| matchers.remove(n).values.join(" or "))
    };
    let mut out = match of.metric.as_str() {
        "http.server.request.duration" => "requests".to_owned(),
        "function.duration" | "function.errors" => {
            let function = take("function", Is::In);
            if function.is_some() {
                take("module", Is::In);
            }
            let failed = of.metric == "function.duration" && of.matchers.iter().any(is_what_failed);
            if failed {
                take("outcome", Is::In);
            }
            let is_ours =
                of.metric == "function.errors" && of.matchers.iter().any(is_failure_class);
            if is_ours {
                take("class", Is::In);
            }
            let what = match (of.metric.as_str(), failed) {
                _ if is_ours => "failures",
                ("function.errors", _) => "errors",
                (_, true) => "failed calls",
                _ => "calls",
            };
            function.map_or(what.to_owned(), |function| format!("{what} of {function}"))
        }
        name => name.to_owned(),
    };
    for (n, matcher) in matchers.iter().enumerate() {
        let is = match matcher.is {
            Is::In => "is",
            Is::NotIn => "is not",
            Is::Prefix => "begins with",
        };
        let between = if n == 0 { " where" } else { " and" };
        out.push_str(&format!(
            "{between} {} {is} {}",
            matcher.label,
            matcher.values.join(" or ")
        ));
    }
    out
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
    fn conditions_in_words() {
        let shop = shop();
        let said: Vec<_> = shop
            .alerts
            .iter()
            .map(|alert| condition(&alert.condition))
            .collect();
        let expected = [
            "The share of failed calls of PaymentService::release in calls of PaymentService::release over \
             5 min is above 5%, for 5 min.",
            "The number of payment.failed within 5 min is above 0.",
            "The average of how long requests take over 5 min is above 500 ms, for 5 min.",
            "The share of requests where http.response.status_code begins with 5 in requests over 2 min is \
             above 1%, for 2 min.",
            "db.connections.open as a part of db.connections.max is above 90%, for 5 min.",
            "The 95th percentile of payments.processing over 5 min is above 2 s, for 10 min.",
            "The rate of auth.failures over 5 min is above 10 a minute.",
            "Nothing of bids.submitted within 5 min, for 15 min.",
            "The rate of bids.submitted over 1 h is below 0.5 times what it was 1 week before, for 30 min.",
            "The sum of payment.released.amount within 1 h is below 100 USD, for 10 min.",
            "The level of http.server.active_requests is above 200, for 5 min.",
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn two_alerts_of_one_name_are_called_by_their_paths() {
        let mut shop = shop();
        let mut second = shop.alerts[0].clone();
        assert_eq!(title(&shop, &second), "PaymentSystemDown");
        second.place.module = "shop::other".into();
        shop.alerts.push(second.clone());
        assert_eq!(title(&shop, &second), "ShopOtherPaymentSystemDown");
        assert_eq!(title(&shop, &shop.alerts[0]), "ShopAlertsPaymentSystemDown");
    }

    #[test]
    fn quantiles_are_spoken_of_as_percentiles() {
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
