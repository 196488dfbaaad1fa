//! Macros that declare a type of the format once: the Rust type, its JSON writer and its serde attributes.

/// Declares a struct that is a JSON object with a member for each field.
///
/// `field as "key": Type` uses another key than the field's name; `..field: Type` puts the members of another record in
/// place of the field.
macro_rules! record {
    (
        $(#[$meta:meta])*
        pub struct $name:ident { $($fields:tt)* }
    ) => {
        record!(@fields [$(#[$meta])* $name] [] [] $($fields)*);
    };
    (@fields $head:tt [$($done:tt)*] [$($write:tt)*] $(#[$meta:meta])* .. $field:ident: $type:ty, $($rest:tt)*) => {
        record!(
            @fields $head
            [$($done)* $(#[$meta])* #[cfg_attr(feature = "serde", serde(flatten))] pub $field: $type,]
            [$($write)* (flat $field)]
            $($rest)*
        );
    };
    (
        @fields $head:tt [$($done:tt)*] [$($write:tt)*]
        $(#[$meta:meta])* $field:ident as $key:literal: $type:ty, $($rest:tt)*
    ) => {
        record!(
            @fields $head
            [$($done)* $(#[$meta])* #[cfg_attr(feature = "serde", serde(rename = $key))] pub $field: $type,]
            [$($write)* (member $field $key)]
            $($rest)*
        );
    };
    (@fields $head:tt [$($done:tt)*] [$($write:tt)*] $(#[$meta:meta])* $field:ident: $type:ty, $($rest:tt)*) => {
        record!(
            @fields $head
            [$($done)* $(#[$meta])* pub $field: $type,]
            [$($write)* (member $field stringify!($field))]
            $($rest)*
        );
    };
    (@fields [$(#[$meta:meta])* $name:ident] [$($done:tt)*] [$($write:tt)*]) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
        pub struct $name { $($done)* }

        impl $crate::json::Members for $name {
            fn members(&self, out: &mut String) {
                $(record!(@write self out $write);)*
            }
        }

        impl $crate::json::ToJson for $name {
            fn write(&self, out: &mut String) {
                $crate::json::object(out, |out| $crate::json::Members::members(self, out));
            }
        }
    };
    (@write $self:ident $out:ident (flat $field:ident)) => {
        $crate::json::Members::members(&$self.$field, $out)
    };
    (@write $self:ident $out:ident (member $field:ident $key:expr)) => {
        $crate::json::member($out, $key, &$self.$field)
    };
}

/// Declares an enum whose variants are words.
macro_rules! words {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal,)* }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
        pub enum $name {
            $($(#[$variant_meta])* #[cfg_attr(feature = "serde", serde(rename = $word))] $variant,)*
        }

        impl $name {
            /// All variants, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word that the manifest uses.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::json::ToJson for $name {
            fn write(&self, out: &mut String) {
                $crate::json::string(out, self.as_str());
            }
        }
    };
}

/// Declares an enum that is a JSON object: the member `kind` says which variant, and each field is a member.
macro_rules! tagged {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $kind:literal {
                $($(#[$field_meta:meta])* $field:ident: $type:ty,)*
            },)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(tag = "kind"))]
        pub enum $name {
            $($(#[$variant_meta])* #[cfg_attr(feature = "serde", serde(rename = $kind))] $variant {
                $($(#[$field_meta])* $field: $type,)*
            },)*
        }

        impl $crate::json::ToJson for $name {
            fn write(&self, out: &mut String) {
                $crate::json::object(out, |out| match self {
                    $(Self::$variant { $($field),* } => {
                        $crate::json::member(out, "kind", &$kind.to_owned());
                        $($crate::json::member(out, stringify!($field), $field);)*
                    })*
                });
            }
        }
    };
}
