//! Refusals are explained in development: to the log, and never to the peer.

use std::fmt;
use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use hookseal::axum::Receiver;
use http_body_util::BodyExt as _;
use tower_service::Service as _;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::{ODD, apps, request, signed, webhook};

/// The messages of what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Visit for Log {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0.lock().unwrap().push(format!("{value:?}"));
        }
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("hookseal")
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn refusals_are_explained_where_that_is_asked_for() {
    let log = Log::default();
    // On this thread alone, where the test runs.
    let _logging = tracing::subscriber::set_default(log.clone());
    let compact = serde_json::from_str::<serde_json::Value>(ODD).unwrap().to_string();
    for (explains, wanted) in [(false, 0), (true, 1)] {
        for mut app in apps(&Receiver::new(webhook()).with_explanations(explains)) {
            log.0.lock().unwrap().clear();
            let answer = app.call(request(compact.clone(), &signed(ODD.as_bytes()))).await.unwrap();
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
            let body = answer.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(body, r#"{"code":"signature_mismatch"}"#);
            let said = log.0.lock().unwrap().clone();
            assert_eq!(said.len(), wanted, "{said:?}");
            assert!(said.iter().all(|text| text.contains("In axum, take `Bytes`")), "{said:?}");
            let answer = app.call(request(ODD, &signed(ODD.as_bytes()))).await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK);
            assert_eq!(log.0.lock().unwrap().len(), wanted);
        }
    }
}
