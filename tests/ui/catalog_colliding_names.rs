use instrumental::catalog;

#[catalog]
pub mod payments {
    /// Money that left escrow.
    pub fn escrow_released() -> Counter;

    pub mod escrow {
        /// Money that left escrow.
        pub fn released() -> Counter;
    }
}

fn main() {
    payments::escrow::released().increment(1);
}
