//! The filter for log lines and foreign spans, from `target=level` directives like those of `RUST_LOG`.

use std::sync::{Arc, PoisonError, RwLock};
use tracing::Level;
use tracing::level_filters::LevelFilter;

/// A filter that can be changed at run time.
#[derive(Clone, Debug)]
pub(crate) struct SharedFilter(Arc<RwLock<Filter>>);

impl SharedFilter {
    pub(crate) fn new(filter: Filter) -> Self {
        Self(Arc::new(RwLock::new(filter)))
    }

    pub(crate) fn would_enable(&self, target: &str, level: &Level) -> bool {
        let filter = self.0.read().unwrap_or_else(PoisonError::into_inner);
        filter.would_enable(target, level)
    }

    /// Replaces the filter. `tracing` then re-evaluates the interest of every callsite.
    pub(crate) fn set(&self, filter: Filter) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = filter;
        tracing::callsite::rebuild_interest_cache();
    }
}

/// A level for each target. The directive with the longest matching target applies.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    default: LevelFilter,
    /// Longest target first.
    targets: Vec<(String, LevelFilter)>,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            default: LevelFilter::INFO,
            targets: Vec::new(),
        }
    }
}

impl std::fmt::Display for SharedFilter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let filter = self.0.read().unwrap_or_else(PoisonError::into_inner);
        write!(f, "{}", filter.default)?;
        let mut targets = filter.targets.iter();
        targets.try_for_each(|(target, level)| write!(f, ",{target}={level}"))
    }
}

impl Filter {
    /// Parses `info,sqlx=warn,shop::pay=trace`; a target without a level enables all levels. Returns `None` if the directives are
    /// invalid.
    pub(crate) fn parse(directives: &str) -> Option<Self> {
        let mut filter = Self {
            default: LevelFilter::OFF,
            targets: Vec::new(),
        };
        for directive in directives
            .split(',')
            .map(str::trim)
            .filter(|d| !d.is_empty())
        {
            match directive.split_once('=') {
                Some((target, level)) => filter.add(target.trim(), level.trim().parse().ok()?)?,
                None => match directive.parse() {
                    Ok(level) => filter.default = level,
                    Err(_) => filter.add(directive, LevelFilter::TRACE)?,
                },
            }
        }
        filter
            .targets
            .sort_by_key(|(target, _)| std::cmp::Reverse(target.len()));
        Some(filter)
    }

    fn add(&mut self, target: &str, level: LevelFilter) -> Option<()> {
        let is_path = |c: char| c.is_alphanumeric() || "_:-./".contains(c);
        let valid = !target.is_empty() && target.chars().all(is_path);
        valid.then(|| self.targets.push((target.to_owned(), level)))
    }

    pub(crate) fn would_enable(&self, target: &str, level: &Level) -> bool {
        let found = self.targets.iter().find(|(prefix, _)| {
            let rest = target.strip_prefix(prefix.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        });
        *level <= found.map_or(self.default, |(_, level)| *level)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_target_decides() {
        let filter = Filter::parse("warn, shop=info,shop::pay=trace ,sqlx=off").expect("valid");
        for (target, level, enabled) in [
            ("hyper", Level::INFO, false),
            ("hyper", Level::WARN, true),
            ("shop::bids", Level::INFO, true),
            ("shopping", Level::INFO, false),
            ("shop::pay::card", Level::TRACE, true),
            ("sqlx::query", Level::ERROR, false),
        ] {
            assert_eq!(
                filter.would_enable(target, &level),
                enabled,
                "{target} {level}"
            );
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for wrong in ["shop=loud", "a b", "=info", "shop[span]=info"] {
            assert!(Filter::parse(wrong).is_none(), "{wrong}");
        }
    }
}
