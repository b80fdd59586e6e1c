//! The HTTP of a simulator. hyper itself rather than a framework: an answer must be able to get lost.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use url::{Url, form_urlencoded};

/// The parameters of a query or of a form.
pub(super) type Fields = BTreeMap<String, String>;

/// A request.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: Fields,
    pub(super) form: Fields,
}

impl Asked {
    /// A field of the form; empty where it is missing, as RFC 6749 section 3.2 has it.
    pub(super) fn field(&self, name: &str) -> &str {
        self.form.get(name).map_or("", String::as_str)
    }
}

/// An answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
    /// How long it takes.
    pub(super) delay: Duration,
    /// The connection ends instead.
    pub(super) lost: bool,
}

impl Reply {
    fn new(status: u16, kind: &str, body: String) -> Self {
        // RFC 6749 section 5.1 demands both of the last, and both providers send them.
        let headers = vec![
            ("content-type", kind.to_owned()),
            ("cache-control", "no-store".to_owned()),
            ("pragma", "no-cache".to_owned()),
        ];
        Self { status, headers, body, delay: Duration::ZERO, lost: false }
    }

    pub(super) fn json(status: u16, document: &Value) -> Self {
        Self::new(status, "application/json; charset=utf-8", document.to_string())
    }

    /// A page for people.
    pub(super) fn page(status: u16, text: &str) -> Self {
        let body =
            format!("<!DOCTYPE html>\n<html><head><title>{text}</title></head><body><h1>{text}</h1></body></html>");
        Self::new(status, "text/html; charset=utf-8", body)
    }

    pub(super) fn redirect(to: &Url) -> Self {
        Self::new(302, "text/html", String::new()).header("location", to.as_str())
    }

    pub(super) fn nothing_here() -> Self {
        Self::page(404, "Not found")
    }

    pub(super) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

/// What answers.
pub(super) type Handler = dyn Fn(&Asked) -> Reply + Send + Sync;

/// A server on a thread of its own; ended on drop.
#[derive(Debug)]
pub(super) struct Serving {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A socket that waits for a server, so that the server can know its own address.
#[derive(Debug)]
pub(super) struct Listening {
    listener: std::net::TcpListener,
}

impl Listening {
    pub(super) fn bind() -> Self {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        listener.set_nonblocking(true).expect("a socket can be made non-blocking");
        Self { listener }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.listener.local_addr().expect("a bound socket has an address")
    }

    pub(super) fn serve(self, handler: Arc<Handler>) -> Serving {
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = TcpListener::from_std(self.listener).expect("it is non-blocking");
                tokio::select! {
                    () = accept(listener, handler) => {}
                    // An error is the simulator's end as well.
                    _ = stopped => {}
                }
            });
        });
        Serving { stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Serving {
    /// Nothing here may panic: this also runs while a failed test unwinds.
    fn drop(&mut self) {
        // Refused only where the thread has ended already.
        let _ = self.stop.take().map(|stop| stop.send(()));
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// The answer is lost on its way.
#[derive(Debug)]
struct Lost;

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answer is lost")
    }
}

impl std::error::Error for Lost {}

async fn accept(listener: TcpListener, handler: Arc<Handler>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let handler = Arc::clone(&handler);
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(Arc::clone(&handler), request));
            // Clients that are killed break their connections; that is what they are killed for.
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(handler: Arc<Handler>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Lost> {
    let fields = |encoded: &[u8]| -> Fields { form_urlencoded::parse(encoded).into_owned().collect() };
    let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
    let query = fields(request.uri().query().unwrap_or_default().as_bytes());
    let body = request.into_body().collect().await.map_err(|_| Lost)?.to_bytes();
    let reply = handler(&Asked { method, path, query, form: fields(&body) });
    if !reply.delay.is_zero() {
        tokio::time::sleep(reply.delay).await;
    }
    if reply.lost {
        return Err(Lost);
    }
    let mut response = Response::builder().status(reply.status);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    Ok(response.body(Full::new(reply.body.into())).expect("every part is valid"))
}

/// An address with these parameters added to its query.
pub(super) fn with_query(address: &str, parameters: &[(&str, &str)]) -> Option<Url> {
    let mut url = Url::parse(address).ok()?;
    url.query_pairs_mut().extend_pairs(parameters);
    Some(url)
}
