//! Runs each program of `allocator` in a separate process.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn run(program: &str) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_allocator"))
        .arg(program)
        .env_clear()
        .env("INSTRUMENTAL_LIVE", "off")
        .env("SUMMARY", "false")
        .env("RUST_LOG", "off")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let deadline = Instant::now() + Duration::from_secs(60);
    while child.try_wait().expect("a child").is_none() {
        if Instant::now() > deadline {
            // The program hangs; its output says where.
            child.kill().expect("a child");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let output = child.wait_with_output().expect("its output");
    assert!(
        output.status.success(),
        "{program}: {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
}

macro_rules! programs {
    ($($test:ident $program:literal;)*) => {$(
        #[test]
        fn $test() {
            run($program);
        }
    )*};
}

programs! {
    f14_a_counter_in_the_allocator_is_exact "counter";
    f14_a_labelled_counter_in_the_allocator_is_exact "labelled";
    f14_a_gauge_and_a_histogram_in_the_allocator "numbers";
    f14_annotated_calls_in_the_allocator "calls";
    f14_annotated_calls_with_fields_in_the_allocator "fields";
    f14_errors_and_events_in_the_allocator "reports";
    f14_the_allocator_within_a_capture "capture";
    f14_a_subscriber_and_a_recorder_that_call_annotated_functions "facades";
    f14_a_panic_hook_that_calls_annotated_functions "panic_hook";
    f14_thread_locals_that_call_annotated_functions_as_they_are_dropped "thread_exit";
}
