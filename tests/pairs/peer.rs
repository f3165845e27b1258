//! The Rust peer of the all-pairs test; `tests/pairs/README.md` says what it reads and writes.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::io::{BufRead as _, Write as _};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64ct::{Base64, Encoding as _};
use hookseal::{Event, Provider, Result, Secret, SignOptions, VerifyOptions, Webhook};
use serde_json::{Value, json};

fn main() {
    let mut output = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let answer = answer(&request).unwrap_or_else(|error| json!({"error": error.code().as_str()}));
        writeln!(output, "{answer}").unwrap();
        output.flush().unwrap();
    }
}

fn answer(request: &Value) -> Result<Value> {
    let text = |key: &str| request[key].as_str();
    let time = |key: &str| request[key].as_u64().map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds));
    let body = Base64::decode_vec(text("body").unwrap()).unwrap();
    let provider = Provider::builtin(text("provider").unwrap())?;
    let webhook = Webhook::with_provider(&provider, &[Secret::new(text("secret").unwrap())?])?;
    if text("do") == Some("sign") {
        let headers = webhook.sign_with(
            &body,
            &SignOptions {
                id: text("id"),
                timestamp: time("timestamp"),
                event_type: text("type"),
                url: text("url"),
                method: None,
            },
        )?;
        return Ok(json!({ "headers": headers }));
    }
    let headers: Vec<(String, String)> = serde_json::from_value(request["headers"].clone()).unwrap();
    let options = VerifyOptions { now: time("now"), url: text("url"), method: None };
    webhook.verify_with(body, &headers, &options).map(describe)
}

fn describe(event: Event) -> Value {
    let millis = |at: SystemTime| at.duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
    json!({"event": {
        "id": event.id(),
        "type": event.event_type(),
        "tenant": event.tenant(),
        "timestamp": event.timestamp().map(millis),
        "data": event.data::<Value>().ok(),
    }})
}
