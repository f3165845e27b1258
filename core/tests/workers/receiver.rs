//! A receiver that remembers who sent what, and from when to when each request was on its way.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::shared;
use crate::shared::{Received, read};

/// Senders of these tests sign in a header of this name and their own.
pub(crate) const SIGNED_BY: &str = "webhook-signature-";

/// What was received. A request ends when it is answered, or when the other side has closed its connection.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) path: String,
    pub(crate) id: String,
    pub(crate) worker: String,
    pub(crate) begun: Instant,
    pub(crate) ended: Option<Instant>,
    /// 0 if it was not answered.
    pub(crate) code: u16,
}

/// The status code, after the pause; 0 says nothing for ever.
pub(crate) type Answer = (u16, Duration);

pub(crate) struct Receiver {
    inner: shared::Receiver,
    arrivals: Arc<Mutex<Vec<Arrival>>>,
}

impl Receiver {
    /// `answer` is asked with the number of the request, from 0.
    pub(crate) async fn start(answer: impl Fn(usize, &Arrival) -> Answer + Send + Sync + 'static) -> Self {
        let answer = Arc::new(answer);
        let arrivals = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&arrivals);
        let inner = shared::Receiver::listen("127.0.0.1:0", move |stream, _| {
            let (answer, log) = (Arc::clone(&answer), Arc::clone(&log));
            async move { talk(stream, &log, &*answer).await }
        });
        Self { inner: inner.await, arrivals }
    }

    pub(crate) async fn always(code: u16) -> Self {
        Self::start(move |_, _| (code, Duration::ZERO)).await
    }

    pub(crate) fn url(&self, path: &str) -> String {
        self.inner.url().replace("/hook", &format!("/{path}"))
    }

    pub(crate) fn arrivals(&self) -> Vec<Arrival> {
        self.arrivals.lock().unwrap().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.arrivals.lock().unwrap().len()
    }

    pub(crate) fn has(&self, id: &str) -> bool {
        self.arrivals.lock().unwrap().iter().any(|arrival| arrival.id == id)
    }
}

/// How many requests to one path were on their way at a time, at most.
pub(crate) fn most_at_once(arrivals: &[Arrival], path: &str, over: impl Fn(&Arrival) -> Instant) -> usize {
    let mut changes = Vec::new();
    for arrival in arrivals.iter().filter(|arrival| arrival.path == path) {
        changes.push((arrival.begun, 1));
        // What ends in the moment in which another begins is counted first.
        changes.push((over(arrival).max(arrival.begun), -1));
    }
    changes.sort_unstable();
    let (mut now, mut most) = (0_i64, 0);
    for (_, change) in changes {
        now += change;
        most = most.max(now);
    }
    usize::try_from(most).unwrap()
}

/// When it ended, as the receiver saw it.
pub(crate) fn ended(arrival: &Arrival) -> Instant {
    arrival.ended.unwrap_or_else(Instant::now)
}

async fn talk(
    mut stream: TcpStream,
    log: &Mutex<Vec<Arrival>>,
    answer: &(dyn Fn(usize, &Arrival) -> Answer + Send + Sync),
) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut bytes = Vec::new();
    loop {
        let request = read(&mut stream, &mut bytes).await?;
        let arrival = arrival(&request);
        let number = {
            let mut log = log.lock().unwrap();
            log.push(arrival.clone());
            log.len() - 1
        };
        let (code, pause) = answer(number, &arrival);
        let end = |code| {
            let mut log = log.lock().unwrap();
            log[number].ended = Some(Instant::now());
            log[number].code = code;
        };
        let pausing = async {
            match code {
                0 => std::future::pending().await,
                _ => tokio::time::sleep(pause).await,
            }
        };
        let mut next = [0];
        let gone = tokio::select! {
            () = pausing => false,
            // Nobody sends a second request before the answer to the first. (That something is readable may be said of
            // what was read already.)
            _ = stream.peek(&mut next) => true,
        };
        if gone {
            end(0);
            return None;
        }
        // Before it is written: from then on the next request may come.
        end(code);
        let text = format!("HTTP/1.1 {code} Whatever\r\ncontent-length: 2\r\n\r\nok");
        stream.write_all(text.as_bytes()).await.ok()?;
    }
}

fn arrival(request: &Received) -> Arrival {
    let path = request.line.split(' ').nth(1).unwrap().trim_start_matches('/').to_owned();
    let worker = request.headers.iter().find_map(|(name, _)| name.strip_prefix(SIGNED_BY));
    Arrival {
        path,
        id: request.header("webhook-id").unwrap().to_owned(),
        worker: worker.unwrap().to_owned(),
        begun: request.at,
        ended: None,
        code: 0,
    }
}
