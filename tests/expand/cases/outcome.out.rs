#[automatically_derived]
#[allow(deprecated)]
impl ::instrumental::__private::Classified for ContractError {
    fn class(&self) -> ::instrumental::__private::ErrorClass {
        match *self {
            Self::NotFound { .. } => {
                ::instrumental::__private::ErrorClass {
                    kind: ::instrumental::__private::ErrorKind::Expected,
                    http_status: 0u16,
                    page: false,
                }
            }
            Self::Conflict { .. } => {
                ::instrumental::__private::ErrorClass {
                    kind: ::instrumental::__private::ErrorKind::Client,
                    http_status: 409u16,
                    page: false,
                }
            }
            Self::Ledger { .. } => {
                ::instrumental::__private::ErrorClass {
                    kind: ::instrumental::__private::ErrorKind::Fatal,
                    http_status: 0u16,
                    page: true,
                }
            }
            Self::Database { 0: ref __inner } => {
                ::instrumental::__private::Classified::class(__inner)
            }
            Self::Bank { source: ref __inner } => {
                ::instrumental::__private::Classified::class(__inner)
            }
        }
    }
    fn label(&self) -> &'static str {
        match *self {
            Self::NotFound { .. } => "not_found",
            Self::Conflict { .. } => "conflict",
            Self::Ledger { .. } => "ledger_broken",
            Self::Database { 0: ref __inner } => {
                ::instrumental::__private::Classified::label(__inner)
            }
            Self::Bank { .. } => "bank",
        }
    }
}
::instrumental::__private::classifier!(ContractError);
