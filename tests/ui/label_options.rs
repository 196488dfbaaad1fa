use instrumental::Label;

#[derive(Label, Clone, Copy)]
#[label("trade")]
pub enum Trade {
    #[label(renam = "pipes")]
    Plumbing,
    #[label]
    Roofing,
    #[label("")]
    Electrical,
    #[label("a", "b")]
    Painting,
    #[label("line\nbreak")]
    Tiling,
}

fn main() {}
