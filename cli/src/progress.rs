//! A spinner for what takes longer than a second.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long to wait before the spinner appears.
const DELAY: Duration = Duration::from_secs(1);
const INTERVAL: Duration = Duration::from_millis(120);

/// Shows a spinner with a message on standard error after a second, until it is dropped. Nothing is shown if standard error
/// is not a terminal.
pub(crate) struct Spinner(Option<(Sender<()>, JoinHandle<()>)>);

impl Spinner {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(None);
        }
        let message = message.into();
        let (sender, receiver) = channel();
        let thread = std::thread::spawn(move || spin(message, &receiver));
        Self(Some((sender, thread)))
    }
}

/// Shows a spinner until the channel is closed.
fn spin(message: String, end: &Receiver<()>) {
    if end.recv_timeout(DELAY) != Err(RecvTimeoutError::Timeout) {
        return;
    }
    let bar = ProgressBar::new_spinner().with_message(message);
    let style = ProgressStyle::with_template("{spinner} {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    while end.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
        bar.tick();
    }
    bar.finish_and_clear();
}

impl Drop for Spinner {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.0.take() {
            drop(sender);
            // The thread has cleared the line when it ends. A panic in it only affects the spinner.
            let _ = thread.join();
        }
    }
}
