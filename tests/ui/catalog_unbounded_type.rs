use instrumental::catalog;

#[derive(Clone, Copy)]
pub struct ContractId(u64);

#[catalog]
pub mod contracts {
    /// Contracts signed.
    pub fn signed(contract: ContractId) -> Counter;
    /// Contracts open right now.
    pub fn open(user: u64) -> Gauge;
}

fn main() {
    contracts::signed(ContractId(1)).increment(1);
}
