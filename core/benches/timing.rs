//! Whether the time of a refusal tells how much of a forged signature is right: `cargo bench -p hookseal --bench timing`.
//!
//! After dudect (Reparaz, Balasch, Verbauwhede: "Dude, is my code constant time?"): two kinds of requests in random
//! order, and Welch's t of their times. Beyond 4.5 there is a difference that can be measured; the row that compares a
//! kind with itself shows what this machine makes of nothing, and the last one what a difference looks like.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark")]

use std::hint::black_box;
use std::time::Instant;

use hookseal::{Provider, Secret, Webhook};

fn main() {
    let samples = std::env::var("HOOKSEAL_BENCH_SAMPLES").ok().and_then(|text| text.parse().ok());
    let samples: usize = samples.unwrap_or(300_000);
    println!(
        "{samples} requests of 1 KiB each\n\n{:<58} {:>9} {:>7}",
        "provider and kinds", "median ns", "t"
    );
    for id in ["webkasa", "standard", "stripe"] {
        let bench = Bench::new(id);
        let at = |byte: usize| bench.forged(|signature| signature[byte] ^= 1);
        let last = bench.length() - 1;
        let (first_wrong, last_wrong) = (at(0), at(last));
        let all_wrong = bench.forged(|signature| signature.iter_mut().for_each(|byte| *byte ^= 0xff));
        bench.row("wrong first byte, the same", &first_wrong, &first_wrong, samples);
        bench.row("wrong first byte, wrong last byte", &first_wrong, &last_wrong, samples);
        bench.row("wrong first byte, wrong middle byte", &first_wrong, &at(last / 2), samples);
        bench.row("every byte wrong, only the last", &all_wrong, &last_wrong, samples);
        bench.row(
            "signed with the first secret, with the second",
            &bench.signed(0),
            &bench.signed(1),
            samples,
        );
        bench.row("wrong signature, no signature", &first_wrong, &bench.unsigned(), samples);
    }
}

type Headers = Vec<(String, String)>;

/// A provider's webhook with two secrets, as during a rotation.
struct Bench {
    id: &'static str,
    webhook: Webhook,
    secrets: Vec<Secret>,
    header: String,
    body: Vec<u8>,
}

impl Bench {
    fn new(id: &'static str) -> Self {
        let provider = Provider::builtin(id).unwrap();
        let secrets: Vec<_> = (0..2).map(|_| provider.generate_secret().unwrap()).collect();
        let webhook = Webhook::with_provider(&provider, &secrets).unwrap();
        let header = provider.signatures()[0].headers[0].clone();
        Self { id, webhook, secrets, header, body: vec![b'x'; 1024] }
    }

    fn signed(&self, secret: usize) -> Headers {
        let secrets = &self.secrets[secret..=secret];
        Webhook::with_provider(self.webhook.provider(), secrets).unwrap().sign(&self.body).unwrap()
    }

    fn unsigned(&self) -> Headers {
        let mut headers = self.signed(0);
        headers.iter_mut().find(|(name, _)| *name == self.header).unwrap().1.clear();
        headers
    }

    fn length(&self) -> usize {
        self.parts().2.len()
    }

    /// A signed request whose signature's bytes were changed.
    fn forged(&self, change: impl Fn(&mut [u8])) -> Headers {
        let (mut headers, prefix, mut signature) = self.parts();
        change(&mut signature);
        let text = if self.is_hex() { hex(&signature) } else { base64(&signature) };
        headers.iter_mut().find(|(name, _)| *name == self.header).unwrap().1 = prefix + &text;
        headers
    }

    /// The headers, what stands before the signature, and the signature.
    fn parts(&self) -> (Headers, String, Vec<u8>) {
        let headers = self.signed(0);
        let value = headers.iter().find(|(name, _)| *name == self.header).unwrap().1.clone();
        let length = if self.is_hex() { 64 } else { 44 };
        let (prefix, text) = value.split_at(value.len() - length);
        let signature = if self.is_hex() { unhex(text) } else { unbase64(text) };
        (headers, prefix.to_owned(), signature)
    }

    fn is_hex(&self) -> bool {
        self.webhook.provider().signatures()[0].encoding == Some("hex")
    }

    fn row(&self, name: &str, one: &Headers, other: &Headers, samples: usize) {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut times = [Vec::with_capacity(samples), Vec::with_capacity(samples)];
        // Both kinds are copied to the same place: where a text lies in memory makes a difference of its own.
        let mut headers = one.clone();
        for _ in 0..samples {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let kind = (state >> 40) as usize & 1;
            for (slot, (_, value)) in headers.iter_mut().zip([one, other][kind]) {
                slot.1.clear();
                slot.1.push_str(value);
            }
            let start = Instant::now();
            let verdict = black_box(self.webhook.verify(black_box(&self.body[..]), black_box(&headers)));
            times[kind].push(start.elapsed().as_nanos() as f64);
            drop(verdict);
        }
        let median = percentile(&times[0], 0.5);
        let t = largest_t(&times);
        println!("{:<58} {median:>9.0} {t:>7.2}", format!("{}: {name}", self.id));
    }
}

/// The largest t of the times as they are and of those below several percentiles: interruptions hide what is small.
fn largest_t(times: &[Vec<f64>; 2]) -> f64 {
    let all: Vec<_> = times.concat();
    let t = [0.5, 0.75, 0.9, 0.95, 1.0].map(|share| {
        let limit = percentile(&all, share);
        let below =
            |times: &Vec<f64>| times.iter().copied().filter(|time| *time <= limit).collect::<Vec<_>>();
        welch(&below(&times[0]), &below(&times[1]))
    });
    t.into_iter().max_by(|one, other| one.abs().total_cmp(&other.abs())).unwrap()
}

fn welch(one: &[f64], other: &[f64]) -> f64 {
    let mean = |times: &[f64]| times.iter().sum::<f64>() / times.len() as f64;
    let error = |times: &[f64]| {
        let mean = mean(times);
        let variance = times.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (times.len() - 1) as f64;
        variance / times.len() as f64
    };
    (mean(one) - mean(other)) / (error(one) + error(other)).sqrt()
}

fn percentile(times: &[f64], share: f64) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times[((times.len() - 1) as f64 * share) as usize]
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn base64(bytes: &[u8]) -> String {
    <base64ct::Base64 as base64ct::Encoding>::encode_string(bytes)
}

fn unbase64(text: &str) -> Vec<u8> {
    <base64ct::Base64 as base64ct::Encoding>::decode_vec(text).unwrap()
}
