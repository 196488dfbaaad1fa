//! `#[derive(Outcome)]`.

use instrumental::{Classified, ErrorKind, Label, Outcome, VariantLabel};

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

/// An error that never happens still has to be a type.
#[derive(Outcome)]
enum Never {}

#[test]
fn an_empty_enum_is_classified() {
    fn classified<T: Classified>() {}
    classified::<Never>();
    let never: Option<Never> = None;
    assert!(never.is_none());
}
