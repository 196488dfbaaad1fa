//! The settings in force, as every backend sees them.

use crate::base::settings::Identity;
use crate::collect::filter::SharedFilter;
use crate::collect::trace::sampling::Sampling;
use crate::model::log_format::LogFormat;

/// Settings as they are in force.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) identity: Identity,
    pub(crate) filter: SharedFilter,
    pub(crate) format: LogFormat,
    pub(crate) color: bool,
    pub(crate) sampling: Sampling,
    pub(crate) tree: bool,
    pub(crate) summary: bool,
    /// Whether log lines carry Datadog's ids.
    pub(crate) datadog_ids: bool,
}
