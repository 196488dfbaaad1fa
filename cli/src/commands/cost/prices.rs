//! The price file, which users adapt to their own contracts.

use crate::error::Error;
use crate::io;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The price file.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Prices {
    pub(super) comment: String,
    pub(super) currency: String,
    /// Which vendor bills for log lines.
    pub(super) logs_go_to: LogsGoTo,
    /// The custom metrics that Datadog counts for each series of a histogram.
    pub(super) datadog_metrics_per_distribution: f64,
    pub(super) sentry_errors: Price,
    pub(super) sentry_spans: Price,
    pub(super) datadog_apm_hosts: Price,
    pub(super) datadog_span_gigabytes: Price,
    pub(super) datadog_custom_metrics: Price,
    pub(super) datadog_log_gigabytes: Price,
    pub(super) datadog_log_lines: Price,
    pub(super) cloudwatch_log_gigabytes: Price,
    pub(super) prometheus_series: Price,
    pub(super) otlp_gigabytes: Price,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum LogsGoTo {
    Cloudwatch,
    Datadog,
    /// They are not billed.
    #[serde(rename = "nobody")]
    NotBilled,
}

/// A price per month.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Price {
    /// The price of `per` items.
    pub(super) price: f64,
    pub(super) per: f64,
    /// The number of items per month that are free for the account.
    #[serde(default)]
    pub(super) included: f64,
    /// The number of items per month that are free for each instance of the service.
    #[serde(default)]
    pub(super) included_per_instance: f64,
    pub(super) comment: String,
}

impl Price {
    /// Returns what a quantity costs per month.
    pub(super) fn of(&self, quantity: f64, instances: f64) -> f64 {
        let free = self.included + self.included_per_instance * instances;
        (quantity - free).max(0.0) * self.price / self.per
    }
}

impl Default for Prices {
    fn default() -> Self {
        let price = |price, per, comment: &str| Price {
            price,
            per,
            included: 0.0,
            included_per_instance: 0.0,
            comment: format!("{comment} Check it against your contract."),
        };
        Self {
            comment: "Prices per month. Each comment names its source; list prices change, and contracts differ.".into(),
            currency: "USD".into(),
            logs_go_to: LogsGoTo::Cloudwatch,
            datadog_metrics_per_distribution: 5.0,
            sentry_errors: Price {
                included: 5000.0,
                ..price(30.0, 100_000.0, "Rule of thumb: 5,000 errors a month are free, 100,000 cost about $30.")
            },
            sentry_spans: Price {
                included: 5_000_000.0,
                ..price(2.0, 1_000_000.0, "Public list, pay as you go: 5 million spans are included.")
            },
            datadog_apm_hosts: price(15.0, 1.0, "Rule of thumb: $15 per host; Datadog's public list says $31."),
            datadog_span_gigabytes: Price {
                included_per_instance: 150.0,
                ..price(0.1, 1.0, "Public list: 150 GB of ingested spans are included with each APM host.")
            },
            datadog_custom_metrics: Price {
                included_per_instance: 100.0,
                ..price(5.0, 100.0, "Public list: 100 custom metrics are included with each host of the Pro plan.")
            },
            datadog_log_gigabytes: price(0.1, 1.0, "Public list: ingested logs."),
            datadog_log_lines: price(1.7, 1_000_000.0, "Public list: indexed log events kept for 15 days."),
            cloudwatch_log_gigabytes: price(0.5, 1.0, "Public list: ingested logs."),
            prometheus_series: price(0.0, 1000.0, "Free for a self-hosted Prometheus; hosted ones bill active series."),
            otlp_gigabytes: price(0.0, 1.0, "Free for a self-hosted collector; enter the price of the vendor behind it."),
        }
    }
}

impl Prices {
    /// Reads a price file, or returns the defaults if there is none.
    pub(super) fn read(file: Option<&Path>) -> Result<Self, Error> {
        let Some(file) = file else {
            return Ok(Self::default());
        };
        let name = file.display();
        let prices: Self = serde_json::from_str(&io::read(file)?).map_err(|error| {
            Error::new(format!(
                "{name} is not a price file ({error}); create one with `--write-prices`"
            ))
        })?;
        match prices.fault() {
            Some(fault) => Err(Error::new(format!("{name} is not a price file: {fault}"))),
            None => Ok(prices),
        }
    }

    fn all(&self) -> [(&'static str, &Price); 10] {
        [
            ("sentry_errors", &self.sentry_errors),
            ("sentry_spans", &self.sentry_spans),
            ("datadog_apm_hosts", &self.datadog_apm_hosts),
            ("datadog_span_gigabytes", &self.datadog_span_gigabytes),
            ("datadog_custom_metrics", &self.datadog_custom_metrics),
            ("datadog_log_gigabytes", &self.datadog_log_gigabytes),
            ("datadog_log_lines", &self.datadog_log_lines),
            ("cloudwatch_log_gigabytes", &self.cloudwatch_log_gigabytes),
            ("prometheus_series", &self.prometheus_series),
            ("otlp_gigabytes", &self.otlp_gigabytes),
        ]
    }

    fn fault(&self) -> Option<String> {
        let is_count = |number: f64| number.is_finite() && number >= 0.0;
        if !is_count(self.datadog_metrics_per_distribution) {
            return Some("`datadog_metrics_per_distribution` is negative".into());
        }
        self.all().iter().find_map(|(name, price)| {
            let counts = [price.price, price.included, price.included_per_instance];
            if !counts.into_iter().all(is_count) {
                Some(format!("a number of `{name}` is negative"))
            } else if price.per <= 0.0 {
                Some(format!("`per` of `{name}` is not above 0"))
            } else {
                None
            }
        })
    }
}

/// Writes the default prices. An existing file is not replaced, as it may contain a user's own prices.
pub(super) fn write(file: &Path) -> Result<(), Error> {
    if file.exists() {
        let name = file.display();
        return Err(Error::new(format!(
            "{name} already exists; choose another file"
        )));
    }
    io::write(file, &io::json(&Prices::default())?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Scratch;

    #[test]
    fn included_items_are_free() {
        let price = Price {
            included: 10.0,
            included_per_instance: 5.0,
            price: 3.0,
            per: 2.0,
            comment: String::new(),
        };
        assert_eq!(price.of(12.0, 1.0), 0.0);
        assert_eq!(price.of(24.0, 2.0), 6.0);
    }

    #[test]
    fn the_default_file_is_valid_and_not_overwritten() {
        let file = Scratch::new("prices-written");
        write(&file.0).expect("written");
        let prices = Prices::read(Some(&file.0)).expect("prices");
        let all = prices.all();
        let default = Prices::default();
        assert_eq!(all, default.all());
        assert!(
            all.iter()
                .all(|(_, price)| price.comment.ends_with("Check it against your contract."))
        );
        let failure = write(&file.0).expect_err("there is one").to_string();
        assert!(
            failure.ends_with("already exists; choose another file"),
            "{failure}"
        );
    }

    #[test]
    fn an_invalid_file_is_one_sentence() {
        let file = Scratch::new("prices-corrupt");
        let default = io::json(&Prices::default()).expect("JSON");
        for (text, why) in [
            ("{".to_owned(), "is not a price file (EOF"),
            (
                default.replace("sentry_spans", "sentry_spam"),
                "unknown field `sentry_spam`",
            ),
            (
                default.replace("\"per\": 100.0", "\"per\": 0"),
                "`per` of `datadog_custom_metrics` is not above 0",
            ),
            (
                default.replace("\"price\": 30.0", "\"price\": -1"),
                "a number of `sentry_errors` is negative",
            ),
            (
                default.replace("cloudwatch\"", "cloud\""),
                "unknown variant `cloud`",
            ),
        ] {
            std::fs::write(&file.0, text).expect("written");
            let failure = Prices::read(Some(&file.0)).expect_err(why).to_string();
            assert!(
                failure.contains(why) && !failure.contains('\n'),
                "{failure}"
            );
        }
        let failure = Prices::read(Some(Path::new("no/such/prices.json"))).expect_err("no file");
        assert!(failure.to_string().contains("cannot read"), "{failure}");
    }
}
