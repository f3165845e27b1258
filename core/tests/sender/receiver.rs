//! A receiver that answers as it is told, and remembers what it was sent.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) at: Instant,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn id(&self) -> String {
        self.header("webhook-id").unwrap().to_owned()
    }
}

/// The status code, after the pause; 0 says nothing for ever.
pub(crate) type Answer = (u16, Duration);

pub(crate) struct Receiver {
    address: SocketAddr,
    log: Arc<Log>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Log {
    connections: AtomicUsize,
    count: AtomicUsize,
    requests: Mutex<Vec<Received>>,
}

impl Receiver {
    /// `answer` is asked with the number of the request, from 0.
    pub(crate) async fn start(answer: impl Fn(usize, &Received) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let log = Arc::new(Log::default());
        let answer = Arc::new(answer);
        let task = tokio::spawn({
            let log = log.clone();
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    log.connections.fetch_add(1, Ordering::SeqCst);
                    let (log, answer) = (log.clone(), answer.clone());
                    tokio::spawn(async move { talk(stream, &log, &*answer).await });
                }
            }
        });
        Self { address, log, task }
    }

    pub(crate) async fn always(code: u16) -> Self {
        Self::start(move |_, _| (code, Duration::ZERO)).await
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub(crate) fn count(&self) -> usize {
        self.log.count.load(Ordering::SeqCst)
    }

    pub(crate) fn connections(&self) -> usize {
        self.log.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn requests(&self) -> Vec<Received> {
        self.log.requests.lock().unwrap().clone()
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        self.requests().iter().map(Received::id).collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn talk(
    mut stream: TcpStream,
    log: &Log,
    answer: &(dyn Fn(usize, &Received) -> Answer + Send + Sync),
) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut bytes = Vec::new();
    loop {
        let request = read(&mut stream, &mut bytes).await?;
        let number = log.count.fetch_add(1, Ordering::SeqCst);
        let (code, pause) = answer(number, &request);
        log.requests.lock().unwrap().push(request);
        if code == 0 {
            return std::future::pending().await;
        }
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        let text = format!("HTTP/1.1 {code} Whatever\r\ncontent-length: 2\r\n\r\nok");
        stream.write_all(text.as_bytes()).await.ok()?;
    }
}

pub(crate) async fn read(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<Received> {
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(bytes).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let headers: Vec<_> = text
        .split("\r\n")
        .skip(1)
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers.iter().find(|(name, _)| name == "content-length").unwrap().1.parse().unwrap();
    while bytes.len() < head + 4 + length {
        if stream.read_buf(bytes).await.ok()? == 0 {
            return None;
        }
    }
    let body = bytes[head + 4..head + 4 + length].to_vec();
    bytes.drain(..head + 4 + length);
    Some(Received { at: Instant::now(), headers, body })
}
