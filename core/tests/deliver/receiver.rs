//! A receiver that answers bytes as it is told, and remembers what it was sent.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hookseal::{Event, Webhook};
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// What a receiver does once it has read a request.
#[derive(Clone)]
pub(crate) enum Answer {
    /// Sends this and keeps the connection open.
    Keep(Vec<u8>),
    /// Sends this and closes the connection.
    Close(Vec<u8>),
    /// Sends this and resets the connection.
    Reset(Vec<u8>),
    /// Sends the first, then the second again and again, after the pause each time.
    Endless(Vec<u8>, Vec<u8>, Duration),
    /// Says nothing.
    Hang,
}

impl Answer {
    /// A complete response without a body.
    pub(crate) fn status(code: u16) -> Self {
        Self::Keep(format!("HTTP/1.1 {code} Whatever\r\ncontent-length: 0\r\n\r\n").into())
    }

    pub(crate) fn close(text: &str) -> Self {
        Self::Close(text.into())
    }
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// What a receiver with this secret makes of it.
    pub(crate) fn verified(&self) -> Event {
        Webhook::new(super::SECRET).unwrap().verify(self.body.clone(), &self.headers).unwrap()
    }
}

pub(crate) struct Receiver {
    address: SocketAddr,
    log: Arc<Log>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Log {
    connections: AtomicUsize,
    requests: Mutex<Vec<Received>>,
}

impl Receiver {
    /// A receiver on a port of its own; `answer` is asked with the number of the request, from 0.
    pub(crate) async fn start(answer: impl Fn(usize) -> Answer + Send + Sync + 'static) -> Self {
        Self::bind("127.0.0.1:0", None, answer).await
    }

    pub(crate) async fn always(answer: Answer) -> Self {
        Self::start(move |_| answer.clone()).await
    }

    pub(crate) async fn tls(config: ServerConfig, answer: Answer) -> Self {
        Self::bind("127.0.0.1:0", Some(TlsAcceptor::from(Arc::new(config))), move |_| answer.clone()).await
    }

    pub(crate) async fn bind(
        address: &str,
        tls: Option<TlsAcceptor>,
        answer: impl Fn(usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let log = Arc::new(Log::default());
        let answer = Arc::new(answer);
        let task = tokio::spawn({
            let log = log.clone();
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    log.connections.fetch_add(1, Ordering::SeqCst);
                    tokio::spawn(connection(stream, tls.clone(), log.clone(), answer.clone()));
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

    pub(crate) fn requests(&self) -> Vec<Received> {
        self.log.requests.lock().unwrap().clone()
    }

    pub(crate) fn request(&self) -> Received {
        let requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests[0].clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn connection(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    log: Arc<Log>,
    answer: Arc<impl Fn(usize) -> Answer + Send + Sync + 'static>,
) {
    let Some(tls) = tls else {
        if let Some(stream) = talk(stream, &log, &*answer).await {
            stream.set_zero_linger().unwrap();
        }
        return;
    };
    if let Ok(stream) = tls.accept(stream).await {
        talk(stream, &log, &*answer).await;
    }
}

/// Answers requests until one ends the connection; gives the stream back if it is to be reset.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    log: &Log,
    answer: &(dyn Fn(usize) -> Answer + Send + Sync),
) -> Option<S> {
    while let Some(request) = read(&mut stream).await {
        let number = {
            let mut requests = log.requests.lock().unwrap();
            requests.push(request);
            requests.len() - 1
        };
        match answer(number) {
            Answer::Keep(bytes) => stream.write_all(&bytes).await.ok()?,
            Answer::Close(bytes) => {
                stream.write_all(&bytes).await.ok()?;
                stream.flush().await.ok()?;
                return None;
            }
            Answer::Reset(bytes) => {
                stream.write_all(&bytes).await.ok()?;
                // What was sent has to arrive before the reset that overtakes it.
                tokio::time::sleep(Duration::from_millis(100)).await;
                return Some(stream);
            }
            Answer::Endless(first, again, pause) => {
                stream.write_all(&first).await.ok()?;
                loop {
                    if !pause.is_zero() {
                        tokio::time::sleep(pause).await;
                    }
                    stream.write_all(&again).await.ok()?;
                }
            }
            Answer::Hang => std::future::pending().await,
        }
        stream.flush().await.ok()?;
    }
    None
}

async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Received> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let mut lines = text.split("\r\n");
    let line = lines.next().unwrap().to_owned();
    let headers = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut request = Received { line, headers: headers.collect(), body: bytes.split_off(head + 4) };
    let length: usize = request.header("content-length").unwrap().parse().unwrap();
    while request.body.len() < length {
        if stream.read_buf(&mut request.body).await.ok()? == 0 {
            return None;
        }
    }
    Some(request)
}
