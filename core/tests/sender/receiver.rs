//! A receiver that answers as it is told, and remembers what it was sent.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::shared::Log;
pub(crate) use crate::shared::{Received, Receiver, read};

/// The status code, after the pause; 0 says nothing for ever.
pub(crate) type Answer = (u16, Duration);

impl Received {
    pub(crate) fn id(&self) -> String {
        self.header("webhook-id").unwrap().to_owned()
    }
}

impl Receiver {
    /// `answer` is asked with the number of the request, from 0.
    pub(crate) async fn start(answer: impl Fn(usize, &Received) -> Answer + Send + Sync + 'static) -> Self {
        let answer = Arc::new(answer);
        Self::listen("127.0.0.1:0", move |stream, log| {
            let answer = answer.clone();
            async move { talk(stream, &log, &*answer).await }
        })
        .await
    }

    pub(crate) async fn always(code: u16) -> Self {
        Self::start(move |_, _| (code, Duration::ZERO)).await
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        self.requests().iter().map(Received::id).collect()
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
        let number = log.keep(request.clone());
        let (code, pause) = answer(number, &request);
        if code == 0 {
            return std::future::pending().await;
        }
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        log.answer();
        let text = format!("HTTP/1.1 {code} Whatever\r\ncontent-length: 2\r\n\r\nok");
        stream.write_all(text.as_bytes()).await.ok()?;
    }
}
