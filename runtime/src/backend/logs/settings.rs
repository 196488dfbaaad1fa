//! Settings of log lines.

use crate::base::settings::Identity;
use crate::collect::filter::SharedFilter;
use crate::model::log_format::LogFormat;

/// Settings in force.
pub(crate) struct Settings {
    pub(crate) identity: Identity,
    pub(crate) filter: SharedFilter,
    pub(crate) format: LogFormat,
    pub(crate) color: bool,
    /// Whether the trace tree of each finished request is printed.
    pub(crate) tree: bool,
    /// Whether a summary is printed at the end.
    pub(crate) summary: bool,
    /// Whether lines carry Datadog's ids.
    pub(crate) datadog_ids: bool,
}
