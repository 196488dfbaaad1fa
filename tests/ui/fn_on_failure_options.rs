#![allow(unused)]
use instrumental::{capture_errors, traced};
use tracing::field::Empty;

#[traced(on_failure)]
fn alone(id: u32) {}

#[traced(on_failure = id)]
fn a_value(id: u32) {}

#[traced(on_failure(it, ?password))]
fn typo_and_secret(id: u32, password: &str) {}

#[traced(id, on_failure(id))]
fn twice(id: u32) {}

#[traced(on_failure(id = Empty, clone(id, that), clone(other)))]
fn clones(id: u32, other: u32) {}

#[capture_errors(on_failure(id))]
fn of_the_other_attribute(id: u32) {}

struct S;
#[traced(on_failure(all = self.clone()))]
impl S {
    fn f(&self) {}
}

fn main() {}
