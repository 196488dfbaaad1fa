#[automatically_derived]
#[allow(deprecated)]
impl ::instrumental::__private::VariantLabel for Trade {
    fn label(&self) -> &'static str {
        match *self {
            Self::Plumbing { .. } => "plumbing",
            Self::HeatingAndCooling { .. } => "hvac",
        }
    }
}
#[automatically_derived]
#[allow(deprecated)]
impl ::instrumental::__private::Label for Trade {
    const CARDINALITY: usize = 2usize;
    fn index(self) -> usize {
        match self {
            Self::Plumbing { .. } => 0usize,
            Self::HeatingAndCooling { .. } => 1usize,
        }
    }
    fn value(index: usize) -> &'static str {
        match index {
            0usize => "plumbing",
            1usize => "hvac",
            _ => "other",
        }
    }
}
#[automatically_derived]
#[allow(deprecated)]
impl<T> ::instrumental::__private::VariantLabel for ContractError<T> {
    fn label(&self) -> &'static str {
        match *self {
            Self::NotFound { .. } => "not_found",
            Self::Conflict { .. } => "conflict",
        }
    }
}
