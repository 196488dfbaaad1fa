pub fn plain(contract: &Contract) -> u32 {
    let __call = ::instrumental::__private::site!(
        "plain", [], { flags : ::instrumental::__private::flag::TRACED }
    )
        .begin();
    let __guard = __call.guard();
    contract.price()
}
pub async fn release(
    contract: Contract,
    contract_id: ContractId,
    contractor_id: ContractorId,
) -> Result<Receipt, ContractError> {
    #[allow(unused_imports)]
    use capture_errors as _;
    #[allow(unused_imports)]
    use business_event as _;
    let __copy_of_contractor_id = ::instrumental::__private::Clone::clone(
        &contractor_id,
    );
    ::instrumental::__private::run_async_once(
            {
                let mut __recorder = ::instrumental::__private::site!(
                    "release", ["contract_id", "note"], { flags :
                    ::instrumental::__private::flag::TRACED |
                    ::instrumental::__private::flag::CAPTURE |
                    ::instrumental::__private::flag::EVENT, slow_nanos : 1000000000u64 }
                )
                    .recorder();
                if __recorder.is_enabled() {
                    {
                        ::instrumental::__private::record!(
                            __recorder, [::instrumental::__private::value!(contract_id),
                            ::instrumental::__private::debug!(contract.note)]
                        );
                    }
                    __recorder.start()
                } else {
                    ::instrumental::__private::Call::disabled()
                }
            },
            async move {
                if false {
                    return ::instrumental::__private::never::<
                        Result<Receipt, ContractError>,
                    >();
                }
                let _ = &contractor_id;
                let _ = &contract_id;
                let _ = &contract;
                ledger().release(contract).await
            },
            move |__out| {
                let __verdict = ::instrumental::__private::verdict!(
                    __out, { ignore : | __error |
                    ::instrumental::__private::matches!(__error,
                    ContractError::NotFound(_)), }
                );
                #[allow(irrefutable_let_patterns)]
                if let Ok(receipt) = __out {
                    let contractor_id = ::instrumental::__private::Clone::clone(
                        &__copy_of_contractor_id,
                    );
                    ::instrumental::__private::emit(
                        &PaymentReleased {
                            contractor_id,
                            amount: receipt.amount,
                        },
                    );
                }
                __verdict
            },
        )
        .await
}
impl Contracts {
    fn find(&self, id: ContractId) -> Option<Contract> {
        let __call = ::instrumental::__private::site!(
            "find", [], { flags : ::instrumental::__private::flag::TRACED }
        )
            .begin();
        let __slot = ::instrumental::__private::slot();
        if false {
            return __slot.declared();
        }
        #[allow(clippy::redundant_closure_call, clippy::result_large_err)]
        let __value = (|| {
            if false {
                return __slot.returned();
            }
            self.by_id.get(&id).cloned()
        })();
        if __call.is_enabled() {
            let __out = &__value;
            let __verdict = ::instrumental::__private::verdict!(__out);
            __call.end(&__verdict);
        } else {
            __call.forget();
        }
        __value
    }
    fn len(&self) -> usize {
        self.by_id.len()
    }
}
fn sign_in(name: &str, password: &str) -> Result<(), Error> {
    let __call = {
        let mut __recorder = ::instrumental::__private::site!(
            "sign_in", ["name"], { flags : ::instrumental::__private::flag::TRACED |
            ::instrumental::__private::flag::DROP_IN }
        )
            .recorder();
        if __recorder.is_enabled() {
            {
                ::instrumental::__private::record!(
                    __recorder, [::instrumental::__private::value!(name)]
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
    #[allow(clippy::redundant_closure_call, clippy::result_large_err)]
    let __value = (|| {
        if false {
            return __slot.returned();
        }
        check(name, password)
    })();
    if __call.is_enabled() {
        let __out = &__value;
        let __verdict = ::instrumental::__private::verdict!(__out);
        ::instrumental::__private::err_event!(
            __out, ::instrumental::__private::module_path!(),
            ::instrumental::__private::Level::ERROR, display
        );
        __call.end(&__verdict);
    } else {
        __call.forget();
    }
    __value
}
