//! The four vendors that Hookseal was founded for, with their own policies on a faster clock, over real connections that
//! break and answers that get lost: what they send arrives, and reaches the handler once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use hookseal::deliver::AllowPrivate;
use hookseal::inbox::{HandlerError, Inbox, InboxOptions};
use hookseal::sender::{NewEndpoint, NewMessage, RetryFilter, Sender, SenderOptions};
use hookseal::{Provider, RetryPolicy, Secret, Webhook, refusal};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::shared::{Receiver, read};
use crate::{Place, ends, idle};

const SECRET: &str = "a secret that is long enough";
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
    let provider = Provider::builtin(name).unwrap();
    let secret = Secret::new(SECRET).unwrap();
    let webhook = Webhook::with_provider(&provider, std::slice::from_ref(&secret)).unwrap();
    let inbox = Inbox::open(&place.url, webhook, InboxOptions::default()).unwrap();
    let handled = Arc::new(Mutex::new(Vec::new()));
    let noted = handled.clone();
    inbox
        .on("*", move |handling| {
            let number: usize =
                handling.event.data::<serde_json::Value>().unwrap()["number"].to_string().parse().unwrap();
            noted.lock().unwrap().push(number);
            async {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Ok::<(), HandlerError>(())
            }
        })
        .unwrap();
    inbox.start().unwrap();
    let receiver = endpoint(inbox.clone()).await;

    // The vendor's own delays, 20 000 times as fast.
    let delays: Vec<_> = provider.retry().delays().iter().map(|delay| *delay / 20_000).collect();
    let mut options = SenderOptions::new(&provider);
    options.allow_http = true;
    options.allow_private = AllowPrivate::All;
    let sender = Sender::open("memory:", options).unwrap();
    sender.start().unwrap();
    let new = NewEndpoint {
        secret: Some(secret),
        retry: Some(RetryPolicy::from_delays(delays).unwrap()),
        timeout: Some(Duration::from_millis(500)),
        ..NewEndpoint::new(&receiver.url())
    };
    let to = sender.endpoints().create(new).await.unwrap().endpoint.id;
    for burst in 0..3 {
        let message = |number: usize| NewMessage::new("booking.created", &json!({"number": number})).unwrap();
        let messages = (burst * EVENTS / 3..(burst + 1) * EVENTS / 3).map(message).collect();
        assert!(sender.send_many(messages).await.into_iter().all(|sent| sent.is_ok()));
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    // Where the vendor gives up, or switches the endpoint off, its customer does what its page tells: enable and retry.
    loop {
        assert!(sender.wait_idle(Some(Duration::from_secs(30))).await.unwrap());
        sender.endpoints().enable(to).await.unwrap();
        let since = SystemTime::now() - Duration::from_secs(3600);
        let job = sender.deliveries().retry_failed(since, RetryFilter::default()).await.unwrap();
        while !sender.deliveries().job(job.id).await.unwrap().done {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(sender.wait_idle(Some(Duration::from_secs(30))).await.unwrap());
        let stats = inbox.stats().await.unwrap();
        if stats.received == EVENTS as u64 {
            assert!(stats.duplicates > 0 || provider.retry().delays().is_empty(), "nothing was sent twice");
            break;
        }
    }
    idle(&inbox).await;
    let mut handled = handled.lock().unwrap().clone();
    handled.sort_unstable();
    assert_eq!(handled, (0..EVENTS).collect::<Vec<_>>(), "each of them once");
    sender.close().await.unwrap();
    inbox.close().await.unwrap();
}

/// Receives as the adapters do, on a bad day.
async fn endpoint(inbox: Inbox) -> Receiver {
    let count = Arc::new(AtomicUsize::new(0));
    Receiver::listen("127.0.0.1:0", move |stream, _| talk(stream, inbox.clone(), count.clone())).await
}

async fn talk(mut stream: TcpStream, inbox: Inbox, count: Arc<AtomicUsize>) -> Option<()> {
    let mut bytes = Vec::new();
    loop {
        let request = read(&mut stream, &mut bytes).await?;
        let number = count.fetch_add(1, Ordering::SeqCst);
        if number % 7 == 1 {
            // It breaks before anything is stored.
            return None;
        }
        let result = inbox.receive(request.body, &request.headers[..]).await;
        match number % 7 {
            // The answer is lost, or too late: the vendor sends it again.
            3 => return None,
            5 if number < 60 => tokio::time::sleep(Duration::from_millis(700)).await,
            _ => {}
        }
        let status = result.map_or_else(|error| refusal(&error).status, |_| 202);
        let text = format!("HTTP/1.1 {status} Whatever\r\ncontent-length: 0\r\n\r\n");
        stream.write_all(text.as_bytes()).await.ok()?;
    }
}
