use instrumental::business_event;

struct Ticket(u32);
#[business_event("ticket.used", number = ticket.0)]
fn f(ticket: Ticket) {}

fn main() {}
