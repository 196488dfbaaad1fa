use instrumental::traced;

#[traced(args, skip(passwd_hash, hassh))]
fn f(hash: u32) {}

fn main() {}
