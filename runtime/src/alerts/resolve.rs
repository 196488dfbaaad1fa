//! Resolves paths of functions to the names under which their metrics are recorded.

use crate::collect::registry;
use crate::model::alert::{Is, Matcher, Selection};
use crate::model::site::{Family, Owner, Series, Site};
use crate::model::spec::flag;

/// Returns the metric of the catalog function at a path, as `type_name` spells it.
pub(super) fn metric(path: &'static str) -> Selection {
    let declared = registry::families().find(|family| {
        let spec = &family.spec;
        let name = spec.name.rsplit('.').next().unwrap_or(spec.name);
        let rest = path.strip_prefix(spec.module);
        rest.and_then(|rest| rest.strip_prefix("::"))
            .is_some_and(|function| function.trim_start_matches("r#") == name)
    });
    match declared {
        Some(family) => of_family(family),
        None => unresolved(format!("`{path}` is not a metric of a `#[catalog]`")),
    }
}

/// Returns all series of a metric.
pub(super) fn of_family(family: &'static Family) -> Selection {
    Selection {
        metric: family.spec.name,
        matchers: Vec::new(),
        unresolved: None,
    }
}

/// Returns a metric that this library records if the `http` feature is on.
pub(super) fn built_in(name: &'static str) -> Selection {
    let is_known = registry::families().any(|family| family.spec.name == name);
    Selection {
        metric: name,
        matchers: Vec::new(),
        unresolved: (!is_known)
            .then(|| format!("`{name}` is not recorded: it requires the `http` feature")),
    }
}

/// Returns one series of a metric.
pub(super) fn series(series: &'static Series) -> Selection {
    let Owner::Family(family, values) = &series.owner else {
        return unresolved(format!(
            "`{}` is not a metric of a `#[catalog]`",
            series.name()
        ));
    };
    let labels = family.spec.labels.iter().zip(values);
    Selection {
        matchers: labels
            .map(|(label, value)| matcher(label.name, vec![value.clone()]))
            .collect(),
        ..of_family(family)
    }
}

/// Returns the annotated functions at a path: several if it is generic, one for each instance.
///
/// # Errors
/// The function is not annotated, or its annotation does not count calls.
pub(super) fn sites(path: &'static str) -> Result<Vec<&'static Site>, String> {
    let wanted = crate::model::path::source_path(path);
    let found: Vec<_> = registry::sites()
        .filter(|site| site.source_path() == wanted)
        .collect();
    if found.is_empty() {
        return Err(format!("`{wanted}` is not annotated with `#[traced]`"));
    }
    if found.iter().all(|site| site.has(flag::TRACED)) {
        Ok(found)
    } else {
        Err(format!(
            "the calls of `{wanted}` are not counted: add `#[traced]` to its other attributes"
        ))
    }
}

pub(super) fn matcher(label: &'static str, values: Vec<String>) -> Matcher {
    Matcher {
        label,
        is: Is::In,
        values,
    }
}

/// Returns an empty selection with the reason why the signal is not recorded.
pub(super) fn unresolved(reason: String) -> Selection {
    Selection {
        metric: "",
        matchers: Vec::new(),
        unresolved: Some(reason),
    }
}
