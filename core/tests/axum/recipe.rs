use axum::Router;
use axum::routing::post;
use hookseal::Webhook;
use hookseal::axum::{Receiver, Verified};

async fn hook(Verified(event): Verified) {
    println!("{:?} {:?}", event.event_type(), event.id());
}

pub fn app(secret: &str) -> hookseal::Result<Router> {
    let receiver = Receiver::new(Webhook::new(secret)?);
    Ok(Router::new().route("/hooks", post(hook)).with_state(receiver))
}
