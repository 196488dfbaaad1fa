use instrumental::traced;

#[traced(job_id)]
fn f(job: u32) {}

fn main() {}
