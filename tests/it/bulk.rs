//! Attributes on impl blocks, traits and modules.

use crate::on_failure::block_on;
use instrumental::{business_event, capture_errors, instrument, testing, traced};

#[derive(Debug)]
struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("broken")
    }
}

impl std::error::Error for Broken {}

struct Inside(u32);

#[traced(slow = "1h")]
#[capture_errors]
impl Inside {
    #[traced(fields(shard = self.0), on_failure(?order))]
    fn put(&self, order: u32) -> Result<(), Broken> {
        Err(Broken)
    }
    fn plain(&self) -> u32 {
        self.0
    }
    #[business_event("bulk.counted", id)]
    async fn counted(&self, id: u32) -> Result<u32, Broken> {
        Ok(id)
    }
    #[traced(skip)]
    fn left_out(&self) -> u32 {
        self.0
    }
}

struct Outside;

#[capture_errors(ignore(None))]
#[traced(target = "bulk")]
impl Outside {
    #[capture_errors(ignore(Some(1)))]
    fn own(code: Option<u32>) -> Result<(), Option<u32>> {
        Err(code)
    }
    fn shared(code: Option<u32>) -> Result<(), Option<u32>> {
        Err(code)
    }
}

#[capture_errors]
#[instrument(skip(self, secret), level = "debug")]
trait Store {
    fn put(&self, order: u32, secret: &str) -> Result<(), Broken> {
        let _ = (order, secret);
        Err(Broken)
    }
    // Within our `#[instrument]`, this attribute is ours as well.
    #[instrument(skip_all, fields(named = 1))]
    fn get(&self) -> Result<(), Broken> {
        Err(Broken)
    }
    fn declared(&self) -> u32;
}

impl Store for Outside {
    fn declared(&self) -> u32 {
        3
    }
}

#[traced]
#[capture_errors]
mod whole {
    use super::Broken;

    pub(super) struct Ledger;

    impl Ledger {
        pub(super) fn book(&self, amount: u32) -> Result<u32, Broken> {
            inner::check(amount)
        }
        pub(super) const fn constant() -> u32 {
            7
        }
    }

    pub(super) trait Audit {
        fn audit(&self) -> u32 {
            1
        }
    }

    impl Audit for Ledger {}

    pub(super) mod inner {
        use super::super::Broken;

        pub(super) fn check(amount: u32) -> Result<u32, Broken> {
            if amount > 9 { deep::fail() } else { Ok(amount) }
        }

        #[instrumental::traced(level = "trace")]
        mod deep {
            use super::Broken;

            pub(super) fn fail() -> Result<u32, Broken> {
                Err(Broken)
            }
        }

        #[traced(skip)]
        pub(in super::super) mod silent {
            pub(in super::super::super) fn quiet() -> u32 {
                4
            }
        }

        pub(in super::super) struct Partly;

        #[instrumental::traced(skip)]
        impl Partly {
            pub(in super::super) fn quiet(&self) -> u32 {
                5
            }
        }

        impl Partly {
            pub(in super::super) fn loud(&self) -> u32 {
                6
            }
        }
    }
}

#[traced(kind = client, args, skip(secret))]
mod with_instrument {
    use instrumental::instrument;

    // The attribute on the module cannot see whose `instrument` this is.
    #[instrument(skip_all, fields(own = 1))]
    pub(super) fn ours(secret: &str) -> usize {
        secret.len()
    }
    #[tracing::instrument(skip_all)]
    pub(super) fn theirs(secret: &str) -> usize {
        secret.len()
    }
    pub(super) fn login(name: &str, secret: &str) -> usize {
        name.len() + secret.len()
    }
}

#[traced(error_if = |out: &u32| *out > 400)]
mod statuses {
    pub(super) fn status(code: u32) -> u32 {
        code
    }
}

fn names(seen: &testing::Seen) -> Vec<&str> {
    seen.spans().map(|span| span.name.as_str()).collect()
}

#[test]
fn f61_stacked_attributes_of_an_impl_block_are_one_wrapper() {
    let (_, seen) = testing::capture(|| {
        let _ = Inside(4).put(17);
        Inside(4).plain() + Inside(4).left_out()
    });
    assert_eq!(names(&seen), ["Inside::put", "Inside::plain"]);
    let report = seen.report("Broken");
    assert_eq!(report.stack, ["Inside::put"]);
    let span = seen.span("Inside::put");
    assert_eq!(report.span_id, span.span_id);
    assert_eq!(span.field("shard"), Some("4"));
    assert_eq!(span.field("order"), Some("17"));
}

#[tokio::test]
async fn f61_an_event_applies_to_its_function_only() {
    let (_, seen) = testing::capture_async(Inside(1).counted(8)).await;
    assert_eq!(names(&seen), ["Inside::counted"]);
    assert_eq!(seen.event("bulk.counted").field("id"), Some("8"));
}

#[test]
fn f61_options_of_a_function_override_those_of_its_item() {
    let codes = [None, Some(1), Some(2)];
    for (code, own, shared) in [(codes[0], 1, 0), (codes[1], 0, 1), (codes[2], 1, 1)] {
        let reports = |f: fn(Option<u32>) -> Result<(), Option<u32>>| {
            let (_, seen) = testing::capture(|| f(code));
            let span = seen.spans().next().map(|span| span.target);
            assert_eq!(span, Some("bulk"));
            seen.reports().count()
        };
        assert_eq!(reports(Outside::own), own, "{code:?}");
        assert_eq!(reports(Outside::shared), shared, "{code:?}");
    }
}

#[test]
fn f61_instrument_on_a_trait_merges_other_attributes() {
    let (_, seen) = testing::capture(|| {
        let _ = Outside.put(3, "hidden");
        let _ = Outside.get();
        Outside.declared()
    });
    assert_eq!(names(&seen), ["Store::put", "Store::get"]);
    let put = seen.span("Store::put");
    assert_eq!(put.field("order"), Some("3"));
    assert_eq!(put.field("secret"), None);
    assert_eq!(put.level, tracing::Level::DEBUG);
    assert_eq!(seen.span("Store::get").field("named"), Some("1"));
    assert_eq!(seen.reports().count(), 2);
}

#[test]
fn f1a_everything_in_a_module_is_annotated_to_any_depth() {
    use whole::Audit as _;
    let (_, seen) = testing::capture(|| {
        let _ = whole::Ledger.book(10);
        let _ = whole::Ledger.audit() + whole::Ledger::constant();
        whole::inner::silent::quiet();
        whole::inner::Partly.quiet() + whole::inner::Partly.loud()
    });
    assert_eq!(
        names(&seen),
        [
            "Ledger::book",
            "check",
            "fail",
            "Audit::audit",
            "Partly::loud"
        ]
    );
    assert_eq!(seen.span("fail").level, tracing::Level::TRACE);
    assert_eq!(seen.reports().count(), 1);
    assert_eq!(
        seen.report("Broken").stack,
        ["Ledger::book", "check", "fail"]
    );
}

#[test]
fn f61_an_instrument_of_unknown_origin_gets_one_wrapper() {
    let (_, seen) =
        testing::capture(|| with_instrument::ours("x") + with_instrument::login("ann", "secret"));
    assert_eq!(names(&seen), ["ours", "login"]);
    assert_eq!(seen.span("ours").field("own"), Some("1"));
    assert_eq!(seen.span("ours").kind, instrumental::SpanKind::Client);
    assert_eq!(seen.span("login").field("name"), Some("ann"));
    assert_eq!(seen.span("login").field("secret"), None);
    let (_, seen) = testing::capture(|| with_instrument::theirs("x"));
    assert_eq!(names(&seen), ["theirs", "theirs"]);
}

#[test]
fn f61_every_option_reaches_the_functions() {
    let (_, seen) = testing::capture(|| statuses::status(500) + statuses::status(200));
    let outcomes: Vec<_> = seen.spans().filter_map(|span| span.outcome).collect();
    assert_eq!(
        outcomes,
        [instrumental::Outcome::Error, instrumental::Outcome::Ok]
    );
}

/// Boxed futures of generic parameters declared around the function: the attribute on the item sees which are `'static`.
mod boxes {
    use instrumental::traced;
    use std::pin::Pin;

    type Boxed<T> = Pin<Box<dyn Future<Output = Result<T, String>> + Send>>;

    pub(super) struct Passes<Reply>(pub(super) Option<Boxed<Reply>>);
    #[traced]
    impl<Reply> Passes<Reply> {
        pub(super) fn pass(&mut self) -> Boxed<Reply> {
            self.0.take().expect("a future")
        }
    }

    pub(super) struct Lasts<T>(pub(super) fn(bool) -> Result<T, String>);
    #[traced]
    impl<T: Send + 'static> Lasts<T> {
        pub(super) fn last(&self, ok: bool) -> Boxed<T> {
            let make = self.0;
            let future = std::future::ready(make(ok));
            Box::pin(future)
        }
    }

    pub(super) struct Borrows<'a>(pub(super) &'a str);
    #[traced]
    impl Borrows<'_> {
        pub(super) fn same(&self, future: Boxed<Self>) -> Boxed<Self> {
            future
        }
    }

    #[traced]
    pub(super) trait Given {
        fn given(future: Boxed<Self>) -> Boxed<Self>
        where
            Self: Sized,
        {
            future
        }
    }
    impl Given for Borrows<'_> {}
}

#[test]
fn boxed_futures_of_outer_parameters_compile_and_static_ones_are_measured_to_their_end() {
    let ((), seen) = testing::capture(|| {
        let ready: fn(bool) -> Result<u8, String> = |ok| ok.then_some(1).ok_or_else(String::new);
        let passed = boxes::Passes(Some(Box::pin(std::future::ready(ready(true))))).pass();
        assert_eq!(block_on(passed), Ok(1));
        assert!(block_on(boxes::Lasts(ready).last(false)).is_err());
        let borrows = boxes::Borrows("text");
        let same = borrows.same(Box::pin(std::future::ready(Err("no".to_owned()))));
        assert!(block_on(same).is_err());
        let future = Box::pin(std::future::ready(Err("no".to_owned())));
        let given = <boxes::Borrows<'_> as boxes::Given>::given(future);
        assert!(block_on(given).is_err_and(|error| error == "no"));
        assert_eq!(borrows.0, "text");
    });
    let outcome = |name| seen.span(name).outcome;
    assert_eq!(outcome("Passes::pass"), Some(instrumental::Outcome::Ok));
    assert_eq!(outcome("Lasts::last"), Some(instrumental::Outcome::Error));
    // Not `'static`: measured until the future is returned.
    assert_eq!(outcome("Borrows::same"), Some(instrumental::Outcome::Ok));
    assert_eq!(outcome("Given::given"), Some(instrumental::Outcome::Ok));
}
