//! CPU profiles of the running process, on demand.

use crate::base::settings::ConfigErrors;
use crate::pipeline::serve::page::{Answer, Body, ClientLeft, Page, Request};
use crate::pipeline::{Backend, Config, Endpoints, Environment, Started};
use pprof::protos::Message;
use pprof::{ProfilerGuardBuilder, Report};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

/// The default number of samples per second. It is not a round number, so that samples do not coincide with periodic timers;
/// pprof-rs uses the same.
const FREQUENCY: i32 = 99;
const MAX_FREQUENCY: i32 = 1000;
/// The longest profile that a page takes, in seconds.
const MAX_SECONDS: u64 = 300;

static RUNNING: AtomicBool = AtomicBool::new(false);

/// The error of a CPU profile.
///
/// ```
/// # use instrumental::ProfileError;
/// assert_eq!(ProfileError::Busy.to_string(), "another profile is being taken");
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum ProfileError {
    /// Another profile is being taken.
    Busy,
    /// The system refused the profile, or the profile could not be encoded.
    Failed(String),
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => f.write_str("another profile is being taken"),
            Self::Failed(error) => write!(f, "cannot take a profile: {error}"),
        }
    }
}

impl std::error::Error for ProfileError {}

/// A CPU profile: the time spent in each function.
///
/// ```no_run
/// let profile = instrumental::profile(std::time::Duration::from_secs(1))?;
/// std::fs::write("flames.svg", profile.flamegraph()?)?;
/// std::fs::write("profile.pb", profile.pprof()?)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Profile {
    report: Report,
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile").finish_non_exhaustive()
    }
}

impl Profile {
    /// Renders the profile as a flame graph, in SVG.
    ///
    /// # Errors
    /// If the profile has no samples, because no thread of the process ran on a CPU.
    pub fn flamegraph(&self) -> Result<String, ProfileError> {
        let mut svg = Vec::new();
        self.report.flamegraph(&mut svg).map_err(failed)?;
        String::from_utf8(svg).map_err(failed)
    }

    /// Encodes the profile for `go tool pprof` and compatible tools, as uncompressed protobuf.
    ///
    /// # Errors
    /// If the profile cannot be encoded.
    pub fn pprof(&self) -> Result<Vec<u8>, ProfileError> {
        Ok(self.report.pprof().map_err(failed)?.encode_to_vec())
    }
}

fn failed(error: impl fmt::Display) -> ProfileError {
    ProfileError::Failed(error.to_string())
}

/// Marks the profile as finished when dropped.
struct RunningGuard;

impl Drop for RunningGuard {
    fn drop(&mut self) {
        RUNNING.store(false, SeqCst);
    }
}

/// Takes a CPU profile of the whole process for `duration`, with 99 samples per second. It blocks the calling thread; in
/// async code, call it on a thread that may block.
///
/// ```no_run
/// let profile = instrumental::profile(std::time::Duration::from_secs(10))?;
/// std::fs::write("flames.svg", profile.flamegraph()?)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If another profile is being taken, or the system refuses the timer.
pub fn profile(duration: Duration) -> Result<Profile, ProfileError> {
    take(FREQUENCY, || {
        std::thread::sleep(duration);
        Ok(())
    })
}

/// Takes a profile until `wait` returns. Fails if the client that requested it leaves.
fn take(
    frequency: i32,
    wait: impl FnOnce() -> Result<(), ClientLeft>,
) -> Result<Profile, ProfileError> {
    if RUNNING.swap(true, SeqCst) {
        return Err(ProfileError::Busy);
    }
    let _running = RunningGuard;
    // Unwinding through these libraries in a signal handler may deadlock (pprof-rs's README, "Deadlock and segmentation
    // fault").
    let blocked = ["libc", "libgcc", "pthread", "vdso"];
    let builder = ProfilerGuardBuilder::default()
        .frequency(frequency)
        .blocklist(&blocked);
    let guard = builder.build().map_err(failed)?;
    wait().map_err(|ClientLeft| failed("the client closed the connection"))?;
    let report = guard.report().build().map_err(failed)?;
    Ok(Profile { report })
}

/// The backend of profiles, which only adds pages to the servers of other backends.
pub(crate) struct Profiling;

impl Backend for Profiling {
    const NAME: &'static str = "profiling";
    const QUEUES: &'static [&'static str] = &[];

    fn configure(_: Environment<'_>, _: &mut ConfigErrors) -> Option<Self> {
        Some(Self)
    }

    fn endpoints(&self) -> Endpoints {
        Endpoints::new()
    }

    fn local_pages(&self) -> Vec<Page> {
        pages()
    }

    fn start(self, _: &Config) -> std::io::Result<Started> {
        Ok(Started::default())
    }
}

/// Returns the pages `/debug/pprof/profile` and `/debug/flamegraph`, both with `?seconds=N&frequency=N`.
fn pages() -> Vec<Page> {
    vec![
        Page::new("/debug/pprof/profile", |request| {
            answer(request, "application/octet-stream", Profile::pprof)
        }),
        Page::new("/debug/flamegraph", |request| {
            answer(request, "image/svg+xml", |profile| {
                profile.flamegraph().map(String::into_bytes)
            })
        }),
    ]
}

fn answer(
    request: &Request,
    content_type: &'static str,
    encode: impl Fn(&Profile) -> Result<Vec<u8>, ProfileError>,
) -> Answer {
    let number = |name, default, most: u64| match request.parameter(name) {
        None => Some(default),
        Some(text) => text.parse().ok().filter(|n| (1..=most).contains(n)),
    };
    let seconds = number("seconds", 10, MAX_SECONDS);
    let frequency = number("frequency", FREQUENCY as u64, MAX_FREQUENCY as u64);
    let (Some(seconds), Some(frequency)) = (seconds, frequency) else {
        return Answer::text(400, "seconds must be 1 to 300, frequency 1 to 1000\n");
    };
    if request.is_head {
        return Answer {
            status: 200,
            content_type,
            headers: &[],
            body: Body::Streamed(Box::new(|_| Ok(()))),
        };
    }
    let duration = Duration::from_secs(seconds);
    let profile = take(frequency as i32, || request.wait(duration));
    match profile.and_then(|profile| encode(&profile)) {
        Ok(body) => Answer::whole(200, content_type, body),
        Err(ProfileError::Busy) => Answer::text(409, "another profile is being taken\n"),
        Err(error) => Answer::text(500, format!("{error}\n")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[inline(never)]
    fn a_busy_function(until: &AtomicBool) -> u64 {
        let mut sum = 0_u64;
        while !until.load(SeqCst) {
            for n in 0..10_000_u64 {
                sum = std::hint::black_box(sum.wrapping_mul(31).wrapping_add(n));
            }
        }
        sum
    }

    #[test]
    fn a_profile_contains_the_busy_function_and_blocks_a_second_profile() {
        static DONE: AtomicBool = AtomicBool::new(false);
        let busy = std::thread::spawn(|| a_busy_function(&DONE));
        let other = std::thread::spawn(|| {
            while !RUNNING.load(SeqCst) {
                std::thread::yield_now();
            }
            profile(Duration::from_millis(1))
        });
        let second = || {
            std::thread::sleep(Duration::from_secs(1));
            Ok(())
        };
        let taken = take(500, second).expect("a profile");
        assert!(matches!(
            other.join().expect("no panic"),
            Err(ProfileError::Busy)
        ));
        DONE.store(true, SeqCst);
        busy.join().expect("no panic");
        let svg = taken.flamegraph().expect("flames");
        assert!(svg.contains("<svg") && svg.contains("a_busy_function"));
        let bytes = taken.pprof().expect("protobuf");
        let read = pprof::protos::Profile::decode(&bytes[..]).expect("protobuf");
        assert!(
            read.string_table
                .iter()
                .any(|name| name.contains("a_busy_function"))
        );
        assert!(!read.sample.is_empty());
    }
}
