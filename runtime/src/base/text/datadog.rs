//! Names of Datadog metrics (Datadog documentation, "Custom metrics", "Naming custom metrics").

const MAX_NAME: usize = 200;

/// Returns a valid metric name: it begins with a letter and has only ASCII letters, digits, `_` and `.`.
pub(crate) fn name(name: &str) -> String {
    let start = name.find(|c: char| c.is_ascii_alphabetic());
    let Some(start) = start else {
        return "_".into();
    };
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let mapped = name[start..]
        .chars()
        .map(|c| if allowed(c) { c } else { '_' });
    mapped.take(MAX_NAME).collect()
}
