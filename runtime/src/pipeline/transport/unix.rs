//! HTTP over a Unix socket.

use super::sockets::{SocketPath, UnixStream};
use std::fmt;
use std::io::{Read, Write};
use std::time::Duration;
use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport,
};

/// Connects to one socket, independent of the URL.
#[derive(Debug)]
pub(super) struct UnixConnector(SocketPath);

impl UnixConnector {
    pub(super) fn new(path: SocketPath) -> Self {
        Self(path)
    }
}

impl Connector for UnixConnector {
    type Out = UnixTransport;

    fn connect(
        &self,
        details: &ConnectionDetails,
        _: Option<()>,
    ) -> Result<Option<UnixTransport>, Error> {
        let config = details.config;
        Ok(Some(UnixTransport {
            stream: self.0.stream()?,
            buffers: LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size()),
        }))
    }
}

pub(super) struct UnixTransport {
    stream: UnixStream,
    buffers: LazyBuffers,
}

impl fmt::Debug for UnixTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnixTransport").finish_non_exhaustive()
    }
}

impl Transport for UnixTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.stream.set_write_timeout(left(&timeout)?)?;
        let output = &self.buffers.output()[..amount];
        self.stream
            .write_all(output)
            .map_err(|error| timeout_error(error, &timeout))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.stream.set_read_timeout(left(&timeout)?)?;
        let input = self.buffers.input_append_buf();
        let read = self
            .stream
            .read(input)
            .map_err(|error| timeout_error(error, &timeout))?;
        self.buffers.input_appended(read);
        Ok(read > 0)
    }

    fn is_open(&mut self) -> bool {
        // An open connection has nothing to read between two requests.
        let is_idle = self.stream.set_nonblocking(true).is_ok()
            && matches!(self.stream.read(&mut [0]), Err(e) if e.kind() == std::io::ErrorKind::WouldBlock);
        self.stream.set_nonblocking(false).is_ok() && is_idle
    }
}

/// Returns the time left, or `None` if there is no timeout.
fn left(timeout: &NextTimeout) -> Result<Option<Duration>, Error> {
    match timeout.not_zero() {
        Some(left) => Ok(Some(*left)),
        None if timeout.after.is_zero() => Err(Error::Timeout(timeout.reason)),
        None => Ok(None),
    }
}

/// Maps the errors of a socket timeout to ureq's timeout error.
fn timeout_error(error: std::io::Error, timeout: &NextTimeout) -> Error {
    use std::io::ErrorKind::{TimedOut, WouldBlock};
    match error.kind() {
        TimedOut | WouldBlock => Error::Timeout(timeout.reason),
        _ => Error::Io(error),
    }
}
