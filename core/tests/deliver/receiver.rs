//! A receiver that answers bytes as it is told, and remembers what it was sent.

use std::sync::Arc;
use std::time::Duration;

use hookseal::{Event, Webhook};
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use crate::shared::{Log, read};
pub(crate) use crate::shared::{Received, Receiver};

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

impl Received {
    /// What a receiver with this secret makes of it.
    pub(crate) fn verified(&self) -> Event {
        Webhook::new(super::SECRET).unwrap().verify(self.body.clone(), &self.headers).unwrap()
    }
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
        let answer = Arc::new(answer);
        Self::listen(address, move |stream, log| connection(stream, tls.clone(), log, answer.clone())).await
    }

    pub(crate) fn request(&self) -> Received {
        let requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests[0].clone()
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
    let mut bytes = Vec::new();
    while let Some(request) = read(&mut stream, &mut bytes).await {
        match answer(log.keep(request)) {
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
