//! The four vendors that Hookseal was founded for, over real connections that break and answers that get lost, with
//! events that come several times, at once and later, and in another order: each reaches the handler once.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hookseal::inbox::{HandlerError, Inbox, InboxOptions};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::http::{Served, post};
use crate::shared::{Receiver, read};
use crate::vendor::Vendor;
use crate::{Place, Request, ends, idle};

const EVENTS: usize = 120;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kagibag() {
    ends(vendor("kagibag")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kakiyo() {
    ends(vendor("kakiyo")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webkasa() {
    ends(vendor("webkasa")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kazinex() {
    ends(vendor("kazinex")).await;
}

async fn vendor(name: &str) {
    #[cfg(feature = "sqlite")]
    let place = Place::sqlite();
    #[cfg(not(feature = "sqlite"))]
    let place = Place::memory();
    let inbox = Inbox::open(&place.url, Vendor::webhook(name), InboxOptions::default()).unwrap();
    let handled = Arc::new(Mutex::new(Vec::new()));
    let noted = handled.clone();
    inbox
        .on("*", move |handling| {
            let data: serde_json::Value = handling.event.data().unwrap();
            noted.lock().unwrap().push(data["number"].as_u64().unwrap());
            async {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Ok::<(), HandlerError>(())
            }
        })
        .unwrap();
    inbox.start().unwrap();
    let served = Served::start(&inbox).await;
    let network = Arc::new(Network::to(served.address));
    let way = network.clone();
    let relay = Receiver::listen("127.0.0.1:0", move |stream, _| pass(stream, way.clone())).await;

    let vendor = Vendor::new(name, &relay.url(), 20_000).await;
    for burst in 0..3 {
        vendor.burst(burst * EVENTS / 3..(burst + 1) * EVENTS / 3).await;
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    vendor.insist().await;
    network.late().await;
    idle(&inbox).await;
    let mut handled = handled.lock().unwrap().clone();
    let orderly = handled.is_sorted();
    handled.sort_unstable();
    assert_eq!(handled, (0..EVENTS as u64).collect::<Vec<_>>(), "each of them once");
    assert!(!orderly, "nothing overtook anything");
    let stats = inbox.stats().await.unwrap();
    assert!(stats.duplicates as usize > EVENTS / 3, "{stats:?}");
    assert_eq!((stats.received, stats.failed), (EVENTS as u64, 0));
    vendor.close().await;
    inbox.close().await.unwrap();
}

/// The way from the vendor to the inbox, on a bad day.
struct Network {
    to: SocketAddr,
    count: AtomicUsize,
    /// What comes once more, when all is over.
    again: Mutex<Vec<Request>>,
}

impl Network {
    fn to(to: SocketAddr) -> Self {
        Self { to, count: AtomicUsize::new(0), again: Mutex::default() }
    }

    /// The status of the answer; nothing if the vendor does not see it.
    async fn carry(&self, request: Request) -> Option<u16> {
        let number = self.count.fetch_add(1, Ordering::SeqCst);
        match number % 8 {
            // It breaks before anything arrives.
            1 => return None,
            // Others overtake it.
            2 => tokio::time::sleep(Duration::from_millis(100)).await,
            // It comes three times at once, and once more long after it was handled.
            4 => {
                let copies = (0..2).map(|_| {
                    let (to, request) = (self.to, request.clone());
                    tokio::spawn(async move { post(to, &request).await.unwrap().status })
                });
                for copy in copies.collect::<Vec<_>>() {
                    assert_eq!(copy.await.unwrap(), 200);
                }
                self.again.lock().unwrap().push(request.clone());
            }
            _ => {}
        }
        let answer = post(self.to, &request).await?;
        match number % 8 {
            // The answer is lost, or too late: the vendor sends it again.
            3 => return None,
            5 if number < 60 => tokio::time::sleep(Duration::from_millis(700)).await,
            _ => {}
        }
        Some(answer.status)
    }

    async fn late(&self) {
        let again = std::mem::take(&mut *self.again.lock().unwrap());
        assert!(!again.is_empty());
        for request in again {
            assert_eq!(post(self.to, &request).await.unwrap().status, 200);
        }
    }
}

async fn pass(mut stream: TcpStream, network: Arc<Network>) -> Option<()> {
    const OWN: [&str; 3] = ["host", "content-length", "connection"];
    let mut bytes = Vec::new();
    loop {
        let request = read(&mut stream, &mut bytes).await?;
        let headers = request.headers.into_iter().filter(|(name, _)| !OWN.contains(&name.as_str()));
        let status = network.carry((request.body, headers.collect())).await?;
        let text = format!("HTTP/1.1 {status} Whatever\r\ncontent-length: 0\r\n\r\n");
        stream.write_all(text.as_bytes()).await.ok()?;
    }
}
