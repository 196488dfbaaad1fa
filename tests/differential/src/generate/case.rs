//! A shape: one choice for every part of a function.

use super::attributes::Attribute;
use super::bodies::Snippet;
use super::errors::Fault;
use super::flavours::Flavour;
use super::hosts::{Host, Owner, Receiver};
use super::params::Param;
use super::returns::{Extra, Return};

/// A parameter with its name and its use in the body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chosen {
    pub(super) param: &'static Param,
    pub(super) letter: char,
    pub(super) used: &'static str,
}

impl Chosen {
    /// Fills the parameter's name into a text.
    pub(super) fn named(&self, text: &str) -> String {
        let upper = self.letter.to_ascii_uppercase().to_string();
        text.replace("NAME", &self.letter.to_string())
            .replace("UPPER", &upper)
    }
}

/// A shape.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) host: Host,
    pub(super) flavour: Flavour,
    pub(super) method: Option<(&'static Receiver, &'static Owner)>,
    pub(super) params: Vec<Chosen>,
    pub(super) returned: &'static Return,
    pub(super) fault: Option<&'static Fault>,
    /// The statements of the body, including uses of the parameters and the receiver.
    pub(super) statements: Vec<String>,
    pub(super) snippets: Vec<&'static Snippet>,
    pub(super) tail: &'static (&'static str, &'static str),
    pub(super) attribute: &'static Attribute,
    /// The argument that the attribute records.
    pub(super) recorded: String,
}

impl Case {
    /// The tags of all parts.
    pub(super) fn tags(&self) -> Vec<String> {
        let mut tags = vec![
            format!("{:?}", self.host),
            format!("{:?}", self.flavour),
            format!("returns:{}", self.returned.tag),
            format!("attribute:{}", self.attribute.tag),
            format!("tail:{}", self.tail.0),
        ];
        tags.extend(
            self.method
                .iter()
                .flat_map(|(receiver, own)| [receiver.tag.to_owned(), format!("of:{}", own.tag)]),
        );
        tags.extend(self.fault.map(|fault| format!("error:{}", fault.tag)));
        tags.extend(
            self.params
                .iter()
                .map(|chosen| format!("param:{}", chosen.param.tag)),
        );
        tags.extend(
            self.snippets
                .iter()
                .map(|snippet| format!("body:{}", snippet.tag)),
        );
        tags
    }

    /// The extra parameters that its types need.
    pub(super) fn extras(&self) -> impl Iterator<Item = Extra> {
        let of_fault = self.fault.and_then(|fault| fault.generic);
        self.returned.generic.into_iter().chain(of_fault)
    }

    /// The size of its largest argument, as an expression.
    pub(super) fn large(&self) -> &'static str {
        if self.params.iter().any(|chosen| chosen.param.ty == "Big") {
            "Big::SIZE"
        } else {
            "0"
        }
    }

    /// Whether several arguments have destructors. They run in the right order only if the closure owns all of them.
    fn several_are_dropped(&self) -> bool {
        let by_value = self
            .method
            .is_some_and(|(receiver, _)| !receiver.text.starts_with('&'));
        let params = self.params.iter();
        let dropped = params.filter(|chosen| !is_plain(chosen.param.ty)).count();
        dropped + usize::from(by_value) > 1
    }

    fn has_patterns(&self) -> bool {
        let mut params = self.params.iter();
        params.any(|chosen| !chosen.param.pattern.ends_with("NAME"))
    }

    /// Whether the large argument is not moved: it is the first with a destructor, and the body only reads it.
    fn is_large_first(&self) -> bool {
        let by_reference = self
            .method
            .is_none_or(|(receiver, _)| receiver.text.starts_with('&'));
        let mut params = self.params.iter();
        let first = params.find(|chosen| !is_plain(chosen.param.ty));
        // A `move` closure in the body moves its captures.
        let mut statements = self.statements.iter();
        by_reference
            && first.is_some_and(|chosen| chosen.param.ty == "Big")
            && !self.attribute.tag.contains("on_failure")
            && !statements.any(|statement| statement.contains("move"))
    }

    /// How many more copies of a large argument are allowed, in debug and optimized builds: one if several arguments have
    /// destructors and it is not the first of them, and two if a pattern leaves parts unbound.
    pub(super) fn copies(&self) -> (usize, usize) {
        if self.is_large_first() {
            return (0, 0);
        }
        let patterns = 2 * usize::from(self.has_patterns());
        (patterns, patterns + usize::from(self.several_are_dropped()))
    }

    /// Whether the future may store its arguments twice: if several have destructors, if the plain future never waits and so
    /// stores them once, or for the drop-in on a body that ends with an async block, which also stores the recorded
    /// arguments.
    pub(super) fn holds_arguments_again(&self) -> bool {
        let mut snippets = self.snippets.iter();
        let waits = snippets.any(|snippet| {
            let mut words = ["pause", "inner_future"].iter();
            words.any(|word| snippet.tag.contains(word))
        });
        let is_drop_in = !self.flavour.is_stream() && !self.attribute.tag.contains("traced");
        self.several_are_dropped() || self.has_patterns() || !waits || is_drop_in
    }

    /// Whether a boxed value borrows something.
    pub(super) fn has_life(&self) -> bool {
        let has = |text: &str| {
            ["LIFE", "BOUND", "ELIDED"]
                .iter()
                .any(|mark| text.contains(mark))
        };
        let in_receiver = self.method.is_some_and(|(receiver, _)| has(receiver.text));
        let in_param = |chosen: &Chosen| has(chosen.param.ty) || has(chosen.param.generic);
        self.flavour.is_boxed()
            && (self.extras().any(|(generic, ..)| has(generic))
                || in_receiver
                || self.params.iter().any(in_param))
    }
}

/// Whether a type has no destructor.
fn is_plain(ty: &str) -> bool {
    ty.starts_with('&') || ty == "u32" || ty == "u64"
}
