//! The contents of log files: runs the programs of `processes/console.rs`.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

fn folder(name: &str) -> PathBuf {
    let name = format!("instrumental-{name}-{}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

fn start(program: &str, folder: &Path, environment: &[(&str, &str)]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_console"))
        .arg(program)
        .env_clear()
        .env("LOG_DIR", folder)
        .env("SUMMARY", "false")
        .env("INSTRUMENTAL_LIVE", "off")
        .envs(environment.iter().copied())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

fn end(child: Child) {
    let output = child.wait_with_output().expect("the program ends");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{errors}");
}

fn parse(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

#[test]
fn r11_every_line_is_a_record_for_every_value() {
    let folder = folder("corpus");
    end(start("corpus", &folder, &[]));
    let text = std::fs::read_to_string(folder.join("combined.log")).expect("UTF-8");
    let lines: Vec<&str> = text.split_terminator('\n').collect();
    assert_eq!(lines.len(), 10, "{text}");
    let records: Vec<Value> = lines.iter().map(|line| parse(line)).collect();
    for (record, line) in records.iter().zip(&lines) {
        assert!(!line.chars().any(char::is_control), "{line}");
        assert_eq!(record["level"], "INFO");
        assert!(line.len() < 32 << 10, "{} bytes", line.len());
    }
    let texts = [
        "\r\n",
        "\0",
        "\u{1b}]0;title\u{7}",
        "\u{2028}\u{2029}",
        "\u{202e}\u{2066}",
        r"\ud800",
        r#"","level":"FORGED"#,
    ];
    for (record, text) in records[1..].iter().zip(texts) {
        assert_eq!(
            (&record["message"], &record["fields"]["value"]),
            (&text.into(), &text.into())
        );
    }
    assert_eq!(
        records[8]["fields"]["value"],
        r#""\xFF\xC3(\xED\xA0\x80\n""#
    );
    let cut = records[9]["fields"]["value"].as_str().expect("text");
    assert!(cut.starts_with("ü\nü\n") && cut.ends_with('…'), "{cut}");
    std::fs::remove_dir_all(&folder).expect("removed");
}

#[test]
fn r09_two_processes_rotate_one_file_and_lose_no_line() {
    let folder = folder("two");
    let settings = [("LOG_MAX_SIZE", "64k"), ("LOG_MAX_FILES", "0")];
    let children = [(); 2].map(|()| start("closed", &folder, &settings));
    children.into_iter().for_each(end);
    let mut seen = [0_u32; 10_000];
    let mut files = 0;
    for entry in std::fs::read_dir(&folder).expect("a folder") {
        let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("UTF-8");
        files += 1;
        for line in text.lines() {
            let record = parse(line);
            let n = record["fields"]["n"].as_u64().expect("a number");
            seen[usize::try_from(n).expect("small")] += 1;
        }
    }
    assert!(files > 4, "{files} files");
    assert!(seen.iter().all(|times| *times == 2));
    std::fs::remove_dir_all(&folder).expect("removed");
}
