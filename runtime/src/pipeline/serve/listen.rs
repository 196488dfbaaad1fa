//! The server thread. It accepts connections and drives them; work that may block runs on other threads.

use super::access::Reach;
use super::connections::{Connection, Connections, MAX_CONNECTIONS};
use super::page::Page;
use super::respond::Responder;
use super::socket::{self, Socket};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, TcpListener as StdListener};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::task::LocalSet;
use tokio::time::{sleep, timeout};

/// How long a client may take to send the head of a request, from the connection or the previous response. It is also the
/// longest time that a connection may be idle.
pub(super) const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// The maximum size of a request's head, in bytes.
const MAX_HEAD: usize = 16 << 10;
/// The size of a connection's buffer, in bytes.
const BUFFER: usize = 32 << 10;
/// How long a thread that renders pages is kept when it is idle.
const THREAD_IDLE: Duration = Duration::from_secs(10);
/// The pause after a failed `accept`. File descriptors may be free again by then.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How long the server waits for pending responses after it was dropped.
const STOP_TIMEOUT: Duration = Duration::from_secs(2);

/// Starts the server thread. It ends when the returned sender is dropped.
///
/// # Errors
/// If the system refuses a thread, or the file descriptors that a runtime needs.
pub(super) fn start(
    listeners: Vec<StdListener>,
    pages: Vec<Page>,
) -> io::Result<oneshot::Sender<Infallible>> {
    let runtime = Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .thread_name("instrumental-page")
        .on_thread_start(crate::base::internal_thread::mark)
        .max_blocking_threads(MAX_CONNECTIONS)
        .thread_keep_alive(THREAD_IDLE)
        .build()?;
    let listeners = {
        let _entered = runtime.enter();
        let listeners = listeners.into_iter().map(TcpListener::from_std);
        listeners.collect::<io::Result<Vec<_>>>()?
    };
    let (stop, stopped) = oneshot::channel();
    crate::base::internal_thread::spawn("instrumental-pages", move || {
        run(runtime, listeners, pages, stopped);
    })?;
    Ok(stop)
}

fn run(
    runtime: Runtime,
    listeners: Vec<TcpListener>,
    pages: Vec<Page>,
    stopped: oneshot::Receiver<Infallible>,
) {
    let pages: Arc<[Page]> = pages.into();
    let connections = Rc::new(Connections::default());
    let local = LocalSet::new();
    let accepting = listeners.into_iter().filter_map(|listener| {
        let reach = Reach::of(&listener.local_addr().ok()?);
        let (pages, connections) = (Arc::clone(&pages), Rc::clone(&connections));
        let acceptor = Acceptor {
            pages,
            reach,
            connections,
        };
        Some(local.spawn_local(acceptor.run(listener)))
    });
    let accepting: Vec<_> = accepting.collect();
    local.block_on(&runtime, async {
        let _ = stopped.await;
        for listener in accepting {
            listener.abort();
        }
        let _ = timeout(STOP_TIMEOUT, connections.finish()).await;
    });
    drop(local);
    // Does not wait for pages that are still being rendered.
    runtime.shutdown_background();
}

/// The accept loop of one listener.
struct Acceptor {
    pages: Arc<[Page]>,
    reach: Reach,
    connections: Rc<Connections>,
}

impl Acceptor {
    async fn run(self, listener: TcpListener) {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => self.take(stream, peer.ip()),
                // Most likely there are no free file descriptors; closing a connection frees one.
                Err(_) => {
                    self.connections.evict(|_| true);
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn take(&self, stream: TcpStream, peer: IpAddr) {
        let Some(connection) = self.connections.admit(peer) else {
            return refuse(&stream);
        };
        let stream = Rc::new(stream);
        let responder = Responder {
            pages: Arc::clone(&self.pages),
            reach: self.reach,
            stream: Rc::clone(&stream),
            connection: Rc::clone(&connection),
        };
        let connections = Rc::clone(&self.connections);
        tokio::task::spawn_local(async move {
            serve(&responder, &connection).await;
            socket::drain(&stream);
            connections.remove(&connection);
        });
    }
}

/// Serves a connection until its client closes it or is too slow, or the connection is replaced by a new one.
async fn serve(responder: &Responder, connection: &Rc<Connection>) {
    let socket = Socket {
        stream: Rc::clone(&responder.stream),
        connection: Rc::clone(connection),
    };
    let service = service_fn(|request| responder.respond(request));
    let http = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_header_size(MAX_HEAD)
        .max_buf_size(BUFFER)
        // A client may close its sending side after the request and still read the answer.
        .half_close(true)
        .serve_connection(TokioIo::new(socket), service);
    let http = async {
        // An error here is a malformed request or a closed connection, which hyper has already answered where possible.
        let _ = http.await;
    };
    let ended = socket::first(connection.evicted(), socket::stalled(connection));
    socket::first(http, ended).await;
}

/// Refuses a client when there is no room for its connection. Does not wait for the socket.
fn refuse(stream: &TcpStream) {
    let _ = stream.try_write(
        b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    socket::drain(stream);
}
