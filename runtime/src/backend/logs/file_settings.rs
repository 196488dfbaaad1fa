//! Settings of the log files.

use super::files::{FilesConfig, LogFiles};
use super::json::Writer;
use crate::base::settings::{self, ConfigErrors};
use crate::pipeline::Config;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Resolves the settings; `None` if no log files are written. Reports invalid settings, and a folder that cannot be
/// written to, to `errors`.
pub(super) fn read(
    given: Option<&Path>,
    config: &Config,
    errors: &mut ConfigErrors,
) -> Option<FilesConfig> {
    let folder = given.map(Path::to_owned);
    let folder = folder.or_else(|| settings::text(&["LOG_DIR"]).map(PathBuf::from))?;
    let rotation = "`daily`, `size`, `both` or `never`";
    let rotation = settings::parsed(&["LOG_ROTATION"], rotation, errors, rotation_of);
    let (daily, sized) = rotation.unwrap_or((true, true));
    let size = settings::parsed(&["LOG_MAX_SIZE"], "a size such as `20m`", errors, size);
    let count = "a number of files; 0 keeps all";
    let count = settings::parsed(&["LOG_MAX_FILES"], count, errors, |n| n.parse().ok());
    let max_age = "a time such as `30d` or `12h`";
    let max_age = settings::parsed(&["LOG_MAX_AGE"], max_age, errors, age);
    let files = FilesConfig {
        folder,
        max_size: if sized { size.unwrap_or(20 << 20) } else { 0 },
        daily,
        max_files: count.unwrap_or(14),
        max_age,
        writer: Writer::new(config.identity.clone(), config.datadog_ids),
    };
    if let Err(error) = LogFiles::open(files.clone()) {
        let why = if files.folder.is_file() {
            "it is not a folder".to_owned()
        } else {
            error.to_string()
        };
        let folder = files.folder.display();
        errors.part(format!("log files cannot be written to {folder}: {why}"));
    }
    Some(files)
}

/// Parses `LOG_ROTATION`: returns whether files are rotated daily, and whether they are rotated by size.
fn rotation_of(text: &str) -> Option<(bool, bool)> {
    match text {
        "daily" => Some((true, false)),
        "size" => Some((false, true)),
        "both" => Some((true, true)),
        "never" => Some((false, false)),
        _ => None,
    }
}

/// Parses a size in bytes: `500`, `64k`, `20m` or `1g`.
fn size(text: &str) -> Option<u64> {
    let text = text.to_ascii_lowercase();
    let (digits, unit) = match text.strip_suffix(['k', 'm', 'g']) {
        Some(digits) => (digits, text.as_bytes()[text.len() - 1]),
        None => (text.as_str(), b' '),
    };
    let number: u64 = digits.parse().ok().filter(|number| *number > 0)?;
    number.checked_mul(match unit {
        b'k' => 1 << 10,
        b'm' => 1 << 20,
        b'g' => 1 << 30,
        _ => 1,
    })
}

/// Parses an age: `30d` or `12h`.
fn age(text: &str) -> Option<Duration> {
    let hours = match text.strip_suffix('d') {
        Some(days) => days.parse::<u64>().ok()?.checked_mul(24)?,
        None => text.strip_suffix('h')?.parse().ok()?,
    };
    let seconds = hours.checked_mul(3600).filter(|seconds| *seconds > 0)?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_parsed() {
        let hours = |n: u64| Some(Duration::from_secs(n * 3600));
        for (text, time) in [
            ("30d", hours(720)),
            ("12h", hours(12)),
            ("0d", None),
            ("7", None),
        ] {
            assert_eq!(age(text), time, "{text}");
        }
    }

    #[test]
    fn sizes_are_parsed() {
        for (text, bytes) in [
            ("500", Some(500)),
            ("64k", Some(65_536)),
            ("1G", Some(1 << 30)),
            ("0", None),
            ("x", None),
        ] {
            assert_eq!(size(text), bytes, "{text}");
        }
    }
}
