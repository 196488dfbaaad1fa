//! The attributes that take options.

/// An attribute, by what it does: `#[business_event]` declares an event on a struct and emits one on a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attribute {
    Traced,
    CaptureErrors,
    BusinessEvent,
    Instrument,
    Alert,
    Catalog,
    /// `#[catalog]` on a module within a catalog.
    Submodule,
    Metric,
    EventDeclaration,
    Field,
    /// `#[label]` on a variant.
    Label,
    /// `#[label]` on an enum.
    LabelEnum,
    /// `#[outcome]` on a variant.
    Outcome,
    /// `#[outcome]` on an enum.
    OutcomeEnum,
}

impl Attribute {
    /// The attributes of functions.
    pub(crate) const ON_FUNCTIONS: [Self; 4] = [
        Self::Traced,
        Self::CaptureErrors,
        Self::BusinessEvent,
        Self::Instrument,
    ];

    /// The attribute's name in source code.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Traced => "traced",
            Self::CaptureErrors => "capture_errors",
            Self::BusinessEvent | Self::EventDeclaration => "business_event",
            Self::Instrument => "instrument",
            Self::Alert => "alert",
            Self::Catalog | Self::Submodule => "catalog",
            Self::Metric => "metric",
            Self::Field => "field",
            Self::Label | Self::LabelEnum => "label",
            Self::Outcome | Self::OutcomeEnum => "outcome",
        }
    }

    /// Whether a bare word among its arguments may be a field.
    pub(crate) fn takes_fields(self) -> bool {
        matches!(self, Self::Traced | Self::BusinessEvent)
    }
}
