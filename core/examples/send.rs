//! Send a webhook from Rust: signed, delivered and, if need be, tried again.
//!
//! ```sh
//! WEBHOOK_SECRET=whsec_... cargo run -p hookseal --features deliver --example send -- http://127.0.0.1:8000/webhooks
//! ```

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use hookseal::deliver::{AllowPrivate, Client, Endpoint};
use hookseal::{EventOptions, Provider, RetryPolicy, Secret};
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match send().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Delivers one event of Standard Webhooks and shows every attempt.
async fn send() -> Result<bool, Box<dyn Error>> {
    let Ok(secret) = env::var("WEBHOOK_SECRET") else {
        return Err("Set WEBHOOK_SECRET to the secret of the receiver, such as whsec_...".into());
    };
    let Some(url) = env::args().nth(1) else {
        return Err("Say where to: cargo run … --example send -- http://127.0.0.1:8000/webhooks".into());
    };

    // Customers must not make a sender call its own network, so both are off until somebody says otherwise.
    // Here the receiver is on this very machine.
    let this_machine = AllowPrivate::only(["127.0.0.0/8", "::1/128"])?;
    let client = Client::builder().allow_http(true).allow_private(this_machine).build()?;

    let standard = Provider::builtin("standard")?;
    // Without `retry` it would be the provider's policy: nine retries within three days.
    let retry = RetryPolicy::from_delays([1, 2].map(Duration::from_secs).to_vec())?;
    let endpoint = Endpoint::new(&url, &standard, &[Secret::new(&secret)?])?.retry(retry);

    let data = json!({"invoice": "in_42", "total": "19.90 EUR"});
    let event = standard.event("invoice.paid", &data, &EventOptions::default())?;
    let delivery = client.deliver(&endpoint, &event).await?;

    for attempt in &delivery.attempts {
        let outcome = match (&attempt.error, attempt.response_code) {
            (None, Some(code)) => code.to_string(),
            (error, _) => error.as_ref().map(ToString::to_string).unwrap_or_default(),
        };
        println!("attempt {}: {outcome} after {} ms", attempt.number, attempt.duration.as_millis());
    }
    println!("{} {}", delivery.status.as_str(), event.id().unwrap_or_default());
    Ok(delivery.delivered())
}
