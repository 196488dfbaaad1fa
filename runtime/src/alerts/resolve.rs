//! From what the compiler knows by path to what is recorded by name.

use crate::collect::registry;
use crate::model::alert::{Is, Matcher, Selection};
use crate::model::site::{Family, Owner, Series, Site};
use crate::model::spec::flag;

/// The metric of the catalog function at a path, as `type_name` spells it.
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
        None => none(format!("`{path}` is no metric of a `#[catalog]`")),
    }
}

/// All series of a metric.
pub(super) fn of_family(family: &'static Family) -> Selection {
    Selection {
        metric: family.spec.name,
        matchers: Vec::new(),
        unresolved: None,
    }
}

/// A metric that the library itself may record.
pub(super) fn built_in(name: &'static str) -> Selection {
    let known = registry::families().any(|family| family.spec.name == name);
    Selection {
        metric: name,
        matchers: Vec::new(),
        unresolved: (!known)
            .then(|| format!("`{name}` is not recorded: it comes with feature `http`")),
    }
}

/// One series: its metric, with its label values.
pub(super) fn series(series: &'static Series) -> Selection {
    let Owner::Family(family, values) = &series.owner else {
        return none(format!(
            "`{}` is no metric of a `#[catalog]`",
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

/// Calls of the annotated functions at a path. Several: instances of one generic function.
pub(super) fn sites(path: &'static str) -> Result<Vec<&'static Site>, String> {
    let wanted = crate::model::path::source_path(path);
    let found: Vec<_> = registry::sites()
        .filter(|site| site.source_path() == wanted)
        .collect();
    if found.is_empty() {
        return Err(format!("`{wanted}` is not annotated with `#[traced]`"));
    }
    match found.iter().find(|site| !site.has(flag::TRACED)) {
        Some(_) => Err(format!(
            "`{wanted}` is annotated, but not with `#[traced]`: its calls are not counted"
        )),
        None => Ok(found),
    }
}

pub(super) fn matcher(label: &'static str, values: Vec<String>) -> Matcher {
    Matcher {
        label,
        is: Is::In,
        values,
    }
}

/// Nothing, and why.
pub(super) fn none(why: String) -> Selection {
    Selection {
        metric: "",
        matchers: Vec::new(),
        unresolved: Some(why),
    }
}
