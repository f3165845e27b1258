//! An inbox behind a real server, as axum serves it, and those who post to it.

use std::net::SocketAddr;

use axum::Router;
use axum::routing::any_service;
use hookseal::axum::InboxEndpoint;
use hookseal::inbox::Inbox;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::Request;

/// Serves until it is dropped.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<String>,
    pub(crate) body: String,
}

impl Served {
    pub(crate) async fn start(inbox: &Inbox) -> Self {
        Self::at(inbox, "127.0.0.1:0").await
    }

    pub(crate) async fn at(inbox: &Inbox, address: &str) -> Self {
        let app: Router = Router::new().route("/hooks", any_service(InboxEndpoint::new(inbox.clone())));
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { address, task }
    }

    pub(crate) async fn post(&self, request: &Request) -> Answer {
        post(self.address, request).await.expect("it answers")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The answer, unless the connection breaks before.
pub(crate) async fn post(address: SocketAddr, (body, headers): &Request) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let mut head = format!("POST /hooks HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    stream.write_all(head.as_bytes()).await.ok()?;
    stream.write_all(body).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let retry_after = head.lines().find_map(|line| line.strip_prefix("retry-after: "));
    let status = head.split(' ').nth(1)?.parse().unwrap();
    Some(Answer { status, retry_after: retry_after.map(str::to_owned), body: body.to_owned() })
}

/// What a vendor is told that shall come back.
pub(crate) fn come_back(code: &str) -> Answer {
    let body = format!(r#"{{"code":"{code}"}}"#);
    Answer { status: 503, retry_after: Some("10".to_owned()), body }
}

pub(crate) fn fine() -> Answer {
    Answer { status: 200, retry_after: None, body: String::new() }
}
