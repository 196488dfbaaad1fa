use super::*;
use crate::program::{Scratch, parse};

fn shop() -> Manifest {
    let text = include_str!("../../../tests/data/shop.json");
    parse(text, "shop.json").expect("a manifest")
}

#[test]
fn everything_is_in_the_reference_by_module() {
    let shop = shop();
    let text = render(&shop);
    for module in [
        "shop::alerts",
        "shop::jobs",
        "shop::payments",
        "shop::signals",
    ] {
        assert!(
            text.contains(&format!("\n## {module}\n")),
            "{module}: {text}"
        );
    }
    for metric in &shop.metrics {
        let line = text
            .lines()
            .find(|line| line.starts_with(&format!("| `{}` | ", metric.name)))
            .unwrap_or_else(|| panic!("{} is missing", metric.name));
        for part in [
            &format!("`{}`", metric.prometheus),
            &format!("`{}`", metric.datadog),
            &metric.place.source(),
        ] {
            assert!(line.contains(part.as_str()), "{part} in {line}");
        }
    }
    for alert in &shop.alerts {
        let title = format!("#### {} ({:?})", alert.name, alert.severity);
        assert!(text.contains(&title), "{title}");
    }
    for line in [
        "| `payment.released` | `contract_id`, `amount`, `trade` | `payment.released.amount` `{USD}` | \
         The contractor has been paid. | payments | `src/signals.rs:60` |",
        "| `PaymentService::release` | internal | spans and metrics, errors | `contract_id` | \
         99.9% succeed; 99% within 250 ms | 1 s | payments | `src/payments.rs:40` |",
        "- **Fires when:** The 95th percentile of payments.processing over 5 min is above 2 s, for 10 min.",
        "- **Runbook:** `docs/runbooks.md#payments`",
    ] {
        assert!(text.contains(line), "{line}\nis missing in\n{text}");
    }
}

#[test]
fn functions_of_the_library_are_in_its_section() {
    let mut shop = shop();
    shop.functions[0].place.module = "instrumental::http::server".into();
    shop.functions[0].name = "http_server".into();
    shop.functions[0].place.file = "/home/user/registry/server.rs".into();
    let text = render(&shop);
    let library = text.find("\n## Library\n").expect("a section");
    assert!(text.find("`http_server`").is_some_and(|at| at > library));
    assert!(!text.contains("## instrumental"));
    assert!(text.contains("| `instrumental::http::server` |"), "{text}");
    assert!(!text.contains("/home/user"), "{text}");
}

#[test]
fn any_text_leaves_the_number_of_cells_unchanged() {
    let mut shop = shop();
    shop.metrics[6].help = "a | b\n| c | <script>".into();
    shop.metrics[6].labels[0].values[0] = "x|y`z".into();
    let text = render(&shop);
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    let lines: Vec<_> = text.lines().collect();
    let mut rows = 0;
    for pair in lines.windows(2) {
        if pair[0].starts_with('|') && pair[1].starts_with('|') {
            assert_eq!(cells(pair[0]), cells(pair[1]), "{}\n{}", pair[0], pair[1]);
            rows += 1;
        }
    }
    assert!(rows > 20, "{rows}");
    assert!(!text.contains("<script>"));
}

#[test]
fn the_file_is_replaced() {
    let file = Scratch::new("docs-test");
    std::fs::write(&file.0, "x".repeat(100_000)).expect("written");
    let docs = Docs {
        out: Some(file.0.clone()),
    };
    docs.write(&shop()).expect("written");
    let text = std::fs::read_to_string(&file.0).expect("a file");
    assert_eq!(text, render(&shop()));
}
