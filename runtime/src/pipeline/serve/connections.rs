//! The open connections, and the choice of the one to close when the limit is reached.
//!
//! An idle connection costs its client nothing, so without a limit a few clients could hold all of them forever. A new
//! connection therefore replaces the one that has been idle the longest: of the same client if that has used its share,
//! else of all. Connections that are being answered are not replaced; `socket` ends those whose client does not read.

use std::cell::{Cell, RefCell};
use std::net::{IpAddr, Ipv6Addr};
use std::rc::Rc;
use tokio::sync::Notify;
use tokio::time::Instant;

/// The maximum number of open connections.
pub(super) const MAX_CONNECTIONS: usize = 64;
/// The maximum number of one client's connections. A browser opens at most six, a scraper one or two.
pub(super) const PEER_SHARE: usize = 16;

/// An open connection.
pub(super) struct Connection {
    peer: IpAddr,
    /// A request was read, and its response is not sent yet.
    is_answering: Cell<bool>,
    /// The socket's send buffer is full.
    pub(super) is_blocked: Cell<bool>,
    /// The number of bytes written to the socket.
    pub(super) written: Cell<u64>,
    /// When it was opened, or the last response was sent.
    idle_since: Cell<Instant>,
    evicted: Notify,
}

impl Connection {
    pub(super) fn new(peer: IpAddr) -> Self {
        Self {
            peer: group(peer),
            is_answering: Cell::new(false),
            is_blocked: Cell::new(false),
            written: Cell::new(0),
            idle_since: Cell::new(Instant::now()),
            evicted: Notify::new(),
        }
    }

    /// Marks that a request is being answered, until the mark is dropped.
    pub(super) fn answering(self: &Rc<Self>) -> Answering {
        self.is_answering.set(true);
        Answering(Rc::clone(self))
    }

    /// Waits until this connection is chosen to be closed.
    pub(super) async fn evicted(&self) {
        self.evicted.notified().await;
    }

    fn is_idle(&self) -> bool {
        !self.is_answering.get() && !self.is_blocked.get()
    }
}

/// Returns the address that identifies a client. A client with IPv6 usually has a whole /64 network to choose from.
fn group(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)).into(),
        v4 => v4,
    }
}

/// The mark of a connection that is being answered. Dropping it removes the mark.
pub(super) struct Answering(Rc<Connection>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.is_answering.set(false);
        self.0.idle_since.set(Instant::now());
    }
}

/// All open connections.
#[derive(Default)]
pub(super) struct Connections {
    open: RefCell<Vec<Rc<Connection>>>,
    changed: Notify,
}

impl Connections {
    /// Adds a connection. If there is no room, closes an idle one. Returns `None` if there is none.
    pub(super) fn admit(&self, peer: IpAddr) -> Option<Rc<Connection>> {
        let new = Rc::new(Connection::new(peer));
        let of_peer = |open: &Connection| open.peer == new.peer;
        let share = self
            .open
            .borrow()
            .iter()
            .filter(|open| of_peer(open))
            .count();
        let total = self.open.borrow().len();
        let has_room = if share >= PEER_SHARE {
            self.evict(of_peer)
        } else {
            total < MAX_CONNECTIONS || self.evict(|_| true)
        };
        has_room.then(|| {
            self.open.borrow_mut().push(Rc::clone(&new));
            new
        })
    }

    /// Closes the matching connection that has been idle the longest. Returns whether there was one.
    pub(super) fn evict(&self, matches: impl Fn(&Connection) -> bool) -> bool {
        let mut open = self.open.borrow_mut();
        let idle = open.iter().enumerate();
        let idle = idle.filter(|(_, open)| open.is_idle() && matches(open));
        let Some((at, _)) = idle.min_by_key(|(_, open)| open.idle_since.get()) else {
            return false;
        };
        open.remove(at).evicted.notify_one();
        true
    }

    /// Removes a connection that ended.
    pub(super) fn remove(&self, ended: &Rc<Connection>) {
        self.open
            .borrow_mut()
            .retain(|open| !Rc::ptr_eq(open, ended));
        self.changed.notify_one();
    }

    /// Closes the idle connections, and waits for the responses on the others.
    pub(super) async fn finish(&self) {
        while !self.open.borrow().is_empty() {
            while self.evict(|_| true) {}
            if self.open.borrow().is_empty() {
                return;
            }
            self.changed.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(n: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, n])
    }

    fn is_open(connections: &Connections, connection: &Rc<Connection>) -> bool {
        let open = connections.open.borrow();
        open.iter().any(|open| Rc::ptr_eq(open, connection))
    }

    #[test]
    fn f45_a_client_beyond_its_share_replaces_its_own_connections() {
        let connections = Connections::default();
        let other = connections.admit(peer(1)).expect("room");
        let first = connections.admit(peer(2)).expect("room");
        for _ in 0..3 * MAX_CONNECTIONS {
            assert!(connections.admit(peer(2)).is_some());
        }
        assert!(is_open(&connections, &other));
        assert!(!is_open(&connections, &first));
        assert_eq!(connections.open.borrow().len(), 1 + PEER_SHARE);
    }

    #[test]
    fn f45_a_client_with_its_whole_share_busy_leaves_room_for_others() {
        let connections = Connections::default();
        let answered = (0..PEER_SHARE).map(|_| {
            let connection = connections.admit(peer(1)).expect("room");
            connection.answering()
        });
        let answered: Vec<_> = answered.collect();
        assert!(connections.admit(peer(1)).is_none());
        assert!(connections.admit(peer(2)).is_some());
        drop(answered);
        assert!(connections.admit(peer(1)).is_some());
    }

    #[test]
    fn f45_the_connection_that_is_idle_the_longest_is_replaced() {
        let connections = Connections::default();
        let clients = (0..MAX_CONNECTIONS as u8).map(|n| connections.admit(peer(n)).expect("room"));
        let clients: Vec<_> = clients.collect();
        let answering = clients[0].answering();
        clients[1].is_blocked.set(true);
        assert!(connections.admit(peer(200)).is_some());
        assert!(is_open(&connections, &clients[0]) && is_open(&connections, &clients[1]));
        assert!(!is_open(&connections, &clients[2]));
        drop(answering);
        // It was just answered, so others have been idle for longer.
        assert!(connections.admit(peer(201)).is_some());
        assert!(is_open(&connections, &clients[0]) && !is_open(&connections, &clients[3]));
        let marks: Vec<_> = connections
            .open
            .borrow()
            .iter()
            .map(Connection::answering)
            .collect();
        assert!(connections.admit(peer(202)).is_none());
        drop(marks);
    }

    #[test]
    fn f45_the_addresses_of_an_ipv6_network_count_as_one_client() {
        let of = |text: &str| group(text.parse().expect("an address"));
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:2"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
