//! What an annotation costs a function: drop order is unchanged, and futures grow by a small constant.

use instrumental::traced;
use std::cell::RefCell;

fn with_size<T>(value: T) -> (T, usize) {
    let size = size_of_val(&value);
    (value, size)
}

struct Noisy<'a>(&'a RefCell<Vec<u32>>, u32);
impl Drop for Noisy<'_> {
    fn drop(&mut self) {
        self.0.borrow_mut().push(self.1);
    }
}
fn drops_plain(_a: Noisy<'_>, b: Noisy<'_>, mut c: Noisy<'_>) {
    c.1 += 0;
    let _ = &b;
}
#[traced]
fn drops_traced(_a: Noisy<'_>, b: Noisy<'_>, mut c: Noisy<'_>) {
    c.1 += 0;
    let _ = &b;
}

#[test]
fn parameters_drop_in_the_order_of_the_plain_function() {
    let order = |run: fn(Noisy<'_>, Noisy<'_>, Noisy<'_>)| {
        let log = RefCell::new(Vec::new());
        run(Noisy(&log, 1), Noisy(&log, 2), Noisy(&log, 3));
        log.into_inner()
    };
    assert_eq!(order(drops_plain), order(drops_traced));
}

async fn grows_plain(big: [u8; 4096]) -> u8 {
    tokio::task::yield_now().await;
    big[7]
}
#[traced]
async fn grows_traced(big: [u8; 4096]) -> u8 {
    tokio::task::yield_now().await;
    big[7]
}
async fn small_plain() {
    tokio::task::yield_now().await;
}
#[traced]
async fn small_traced() {
    tokio::task::yield_now().await;
}

#[test]
fn a13_futures_grow_by_a_call_and_copy_no_argument() {
    let allowed = 64 + size_of::<tracing::Span>();
    let (plain, traced) = (with_size(small_plain()).1, with_size(small_traced()).1);
    assert!(traced <= plain + allowed, "{plain} and {traced}");
    let (plain, traced) = (
        with_size(grows_plain([0; 4096])).1,
        with_size(grows_traced([0; 4096])).1,
    );
    assert!(traced <= plain + allowed, "{plain} and {traced}");
}
