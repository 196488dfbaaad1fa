//! Mistakes in the use of the macros, with the complete compiler output.

#[test]
fn mistakes() {
    trybuild::TestCases::new().compile_fail("ui/*.rs");
}
