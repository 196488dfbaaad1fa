//! The estimate: a monthly bill, what contributes most, and what would save some of it.

use super::bill::{Biller, Contributor, Line, total};
use super::savings::{Saving, savings};
use serde::Serialize;

/// The bill of one month for all instances.
#[derive(Debug, Serialize)]
pub(super) struct Bill {
    pub(super) currency: String,
    pub(super) instances: f64,
    pub(super) lines: Vec<Line>,
    pub(super) total: f64,
    pub(super) functions: Vec<Contributor>,
    pub(super) logs: Vec<Contributor>,
    pub(super) metrics: Vec<Contributor>,
    pub(super) savings: Vec<Saving>,
}

/// Returns the bill. `sample_rate` is the rate for which a saving is calculated.
pub(super) fn bill(biller: &Biller<'_>, sample_rate: f64) -> Bill {
    let quantities = biller.quantities();
    let lines = biller.lines(&quantities);
    Bill {
        currency: biller.prices.currency.clone(),
        instances: biller.instances,
        total: total(&lines),
        functions: biller.functions(&lines),
        logs: biller.logs(&lines),
        metrics: biller.metrics(&lines),
        savings: savings(biller, &quantities, &lines, sample_rate),
        lines,
    }
}
