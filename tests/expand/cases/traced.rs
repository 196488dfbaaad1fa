#[traced]
pub fn plain(contract: &Contract) -> u32 {
    contract.price()
}

#[traced(contract_id, fields(note = ?contract.note), slow = "1s")]
#[capture_errors(ignore(ContractError::NotFound(_)))]
#[business_event(PaymentReleased { contractor_id, amount: receipt.amount }, on = Ok(receipt))]
pub async fn release(
    contract: Contract,
    contract_id: ContractId,
    contractor_id: ContractorId,
) -> Result<Receipt, ContractError> {
    ledger().release(contract).await
}

#[traced]
impl Contracts {
    fn find(&self, id: ContractId) -> Option<Contract> {
        self.by_id.get(&id).cloned()
    }
    #[traced(skip)]
    fn len(&self) -> usize {
        self.by_id.len()
    }
}

#[instrument(skip(password), err)]
fn sign_in(name: &str, password: &str) -> Result<(), Error> {
    check(name, password)
}
