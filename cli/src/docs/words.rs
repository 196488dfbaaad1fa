//! An alert's condition in words.

use crate::manifest::{Compare, Condition, Is, Query, Selection};

/// `the share of function.duration where outcome is error of function.duration is above 5% for 5 min, over 5 min`.
pub(crate) fn condition(condition: &Condition) -> String {
    let lasting = match condition.lasting {
        0.0 => String::new(),
        seconds => format!(" for {}", time(seconds)),
    };
    let window = time(condition.window);
    if condition.compare == Compare::Absent {
        let what = match &condition.query {
            Query::Increase { of } => selections(of),
            other => query(other),
        };
        return format!("no {what} within {window}{lasting}");
    }
    let compare = match condition.compare {
        Compare::Above => "above",
        _ => "below",
    };
    let threshold = match condition.past {
        Some(ago) => format!(
            "{} times what it was {} ago",
            number(condition.threshold),
            time(ago)
        ),
        None => amount(condition.threshold, &condition.unit),
    };
    let what = query(&condition.query);
    format!("{what} is {compare} {threshold}{lasting}, looked at over {window}")
}

fn query(query: &Query) -> String {
    match query {
        Query::Rate { of } => format!("the rate of {}", selections(of)),
        Query::Increase { of } => format!("the number of {}", selections(of)),
        Query::Share { part, whole } => {
            format!("the share of {} in {}", selections(part), selections(whole))
        }
        Query::Quantile { q, of } => {
            format!(
                "the {}th percentile of {}",
                number(q * 100.0),
                selection(of)
            )
        }
        Query::Average { of } => format!("the mean of {}", selection(of)),
        Query::Total { of } => format!("the sum of {}", selections(of)),
        Query::Level { of } => format!("the level of {}", selection(of)),
        Query::Fraction { part, whole } => {
            format!("{} divided by {}", selection(part), selection(whole))
        }
    }
}

fn selections(all: &[Selection]) -> String {
    all.iter().map(selection).collect::<Vec<_>>().join(" and ")
}

fn selection(selection: &Selection) -> String {
    let matchers = selection.matchers.iter().map(|matcher| {
        let is = match matcher.is {
            Is::In => "is",
            Is::NotIn => "is not",
            Is::Prefix => "begins with",
        };
        let values: Vec<_> = matcher.values.iter().map(|v| format!("`{v}`")).collect();
        format!("`{}` {is} {}", matcher.label, values.join(" or "))
    });
    let matchers: Vec<_> = matchers.collect();
    match matchers.is_empty() {
        true => format!("`{}`", selection.metric),
        false => format!("`{}` where {}", selection.metric, matchers.join(" and ")),
    }
}

/// A value of a unit: `5%`, `250 ms`, `10 a minute`.
pub(crate) fn amount(value: f64, unit: &str) -> String {
    match unit {
        "" => number(value),
        "1" => format!("{}%", number(value * 100.0)),
        "%" => format!("{}%", number(value)),
        "s" => time(value),
        "/s" if value < 1.0 => format!("{} a minute", number(value * 60.0)),
        "/s" => format!("{} a second", number(value)),
        unit => format!("{} {}", number(value), unit.trim_matches(['{', '}'])),
    }
}

/// At most three digits behind the point.
fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A time of so many seconds, in the largest unit that leaves no remainder.
pub(crate) fn time(seconds: f64) -> String {
    let units = [(86_400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s")];
    let whole = units
        .into_iter()
        .find(|(unit, _)| seconds >= *unit && seconds % unit == 0.0);
    match whole {
        Some((unit, name)) => format!("{} {name}", number(seconds / unit)),
        None if seconds < 1.0 => format!("{} ms", number(seconds * 1000.0)),
        None => format!("{} s", number(seconds)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::parse;

    #[test]
    fn every_condition_of_the_shop_in_words() {
        let shop = include_str!("../../tests/data/shop.json");
        let shop = parse(shop, "shop.json").expect("a manifest");
        let words: Vec<_> = shop
            .alerts
            .iter()
            .map(|a| condition(&a.condition))
            .collect();
        let expected = [
            "the share of `function.duration` where `function` is `PaymentService::release` and `module` is \
             `shop::payments` and `outcome` is `error` or `panicked` in `function.duration` where `function` is \
             `PaymentService::release` and `module` is `shop::payments` is above 5% for 5 min, looked at over 5 min",
            "the number of `payment.failed` is above 0, looked at over 5 min",
            "the mean of `http.server.request.duration` is above 500 ms for 5 min, looked at over 5 min",
            "the share of `http.server.request.duration` where `http.response.status_code` begins with `5` in \
             `http.server.request.duration` is above 1% for 2 min, looked at over 2 min",
            "`db.connections.open` divided by `db.connections.max` is above 90% for 5 min, looked at over 5 min",
            "the 95th percentile of `payments.processing` is above 2 s for 10 min, looked at over 5 min",
            "the rate of `auth.failures` is above 10 a minute, looked at over 5 min",
            "no `bids.submitted` within 5 min for 15 min",
            "the rate of `bids.submitted` is below 0.5 times what it was 7 d ago for 30 min, looked at over 1 h",
            "the sum of `payment.released.amount` is below 100 USD for 10 min, looked at over 1 h",
            "the level of `http.server.active_requests` is above 200 for 5 min, looked at over 5 min",
        ];
        assert_eq!(words, expected);
    }
}
