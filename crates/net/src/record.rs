//! A stream that remembers how a conversation began.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What is kept: enough to recognise a protocol by its first words.
const KEPT: usize = 512;

/// What passed over a [`Recorded`] stream so far.
#[derive(Debug, Default, Clone)]
pub struct Record {
    /// The first bytes the peer sent, at most 512.
    pub first_received: Vec<u8>,
    /// Bytes received.
    pub received: u64,
    /// Bytes sent.
    pub sent: u64,
}

/// Wraps a stream; [`Recorded::record`] can be asked even after TLS has taken the stream over, through the
/// handle from [`Recorded::handle`]. Only what the peer sends is kept, never what is sent to it.
#[derive(Debug)]
pub struct Recorded<S> {
    inner: S,
    record: Arc<Mutex<Record>>,
}

impl<S> Recorded<S> {
    /// Starts recording.
    pub fn new(inner: S) -> Self {
        Self { inner, record: Arc::default() }
    }

    /// A handle that stays readable after the stream was moved.
    pub fn handle(&self) -> Arc<Mutex<Record>> {
        Arc::clone(&self.record)
    }

    /// The stream itself.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// What passed so far.
    pub fn record(&self) -> Record {
        self.record.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Recorded<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        let poll = Pin::new(&mut this.inner).poll_read(cx, buf);
        let new = &buf.filled()[before..];
        if !new.is_empty() {
            let mut record = this.record.lock().unwrap_or_else(PoisonError::into_inner);
            record.received += new.len() as u64;
            let room = KEPT.saturating_sub(record.first_received.len());
            record.first_received.extend_from_slice(&new[..new.len().min(room)]);
        }
        poll
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Recorded<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut this.inner).poll_write(cx, buf);
        if let Poll::Ready(Ok(written)) = &poll {
            this.record.lock().unwrap_or_else(PoisonError::into_inner).sent += *written as u64;
        }
        poll
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }
}
