//! Macros that expansions invoke. They are `macro_rules`, so that changing them does not change expansions.

/// Declares a site: `site!("name", ["field"], { flags: 1u32 })`.
#[doc(hidden)]
#[macro_export]
macro_rules! __site {
    ($name:expr, [$($field:expr),* $(,)?], { $($key:ident : $value:expr),* $(,)? }) => {{
        static __INSTRUMENTAL_SITE: $crate::__private::Site = $crate::__private::Site::new(
            &$crate::__private::Spec {
                name: $name,
                fields: &[$($field),*],
                $($key: $value,)*
                file: $crate::__private::file!(),
                line: $crate::__private::line!(),
                module: $crate::__private::module_path!(),
                ..$crate::__private::SPEC
            },
            {
                // A type is cheaper to compile than a function, whose body is checked and compiled.
                enum __InstrumentalSite {}
                $crate::__private::path_of::<__InstrumentalSite>()
            },
            &__INSTRUMENTAL_SITE,
        );
        $crate::__private::submit!(Site &__INSTRUMENTAL_SITE);
        &__INSTRUMENTAL_SITE
    }};
}

/// Registers an entry at link time.
#[doc(hidden)]
#[macro_export]
macro_rules! __submit {
    ($kind:ident $entry:expr) => {
        $crate::__private::inventory::submit! { $crate::__private::Entry::$kind($entry) }
    };
}

/// Declares a metric: `family!(counter, "a.b", "help", unit::None, [label: Type], { budget: 2000usize })`.
#[doc(hidden)]
#[macro_export]
macro_rules! __family {
    ($kind:ident, $name:expr, $help:expr, $unit:ty, [$($label:ident : $ty:ty),* $(,)?], { $($key:ident : $value:expr),* $(,)? }) => {{
        static __INSTRUMENTAL_FAMILY: $crate::__private::Family = $crate::__private::Family::new(
            $crate::__private::family_spec!($kind, $name, $help, $unit, [$($label: $ty),*], { $($key: $value),* })
        );
        $crate::__private::submit!(Family &__INSTRUMENTAL_FAMILY);
        &__INSTRUMENTAL_FAMILY
    }};
}

/// Creates the declaration of a metric.
#[doc(hidden)]
#[macro_export]
macro_rules! __family_spec {
    ($kind:ident, $name:expr, $help:expr, $unit:ty, [$($label:ident : $ty:ty),*], { $($key:ident : $value:expr),* }) => {
        $crate::__private::FamilySpec {
            name: $name,
            help: $help,
            labels: &[$($crate::__private::LabelSpec::of::<$ty>($crate::__private::stringify!($label))),*],
            $($key: $value,)*
            ..$crate::__private::family_spec::$kind::<$unit>()
        }
        .at($crate::__private::file!(), $crate::__private::line!(), $crate::__private::module_path!())
    };
}

/// Declares an alert: `alert!(condition_fn, P1, { name: "..", summary: ".." })`.
#[doc(hidden)]
#[macro_export]
macro_rules! __alert {
    ($condition:path, $severity:ident, { $($key:ident : $value:expr),* $(,)? }) => {
        const _: () = {
            static __INSTRUMENTAL_ALERT: $crate::__private::AlertSpec = $crate::__private::AlertSpec {
                severity: $crate::__private::Severity::$severity,
                condition: $condition,
                $($key: $value,)*
                ..$crate::__private::ALERT_SPEC
            }
            .at($crate::__private::file!(), $crate::__private::line!(), $crate::__private::module_path!());
            $crate::__private::submit!(Alert &__INSTRUMENTAL_ALERT);
        };
    };
}

/// Fails to compile if the package's runbook does not exist or has no such heading.
#[doc(hidden)]
#[macro_export]
macro_rules! __runbook {
    ($file:literal, $anchor:literal, $missing:literal) => {
        const _: () = assert!(
            $crate::__private::has_heading(
                $crate::__private::include_bytes!($crate::__private::concat!(
                    $crate::__private::env!("CARGO_MANIFEST_DIR"),
                    "/",
                    $file
                )),
                $anchor.as_bytes()
            ),
            $missing
        );
    };
}

/// Declares a business event: `event_site!("a.b", ["field"], [label: Type], ["amount": unit::Usd], { help: ".." })`.
#[doc(hidden)]
#[macro_export]
macro_rules! __event_site {
    ($name:expr, [$($field:expr),* $(,)?], $labels:tt, [$($measure:literal : $unit:ty),* $(,)?], { $($key:ident : $value:expr),* $(,)? }) => {{
        const __INSTRUMENTAL_SPEC: $crate::__private::EventSpec = $crate::__private::EventSpec {
            name: $name,
            fields: &[$($field),*],
            $($key: $value,)*
            ..$crate::__private::EVENT_SPEC
        }
        .at($crate::__private::file!(), $crate::__private::line!(), $crate::__private::module_path!());
        static __INSTRUMENTAL_COUNTER: $crate::__private::Family = $crate::__private::Family::new(
            $crate::__private::family_spec!(
                counter,
                $name,
                __INSTRUMENTAL_SPEC.help_or("Business events of this name."),
                $crate::__private::unit::None,
                $labels,
                { budget: __INSTRUMENTAL_SPEC.budget, owner: __INSTRUMENTAL_SPEC.owner }
            )
        );
        static __INSTRUMENTAL_MEASURES: [$crate::__private::Family; {
            let __names: &[&str] = &[$($measure),*];
            __names.len()
        }] = [$(
            $crate::__private::Family::new($crate::__private::family_spec!(
                histogram,
                $crate::__private::concat!($name, ".", $measure),
                "A measure of the business events of this name.",
                $unit,
                $labels,
                { budget: __INSTRUMENTAL_SPEC.budget, owner: __INSTRUMENTAL_SPEC.owner }
            ))
        ),*];
        static __INSTRUMENTAL_EVENT: $crate::__private::EventSite = $crate::__private::EventSite::new(
            __INSTRUMENTAL_SPEC,
            &__INSTRUMENTAL_COUNTER,
            &__INSTRUMENTAL_MEASURES,
            &__INSTRUMENTAL_EVENT,
        );
        $crate::__private::submit!(Event &__INSTRUMENTAL_EVENT);
        &__INSTRUMENTAL_EVENT
    }};
}

/// Captures a value by its type. Used within `record!` and `emit_literal!`, which import the required traits.
#[doc(hidden)]
#[macro_export]
macro_rules! __value {
    ($value:expr) => {
        $crate::__private::Some(&(&&&&&$crate::__private::value::Capture(&$value)).form()
            as &dyn $crate::__private::Value)
    };
}

/// Records the values of the declared fields: `record!(__r, [value!(a), debug!(b), None])`.
#[doc(hidden)]
#[macro_export]
macro_rules! __record {
    ($recorder:expr, [$($value:expr),* $(,)?]) => {{
        #[allow(unused_imports, reason = "a type needs only some of these traits")]
        use $crate::__private::value::{AsDebug as _, AsDisplay as _, AsLabel as _, AsNothing as _, AsValue as _};
        $recorder.fields(&[$($value),*])
    }};
}

/// Emits an event without a struct: `emit_literal!(event_site!(..), [value!(a)])`.
#[doc(hidden)]
#[macro_export]
macro_rules! __emit_literal {
    ($site:expr, [$($value:expr),* $(,)?]) => {{
        #[allow(unused_imports, reason = "a type needs only some of these traits")]
        use $crate::__private::value::{AsDebug as _, AsDisplay as _, AsLabel as _, AsNothing as _, AsValue as _};
        $crate::__private::emit_fields($site, &[$($value),*])
    }};
}

/// Captures a value with `Display`.
#[doc(hidden)]
#[macro_export]
macro_rules! __display {
    ($value:expr) => {
        $crate::__private::Some(
            &$crate::__private::tracing::field::display(&$value) as &dyn $crate::__private::Value
        )
    };
}

/// Captures a value with `Debug`.
#[doc(hidden)]
#[macro_export]
macro_rules! __debug {
    ($value:expr) => {
        $crate::__private::Some(
            &$crate::__private::tracing::field::debug(&$value) as &dyn $crate::__private::Value
        )
    };
}

/// Returns a label of a metric. A value that is not a label is rejected by the metric's declaration, not here.
#[doc(hidden)]
#[macro_export]
macro_rules! __label {
    ($value:expr) => {{
        #[allow(unused_imports, reason = "a type needs only some of these traits")]
        use $crate::__private::value::{IsLabel as _, IsNoLabel as _};
        (&&$crate::__private::value::Labelled($value)).label()
    }};
}

/// Returns a measure as a number.
#[doc(hidden)]
#[macro_export]
macro_rules! __measure {
    ($value:expr) => {{
        #[allow(unused_imports, reason = "a type needs only some of these traits")]
        use $crate::__private::value::{
            DisplayNumber as _, NoNumber as _, NotALabel as _, NotANumber as _, ToNumber as _,
        };
        (&&&&$crate::__private::value::Amount(&$value)).number()
    }};
}

/// Evaluates a returned value: `verdict!(out)`, or with any of these slots, in this order:
/// `verdict!(out, { describe: narrow, ignore: |e| is_ignored(e), error_if: |out| is_error(out), none_error: true, })`.
///
/// `describe` names a module of `verdict`, with the traits by which the error is described.
#[doc(hidden)]
#[macro_export]
macro_rules! __verdict {
    ($out:expr) => {
        $crate::__private::verdict!(@ full $out, {})
    };
    ($out:expr, { describe: $how:ident, $($slots:tt)* }) => {
        $crate::__private::verdict!(@ $how $out, { $($slots)* })
    };
    ($out:expr, { $($slots:tt)* }) => {
        $crate::__private::verdict!(@ full $out, { $($slots)* })
    };
    (@ $how:ident $out:expr, { $(ignore: |$error:ident| $ignored:expr,)? }) => {{
        #[allow(unused_imports, reason = "a type needs only some of these traits")]
        use $crate::__private::verdict::{$how::*, Fallible as _, Infallible as _};
        match (&&$crate::__private::verdict::Probe($out)).fault() {
            $crate::__private::None => $crate::__private::Verdict::Ok,
            $crate::__private::Some(__found) => $crate::__private::verdict::fault(
                __found,
                (&&&&&$crate::__private::verdict::Describe(__found)).class(),
                (&&&&&&&&&&$crate::__private::verdict::Describe(__found)).shown(),
                true $(&& { let $error = __found; !($ignored) })?,
            ),
        }
    }};
    (@ $how:ident $out:expr, {
        $(ignore: |$error:ident| $ignored:expr,)? error_if: $rule:expr, $($slots:tt)*
    }) => {
        if $crate::__private::verdict::rule($out, $rule) {
            match $crate::__private::verdict!(@ $how $out, { $(ignore: |$error| $ignored,)? $($slots)* }) {
                $crate::__private::Verdict::Ok => $crate::__private::verdict::by_rule(),
                __error => __error,
            }
        } else {
            $crate::__private::Verdict::Ok
        }
    };
    (@ $how:ident $out:expr, { $(ignore: |$error:ident| $ignored:expr,)? none_error: true, }) => {
        match $crate::__private::verdict::by_none($out) {
            $crate::__private::Verdict::Ok => {
                $crate::__private::verdict!(@ $how $out, { $(ignore: |$error| $ignored,)? })
            }
            __error => __error,
        }
    };
}

/// Registers an error type, so that its errors are classified even if they are only known as `dyn Error`.
#[doc(hidden)]
#[macro_export]
macro_rules! __classifier {
    ($ty:ty) => {
        const _: () = {
            fn __classifier(
                error: &(dyn $crate::__private::Error + 'static),
            ) -> $crate::__private::Option<$crate::__private::Class> {
                #[allow(unused_imports, reason = "a type needs only some of these traits")]
                use $crate::__private::verdict::{OfNoError as _, OfType as _};
                (&&$crate::__private::verdict::Is::<$ty>::NEW).class_of(error)
            }
    $crate::__private::submit!(Classifier __classifier);
        };
    };
}

/// Ends a call with a value that may be a boxed future or stream.
#[doc(hidden)]
#[macro_export]
macro_rules! __end {
    ($call:expr, $value:ident, $inspect:expr) => {{
        #[allow(unused_imports, reason = "a type needs only some of these traits")]
        use $crate::__private::tag::{
            EndFuture as _, EndStream as _, EndUnmeasured as _, EndValue as _,
        };
        (&&&$crate::__private::tag::tag(&$value)).end($call, &mut $value, $inspect)
    }};
}

/// Ends a call with a value of a type that is never a boxed future or stream. A future of another type is measured only until
/// it is returned, which is recorded at the site.
#[doc(hidden)]
#[macro_export]
macro_rules! __end_unboxed {
    ($call:expr, $value:ident, $inspect:expr) => {{
        #[allow(unused_imports, reason = "a type needs only some of these traits")]
        use $crate::__private::tag::{EndUnmeasured as _, EndValue as _};
        (&&&$crate::__private::tag::tag(&$value)).end($call, &mut $value, $inspect)
    }};
}

/// Emits the `err` event of `tracing::instrument`.
#[doc(hidden)]
#[macro_export]
macro_rules! __err_event {
    ($out:expr, $target:expr, $level:expr, display) => {
        $crate::__private::result_event!($out, $target, $level, |__value| fault, error = %__value)
    };
    ($out:expr, $target:expr, $level:expr, debug) => {
        $crate::__private::result_event!($out, $target, $level, |__value| fault, error = ?__value)
    };
}

/// Emits the `ret` event of `tracing::instrument` if `err` is given as well: for values that are not errors.
#[doc(hidden)]
#[macro_export]
macro_rules! __ret_ok_event {
    ($out:expr, $target:expr, $level:expr, display) => {
        $crate::__private::result_event!($out, $target, $level, |__value| value, return = %__value)
    };
    ($out:expr, $target:expr, $level:expr, debug) => {
        $crate::__private::result_event!($out, $target, $level, |__value| value, return = ?__value)
    };
}

/// Emits the `ret` event of `tracing::instrument`.
#[doc(hidden)]
#[macro_export]
macro_rules! __ret_event {
    ($out:expr, $target:expr, $level:expr, display) => {
        $crate::__private::tracing::event!(target: $target, $level, return = %$out)
    };
    ($out:expr, $target:expr, $level:expr, debug) => {
        $crate::__private::tracing::event!(target: $target, $level, return = ?$out)
    };
}

/// Emits an event for one side of a result.
#[doc(hidden)]
#[macro_export]
macro_rules! __result_event {
    ($out:expr, $target:expr, $level:expr, |$value:ident| $side:ident, $($field:tt)*) => {{
        #[allow(unused_imports, reason = "a type needs only some of these traits")]
        use $crate::__private::verdict::{Broken as _, Fallible as _, Infallible as _};
        if let $crate::__private::Some($value) = (&&$crate::__private::verdict::Probe($out)).$side() {
            $crate::__private::tracing::event!(target: $target, $level, $($field)*);
        }
    }};
}
