use instrumental::Label;

#[derive(Label, Clone, Copy)]
pub struct ContractId(u64);

fn main() {
    let _ = ContractId(1).0;
}
