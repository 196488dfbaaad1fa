//! `#[derive(Label)]`.

use instrumental::{Bounded, Label, VariantLabel};

#[derive(Label, Clone, Copy, PartialEq, Debug)]
enum Trade {
    Plumbing,
    RoofRepair,
    #[label("hvac")]
    HeatingAndCooling,
    #[label(rename = "Other trades")]
    Other {},
}

/// The values of a label type, by index.
fn values<L: Label>() -> Vec<&'static str> {
    (0..L::CARDINALITY).map(L::value).collect()
}

#[test]
fn values_are_indexed_in_the_order_of_the_variants() {
    assert_eq!(
        values::<Trade>(),
        ["plumbing", "roof_repair", "hvac", "Other trades"]
    );
    let all = [
        Trade::Plumbing,
        Trade::RoofRepair,
        Trade::HeatingAndCooling,
        Trade::Other {},
    ];
    for (at, trade) in all.into_iter().enumerate() {
        assert_eq!(trade.index(), at, "{trade:?}");
        assert_eq!(trade.label(), Trade::value(at));
    }
}

#[derive(Label, Clone, Copy)]
#[repr(u8)]
enum Numbered {
    High = 40,
    Low = 2,
}

#[test]
fn discriminants_do_not_affect_the_index() {
    assert_eq!([Numbered::High.index(), Numbered::Low.index()], [0, 1]);
    assert_eq!(values::<Numbered>(), ["high", "low"]);
}

#[test]
fn bool_has_two_values() {
    assert_eq!(values::<bool>(), ["false", "true"]);
    assert_eq!([false.index(), true.index()], [0, 1]);
}

#[derive(Label)]
#[allow(dead_code)]
enum Failure<'a, T> {
    NotFound(&'a str),
    HTTPError {
        status: u16,
        body: T,
    },
    #[label("io")]
    Disk(std::io::Error),
    Timeout,
}

#[test]
fn variants_with_data_have_a_label_by_reference() {
    let failures = [
        Failure::NotFound("x"),
        Failure::HTTPError {
            status: 500,
            body: vec![1],
        },
        Failure::Disk(std::io::Error::other("x")),
        Failure::Timeout,
    ];
    let names: Vec<_> = failures.iter().map(VariantLabel::label).collect();
    assert_eq!(names, ["not_found", "http_error", "io", "timeout"]);
}

#[derive(Label, Clone, Copy)]
enum Sized<const N: usize> {
    Small,
    Large,
}

#[test]
fn const_generics_work() {
    assert_eq!(values::<Sized<3>>(), ["small", "large"]);
    assert_eq!(Sized::<3>::Large.index() + Sized::<3>::Small.index(), 1);
}

macro_rules! labels {
    ($name:ident: $($variant:ident = $value:literal),*) => {
        #[derive(instrumental::Label, Clone, Copy)]
        #[allow(dead_code)]
        enum $name { $(#[label($value)] $variant),* }
    };
}
labels!(Generated: A = "first", B = "second");

#[test]
fn macros_can_generate_labels() {
    assert_eq!(values::<Generated>(), ["first", "second"]);
}

#[test]
fn bounded_text_is_truncated_at_a_character() {
    let long = "ü".repeat(40);
    let city = Bounded::<10>::new(&long);
    assert_eq!(city.as_str(), "ü".repeat(27));
    assert_eq!(<Bounded<10> as Label>::CARDINALITY, 10);
}
