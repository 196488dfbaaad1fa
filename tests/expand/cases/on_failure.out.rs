fn accepts(contract_id: u64, request: &Request) -> Result<(), Error> {
    if false {
        ::instrumental::__private::stays_after_the_body(&request);
    }
    let __call = {
        let mut __recorder = ::instrumental::__private::site!(
            "accepts", ["contract_id", "request", "total"], { flags :
            ::instrumental::__private::flag::TRACED |
            ::instrumental::__private::flag::ON_FAILURE }
        )
            .recorder();
        if __recorder.is_enabled() {
            {
                ::instrumental::__private::record!(
                    __recorder, [::instrumental::__private::value!(contract_id),
                    ::instrumental::__private::None, ::instrumental::__private::None]
                );
            }
            __recorder.start()
        } else {
            ::instrumental::__private::Call::disabled()
        }
    };
    let __slot = ::instrumental::__private::slot();
    if false {
        return __slot.declared();
    }
    let mut __kept = __call
        .on_failure(|__failure| {
            ::instrumental::__private::record!(
                __failure, [::instrumental::__private::None,
                ::instrumental::__private::debug!(request),
                ::instrumental::__private::value!(request.items.len())]
            );
        });
    let __failing = __call.failing();
    #[allow(clippy::redundant_closure_call, clippy::result_large_err)]
    let __value = (|| {
        if false {
            return __slot.returned();
        }
        check(contract_id, request)
    })();
    __failing.returned();
    if __call.is_enabled() {
        let __out = &__value;
        let __verdict = ::instrumental::__private::verdict!(__out);
        __kept.returned(&__verdict);
        __call.end(&__verdict);
    } else {
        __call.forget();
    }
    __value
}
async fn accepts_later(
    request: Request,
    order: Order,
    rest: Vec<u8>,
) -> Result<(), Error> {
    #![allow(unused_assignments)]
    #[allow(unused_imports)]
    use capture_errors as _;
    let __clone_of_order = ::instrumental::__private::Clone::clone(&order);
    let __call = ::instrumental::__private::site!(
        "accepts_later", ["request", "order.id"], { flags :
        ::instrumental::__private::flag::TRACED |
        ::instrumental::__private::flag::CAPTURE |
        ::instrumental::__private::flag::ON_FAILURE }
    )
        .begin();
    let mut __kept = __call
        .on_failure(|__failure| {
            let order = ::instrumental::__private::Clone::clone(&__clone_of_order);
            ::instrumental::__private::record!(
                __failure, [::instrumental::__private::debug!(request),
                ::instrumental::__private::value!(order.id)]
            );
        });
    #[allow(unused_braces)]
    ::instrumental::__private::run_async_once(
            __call,
            ::instrumental::__private::AssertUnwindSafe(async {
                if false {
                    return ::instrumental::__private::never::<Result<(), Error>>();
                }
                let order = order;
                let mut rest = rest;
                if false {
                    ::instrumental::__private::own((order, rest));
                }
                { ledger(&request).take(order, &mut rest).await }
            }),
            move |__out| {
                let __verdict = ::instrumental::__private::verdict!(__out);
                __kept.returned(&__verdict);
                __verdict
            },
        )
        .await
}
fn boxed(id: u64) -> BoxFuture<'static, ()> {
    let __call = ::instrumental::__private::site!(
        "boxed", ["id"], { flags : ::instrumental::__private::flag::TRACED |
        ::instrumental::__private::flag::ON_FAILURE }
    )
        .begin();
    let __slot = ::instrumental::__private::slot();
    if false {
        return __slot.declared();
    }
    let mut __kept = __call
        .on_failure(move |__failure| {
            ::instrumental::__private::record!(
                __failure, [::instrumental::__private::value!(id)]
            );
        });
    let __failing = __call.failing();
    #[allow(clippy::redundant_closure_call, clippy::result_large_err)]
    let mut __value = (|| {
        if false {
            return __slot.returned();
        }
        Box::pin(work(id))
    })();
    __failing.returned();
    ::instrumental::__private::end!(
        __call, __value, move | __out | { let __verdict =
        ::instrumental::__private::verdict!(__out); __kept.returned(& __verdict);
        __verdict }
    );
    __value
}
fn opaque(id: u64) -> impl Future<Output = ()> {
    let __call = ::instrumental::__private::site!(
        "opaque", ["id"], { flags : ::instrumental::__private::flag::TRACED |
        ::instrumental::__private::flag::ON_FAILURE }
    )
        .begin();
    let __slot = ::instrumental::__private::future_slot::<(), _>();
    let mut __kept = __call
        .on_failure(move |__failure| {
            ::instrumental::__private::record!(
                __failure, [::instrumental::__private::value!(id)]
            );
        });
    let __failing = __call.failing();
    #[allow(clippy::redundant_closure_call, clippy::result_large_err)]
    let __value = (|| {
        if false {
            return __slot.returned();
        }
        work(id)
    })();
    __failing.returned();
    ::instrumental::__private::run_future(
        __call,
        __value,
        move |__out| {
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
    let __call = ::instrumental::__private::site!(
        "located", ["id"], { flags : ::instrumental::__private::flag::TRACED |
        ::instrumental::__private::flag::ON_FAILURE }
    )
        .begin();
    let __guard = __call
        .on_failure(|__failure| {
            ::instrumental::__private::record!(
                __failure, [::instrumental::__private::value!(id)]
            );
        })
        .guard(__call);
    work(id)
}
