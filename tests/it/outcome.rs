//! `#[derive(Outcome)]`.

use instrumental::{
    Classified, ErrorClass, ErrorKind, Label, LostReason, Outcome, VariantLabel, testing, traced,
};

#[derive(Debug, Outcome, Label)]
enum ContractError<T> {
    #[outcome(expected, http = 404)]
    NotFound(u64),
    #[outcome(http = 409, client)]
    Conflict { with: T },
    #[outcome(retry)]
    Busy,
    #[outcome(server)]
    #[label("database")]
    Db(std::fmt::Error),
    #[outcome(fatal, page)]
    Ledger,
}

#[test]
fn every_variant_has_its_class() {
    let errors = [
        ContractError::NotFound(7),
        ContractError::Conflict { with: "x" },
        ContractError::Busy,
        ContractError::Db(std::fmt::Error),
        ContractError::Ledger,
    ];
    let classes = errors.iter().map(|error| {
        let class = error.class();
        (
            Classified::label(error),
            class.kind,
            class.http_status,
            class.page,
        )
    });
    assert_eq!(
        classes.collect::<Vec<_>>(),
        [
            ("not_found", ErrorKind::Expected, 404, false),
            ("conflict", ErrorKind::Client, 409, false),
            ("busy", ErrorKind::Retry, 0, false),
            ("database", ErrorKind::Server, 0, false),
            ("ledger", ErrorKind::Fatal, 0, true),
        ]
    );
    for error in &errors {
        assert_eq!(
            VariantLabel::label(error),
            Classified::label(error),
            "{error:?}"
        );
    }
    assert!(matches!(errors[0], ContractError::NotFound(7)));
    assert!(matches!(errors[1], ContractError::Conflict { with: "x" }));
}

/// An error that cannot occur.
#[derive(Outcome)]
enum Never {}

#[test]
fn an_empty_enum_is_classified() {
    fn classified<T: Classified>() {}
    classified::<Never>();
    let never: Option<Never> = None;
    assert!(never.is_none());
}

/// An error with an unbounded number of labels.
#[derive(Debug)]
struct Numbered(usize);

impl Classified for Numbered {
    fn label(&self) -> &'static str {
        format!("kind_{}", self.0).leak()
    }

    fn class(&self) -> ErrorClass {
        ErrorClass::UNCLASSIFIED
    }
}

#[traced]
fn fails_in_many_ways(kind: usize) -> Result<(), Numbered> {
    Err(Numbered(kind))
}

#[test]
fn error_labels_are_bounded_and_compared_by_text() {
    let (_, seen) = testing::capture(|| {
        for kind in (0..70).chain([63, 64]) {
            let _ = fails_in_many_ways(kind);
        }
    });
    let count = |label: &str| seen.counter("function.errors", &[("error", label)]);
    assert_eq!([count("kind_0"), count("kind_63")], [1, 2]);
    assert_eq!(count("other"), 7);
    assert!(!seen.has("function.errors", &[("error", "kind_64")]));
    assert_eq!(seen.lost(), [(LostReason::LabelOverflow, 7)]);
}
