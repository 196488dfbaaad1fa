//! Where functions are defined, and their receivers.

/// Where a function is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Host {
    Free,
    /// Within another function.
    Inner,
    Associated,
    Method,
    /// A trait method in an implementation.
    Implemented,
    GenericTrait,
    /// A trait method that `#[async_trait]` boxes.
    AsyncTrait,
    /// A provided trait method.
    Provided,
    ImplBlock,
    TraitBlock,
    ModBlock,
    /// Made by a macro from tokens.
    MacroTokens,
    /// Made by a macro from patterns, types and a block.
    MacroParts,
    /// Made by a macro from an expression.
    MacroExpression,
}

/// Every place, the frequent ones several times.
pub(super) const HOSTS: &[Host] = &[
    Host::Free,
    Host::Free,
    Host::Inner,
    Host::Associated,
    Host::Method,
    Host::Method,
    Host::Implemented,
    Host::GenericTrait,
    Host::AsyncTrait,
    Host::AsyncTrait,
    Host::AsyncTrait,
    Host::Provided,
    Host::ImplBlock,
    Host::TraitBlock,
    Host::ModBlock,
    Host::MacroTokens,
    Host::MacroParts,
    Host::MacroExpression,
];

impl Host {
    /// Whether functions there have a receiver.
    pub(super) const fn is_method(self) -> bool {
        matches!(
            self,
            Self::Method
                | Self::Implemented
                | Self::GenericTrait
                | Self::AsyncTrait
                | Self::Provided
                | Self::ImplBlock
                | Self::TraitBlock
        )
    }
    /// Whether the attribute is on the item around the function.
    pub(super) const fn is_bulk(self) -> bool {
        matches!(self, Self::ImplBlock | Self::TraitBlock | Self::ModBlock)
    }
    /// Whether the body can use the receiver only through its trait.
    pub(super) const fn is_provided(self) -> bool {
        matches!(self, Self::Provided | Self::TraitBlock)
    }
}

/// A receiver of methods.
#[derive(Debug)]
pub(super) struct Receiver {
    pub(super) tag: &'static str,
    pub(super) text: &'static str,
    /// `S` is a placeholder for a value.
    pub(super) given: &'static str,
    pub(super) access: Access,
}

/// How a body can use its receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Change,
    Take,
    TakeAndChange,
}

const fn on(
    tag: &'static str,
    text: &'static str,
    given: &'static str,
    access: Access,
) -> Receiver {
    Receiver {
        tag,
        text,
        given,
        access,
    }
}

/// Every receiver.
pub(super) const RECEIVERS: &[Receiver] = &[
    on("self", "self", "S", Access::Take),
    on("mut_self", "mut self", "S", Access::TakeAndChange),
    on("mut_self_again", "mut self", "S", Access::TakeAndChange),
    on("ref_self", "&LIFEself", "S", Access::Read),
    on("ref_mut_self", "&LIFEmut self", "S", Access::Change),
    on("box_self", "self: Box<Self>", "Box::new(S)", Access::Take),
    on(
        "mut_box_self",
        "mut self: Box<Self>",
        "Box::new(S)",
        Access::TakeAndChange,
    ),
    on("rc_self", "self: Rc<Self>", "Rc::new(S)", Access::Read),
    on("arc_self", "self: Arc<Self>", "Arc::new(S)", Access::Read),
    on(
        "pin_self",
        "self: Pin<&LIFEmut Self>",
        "Box::pin(S).as_mut()",
        Access::Read,
    ),
    on(
        "mut_pin_self",
        "mut self: Pin<&LIFEmut Self>",
        "Box::pin(S).as_mut()",
        Access::Change,
    ),
];

/// The type of a receiver.
#[derive(Debug)]
pub(super) struct Owner {
    pub(super) tag: &'static str,
    pub(super) declared: &'static str,
    pub(super) value: &'static str,
    pub(super) generics: &'static str,
    pub(super) ty: &'static str,
    pub(super) changed: &'static [&'static str],
    pub(super) taken: &'static [&'static str],
    pub(super) send: bool,
}

const TAKEN: &[&str] = &[
    "drop(self);",
    "if input() == 3 { drop(self); }",
    "let _moved = self;",
];

/// Every type of receivers.
pub(super) const OWN: &[Owner] = &[
    Owner {
        tag: "transaction",
        declared: "#[derive(Debug)]\n#[allow(dead_code)]\npub struct S { pub n: u32, pub committed: bool }\n\
                   impl Drop for S { fn drop(&mut self) { note(format!(\"S {} {}\", self.n, self.committed)); } }",
        value: "S { n: 1, committed: false }",
        generics: "",
        ty: "S",
        changed: &[
            "self.committed = true;",
            "self.n += 2; sum += u64::from(self.n);",
            "self.committed = input() == 0;",
        ],
        taken: TAKEN,
        send: true,
    },
    Owner {
        tag: "in_parts",
        declared: "#[derive(Debug)]\n#[allow(dead_code)]\npub struct S { pub n: u32, pub left: D, pub right: D }",
        value: "S { n: 1, left: D(\"left\"), right: D(\"right\") }",
        generics: "",
        ty: "S",
        changed: &[
            "self.n += 2; sum += u64::from(self.n);",
            "self.left = D(\"new\");",
            "self.right.rename(\"other\"); self.n = 4;",
        ],
        taken: &[
            "drop(self.left);",
            "if input() == 3 { drop(self.right); }",
            "drop(self);",
            "sum += consume(self.right);",
        ],
        send: true,
    },
    Owner {
        tag: "generic",
        declared: "#[derive(Debug)]\n#[allow(dead_code)]\npub struct S<T> { pub n: u32, pub item: T }",
        value: "S { n: 1, item: D(\"item\") }",
        generics: "<T: std::fmt::Debug + UnpinSTATIC>",
        ty: "S<T>",
        changed: &["self.n += 2; sum += u64::from(self.n);"],
        taken: &[
            "drop(self.item);",
            "drop(self);",
            "if input() == 3 { drop(self.item); }",
        ],
        send: false,
    },
];
