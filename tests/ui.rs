//! Mistakes and what the compiler says of them, whole.

#[test]
fn mistakes() {
    trybuild::TestCases::new().compile_fail("ui/*.rs");
}
