//! Reading lines and writing commands, within limits that a hostile server can't exceed.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::stream::Stream;
use crate::{Failure, limits};

/// A connection read line by line.
pub(crate) struct Lines {
    stream: Stream,
    buffer: Vec<u8>,
}

impl Lines {
    /// Nothing read yet.
    pub(crate) fn new(stream: Stream) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    /// True if bytes wait that nobody has read: after the answer to STARTTLS there must be none.
    pub(crate) fn has_unread(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// The connection, for a handshake on it.
    pub(crate) fn into_stream(self) -> Stream {
        self.stream
    }

    /// The connection.
    pub(crate) fn stream(&self) -> &Stream {
        &self.stream
    }

    /// The next line with its end. What a peer says without a line end before it closes is a line too: last words.
    ///
    /// Cancel-safe: what was read stays for the next call.
    pub(crate) async fn read_line(&mut self) -> Result<Vec<u8>, Failure> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                return Ok(self.buffer.drain(..=end).collect());
            }
            if self.buffer.len() > limits::LINE {
                return Err(Failure::TooMuch);
            }
            if self.fill().await? == 0 {
                return if self.buffer.is_empty() {
                    Err(Failure::Closed)
                } else {
                    Ok(std::mem::take(&mut self.buffer))
                };
            }
        }
    }

    /// Exactly this many bytes: an IMAP literal.
    pub(crate) async fn read_exact(&mut self, count: usize) -> Result<Vec<u8>, Failure> {
        if count > limits::LITERAL {
            return Err(Failure::TooMuch);
        }
        while self.buffer.len() < count {
            if self.fill().await? == 0 {
                return Err(Failure::Closed);
            }
        }
        Ok(self.buffer.drain(..count).collect())
    }

    async fn fill(&mut self) -> Result<usize, Failure> {
        let mut chunk = [0; 4096];
        match self.stream.read(&mut chunk).await {
            Ok(count) => {
                self.buffer.extend_from_slice(&chunk[..count]);
                Ok(count)
            }
            Err(error) => Err(explain(&error)),
        }
    }

    /// Writes and flushes.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        match self.stream.write_all(bytes).await {
            Ok(()) => self.stream.flush().await.map_err(|error| explain(&error)),
            Err(error) => Err(explain(&error)),
        }
    }

    /// Says goodbye without waiting for an answer.
    pub(crate) async fn leave(mut self, command: &[u8]) {
        // The result of the check is known; whether the server heard us out changes nothing.
        let _ = self.write(command).await;
        let _ = self.stream.shutdown().await;
    }
}

fn explain(error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => Failure::Reset,
        io::ErrorKind::UnexpectedEof => Failure::Closed,
        _ => Failure::Io(error.to_string()),
    }
}
