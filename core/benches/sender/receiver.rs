//! A receiver in a process of its own, so that its work is not counted as ours.

use std::cell::Cell;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

pub(crate) struct Receiver {
    address: String,
    child: Child,
}

/// What the receiver has seen since it began.
#[derive(Clone, Copy)]
pub(crate) struct Seen {
    /// Requests to `/hook`.
    pub(crate) requests: u64,
    /// Connections, without those that asked for this.
    pub(crate) connections: u64,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .env("HOOKSEAL_BENCH_RECEIVER", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { address: line.trim().to_owned(), child }
    }

    /// Is answered at once and counted.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Is answered at once and not counted.
    pub(crate) fn uncounted(&self) -> String {
        format!("http://{}/other", self.address)
    }

    /// Is never answered.
    pub(crate) fn hanging(&self) -> String {
        format!("http://{}/hang", self.address)
    }

    pub(crate) fn seen(&self) -> Seen {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(b"GET /seen HTTP/1.1\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let mut numbers = text.split(' ').map(|number| number.trim().parse().unwrap());
        Seen { requests: numbers.next().unwrap(), connections: numbers.next().unwrap() }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Default)]
struct Counters {
    requests: Cell<u64>,
    connections: Cell<u64>,
}

pub(crate) fn run() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let counters = Rc::new(Counters::default());
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        // The standard library's 128 are too few for all senders at once: a connection that finds no place is
        // tried again after a second, and that would be measured.
        let listener = socket.listen(4096).unwrap();
        println!("{}", listener.local_addr().unwrap());
        std::io::stdout().flush().unwrap();
        while let Ok((stream, _)) = listener.accept().await {
            counters.connections.set(counters.connections.get() + 1);
            tokio::task::spawn_local(answer(stream, Rc::clone(&counters)));
        }
    });
}

/// Counts bytes rather than reading them: requests have a length, and arrive in one piece or a few.
async fn answer(mut stream: tokio::net::TcpStream, counters: Rc<Counters>) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut bytes = Vec::with_capacity(16 * 1024);
    loop {
        let head = loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            if stream.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        };
        if bytes.starts_with(b"GET /seen ") {
            counters.connections.set(counters.connections.get() - 1);
            let text = format!("{} {}", counters.requests.get(), counters.connections.get());
            stream.write_all(text.as_bytes()).await.ok()?;
            return Some(());
        }
        let counted = bytes.starts_with(b"POST /hook ");
        let hangs = bytes.starts_with(b"POST /hang ");
        let text = std::str::from_utf8(&bytes[..head]).ok()?;
        let length = text.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length").then_some(value)
        })?;
        let end = head + length.parse::<usize>().ok()?;
        while bytes.len() < end {
            if stream.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        }
        bytes.drain(..end);
        if hangs {
            // Until the other end gives up.
            while stream.read_buf(&mut bytes).await.ok()? > 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            return None;
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.ok()?;
        if counted {
            counters.requests.set(counters.requests.get() + 1);
        }
    }
}
