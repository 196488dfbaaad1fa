//! The pages of the process (`/metrics`, the live view, profiles), served over HTTP/1.1 on a thread of their own.
//!
//! hyper speaks the protocol. What a page server on an operator's machine needs beyond that is here: which hosts and
//! origins are answered (`access`), how many connections a client may hold (`connections`), and how long it may take
//! to read an answer (`socket`).

mod access;
mod body;
mod connections;
mod listen;
pub(crate) mod page;
mod respond;
mod server;
mod socket;

pub(crate) use page::Page;
pub(crate) use server::{Candidates, Server};

#[cfg(test)]
mod tests;
