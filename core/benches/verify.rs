//! What one `verify` costs beside the bare HMAC it can not do without: `cargo bench -p hookseal`.
//!
//! Both run in turn in one process; the table shows medians and their ratio, because machines drift.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark")]

use std::hint::black_box;
use std::time::Instant;

use hmac::{Hmac, KeyInit as _, Mac as _};
use hookseal::{Provider, Webhook};
use sha2::Sha256;

const ROUNDS: usize = 201;
const CALLS: u32 = 500;

fn main() {
    println!("{:<10} {:>8} {:>12} {:>12} {:>7}", "provider", "bytes", "verify ns", "hmac ns", "ratio");
    for id in ["webkasa", "standard", "stripe"] {
        for size in [256, 1024, 4096] {
            row(id, size);
        }
    }
}

fn row(id: &str, size: usize) {
    let provider = Provider::builtin(id).unwrap();
    let secret = provider.generate_secret().unwrap();
    let webhook = Webhook::with_provider(&provider, &[secret]).unwrap();
    let body = vec![b'x'; size];
    let mut headers = webhook.sign(&body).unwrap();
    for name in ["host", "user-agent", "content-length", "content-type", "accept", "x-forwarded-for"] {
        headers.insert(0, (name.to_owned(), "something".to_owned()));
    }
    let key = b"a-key-of-thirty-two-bytes-length";
    let verify = || drop(black_box(webhook.verify(&body[..], &headers).unwrap()));
    let bare = || {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(black_box(&body));
        black_box(mac.finalize().into_bytes());
    };
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(time(verify));
        theirs.push(time(bare));
    }
    let (ours, theirs) = (median(ours), median(theirs));
    println!("{id:<10} {size:>8} {ours:>12.0} {theirs:>12.0} {:>7.2}", ours / theirs);
}

fn time(call: impl Fn()) -> f64 {
    let start = Instant::now();
    (0..CALLS).for_each(|_| call());
    start.elapsed().as_nanos() as f64 / f64::from(CALLS)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
