use instrumental::traced;

trait Service {
    #[traced]
    fn f(&self) -> u32;
}

fn main() {}
