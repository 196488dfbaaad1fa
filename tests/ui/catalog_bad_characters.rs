#![allow(non_snake_case)]
use instrumental::catalog;

#[catalog]
pub mod Bids {
    /// Bids submitted by contractors.
    pub fn Submitted() -> Counter;
    /// Bids withdrawn.
    pub fn _withdrawn() -> Counter;
    #[catalog(name = "after-sale")]
    pub mod after {
        /// Complaints.
        pub fn complaints() -> Counter;
    }
}

fn main() {
    Bids::after::complaints().increment(1);
}
