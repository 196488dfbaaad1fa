//! Log files: `combined.log` with all records and `error.log` with errors, rotated by size and by day.
//!
//! A file that another program renames, removes or truncates is opened again. Several processes may share a file: each
//! batch of lines is appended with one write, the process that finds the file too large renames it, and the others
//! reopen it.

use super::found::{FileId, FoundFile};
use super::json::Writer;
use super::output::{LineWriter, WRITE_FAILED};
use super::rotation;
use crate::pipeline::calendar;
use crate::pipeline::queue::transport::{QueuedBatch, SendResult, Transport};
use std::fs::{File, OpenOptions};
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

/// The endpoint of batches for `combined.log`.
pub(super) const COMBINED: u8 = 0;
/// The endpoint of batches for `error.log`.
pub(super) const ERRORS: u8 = 1;

/// The resolved settings of the log files.
#[derive(Clone, Debug)]
pub(crate) struct FilesConfig {
    pub(super) folder: PathBuf,
    /// Bytes after which a file is rotated; 0 disables rotation by size.
    pub(super) max_size: u64,
    /// Whether files are rotated when a new day begins.
    pub(super) daily: bool,
    /// The number of rotated files that are kept of each log file; 0 keeps all.
    pub(super) max_files: usize,
    /// The age after which rotated files are removed. It is checked on each rotation.
    pub(super) max_age: Option<Duration>,
    /// Formats the notice about lost lines.
    pub(super) writer: Writer,
}

impl FilesConfig {
    /// Returns the URL of the folder.
    pub(super) fn address(&self) -> String {
        let folder = std::path::absolute(&self.folder);
        let folder = folder.as_ref().unwrap_or(&self.folder);
        format!("file://{}", folder.display())
    }
}

/// Writes batches to the two log files.
pub(super) struct LogFiles {
    config: FilesConfig,
    files: [LogFile; 2],
    failure: Option<String>,
}

impl LogFiles {
    /// Creates the folder, and opens or creates both files.
    pub(super) fn open(config: FilesConfig) -> io::Result<Self> {
        std::fs::create_dir_all(&config.folder)?;
        let open = |name: &str| LogFile::open(config.folder.join(name));
        let files = [open("combined.log")?, open("error.log")?];
        Ok(Self {
            config,
            files,
            failure: None,
        })
    }
}

impl Transport for LogFiles {
    fn send(&mut self, batch: &QueuedBatch, _: Instant) -> SendResult {
        let file = &mut self.files[usize::from(batch.endpoint == ERRORS)];
        match file.append(batch, &self.config, SystemTime::now()) {
            Ok(()) => SendResult::Done,
            Err(error) => {
                file.lost += batch.items;
                self.failure = Some(error.kind().to_string());
                SendResult::Refused(WRITE_FAILED)
            }
        }
    }

    fn failure(&mut self) -> Option<String> {
        self.failure.take()
    }
}

struct LogFile {
    path: PathBuf,
    open: Option<OpenFile>,
    /// Lines that could not be written since the last successful write.
    lost: u64,
}

struct OpenFile {
    lines: LineWriter<File>,
    id: FileId,
    /// The day of the last write.
    day: calendar::Date,
}

impl LogFile {
    fn open(path: PathBuf) -> io::Result<Self> {
        let mut file = Self {
            path,
            open: None,
            lost: 0,
        };
        file.reopen()?;
        Ok(file)
    }

    fn reopen(&mut self) -> io::Result<()> {
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.path)?;
        let metadata = file.metadata()?;
        // The day of an existing file is that of its last write by any process, so that it is rotated when due.
        let written = metadata.modified().unwrap_or_else(|_| SystemTime::now());
        let used = if metadata.len() == 0 {
            SystemTime::now()
        } else {
            written
        };
        self.open = Some(OpenFile {
            id: FileId::of(&file)?,
            lines: LineWriter::new(file),
            day: calendar::day(used),
        });
        Ok(())
    }

    /// Appends a batch, after reopening or rotating the file as necessary.
    fn append(
        &mut self,
        batch: &QueuedBatch,
        config: &FilesConfig,
        now: SystemTime,
    ) -> io::Result<()> {
        let found = FoundFile::at(&self.path).ok();
        let same = |open: &OpenFile| found.as_ref().is_some_and(|found| found.id == open.id);
        // Another program may have renamed or removed the file, or its folder.
        if !self.open.as_ref().is_some_and(same) {
            if let Some(folder) = self.path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            self.reopen()?;
        }
        let len = found.map_or(0, |found| found.len);
        let today = calendar::day(now);
        let full =
            config.max_size > 0 && len > 0 && len + batch.body.len() as u64 > config.max_size;
        let old =
            config.daily && len > 0 && self.open.as_ref().is_some_and(|open| open.day != today);
        if full || old {
            self.rotate(config, now)?;
        }
        let Some(open) = &mut self.open else {
            return Err(io::Error::from(io::ErrorKind::NotFound));
        };
        if self.lost > 0 {
            let mut notice = String::new();
            config.writer.lost(&mut notice, self.lost, now);
            notice.push('\n');
            open.lines.write(notice.as_bytes())?;
            self.lost = 0;
        }
        open.lines.write(&batch.body)?;
        open.day = today;
        Ok(())
    }

    /// Renames the file, and opens a new one. If it cannot be renamed, lines are still appended to it: a file that is too
    /// large is preferable to lost lines.
    fn rotate(&mut self, config: &FilesConfig, now: SystemTime) -> io::Result<()> {
        if let Some(open) = self.open.take()
            && rotation::rename(&self.path, open.id, &open.day.to_string()).is_ok()
        {
            rotation::prune(&self.path, config.max_files, config.max_age, now);
        }
        self.reopen()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::settings::Identity;
    use crate::pipeline::queue::Signal;
    use std::path::Path;

    fn folder(name: &str) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("instrumental-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        folder
    }

    fn identity() -> Identity {
        Identity {
            service: "shop".into(),
            environment: "test".into(),
            version: None,
            attributes: Vec::new(),
            host: String::new(),
        }
    }

    fn config(name: &str) -> FilesConfig {
        FilesConfig {
            folder: folder(name),
            max_size: 100,
            daily: true,
            max_files: 3,
            max_age: None,
            writer: Writer::new(identity(), false),
        }
    }

    fn batch(text: &str) -> QueuedBatch {
        QueuedBatch {
            signal: Signal::Logs,
            items: 1,
            body: text.as_bytes().to_vec(),
            endpoint: COMBINED,
        }
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).expect("a folder");
        let mut names: Vec<_> = entries
            .map(|e| {
                e.expect("an entry")
                    .file_name()
                    .into_string()
                    .expect("text")
            })
            .collect();
        names.sort();
        names
    }

    #[test]
    fn files_are_rotated_by_size_and_day_and_old_ones_are_removed() {
        let config = config("rotation");
        let mut files = LogFiles::open(config.clone()).expect("a folder");
        let now = SystemTime::now();
        for n in 0..10 {
            let line = batch(&format!("{n:059}\n"));
            files.files[0].append(&line, &config, now).expect("written");
        }
        // Each file contains one line, as two lines exceed the limit of 100 bytes.
        let rotated = names(&config.folder)
            .into_iter()
            .filter(|name| name.starts_with("combined-"));
        assert_eq!(rotated.count(), 3);
        let tomorrow = now + Duration::from_secs(86_400);
        files.files[0]
            .append(&batch("short\n"), &config, tomorrow)
            .expect("written");
        let text = std::fs::read_to_string(config.folder.join("combined.log")).expect("a file");
        assert_eq!(text, "short\n");
        std::fs::remove_dir_all(&config.folder).expect("removed");
    }

    #[test]
    fn r09_a_file_that_was_moved_removed_or_truncated_is_reopened() {
        let config = FilesConfig {
            max_size: 0,
            ..config("moved")
        };
        let mut files = LogFiles::open(config.clone()).expect("a folder");
        let path = config.folder.join("combined.log");
        let now = SystemTime::now();
        let mut append = |text: &str| {
            files.files[0]
                .append(&batch(text), &config, now)
                .expect("written")
        };
        append("one\n");
        std::fs::rename(&path, config.folder.join("combined.log.1")).expect("renamed");
        append("two\n");
        std::fs::remove_file(&path).expect("removed");
        append("three\n");
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), "three\n");
        // As logrotate's `copytruncate` does.
        File::create(&path).expect("truncated");
        append("four\n");
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), "four\n");
        std::fs::remove_dir_all(&config.folder).expect("removed");
        append("five\n");
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), "five\n");
        std::fs::remove_dir_all(&config.folder).expect("removed");
    }

    #[test]
    fn r09_lines_of_several_writers_on_one_file_stay_whole() {
        let config = FilesConfig {
            max_size: 10_000,
            max_files: 0,
            ..config("shared")
        };
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let config = config.clone();
                std::thread::spawn(move || {
                    let mut files = LogFiles::open(config.clone()).expect("a folder");
                    for n in 0..200 {
                        let line = batch(&format!("{{\"writer\":{writer},\"n\":{n}}}\n"));
                        assert_eq!(files.send(&line, Instant::now()), SendResult::Done);
                    }
                })
            })
            .collect();
        writers
            .into_iter()
            .for_each(|writer| writer.join().expect("no panic"));
        let mut lines = 0;
        for name in names(&config.folder)
            .iter()
            .filter(|name| name.starts_with("combined"))
        {
            let text = std::fs::read_to_string(config.folder.join(name)).expect("a file");
            for line in text.lines() {
                assert!(
                    line.starts_with("{\"writer\":") && line.ends_with('}'),
                    "{line}"
                );
                lines += 1;
            }
        }
        assert_eq!(lines, 800);
        std::fs::remove_dir_all(&config.folder).expect("removed");
    }

    #[test]
    fn x21_lines_lost_to_a_full_disk_are_counted_in_the_file() {
        let config = FilesConfig {
            max_size: 0,
            ..config("full")
        };
        let mut files = LogFiles::open(config.clone()).expect("a folder");
        let path = config.folder.join("combined.log");
        std::fs::remove_file(&path).expect("removed");
        std::os::unix::fs::symlink("/dev/full", &path).expect("a link");
        for _ in 0..3 {
            let result = files.send(&batch("line\n"), Instant::now());
            assert_eq!(result, SendResult::Refused(WRITE_FAILED));
        }
        std::fs::remove_file(&path).expect("removed");
        assert_eq!(
            files.send(&batch("last\n"), Instant::now()),
            SendResult::Done
        );
        let text = std::fs::read_to_string(&path).expect("a file");
        assert!(
            text.contains("\"dropped\":3,\"service\":\"shop\",\"env\":\"test\"}")
                && text.ends_with("last\n"),
            "{text}"
        );
        std::fs::remove_dir_all(&config.folder).expect("removed");
    }
}
