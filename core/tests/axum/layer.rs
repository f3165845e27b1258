use std::sync::Arc;

use axum::body::Bytes;
use axum::routing::post;
use axum::{Extension, Router};
use hookseal::axum::Receiver;
use hookseal::{Event, Webhook};

async fn hook(Extension(event): Extension<Arc<Event<Bytes>>>, body: Bytes) {
    println!("{:?} {} bytes", event.id(), body.len());
}

pub fn app(secret: &str) -> hookseal::Result<Router> {
    let receiver = Receiver::new(Webhook::new(secret)?);
    Ok(Router::new().route("/hooks", post(hook)).layer(receiver))
}
