//! What the receivers of several suites have in common: they take connections, read requests and remember them.
//! What they answer is their own.
#![allow(dead_code, reason = "no suite uses all of it")]

use std::future::Future;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) at: Instant,
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Receives until it is dropped.
pub(crate) struct Receiver {
    address: SocketAddr,
    log: Arc<Log>,
    task: JoinHandle<()>,
}

#[derive(Default)]
pub(crate) struct Log {
    connections: AtomicUsize,
    requests: Mutex<Vec<Received>>,
    answered: AtomicUsize,
    most: AtomicUsize,
}

impl Log {
    /// Remembers a request; gives its number, from 0.
    pub(crate) fn keep(&self, request: Received) -> usize {
        let mut requests = self.requests.lock().unwrap();
        requests.push(request);
        let open = requests.len() - self.answered.load(Ordering::SeqCst);
        self.most.fetch_max(open, Ordering::SeqCst);
        requests.len() - 1
    }

    /// A request is about to be answered: from then on the next may come.
    pub(crate) fn answer(&self) {
        self.answered.fetch_add(1, Ordering::SeqCst);
    }
}

impl Receiver {
    /// Hands every connection over, in a task of its own.
    pub(crate) async fn listen<F>(
        address: &str,
        talk: impl Fn(TcpStream, Arc<Log>) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let log = Arc::new(Log::default());
        let task = tokio::spawn({
            let log = log.clone();
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    log.connections.fetch_add(1, Ordering::SeqCst);
                    tokio::spawn(talk(stream, log.clone()));
                }
            }
        });
        Self { address, log, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(crate) fn connections(&self) -> usize {
        self.log.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn count(&self) -> usize {
        self.log.requests.lock().unwrap().len()
    }

    /// How many requests waited for their answers at a time, at most.
    pub(crate) fn most_at_once(&self) -> usize {
        self.log.most.load(Ordering::SeqCst)
    }

    pub(crate) fn requests(&self) -> Vec<Received> {
        self.log.requests.lock().unwrap().clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The next request; `bytes` keeps what came behind it.
pub(crate) async fn read(stream: &mut (impl AsyncRead + Unpin), bytes: &mut Vec<u8>) -> Option<Received> {
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(bytes).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let mut lines = text.split("\r\n");
    let line = lines.next().unwrap().to_owned();
    let headers = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut request = Received { at: Instant::now(), line, headers: headers.collect(), body: Vec::new() };
    let length: usize = request.header("content-length").unwrap().parse().unwrap();
    let end = head + 4 + length;
    while bytes.len() < end {
        if stream.read_buf(bytes).await.ok()? == 0 {
            return None;
        }
    }
    request.body = bytes[head + 4..end].to_vec();
    request.at = Instant::now();
    bytes.drain(..end);
    Some(request)
}
