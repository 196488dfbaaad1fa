//! The folder of log files.

use super::finding::Checks;
use std::path::Path;
use std::process::Command;

/// The minimum free space.
const LEAST_ROOM: u64 = 100 << 20;
const NAME: &str = "logs.folder";

pub(super) fn check(folder: &Path, checks: &mut Checks) {
    let shown = folder.display();
    if let Err(why) = writable(folder) {
        checks.mark_unreachable("files");
        return checks.fail(
            NAME,
            format!("{shown}: {why}"),
            "set LOG_DIR to a folder that the program's user can write to (`chown`); `init()` fails with this one",
        );
    }
    match room(folder) {
        Some(room) if room < LEAST_ROOM => checks.warn(
            NAME,
            format!("{shown} is writable, with only {} MiB free", room >> 20),
            "free some space, or keep fewer logs: LOG_MAX_SIZE, LOG_MAX_FILES, LOG_MAX_AGE",
        ),
        Some(room) => checks.ok(
            NAME,
            format!("{shown} is writable, with {} MiB free", room >> 20),
        ),
        None => checks.ok(
            NAME,
            format!("{shown} is writable; the free space is unknown"),
        ),
    }
}

/// Writes an empty file and removes it, in the folder or in the closest parent that exists.
fn writable(folder: &Path) -> Result<(), String> {
    let there = folder.ancestors().find(|path| path.exists());
    let there = there
        .filter(|path| !path.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    if !there.is_dir() {
        return Err(match there == folder {
            true => "not a folder".into(),
            false => format!("{} is not a folder", there.display()),
        });
    }
    for name in ["combined.log", "error.log"] {
        let file = folder.join(name);
        if file.exists()
            && std::fs::OpenOptions::new()
                .append(true)
                .open(&file)
                .is_err()
        {
            return Err(format!("{name} exists and is not writable"));
        }
    }
    let name = there.join(format!(".cargo-instrumental-doctor-{}", std::process::id()));
    let made = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&name);
    made.map_err(|error| {
        format!(
            "cannot create a file in {}: {}",
            there.display(),
            error.kind()
        )
    })?;
    std::fs::remove_file(&name).map_err(|error| {
        format!(
            "cannot remove a file in {}: {}",
            there.display(),
            error.kind()
        )
    })
}

/// Returns the free bytes of the file system, from `df`.
fn room(folder: &Path) -> Option<u64> {
    let there = folder.ancestors().find(|path| path.is_dir())?;
    let output = Command::new("df")
        .args(["-P", "-k", "--"])
        .arg(there)
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let kibibytes: u64 = text
        .lines()
        .nth(1)?
        .split_whitespace()
        .nth(3)?
        .parse()
        .ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_checked_for_permission() {
        let folder =
            std::env::temp_dir().join(format!("instrumental-doctor-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        assert_eq!(writable(&folder.join("a/b")), Ok(()));
        assert!(!folder.exists(), "a check creates no folder");
        std::fs::create_dir_all(&folder).expect("a folder");
        assert_eq!(writable(&folder), Ok(()));
        assert_eq!(std::fs::read_dir(&folder).expect("it is there").count(), 0);
        std::fs::write(folder.join("file"), "").expect("written");
        let why = writable(&folder.join("file/logs")).expect_err("below a file");
        assert!(why.ends_with("file is not a folder"), "{why}");
        let why = writable(&folder.join("file")).expect_err("a file");
        assert_eq!(why, "not a folder");
        assert!(room(&folder).is_some_and(|room| room > 0));
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}
