//! Trace trees and the summary on the console: runs the programs of `processes/console.rs`.

use crate::console::{pretty, run};

#[test]
fn a_request_is_printed_as_a_tree() {
    let ran = run("plain", &[("RUST_LOG", "info"), ("SUMMARY", "false")]);
    let tree = ran
        .stdout
        .split("Service::release id=seven error(not_found) [trace_id: ")
        .nth(1);
    let tree = tree
        .expect("a tree")
        .split_once("]\n")
        .expect("its lines")
        .1;
    let lines: Vec<_> = tree.lines().take(7).map(without_times).collect();
    assert_eq!(
        lines,
        [
            "├─ Service::read (..) rows=3",
            "├─ query (..) table=contracts",
            "│  └─ Service::read (..) rows=1",
            "├─ Service::read (..) rows=2",
            "├─ Service::waits (..) cancelled",
            "└─ • payment.released amount=12.5 note=seven",
            "Total: ..",
        ],
        "{}",
        ran.stdout
    );
    assert!(
        !pretty("plain", &[])
            .iter()
            .any(|line| line.starts_with("├─"))
    );
}

/// Replaces durations by `..`.
fn without_times(line: &str) -> String {
    if line.starts_with("Total: ") {
        return "Total: ..".to_owned();
    }
    match (line.find(" ("), line.find(')')) {
        (Some(from), Some(to)) if from < to => format!("{} (..{}", &line[..from], &line[to..]),
        _ => line.to_owned(),
    }
}

#[test]
fn many_siblings_are_folded() {
    let ran = run("many", &[("SUMMARY", "false")]);
    assert_eq!(ran.stdout.lines().count(), 6, "{}", ran.stdout);
    assert!(
        ran.stdout.contains("└─ … 997 more Service::read (total "),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_flood_of_requests_is_summarized_in_one_line() {
    let ran = run("flood", &[("SUMMARY", "false"), ("RUST_LOG", "error")]);
    let (mut shown, mut hidden, mut slow) = (0, 0, 0);
    for line in ran.stdout.lines() {
        if let Some(rest) = line.strip_prefix("… ") {
            let number = rest.split(' ').next().and_then(|n| n.parse::<u32>().ok());
            assert!(rest.contains("more requests finished"), "{line}");
            hidden += number.expect("a number");
        } else {
            shown += 1;
            slow += u32::from(line.starts_with("Service::slow"));
        }
    }
    assert_eq!((shown + hidden, slow), (2020, 20), "{}", ran.stdout);
    assert!(shown <= 20 + 5 * 3, "{}", ran.stdout);
}

#[test]
fn the_summary_is_written_on_demand_and_at_the_end() {
    let ran = run("summary", &[("TRACE_TREE", "false")]);
    for text in [&ran.stdout, &ran.stderr] {
        for part in [
            "Summary\n  function          calls  errors  cancelled  panicked",
            "\n  Service::release      1  100.0%          0         0",
            "\n  Service::waits        1      0%          1         0",
            "\n\nErrors\n  Service::release not_found  1",
            "\n\nBusiness events\n  payment.released  1, amount 12.50 USD",
            "\n  console.open{city=seven}               2",
            "\n  function.slow{function=Service::slow}  1",
            "\n\nLost\n  field_panicked  1",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
    let without = run("summary", &[("SUMMARY", "false")]);
    assert!(!without.stdout.contains("Summary"));
}
