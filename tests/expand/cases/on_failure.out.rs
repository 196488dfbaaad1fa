fn accepts(contract_id: u64, request: &Request) -> Result<(), Error> {
    if false {
        ::instrumental::__private::stays_after_the_body(&request);
    }
    let __call = ::instrumental::__private::site!(
        "accepts", ["contract_id", "request", "total"], { flags : 65u32 }
    )
        .enter(|__recorder| {
            ::instrumental::__private::record!(
                __recorder, [::instrumental::__private::value!(contract_id),
                ::instrumental::__private::None, ::instrumental::__private::None]
            );
        });
    let mut __kept = __call
        .keep(|__failure| {
            ::instrumental::__private::record!(
                __failure, [::instrumental::__private::None,
                ::instrumental::__private::debug!(request),
                ::instrumental::__private::value!(request.items.len())]
            );
        });
    ::instrumental::__private::run_value!(
        __call, (), | () | -> Result < (), Error > { check(contract_id, request) }, move
        | __out | { let __verdict = ::instrumental::__private::verdict!(__out); __kept
        .returned(& __verdict); __verdict }
    )
}
async fn accepts_later(
    request: Request,
    order: Order,
    mut rest: Vec<u8>,
) -> Result<(), Error> {
    #[allow(unused_imports)]
    use capture_errors as _;
    let __clone_of_order = ::instrumental::__private::Clone::clone(&order);
    let __call = ::instrumental::__private::site!(
        "accepts_later", ["request", "order.id"], { flags : 67u32 }
    )
        .begin();
    let mut __kept = __call
        .keep(|__failure| {
            let order = ::instrumental::__private::Clone::clone(&__clone_of_order);
            ::instrumental::__private::record!(
                __failure, [::instrumental::__private::debug!(request),
                ::instrumental::__private::value!(order.id)]
            );
        });
    ::instrumental::__private::run_async(
            __call,
            async {
                if false {
                    ::instrumental::__private::own((order, rest));
                }
                if false {
                    return ::instrumental::__private::never::<Result<(), Error>>();
                }
                ledger(&request).take(order, &mut rest).await
            },
            move |__out: &Result<(), Error>| {
                let __verdict = ::instrumental::__private::verdict!(__out);
                __kept.returned(&__verdict);
                __verdict
            },
        )
        .await
}
fn boxed(id: u64) -> BoxFuture<'static, ()> {
    let __call = ::instrumental::__private::site!("boxed", ["id"], { flags : 65u32 })
        .begin();
    let mut __kept = __call
        .keep(move |__failure| {
            ::instrumental::__private::record!(
                __failure, [::instrumental::__private::value!(id)]
            );
        });
    ::instrumental::__private::run_value!(
        __call, (), move | () | -> BoxFuture < 'static, () > { Box::pin(work(id)) }, move
        | __out | { let __verdict = ::instrumental::__private::verdict!(__out); __kept
        .returned(& __verdict); __verdict }
    )
}
fn opaque(id: u64) -> impl Future<Output = ()> {
    let __call = ::instrumental::__private::site!("opaque", ["id"], { flags : 65u32 })
        .begin();
    let mut __kept = __call
        .keep(move |__failure| {
            ::instrumental::__private::record!(
                __failure, [::instrumental::__private::value!(id)]
            );
        });
    ::instrumental::__private::run_future(
        __call,
        (),
        move |()| { work(id) },
        move |__out: &()| {
            let __verdict = ::instrumental::__private::verdict!(__out);
            __kept.returned(&__verdict);
            __verdict
        },
    )
}
#[track_caller]
fn located(id: u64) {
    if false {
        ::instrumental::__private::stays_after_the_body(&id);
    }
    let __call = ::instrumental::__private::site!("located", ["id"], { flags : 65u32 })
        .begin();
    let __guard = __call
        .keep(|__failure| {
            ::instrumental::__private::record!(
                __failure, [::instrumental::__private::value!(id)]
            );
        })
        .guard(__call);
    work(id)
}
