//! Options of attributes. Each is declared in one row of an `options!` table, which generates its field, its setter, how
//! it is inherited, and its entry in the list of known words.

use super::args::{self, Arg};
use super::attribute::Attribute;
use super::errors::Errors;
use super::messages as say;
use super::nearest::nearest;
use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens as _;

/// How an option is written. The text is the example in error messages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `word`
    Flag,
    /// `word = ..`
    Value(&'static str),
    /// `word(..)`
    List(&'static str),
    /// `word` or `word(..)`
    FlagOrList(&'static str),
    /// A string literal by itself.
    Text,
}

/// The declaration of one option.
pub(crate) struct Row {
    pub(crate) word: &'static str,
    pub(crate) on: &'static [Attribute],
    pub(crate) form: Form,
    /// Whether it may be given several times.
    pub(crate) repeats: bool,
}

/// An option as it was written.
pub(crate) struct Written {
    pub(crate) word: &'static str,
    pub(crate) key: Ident,
    /// The value or list; empty for a flag.
    pub(crate) tokens: TokenStream,
    pub(crate) is_list: bool,
}

impl Written {
    /// The span of the value, or of the key if there is none.
    pub(crate) fn value_span(&self) -> Span {
        args::first_span(&self.tokens).unwrap_or_else(|| self.key.span())
    }
}

/// A table of options.
pub(crate) trait OptionSet: Default {
    const ROWS: &'static [Row];

    /// Reads an option into its field.
    fn set(&mut self, written: Written, errors: &mut Errors);

    /// Takes each inherited option that is not given here from the options of the enclosing item.
    fn inherit(&mut self, outer: &Self);
}

/// A kind of option value.
pub(crate) trait Kind {
    type Value: Clone + Default + Inherit;

    /// Adds what was written to the value of the option.
    fn set(value: &mut Self::Value, written: Written, errors: &mut Errors);
}

/// A kind of value of which an option has at most one.
pub(crate) trait Single {
    type Value: Clone;

    /// Reads the value; reports one that is malformed.
    fn read(written: Written, errors: &mut Errors) -> Option<Self::Value>;
}

impl<K: Single> Kind for K {
    type Value = Option<K::Value>;

    fn set(value: &mut Self::Value, written: Written, errors: &mut Errors) {
        *value = K::read(written, errors);
    }
}

/// How the value of an enclosing item reaches a function.
pub(crate) trait Inherit {
    fn inherit(&mut self, outer: &Self);
}

impl<T: Clone> Inherit for Option<T> {
    fn inherit(&mut self, outer: &Self) {
        if self.is_none() {
            self.clone_from(outer);
        }
    }
}

impl<T: Clone> Inherit for Vec<T> {
    fn inherit(&mut self, outer: &Self) {
        if self.is_empty() {
            self.clone_from(outer);
        }
    }
}

/// Declares a table of options. A row is
///
/// ```text
/// /// What the option means.
/// field as "word": Kind, Form, on [Attribute, ..], scope;
/// ```
///
/// where `as "word"` is needed only if the word differs from the field, and the scope is `inherited` for an option that
/// functions take from the `impl` blocks, traits and modules around them, and else `own`. `repeats` after the scope lets
/// the option be given several times.
macro_rules! options {
    (
        $(#[$attr:meta])*
        $vis:vis struct $name:ident {
            $(
                $(#[doc = $doc:literal])+
                $field:ident $(as $word:literal)?: $kind:ty, $form:ident $(($example:literal))?,
                on [$($on:ident),+], $scope:ident $($repeats:ident)?;
            )+
        }
    ) => {
        $(#[$attr])*
        #[derive(Clone, Default)]
        $vis struct $name {
            $( $(#[doc = $doc])+ pub(crate) $field: <$kind as $crate::grammar::options::Kind>::Value, )+
        }

        impl $crate::grammar::options::OptionSet for $name {
            const ROWS: &'static [$crate::grammar::options::Row] = &[$(
                $crate::grammar::options::Row {
                    word: [$($word,)? stringify!($field)][0],
                    on: &[$($crate::grammar::attribute::Attribute::$on),+],
                    form: $crate::grammar::options::Form::$form $(($example))?,
                    repeats: $crate::grammar::options::options!(@repeats $($repeats)?),
                },
            )+];

            fn set(
                &mut self,
                written: $crate::grammar::options::Written,
                errors: &mut $crate::grammar::errors::Errors,
            ) {
                $(
                    if written.word == [$($word,)? stringify!($field)][0] {
                        return <$kind as $crate::grammar::options::Kind>::set(
                            &mut self.$field,
                            written,
                            errors,
                        );
                    }
                )+
            }

            fn inherit(&mut self, outer: &Self) {
                $( $crate::grammar::options::options!(@$scope self.$field, outer.$field); )+
            }
        }
    };
    (@repeats) => { false };
    (@repeats repeats) => { true };
    (@inherited $own:expr, $outer:expr) => {
        $crate::grammar::options::Inherit::inherit(&mut $own, &$outer)
    };
    (@own $own:expr, $outer:expr) => { let _: &_ = &$outer; };
}
pub(crate) use options;

/// Reads the arguments of one attribute.
pub(crate) struct Reader {
    attribute: Attribute,
    /// The options it has given.
    given: Vec<&'static str>,
}

impl Reader {
    pub(crate) fn new(attribute: Attribute) -> Self {
        Self {
            attribute,
            given: Vec::new(),
        }
    }

    /// Reads an argument that is an option of the attribute. `Err` hands back one that is not.
    pub(crate) fn take<O: OptionSet>(
        &mut self,
        arg: Arg,
        options: &mut O,
        errors: &mut Errors,
    ) -> Result<(), Arg> {
        let Some((row, written)) = recognize(O::ROWS, self.attribute, arg, errors)? else {
            return Ok(());
        };
        // An empty list names nothing; `tracing::instrument` accepts one before another.
        let is_empty = written.is_list && written.tokens.is_empty();
        if self.given.contains(&row.word) && !row.repeats {
            let message = match row.form {
                Form::Text => say::DUPLICATE_TEXT.to_owned(),
                _ => say::duplicate_option(row.word),
            };
            errors.push(written.key.span(), message);
        } else {
            if !is_empty {
                self.given.push(row.word);
            }
            options.set(written, errors);
        }
        Ok(())
    }
}

/// Reads the argument lists of an attribute that takes nothing but options.
pub(crate) fn read<O: OptionSet>(
    attribute: Attribute,
    lists: impl IntoIterator<Item = TokenStream>,
    errors: &mut Errors,
) -> O {
    let mut options = O::default();
    let mut reader = Reader::new(attribute);
    for list in lists {
        for arg in args::read(list, errors) {
            if let Err(arg) = reader.take(arg, &mut options, errors) {
                let (span, message) = unknown::<O>(attribute, &arg);
                errors.push(span, message);
            }
        }
    }
    options
}

/// What to write for an option that is used like the name of an argument.
pub(crate) fn usage<O: OptionSet>(word: &str) -> Option<String> {
    let row = O::ROWS.iter().find(|row| row.word == word)?;
    match row.form {
        Form::Value(example) => Some(say::write_value(word, example)),
        Form::List(example) | Form::FlagOrList(example) => Some(say::write_list(word, example)),
        Form::Flag | Form::Text => None,
    }
}

/// The message about an argument that is not an option of this attribute, and where it points.
pub(crate) fn unknown<O: OptionSet>(attribute: Attribute, arg: &Arg) -> (Span, String) {
    let key = match arg {
        Arg::Word(key) | Arg::Value(key, _) | Arg::List(key, _) => key,
        Arg::Text(text) => return (text.span(), say::unexpected_text(attribute)),
        Arg::Sigil { span, .. } => return (*span, say::expected_option(attribute)),
        Arg::Other(tokens) => {
            let span = args::first_span(tokens).unwrap_or_else(Span::call_site);
            let mut tokens = tokens.clone().into_iter().skip(1);
            let is_dotted = tokens.next().is_some_and(|token| token.to_string() == ".");
            return match is_dotted && attribute == Attribute::EventDeclaration {
                true => (span, say::NAME_IS_TEXT.to_owned()),
                false => (span, say::expected_option(attribute)),
            };
        }
    };
    let word = key.to_string();
    let rows = O::ROWS.iter().filter(|row| row.on.contains(&attribute));
    let known: Vec<&str> = rows
        .filter(|row| row.form != Form::Text)
        .map(|row| row.word)
        .collect();
    let is_of_traced =
        || find(O::ROWS, &word, Attribute::Traced).is_some() && !attribute.takes_fields();
    let message = if attribute == Attribute::CaptureErrors && is_of_traced() {
        say::option_of_traced(&word)
    } else {
        say::unknown_option(attribute, &word, nearest(&word, &known), &known)
    };
    (key.span(), message)
}

fn find(rows: &'static [Row], word: &str, attribute: Attribute) -> Option<&'static Row> {
    let is = |row: &&Row| row.word == word && row.form != Form::Text;
    rows.iter()
        .filter(is)
        .find(|row| row.on.contains(&attribute))
}

/// The option that an argument gives. `Ok(None)`: it is malformed, which has been reported.
fn recognize(
    rows: &'static [Row],
    attribute: Attribute,
    arg: Arg,
    errors: &mut Errors,
) -> Result<Option<(&'static Row, Written)>, Arg> {
    let (Arg::Word(key) | Arg::Value(key, _) | Arg::List(key, _)) = &arg else {
        return text(rows, attribute, arg).map(Some);
    };
    let word = key.to_string();
    let Some(row) = find(rows, &word, attribute) else {
        return Err(arg);
    };
    let is_only_long = matches!(row.form, Form::Value(_) | Form::List(_));
    if matches!(arg, Arg::Word(_)) && is_only_long && attribute.takes_fields() {
        // An option that never is a bare word leaves the word to an argument of that name.
        return Err(arg);
    }
    if let Some(message) = wrong_form(row, &arg) {
        errors.push(key.span(), message);
        return Ok(None);
    }
    let is_list = matches!(arg, Arg::List(..));
    let (key, tokens) = match arg {
        Arg::Value(key, tokens) | Arg::List(key, tokens) => (key, tokens),
        Arg::Word(key) => (key, TokenStream::new()),
        other => return Err(other),
    };
    let written = Written {
        word: row.word,
        key,
        tokens,
        is_list,
    };
    Ok(Some((row, written)))
}

/// A string literal, where the attribute takes one.
fn text(
    rows: &'static [Row],
    attribute: Attribute,
    arg: Arg,
) -> Result<(&'static Row, Written), Arg> {
    let takes_text = |row: &&Row| row.form == Form::Text && row.on.contains(&attribute);
    match (arg, rows.iter().find(takes_text)) {
        (Arg::Text(text), Some(row)) => {
            let written = Written {
                word: row.word,
                key: Ident::new("text", text.span()),
                tokens: text.into_token_stream(),
                is_list: false,
            };
            Ok((row, written))
        }
        (arg, _) => Err(arg),
    }
}

/// What to write instead, if the option is not written in its form.
fn wrong_form(row: &Row, arg: &Arg) -> Option<String> {
    match (row.form, arg) {
        (Form::Flag | Form::FlagOrList(_), Arg::Word(_))
        | (Form::List(_) | Form::FlagOrList(_), Arg::List(..)) => None,
        (Form::Value(_), Arg::Value(_, tokens)) if !tokens.is_empty() => None,
        (Form::Flag | Form::Text, _) => Some(say::takes_no_value(row.word)),
        (Form::Value(example), _) => Some(say::write_value(row.word, example)),
        (Form::List(example) | Form::FlagOrList(example), _) => {
            Some(say::write_list(row.word, example))
        }
    }
}

/// The options of an attribute that its documentation does not mention in code spans.
#[cfg(test)]
pub(crate) fn undocumented<O: OptionSet>(attribute: Attribute, docs: &str) -> Vec<&'static str> {
    let code: Vec<&str> = docs.split('`').skip(1).step_by(2).collect();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let words: Vec<&str> = code
        .iter()
        .flat_map(|code| code.split(|c| !is_word(c)))
        .collect();
    let rows = O::ROWS.iter().filter(|row| row.on.contains(&attribute));
    rows.filter(|row| row.form != Form::Text && !words.contains(&row.word))
        .map(|row| row.word)
        .collect()
}
