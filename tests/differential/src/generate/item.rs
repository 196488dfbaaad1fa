//! Writes a function: its signature, its body and a call.

use super::bodies::Needs;
use super::case::{Case, Chosen};
use super::flavours::Flavour;
use super::hosts::Host;

/// The parts of a function, independent of where it is defined.
#[derive(Debug)]
pub(super) struct Item<'a> {
    case: &'a Case,
    /// The replacements of `LIFE`, `BOUND` and `ELIDED`.
    life: &'static str,
    bound: &'static str,
    elided: &'static str,
}

impl<'a> Item<'a> {
    pub(super) fn of(case: &'a Case) -> Self {
        let (life, bound, elided) = if case.has_life() {
            ("'l ", " + 'l", "'l")
        } else {
            ("", "", "'_")
        };
        Self {
            case,
            life,
            bound,
            elided,
        }
    }

    fn filled(&self, text: &str) -> String {
        let bound = if text.contains(':') || text.contains("impl ") {
            self.bound.to_owned()
        } else {
            self.bound.replace(" +", ":")
        };
        text.replace("LIFE", self.life)
            .replace("BOUND", &bound)
            .replace("ELIDED", self.elided)
    }

    /// The early return, without its semicolon.
    fn early(&self) -> String {
        format!("return {}", self.case.returned.early.unwrap_or_default())
            .trim_end()
            .to_owned()
    }

    /// The error's type.
    fn fault(&self) -> &'static str {
        self.case.fault.map_or("", |fault| fault.ty)
    }

    pub(super) fn generics(&self) -> String {
        let mut all: Vec<String> = Vec::new();
        if !self.life.is_empty() {
            all.push(String::from("'l"));
        }
        all.extend(self.case.extras().map(|(generic, ..)| self.filled(generic)));
        let of_params = self
            .case
            .params
            .iter()
            .filter(|chosen| !chosen.param.generic.is_empty());
        all.extend(of_params.map(|chosen| self.filled(&chosen.named(chosen.param.generic))));
        // Lifetimes come first.
        all.sort_by_key(|generic| !generic.starts_with('\''));
        if all.is_empty() {
            String::new()
        } else {
            format!("<{}>", all.join(", "))
        }
    }

    fn param(&self, chosen: &Chosen, pattern: &str, between: &str) -> String {
        let space = if chosen.param.attribute.is_empty() {
            ""
        } else {
            " "
        };
        let ty = self.filled(&chosen.named(chosen.param.ty));
        format!(
            "{}{space}{}{between} {ty}",
            chosen.param.attribute,
            chosen.named(pattern)
        )
    }

    /// The parameters after the receiver, with the text between pattern and type. Without a body, the patterns are plain names.
    pub(super) fn params(&self, body: bool, between: &str) -> Vec<String> {
        let pattern = |chosen: &Chosen| if body { chosen.param.pattern } else { "NAME" };
        let params = self.case.params.iter();
        let mut all: Vec<_> = params
            .map(|chosen| self.param(chosen, pattern(chosen), between))
            .collect();
        all.extend(self.case.extras().map(|(_, param, _)| param.to_owned()));
        all
    }

    /// The receiver, which is not `mut` without a body.
    fn receiver(&self, body: bool) -> Option<String> {
        let (receiver, _) = self.case.method?;
        let text = self.filled(receiver.text);
        Some(if body {
            text
        } else {
            text.trim_start_matches("mut ").to_owned()
        })
    }

    fn inputs(&self, body: bool) -> String {
        self.receiver(body)
            .into_iter()
            .chain(self.params(body, ":"))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// The return type, with its arrow.
    pub(super) fn output(&self) -> String {
        let ty = self.case.returned.ty.replace("ERR", self.fault());
        self.case.flavour.ty(&ty, self.bound)
    }

    pub(super) fn qualifier(&self) -> &'static str {
        if self.case.flavour == Flavour::Async {
            "async "
        } else {
            ""
        }
    }

    /// Everything before the body.
    pub(super) fn signature(&self, vis: &str, body: bool) -> String {
        let (qualifier, generics, output) = (self.qualifier(), self.generics(), self.output());
        format!(
            "{vis}{qualifier}fn f{generics}({}){output}",
            self.inputs(body)
        )
    }

    /// The body's lines, with braces.
    pub(super) fn body(&self) -> Vec<String> {
        let first = self
            .case
            .snippets
            .iter()
            .filter(|snippet| snippet.needs == Needs::First);
        let mut lines = vec![String::from("{")];
        lines.extend(first.map(|snippet| snippet.text.to_owned()));
        let (before, after) = self.case.flavour.around();
        lines.extend((!before.is_empty()).then(|| before.to_owned()));
        lines.push(String::from("let mut sum: u64 = u64::from(input());"));
        lines.push(String::from("sum += 1;"));
        if self.case.flavour == Flavour::TrackCaller {
            lines.push(String::from("note_place(std::panic::Location::caller());"));
        }
        let question = self.case.returned.question.replace("ERR", self.fault());
        let fill = |text: &String| {
            text.replace("EARLY", &self.early())
                .replace("QUESTION", &question)
        };
        lines.extend(self.case.statements.iter().map(fill));
        lines.push(String::from("note_sum(sum);"));
        lines.extend(self.tail());
        lines.extend((!after.is_empty()).then(|| after.to_owned()));
        lines.push(String::from("}"));
        lines
    }

    fn tail(&self) -> Vec<String> {
        let (value, early) = (
            self.case.returned.value,
            self.case.returned.early.unwrap_or(self.case.returned.value),
        );
        let item = format!(
            "if input() == 1 && n == 2 {{ return Some({early}); }} (n < 3).then(|| {value})"
        );
        let steps = format!("steps(move |n| {{ note(held.0); {item} }})");
        match self.case.flavour {
            Flavour::Stream => vec![String::from("let held = D(\"held\");"), steps],
            Flavour::BoxedStream => vec![
                String::from("let held = D(\"held\");"),
                format!("Box::pin({steps})"),
            ],
            Flavour::InferredStream => vec![String::from("no_steps()")],
            _ if self.case.returned.ty.is_empty() => vec![value.to_owned()],
            _ => vec![self.case.tail.1.replace("VALUE", value)],
        }
    }

    /// A call of the function.
    pub(super) fn call(&self) -> String {
        let given = self
            .case
            .params
            .iter()
            .filter(|chosen| !chosen.param.given.is_empty());
        let mut given: Vec<_> = given
            .map(|chosen| chosen.named(chosen.param.given))
            .collect();
        given.extend(self.case.extras().map(|(_, _, given)| given.to_owned()));
        let path = match (self.case.method, self.case.host) {
            (Some((receiver, own)), _) => {
                let value = if receiver.given == "S" {
                    format!("({})", own.value)
                } else {
                    own.value.to_owned()
                };
                format!("{}.f", receiver.given.replace('S', &value))
            }
            (None, Host::Associated) => String::from("Owner::f"),
            (None, Host::ModBlock) => String::from("inner::f"),
            (None, _) => String::from("f"),
        };
        format!("{path}({})", given.join(", "))
    }
}
