//! Rotation: renaming of full log files, and removal of old ones.

use super::found::{FileId, FoundFile};
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The limit on the numbers of one day's rotated files.
const MAX_OF_DAY: u32 = 10_000;

/// Renames a log file to a name made of its day and the first free number, unless another process has rotated it already.
pub(super) fn rename(path: &Path, id: FileId, day: &str) -> io::Result<()> {
    let target = reserve(path, day)?;
    let is_same = |found: FoundFile| found.id == id;
    let renamed = if FoundFile::at(path).is_ok_and(is_same) {
        fs::rename(path, &target)
    } else {
        Err(io::Error::from(io::ErrorKind::NotFound))
    };
    match renamed {
        Ok(()) => Ok(()),
        Err(error) => {
            let _ = fs::remove_file(&target);
            if error.kind() == io::ErrorKind::NotFound {
                Ok(())
            } else {
                Err(error)
            }
        }
    }
}

/// Creates an empty file under the first free name, which the rename replaces. Processes that rotate concurrently thus
/// choose different names and do not overwrite each other's files.
fn reserve(path: &Path, day: &str) -> io::Result<PathBuf> {
    let stem = stem(path);
    for n in 1..MAX_OF_DAY {
        let target = path.with_file_name(format!("{stem}-{day}.{n}.log"));
        match OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&target)
        {
            Ok(_) => return Ok(target),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::from(io::ErrorKind::AlreadyExists))
}

fn stem(path: &Path) -> &str {
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    stem.unwrap_or("log")
}

/// Removes rotated files that are older than `age`, and the oldest ones in excess of `kept`; 0 keeps all. Errors are
/// ignored: the next rotation tries again.
pub(super) fn prune(path: &Path, kept: usize, age: Option<Duration>, now: SystemTime) {
    let Some(Ok(entries)) = path.parent().map(fs::read_dir) else {
        return;
    };
    let stem = stem(path);
    let is_rotated = |name: &str| {
        name.strip_prefix(stem)
            .is_some_and(|rest| rest.starts_with('-'))
            && name.ends_with(".log")
    };
    let mut rotated: Vec<(SystemTime, PathBuf)> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_str().is_some_and(is_rotated))
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    rotated.sort();
    let over = if kept == 0 {
        0
    } else {
        rotated.len().saturating_sub(kept)
    };
    let is_old = |written: SystemTime| {
        age.is_some_and(|age| now.duration_since(written).is_ok_and(|since| since > age))
    };
    for (n, (written, path)) in rotated.into_iter().enumerate() {
        if n < over || is_old(written) {
            let _ = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let name = format!("instrumental-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        folder
    }

    fn id(path: &Path) -> FileId {
        FoundFile::at(path).expect("a file").id
    }

    #[test]
    fn r09_rotated_files_are_not_overwritten() {
        let folder = folder("target");
        let path = folder.join("combined.log");
        fs::write(&path, "first\n").expect("written");
        let first = id(&path);
        rename(&path, first, "2026-11-23").expect("renamed");
        fs::write(&path, "second\n").expect("written");
        // A process that still has the first file open does not rename the second one.
        let keeper = fs::File::open(folder.join("combined-2026-11-23.1.log")).expect("there");
        rename(&path, first, "2026-11-23").expect("nothing to do");
        assert_eq!(fs::read_to_string(&path).expect("there"), "second\n");
        rename(&path, id(&path), "2026-11-23").expect("renamed");
        drop(keeper);
        for (n, text) in [(1, "first\n"), (2, "second\n")] {
            let target = folder.join(format!("combined-2026-11-23.{n}.log"));
            assert_eq!(fs::read_to_string(target).expect("there"), text);
        }
        assert_eq!(fs::read_dir(&folder).expect("a folder").count(), 2);
        fs::remove_dir_all(&folder).expect("removed");
    }

    #[test]
    fn old_rotated_files_are_removed_and_other_files_are_kept() {
        let folder = folder("age");
        let path = folder.join("combined.log");
        for name in ["combined-2026-11-22.1.log", "combined.log", "error-x.log"] {
            fs::write(folder.join(name), "text\n").expect("written");
        }
        let (day, now) = (Duration::from_secs(86_400), SystemTime::now());
        prune(&path, 0, Some(2 * day), now + day);
        assert_eq!(fs::read_dir(&folder).expect("a folder").count(), 3);
        prune(&path, 0, Some(2 * day), now + 3 * day);
        assert!(!folder.join("combined-2026-11-22.1.log").exists());
        assert_eq!(fs::read_dir(&folder).expect("a folder").count(), 2);
        fs::remove_dir_all(&folder).expect("removed");
    }
}
