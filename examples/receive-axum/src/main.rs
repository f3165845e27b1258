//! Receive webhooks with axum: verify the raw body first, then trust the event.
//!
//! ```sh
//! WEBHOOK_SECRET=whsec_... cargo run -p receive-axum
//! ```

use std::env;
use std::error::Error;
use std::process::ExitCode;

use axum::Router;
use axum::routing::post;
use hookseal::axum::{Receiver, Refused, Rejection, Verified};
use hookseal::{Provider, Secret, Webhook};
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Box<dyn Error>> {
    let Ok(secret) = env::var("WEBHOOK_SECRET") else {
        return Err("Set WEBHOOK_SECRET to the secret the webhooks are signed with, such as whsec_...".into());
    };
    let provider = env::var("WEBHOOK_PROVIDER").unwrap_or_else(|_| "standard".to_owned());
    let port = env::var("PORT").unwrap_or_else(|_| "8000".to_owned()).parse()?;

    let webhook = Webhook::with_provider(&Provider::builtin(&provider)?, &[Secret::new(&secret)?])?;
    let app = Router::new().route("/webhooks", post(receive)).with_state(Receiver::new(webhook));

    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}/webhooks", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

/// Answer quickly: whatever takes time belongs behind a queue.
async fn receive(event: Result<Verified, Rejection>) -> Result<(), Rejection> {
    let Verified(event) = event.inspect_err(log)?;
    println!("accepted {} {}", event.event_type().unwrap_or_default(), event.id().unwrap_or_default());
    Ok(())
}

/// For our log; the peer learns no more than the status and the code.
fn log(rejection: &Rejection) {
    if let Rejection::Refused(Refused(error)) = rejection {
        println!("refused {}", error.code());
    }
}
