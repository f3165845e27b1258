//! A real HTTP server on this machine that keeps what it gets and answers as it is told, for the tests of senders.
//!
//! It has threads and no runtime, so that it serves every language alike.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime};

use crate::error::{Code, Error, Result};
use crate::headers::Headers;
use crate::testing::Reply;
use crate::testing::reply::ReplyKind;

/// A receiver that records every request. It answers 200, or as it is told; it closes when it is dropped.
#[derive(Debug)]
pub struct Recorder {
    shared: Arc<Shared>,
    address: SocketAddr,
    accepting: Mutex<Option<JoinHandle<()>>>,
}

/// A request that was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedRequest {
    /// The request's method.
    pub method: String,
    /// Its path and query.
    pub target: String,
    /// Every header line, as it came.
    pub headers: Vec<(String, String)>,
    /// The raw body.
    pub body: Vec<u8>,
    /// When it had come, all of it.
    pub at: SystemTime,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    requests: Vec<RecordedRequest>,
    next: VecDeque<Reply>,
    usual: Reply,
    open: Vec<(u64, TcpStream)>,
    accepted: u64,
    closed: bool,
}

impl Recorder {
    /// Begins to listen on a free port of this machine.
    ///
    /// # Errors
    /// `connect_failed` if there is none.
    pub fn start() -> Result<Self> {
        let failed = |error: std::io::Error| {
            Error::new(Code::ConnectFailed, format!("No port of this machine could be listened on: {error}."))
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let state = State {
            requests: Vec::new(),
            next: VecDeque::new(),
            usual: Reply::status(200),
            open: Vec::new(),
            accepted: 0,
            closed: false,
        };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let ours = Arc::clone(&shared);
        let accepting = thread::Builder::new()
            .name("hookseal-recorder".to_owned())
            .spawn(move || accept(&listener, &ours))
            .map_err(failed)?;
        Ok(Self { shared, address, accepting: Mutex::new(Some(accepting)) })
    }

    /// Where it listens, such as `http://127.0.0.1:40123`; every path is served.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Replies so to the next so many requests, after those that were told before; or, if no number is given, to
    /// all that no other reply is for.
    pub fn reply(&self, reply: Reply, times: Option<u32>) {
        let mut state = self.shared.lock();
        match times {
            None => state.usual = reply,
            Some(times) => state.next.extend((0..times.min(MOST)).map(|_| reply.clone())),
        }
    }

    /// What has come so far, oldest first.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.lock().requests.clone()
    }

    /// How many have come so far.
    pub fn count(&self) -> usize {
        self.shared.lock().requests.len()
    }

    /// Waits until so many requests have come, and returns all there are.
    ///
    /// # Errors
    /// `timeout` if they have not come in time.
    pub fn wait(&self, count: usize, timeout: Duration) -> Result<Vec<RecordedRequest>> {
        let started = Instant::now();
        let mut state = self.shared.lock();
        while state.requests.len() < count {
            let left = timeout.saturating_sub(started.elapsed());
            if left.is_zero() {
                let message = format!("{} of {count} requests came in time.", state.requests.len());
                return Err(Error::new(Code::Timeout, message));
            }
            state = self.shared.changed.wait_timeout(state, left).expect(NO_PANIC).0;
        }
        Ok(state.requests.clone())
    }

    /// Forgets what has come, and how to reply.
    pub fn clear(&self) {
        let mut state = self.shared.lock();
        state.requests.clear();
        state.next.clear();
        state.usual = Reply::status(200);
    }

    /// Stops listening and closes what is open; what has come can still be read.
    pub fn close(&self) {
        let open = {
            let mut state = self.shared.lock();
            if std::mem::replace(&mut state.closed, true) {
                return;
            }
            std::mem::take(&mut state.open)
        };
        self.shared.changed.notify_all();
        for (_, stream) in open {
            let _ = stream.shutdown(Shutdown::Both);
        }
        // Wakes the thread that waits for connections, so that it sees that there are to be none.
        let woken = TcpStream::connect(self.address).is_ok();
        let accepting = self.accepting.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(accepting) = accepting.filter(|_| woken) {
            // With it the port is free.
            let _ = accepting.join();
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.close();
    }
}

impl Headers for RecordedRequest {
    fn visit(&self, each: &mut dyn FnMut(&[u8], &[u8])) {
        self.headers.visit(each);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect(NO_PANIC)
    }

    /// Keeps a request, and says how to reply to it.
    fn record(&self, request: RecordedRequest) -> Reply {
        let mut state = self.lock();
        if state.requests.len() < MOST as usize {
            state.requests.push(request);
        }
        let reply = state.next.pop_front().unwrap_or_else(|| state.usual.clone());
        drop(state);
        self.changed.notify_all();
        reply
    }

    /// Waits, at most until it is closed; whether it is not.
    fn pause(&self, length: Option<Duration>) -> bool {
        let started = Instant::now();
        let mut state = self.lock();
        while !state.closed {
            state = match length {
                None => self.changed.wait(state).expect(NO_PANIC),
                Some(length) => {
                    let left = length.saturating_sub(started.elapsed());
                    if left.is_zero() {
                        break;
                    }
                    self.changed.wait_timeout(state, left).expect(NO_PANIC).0
                }
            };
        }
        !state.closed
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        let Ok(stream) = stream else { continue };
        let nth = {
            let mut state = shared.lock();
            if state.closed {
                return;
            }
            let Ok(handle) = stream.try_clone() else { continue };
            state.accepted += 1;
            let nth = state.accepted;
            state.open.push((nth, handle));
            nth
        };
        let ours = Arc::clone(shared);
        let serving = thread::Builder::new().name("hookseal-recorder".to_owned()).spawn(move || {
            serve(stream, &ours);
            ours.lock().open.retain(|(other, _)| *other != nth);
        });
        // Without a thread for it, the connection is closed, as by a server that has no room.
        drop(serving);
    }
}

/// Serves one request; what is no HTTP is left unanswered.
fn serve(stream: TcpStream, shared: &Shared) {
    let _ = stream.set_nodelay(true);
    let Ok(mut answer) = stream.try_clone() else { return };
    let Some(request) = read(BufReader::new(&stream), &mut answer) else { return };
    let reply = shared.record(request);
    let forever = reply.kind == ReplyKind::Hang;
    if (forever || !reply.delay.is_zero()) && !shared.pause((!forever).then_some(reply.delay)) {
        return;
    }
    if let Some(bytes) = reply.bytes() {
        let _ = answer.write_all(&bytes);
    }
    let _ = stream.shutdown(Shutdown::Both);
}

/// Reads a request of HTTP/1.1.
fn read(stream: BufReader<&TcpStream>, answer: &mut TcpStream) -> Option<RecordedRequest> {
    let mut stream = stream.take(LARGEST);
    let first = line(&mut stream)?;
    let mut words = first.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let line = line(&mut stream)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let value = |wanted: &str| {
        let found = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.as_str())
    };
    if value("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue")) {
        answer.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?;
    }
    let body = if value("transfer-encoding").is_some() {
        chunks(&mut stream)?
    } else {
        let length: u64 = value("content-length").map_or(Some(0), |length| length.parse().ok())?;
        exactly(&mut stream, length)?
    };
    Some(RecordedRequest { method, target, headers, body, at: SystemTime::now() })
}

/// The pieces of a body of unknown length, joined.
fn chunks(stream: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let head = line(stream)?;
        let size = u64::from_str_radix(head.split(';').next()?.trim(), 16).ok()?;
        if size == 0 {
            while !line(stream)?.is_empty() {}
            return Some(body);
        }
        body.extend(exactly(stream, size)?);
        line(stream)?;
    }
}

fn exactly(stream: &mut impl BufRead, length: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.take(length).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 == length).then_some(bytes)
}

/// A line without its end; bytes beyond ASCII are shown as characters, as servers show them.
fn line(stream: &mut impl BufRead) -> Option<String> {
    let mut bytes = Vec::new();
    stream.read_until(b'\n', &mut bytes).ok()?;
    let line = bytes.strip_suffix(b"\n")?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    Some(line.iter().copied().map(char::from).collect())
}

const NO_PANIC: &str = "nothing panics while it holds the lock";
/// A request that is larger is not read to its end; no test sends one.
const LARGEST: u64 = 64 * 1024 * 1024;
const MOST: u32 = 100_000;
