//! Names of functions in macros, modules and implementations.

use actix_web::{App, test as actix};
use instrumental::{testing, traced};

#[actix_web::get("/")]
#[traced]
async fn index() -> &'static str {
    "index"
}

struct Pages;

impl Pages {
    #[traced]
    async fn show(&self) -> &'static str {
        inner().await
    }
}

#[traced]
async fn inner() -> &'static str {
    "page"
}

#[actix_web::post("/pages")]
#[traced(kind = server)]
async fn create(body: String) -> Result<String, actix_web::Error> {
    let helper = || {
        #[traced]
        fn length(body: &str) -> usize {
            body.len()
        }
        length(&body)
    };
    Ok(format!("{} {}", helper(), Pages.show().await))
}

/// A type with the handler's name and the handler inside it, as `salvo` and `poem` generate.
macro_rules! handler {
    ($(#[$attr:meta])* async fn $name:ident() -> $out:ty { $($body:tt)* }) => {
        #[allow(non_camel_case_types)]
        struct $name;
        impl Handler for $name {
            async fn handle(&self) -> $out {
                $(#[$attr])* async fn $name() -> $out { $($body)* }
                $name().await
            }
        }
    };
}

trait Handler {
    async fn handle(&self) -> u32;
}

handler! {
    #[traced]
    async fn handled() -> u32 {
        1
    }
}

mod elsewhere {
    use instrumental::traced;

    pub(super) trait Store {
        fn put(&self) -> u32;
    }
    pub(super) struct Ledger<T>(pub(super) T);

    pub(super) mod implemented {
        use super::{Ledger, Store};

        impl Store for Ledger<u8> {
            #[super::traced]
            fn put(&self) -> u32 {
                self.0.into()
            }
        }
        impl Store for Option<u8> {
            #[super::traced]
            fn put(&self) -> u32 {
                #[super::traced]
                fn helper() -> u32 {
                    2
                }
                helper()
            }
        }
        impl Ledger<u16> {
            #[super::traced]
            pub(in super::super) fn inherent(&self) -> u32 {
                self.0.into()
            }
        }
    }
}

fn names(seen: &testing::Seen) -> Vec<&str> {
    seen.spans().map(|span| span.name.as_str()).collect()
}

#[tokio::test]
async fn f67_an_actix_handler_has_its_own_name() {
    let app = actix::init_service(App::new().service(index).service(create)).await;
    let (_, seen) = testing::capture_async(async {
        let got = actix::TestRequest::get().uri("/").to_request();
        let body = actix::call_and_read_body(&app, got).await;
        assert_eq!(body, "index");
        let posted = actix::TestRequest::post().uri("/pages").set_payload("abc");
        let body = actix::call_and_read_body(&app, posted.to_request()).await;
        assert_eq!(body, "3 page");
    })
    .await;
    assert_eq!(
        names(&seen),
        ["index", "create", "create::length", "Pages::show", "inner"]
    );
}

#[tokio::test]
async fn f67_a_handler_that_a_macro_moves_into_a_type_has_its_own_name() {
    let (out, seen) = testing::capture_async(handled.handle()).await;
    assert_eq!((out, names(&seen)), (1, vec!["handled"]));
}

#[test]
fn f67_methods_are_named_by_their_type_in_every_module() {
    use elsewhere::{Ledger, Store as _};
    let (_, seen) =
        testing::capture(|| Ledger(1_u8).put() + Some(1_u8).put() + Ledger(1_u16).inherent());
    assert_eq!(
        names(&seen),
        [
            "Ledger::put",
            "Option::put",
            "Option::put::helper",
            "Ledger::inherent"
        ]
    );
}
