//! Runs the programs of `processes`, each in a process of its own: what `init` changes holds for a whole process.

use std::process::{Command, Output};

fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_processes"));
    command
        .args(arguments)
        .env_clear()
        .envs(environment.iter().copied());
    let output = command.output().expect("the program starts");
    assert!(
        output.status.success(),
        "{arguments:?}: {}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

#[test]
fn a_call_whose_span_a_library_enters_ends_once() {
    let output = run(&["call_span_entered"], &[]);
    let text = String::from_utf8_lossy(&output.stdout);
    // The library's thread is within the call.
    assert!(text.contains("entered_again id=3"), "{text}");
    assert!(text.contains("└─ work"), "{text}");
}

#[test]
fn r15_init_twice_is_an_error_that_names_the_first() {
    run(&["twice"], &[]);
}

#[test]
fn r15_init_at_once_succeeds_once() {
    run(&["at_once"], &[]);
}

#[test]
fn p08_handles_obtained_before_init_count_after_it() {
    run(&["handles_before"], &[]);
}

#[test]
fn a_recorder_installed_after_the_first_call_is_fed() {
    run(&["own_recorder"], &[]);
}

#[test]
fn p06_r12_counters_are_exact_and_memory_does_not_grow() {
    run(&["exact_and_bounded"], &[("SUMMARY", "false")]);
}

#[test]
fn ten_thousand_series_fit_and_the_rest_overflows() {
    run(&["series"], &[("SUMMARY", "false")]);
}

#[test]
fn r21_shutdown_completes_in_every_runtime() {
    for runtime in ["current_thread", "one_worker", "guard_in_async", "none"] {
        run(&["runtimes", runtime], &[]);
    }
}

#[test]
fn wrong_settings_are_one_error_that_lists_them_all() {
    let environment = [
        ("RUST_LOG", "shop=loud"),
        ("LOG_FORMAT", "xml"),
        ("SUMMARY", "maybe"),
    ];
    let output = run(&["wrong_settings"], &environment);
    let text = String::from_utf8_lossy(&output.stdout);
    for fault in [
        "RUST_LOG is \"shop=loud\"",
        "LOG_FORMAT is \"xml\", expected `pretty` or `json`",
        "SUMMARY is \"maybe\"",
        "sample_rate is \"NaN\", expected a number from 0 to 1",
    ] {
        assert!(text.contains(fault), "{fault} in {text}");
    }
}
