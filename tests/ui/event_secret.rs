use instrumental::business_event;

#[business_event("user.signed_in")]
pub struct SignedIn {
    pub user_id: u64,
    pub password: u64,
    pub refresh_token: u64,
    #[field(skip)]
    pub secret: u64,
}

fn main() {
    SignedIn { user_id: 1, password: 2, refresh_token: 3, secret: 4 }.emit();
}
