//! Log files: `combined.log` with everything, `error.log` with errors; rotated by size and by day.
//!
//! A file that was renamed, removed or truncated by somebody else is opened anew. Several processes may share a file:
//! lines are appended, each lot with one write; whoever finds it too large renames it, and the others follow.

use super::found::{FileId, FoundFile};
use super::json::Writer;
use super::output::{WRITE_FAILED, Whole};
use super::rotation;
use crate::base::settings::{self, ConfigErrors};
use crate::base::text::calendar;
use crate::pipeline::Config;
use crate::pipeline::queue::transport::{QueuedBatch, SendResult, Transport};
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// Positions of the files; a batch's endpoint.
pub(super) const COMBINED: u8 = 0;
pub(super) const ERRORS: u8 = 1;

/// Settings in force.
#[derive(Clone, Debug)]
pub(crate) struct FilesConfig {
    pub(super) folder: PathBuf,
    /// Bytes of a file; 0: any.
    pub(super) max_size: u64,
    pub(super) daily: bool,
    /// Rotated files that are kept of each; 0: all.
    pub(super) max_files: usize,
    /// How long rotated files are kept at most. Looked at whenever a file is rotated.
    pub(super) max_age: Option<Duration>,
    /// Writes what is said of lines that were lost.
    pub(super) writer: Writer,
}

impl FilesConfig {
    /// Where the files are.
    pub(super) fn address(&self) -> String {
        let folder = std::path::absolute(&self.folder);
        let folder = folder.as_ref().unwrap_or(&self.folder);
        format!("file://{}", folder.display())
    }
}

/// Settings in force; `None`: there are no files. A folder that cannot be written to is a fault.
pub(super) fn read(
    given: Option<&Path>,
    of: &Config,
    faults: &mut ConfigErrors,
) -> Option<FilesConfig> {
    let folder = given.map(Path::to_owned);
    let folder = folder.or_else(|| settings::text(&["LOG_DIR"]).map(PathBuf::from))?;
    let rotation = settings::parsed(
        &["LOG_ROTATION"],
        "`daily`, `size`, `both` or `never`",
        faults,
        |value| match value {
            "daily" => Some((true, false)),
            "size" => Some((false, true)),
            "both" => Some((true, true)),
            "never" => Some((false, false)),
            _ => None,
        },
    );
    let (daily, sized) = rotation.unwrap_or((true, true));
    let size = settings::parsed(&["LOG_MAX_SIZE"], "a size such as `20m`", faults, size);
    let kept = &["LOG_MAX_FILES"];
    let kept = settings::parsed(kept, "a number of files; 0 keeps all", faults, |n| {
        n.parse().ok()
    });
    let oldest = settings::parsed(
        &["LOG_MAX_AGE"],
        "a time such as `30d` or `12h`",
        faults,
        age,
    );
    let config = FilesConfig {
        folder,
        max_size: if sized { size.unwrap_or(20 << 20) } else { 0 },
        daily,
        max_files: kept.unwrap_or(14),
        max_age: oldest,
        writer: Writer::new(of.identity.clone(), of.datadog_ids),
    };
    if let Err(error) = LogFiles::open(config.clone()) {
        let why = if config.folder.is_file() {
            "it is no folder".to_owned()
        } else {
            error.to_string()
        };
        let folder = config.folder.display();
        faults.part(format!("log files cannot be written to {folder}: {why}"));
    }
    Some(config)
}

/// `500`, `64k`, `20m`, `1g`.
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

/// `30d`, `12h`.
fn age(text: &str) -> Option<Duration> {
    let hours = match text.strip_suffix('d') {
        Some(days) => days.parse::<u64>().ok()?.checked_mul(24)?,
        None => text.strip_suffix('h')?.parse().ok()?,
    };
    let seconds = hours.checked_mul(3600).filter(|seconds| *seconds > 0)?;
    Some(Duration::from_secs(seconds))
}

/// Both files.
pub(super) struct LogFiles {
    config: FilesConfig,
    files: [LogFile; 2],
    failure: Option<String>,
}

impl LogFiles {
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
    open: Option<Opened>,
    /// Lines that were not written since one was.
    lost: u64,
}

struct Opened {
    whole: Whole<File>,
    id: FileId,
    /// Day of the last write, as `2026-11-23`.
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
        // A file of yesterday is rotated today, whoever wrote it.
        let written = metadata.modified().unwrap_or_else(|_| SystemTime::now());
        let used = if metadata.len() == 0 {
            SystemTime::now()
        } else {
            written
        };
        self.open = Some(Opened {
            id: FileId::of(&file)?,
            whole: Whole::new(file),
            day: calendar::day(used),
        });
        Ok(())
    }

    fn append(
        &mut self,
        batch: &QueuedBatch,
        config: &FilesConfig,
        now: SystemTime,
    ) -> io::Result<()> {
        let found = FoundFile::at(&self.path).ok();
        let same = |open: &Opened| found.as_ref().is_some_and(|found| found.id == open.id);
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
            open.whole.write(notice.as_bytes())?;
            self.lost = 0;
        }
        open.whole.write(&batch.body)?;
        open.day = today;
        Ok(())
    }

    /// Sets the file aside and begins a new one. Where nothing may be renamed, the old one goes on: a file that is too
    /// large is better than lines that are lost.
    fn rotate(&mut self, config: &FilesConfig, now: SystemTime) -> io::Result<()> {
        if let Some(open) = self.open.take()
            && rotation::set_aside(&self.path, open.id, &open.day.to_string()).is_ok()
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
    fn files_are_rotated_by_size_and_day_and_few_are_kept() {
        let config = config("rotation");
        let mut files = LogFiles::open(config.clone()).expect("a folder");
        let now = SystemTime::now();
        for n in 0..10 {
            let line = batch(&format!("{n:059}\n"));
            files.files[0].append(&line, &config, now).expect("written");
        }
        // One line a file, as two are more than a hundred bytes.
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
    fn r09_a_file_that_was_moved_or_removed_is_opened_anew() {
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
        // copytruncate.
        File::create(&path).expect("truncated");
        append("four\n");
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), "four\n");
        std::fs::remove_dir_all(&config.folder).expect("removed");
        append("five\n");
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), "five\n");
        std::fs::remove_dir_all(&config.folder).expect("removed");
    }

    #[test]
    fn r09_two_processes_on_one_file_tear_no_line() {
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
    fn x21_a_full_disk_is_counted_and_told_in_the_file() {
        let config = FilesConfig {
            max_size: 0,
            ..config("full")
        };
        let mut files = LogFiles::open(config.clone()).expect("a folder");
        let path = config.folder.join("combined.log");
        std::fs::remove_file(&path).expect("removed");
        std::os::unix::fs::symlink("/dev/full", &path).expect("a link");
        for _ in 0..3 {
            let delivery = files.send(&batch("line\n"), Instant::now());
            assert_eq!(delivery, SendResult::Refused(WRITE_FAILED));
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

    #[test]
    fn ages() {
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
    fn sizes() {
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
