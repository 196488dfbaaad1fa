//! Tables of options, by an example of each form and scope.

use super::attribute::Attribute;
use super::errors::Errors;
use super::kinds::{Flag, Number, Text, Tokens};
use super::options::{OptionSet as _, options, read};
use proc_macro2::TokenStream;
use quote::quote;

options! {
    /// A table with each form.
    struct Table {
        /// A flag.
        page: Flag, Flag, on [Outcome, Traced], inherited;
        /// A value.
        http: Number, Value("409"), on [Outcome], own;
        /// A string literal.
        text: Text, Text, on [Label], own;
        /// A list, by a word that is not an identifier.
        krate as "crate": Tokens, List("path"), on [Outcome], inherited repeats;
    }
}

fn given(attribute: Attribute, list: TokenStream) -> (Table, Vec<String>) {
    let mut errors = Errors::default();
    let table = read(attribute, [list], &mut errors);
    (table, errors.messages())
}

fn messages(attribute: Attribute, list: TokenStream) -> Vec<String> {
    given(attribute, list).1
}

#[test]
fn each_form_is_read() {
    let (table, errors) = given(
        Attribute::Outcome,
        quote!(http = 404, page, crate(a), crate(b)),
    );
    assert_eq!(errors, [""; 0]);
    assert!(table.page.is_some() && table.http.is_some() && table.text.is_none());
    assert_eq!(
        table.krate.map(|path| path.to_string()).as_deref(),
        Some("b")
    );
    let (table, errors) = given(Attribute::Label, quote!("a"));
    assert_eq!(errors, [""; 0]);
    assert_eq!(table.text.map(|text| text.value()).as_deref(), Some("a"));
}

#[test]
fn another_form_is_an_error() {
    for (list, message) in [
        (quote!(page = 1), "`page` takes no value"),
        (quote!(page(1)), "`page` takes no value"),
        (quote!(http), "write `http = 409`"),
        (quote!(http(404)), "write `http = 409`"),
        (quote!(http = ), "write `http = 409`"),
        (quote!(http = "404"), "write `http = <number>`"),
        (quote!(crate = a), "write `crate(path)`"),
        (quote!(page, page), "duplicate option `page`; remove one"),
    ] {
        assert_eq!(messages(Attribute::Outcome, list), [message]);
    }
    let twice = messages(Attribute::Label, quote!("a", "b"));
    assert_eq!(twice, ["duplicate string; remove one"]);
}

#[test]
fn an_option_of_another_attribute_is_unknown() {
    let [near] = &messages(Attribute::Outcome, quote!(htp = 1))[..] else {
        panic!("one message");
    };
    assert_eq!(near, "unknown option `htp`: did you mean `http`?");
    let [listed] = &messages(Attribute::Alert, quote!(page))[..] else {
        panic!("one message");
    };
    assert!(listed.starts_with("unknown option `page`"), "{listed}");
    // A string literal has no word, so it is not among the known options.
    let [text] = &messages(Attribute::Label, quote!(text = "a"))[..] else {
        panic!("one message");
    };
    assert!(text.starts_with("unknown option `text`"), "{text}");
}

#[test]
fn only_inherited_options_are_taken_from_around() {
    let (outer, _) = given(Attribute::Outcome, quote!(http = 404, page, crate(outer)));
    let mut inner = Table::default();
    inner.inherit(&outer);
    assert!(inner.page.is_some() && inner.http.is_none());
    let (mut own, _) = given(Attribute::Outcome, quote!(crate(own)));
    own.inherit(&outer);
    assert_eq!(
        own.krate.map(|path| path.to_string()).as_deref(),
        Some("own")
    );
}
