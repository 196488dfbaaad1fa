use instrumental::Label;

#[derive(Label, Clone, Copy)]
pub enum Trade {}

fn main() {}
