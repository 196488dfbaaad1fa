//! Each `cases/*.rs` expands to its `.out.rs`. Run with `UPDATE_EXPAND=1` to rewrite them.

use std::fs;
use std::path::Path;

#[test]
fn expansions_match_the_snapshots() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut changed = Vec::new();
    for entry in fs::read_dir(&cases).expect("the folder of the cases") {
        let path = entry.expect("a case").path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let Some(name) = name
            .strip_suffix(".rs")
            .filter(|name| !name.ends_with(".out"))
        else {
            continue;
        };
        let expanded =
            instrumental_tests_expand::expand(&fs::read_to_string(&path).expect("a case"));
        let out = cases.join(format!("{name}.out.rs"));
        if fs::read_to_string(&out).unwrap_or_default() == expanded {
            continue;
        }
        if std::env::var_os("UPDATE_EXPAND").is_some() {
            fs::write(&out, expanded).expect("a writable folder");
        } else {
            changed.push(format!("{name} expands to\n{expanded}"));
        }
    }
    assert!(
        changed.is_empty(),
        "{}\nrun with UPDATE_EXPAND=1 to accept",
        changed.join("\n")
    );
}
