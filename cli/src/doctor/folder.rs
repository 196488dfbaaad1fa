//! The folder of log files: there, writable, with room.

use super::finding::Checks;
use std::path::Path;
use std::process::Command;

/// With less room than this, logs stop soon.
const LEAST_ROOM: u64 = 100 << 20;
const NAME: &str = "logs.folder";

pub(super) fn check(folder: &Path, checks: &mut Checks) {
    let shown = folder.display();
    if let Err(why) = writable(folder) {
        checks.bar("files");
        return checks.fail(
            NAME,
            format!("{shown}: {why}"),
            "set LOG_DIR to a folder that the program's user may write to (`chown`): `init()` refuses this one",
        );
    }
    match room(folder) {
        Some(room) if room < LEAST_ROOM => checks.warn(
            NAME,
            format!("{shown} can be written to, and has {} MiB left", room >> 20),
            "make room, or keep less: LOG_MAX_SIZE, LOG_MAX_FILES, LOG_MAX_AGE",
        ),
        Some(room) => checks.ok(
            NAME,
            format!("{shown} can be written to; {} MiB are free", room >> 20),
        ),
        None => checks.ok(
            NAME,
            format!("{shown} can be written to; how much room there is, is not known"),
        ),
    }
}

/// Tries it: writes an empty file and removes it. Where the folder is not there, the one above it that is.
fn writable(folder: &Path) -> Result<(), String> {
    let there = folder.ancestors().find(|path| path.exists());
    let there = there
        .filter(|path| !path.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    if !there.is_dir() {
        return Err(match there == folder {
            true => "is no folder".into(),
            false => format!("{} is no folder", there.display()),
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
            return Err(format!("{name} is there and cannot be written to"));
        }
    }
    let name = there.join(format!(".cargo-instrumental-doctor-{}", std::process::id()));
    let made = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&name);
    made.map_err(|error| {
        format!(
            "nothing can be written in {}: {}",
            there.display(),
            error.kind()
        )
    })?;
    std::fs::remove_file(&name).map_err(|error| {
        format!(
            "files cannot be removed in {}: {}",
            there.display(),
            error.kind()
        )
    })
}

/// Bytes that are free where the folder is, as `df` says.
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
    fn what_can_be_written_to() {
        let folder =
            std::env::temp_dir().join(format!("instrumental-doctor-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        assert_eq!(writable(&folder.join("a/b")), Ok(()));
        assert!(!folder.exists(), "looking makes no folder");
        std::fs::create_dir_all(&folder).expect("a folder");
        assert_eq!(writable(&folder), Ok(()));
        assert_eq!(std::fs::read_dir(&folder).expect("it is there").count(), 0);
        std::fs::write(folder.join("file"), "").expect("written");
        let why = writable(&folder.join("file/logs")).expect_err("below a file");
        assert!(why.ends_with("file is no folder"), "{why}");
        let why = writable(&folder.join("file")).expect_err("a file");
        assert_eq!(why, "is no folder");
        assert!(room(&folder).is_some_and(|room| room > 0));
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}
