//! The volume of the log in bytes, by target and level.
//!
//! It is counted on the background thread, where lines are written. A line that goes to several outputs counts once.

use crate::base::sync::lock;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// The maximum number of pairs of target and level. The lines of further targets are counted under [`OTHER`].
const MAX: usize = 500;
const OTHER: &str = "other";

/// Numbers of bytes, by target and level.
pub(crate) type Volume = BTreeMap<(&'static str, &'static str), u64>;

static LINES: Mutex<Volume> = Mutex::new(BTreeMap::new());

/// Counts a line that was written.
#[allow(dead_code, reason = "only the logs backend uses it")]
pub(crate) fn add(target: &'static str, level: &'static str, bytes: usize) {
    if bytes > 0 {
        count(&mut lock(&LINES), target, level, bytes as u64);
    }
}

fn count(lines: &mut Volume, target: &'static str, level: &'static str, bytes: u64) {
    let has_room = lines.len() < MAX || lines.contains_key(&(target, level));
    let target = if has_room { target } else { OTHER };
    *lines.entry((target, level)).or_default() += bytes;
}

/// Returns the volume so far.
pub(crate) fn volume() -> Volume {
    lock(&LINES).clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_beyond_the_limit_are_counted_together() {
        let mut lines = Volume::new();
        for n in 0..2 * MAX {
            let target: &'static str = Box::leak(format!("target{n}").into_boxed_str());
            count(&mut lines, target, "INFO", 3);
        }
        count(&mut lines, "target0", "INFO", 4);
        assert_eq!(lines.len(), MAX + 1);
        assert_eq!(lines[&("target0", "INFO")], 7);
        assert_eq!(lines[&(OTHER, "INFO")], 3 * MAX as u64);
    }
}
