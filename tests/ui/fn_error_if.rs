use instrumental::traced;

#[traced(error_if = |out: &String| out.is_empty())]
fn another_type() -> u32 {
    1
}

#[traced(error_if = |out| out + 1)]
fn no_truth_value() -> u32 {
    1
}

#[traced(error_if = true)]
fn no_closure() -> u32 {
    1
}

#[traced(error_if = |out, more| *out > more)]
async fn two_arguments() -> u32 {
    1
}

#[traced(error_if = || true)]
fn no_argument() -> u32 {
    1
}

fn main() {}
