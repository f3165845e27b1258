//! A vendor that Hookseal was founded for: its signature, its envelope, and its own policy on a faster clock.

use std::ops::Range;
use std::time::{Duration, SystemTime};

use hookseal::deliver::AllowPrivate;
use hookseal::sender::{NewEndpoint, NewMessage, RetryFilter, Sender, SenderOptions};
use hookseal::store::EndpointId;
use hookseal::{Provider, RetryPolicy, Secret, Webhook};
use serde_json::json;

const SECRET: &str = "a secret that is long enough";

pub(crate) struct Vendor {
    sender: Sender,
    to: EndpointId,
}

impl Vendor {
    /// Sends to this url, with the vendor's own delays, so many times as fast.
    pub(crate) async fn new(name: &str, url: &str, faster: u32) -> Self {
        let provider = Provider::builtin(name).unwrap();
        let delays: Vec<_> = provider.retry().delays().iter().map(|delay| *delay / faster).collect();
        let mut options = SenderOptions::new(&provider);
        options.allow_http = true;
        options.allow_private = AllowPrivate::All;
        let sender = Sender::open("memory:", options).unwrap();
        sender.start().unwrap();
        let new = NewEndpoint {
            secret: Some(Secret::new(SECRET).unwrap()),
            retry: Some(RetryPolicy::from_delays(delays).unwrap()),
            timeout: Some(Duration::from_millis(500)),
            ..NewEndpoint::new(url)
        };
        let to = sender.endpoints().create(new).await.unwrap().endpoint.id;
        Self { sender, to }
    }

    /// What its customers verify with.
    pub(crate) fn webhook(name: &str) -> Webhook {
        let provider = Provider::builtin(name).unwrap();
        Webhook::with_provider(&provider, &[Secret::new(SECRET).unwrap()]).unwrap()
    }

    /// Sends events all at once; their data has these numbers. For an endpoint that is switched off meanwhile the vendor
    /// keeps nothing, so those events happen again when it is on.
    pub(crate) async fn burst(&self, numbers: Range<usize>) {
        let mut left: Vec<_> = numbers.collect();
        while !left.is_empty() {
            self.sender.endpoints().enable(self.to).await.unwrap();
            let message =
                |number: &usize| NewMessage::new("booking.created", &json!({"number": number})).unwrap();
            let sent = self.sender.send_many(left.iter().map(message).collect()).await;
            let mut sent = sent.into_iter().map(|sent| !sent.unwrap().deliveries.is_empty());
            left.retain(|_| !sent.next().unwrap());
        }
    }

    /// Waits until all is delivered. Where the vendor gives up, or switches the endpoint off, its customer does what its
    /// page tells: enable and retry.
    pub(crate) async fn insist(&self) {
        loop {
            assert!(self.sender.wait_idle(Some(Duration::from_secs(30))).await.unwrap());
            self.sender.endpoints().enable(self.to).await.unwrap();
            let since = SystemTime::now() - Duration::from_secs(3600);
            let mut job = self.sender.deliveries().retry_failed(since, RetryFilter::default()).await.unwrap();
            while !job.done {
                tokio::time::sleep(Duration::from_millis(5)).await;
                job = self.sender.deliveries().job(job.id).await.unwrap();
            }
            if job.retried == 0 {
                return;
            }
        }
    }

    pub(crate) async fn close(self) {
        self.sender.close().await.unwrap();
    }
}
