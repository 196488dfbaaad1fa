//! The settings that all backends share.

use crate::base::settings::Identity;
use crate::collect::filter::SharedFilter;
use crate::collect::trace::sampling::Sampling;
use crate::model::log_format::LogFormat;

/// The settings that all backends share, after code, environment and defaults are merged.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) identity: Identity,
    pub(crate) filter: SharedFilter,
    pub(crate) format: LogFormat,
    pub(crate) color: bool,
    pub(crate) sampling: Sampling,
    pub(crate) tree: bool,
    pub(crate) summary: bool,
    /// Whether log lines include Datadog's trace and span ids.
    pub(crate) datadog_ids: bool,
}
