//! The spans that the sender opens, as a subscriber to `tracing` sees them. A process of its own, for there is one
//! subscriber in each.

#![cfg(feature = "sender")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hookseal::deliver::AllowPrivate;
use hookseal::sender::{NewEndpoint, NewMessage, SendOptions, Sender, SenderOptions};
use hookseal::{Code, Provider, RetryPolicy};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Keeps every span with its fields, and which one each of them and each event was in.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Recorded>>);

#[derive(Default)]
struct Recorded {
    spans: Vec<Span>,
    /// Those that each thread is in.
    entered: BTreeMap<String, Vec<usize>>,
    /// Texts, and the names of the spans that they were in.
    events: Vec<(String, Vec<&'static str>)>,
}

#[derive(Clone, Debug)]
struct Span {
    name: &'static str,
    level: Level,
    parent: Option<&'static str>,
    fields: BTreeMap<&'static str, String>,
    closed: bool,
}

impl Span {
    fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }
}

impl Recorder {
    fn spans(&self, name: &str) -> Vec<Span> {
        self.0.lock().unwrap().spans.iter().filter(|span| span.name == name).cloned().collect()
    }

    fn change(&self, id: &Id, change: impl FnOnce(&mut Span)) {
        change(&mut self.0.lock().unwrap().spans[id.into_u64() as usize - 1]);
    }
}

fn thread() -> String {
    format!("{:?}", std::thread::current().id())
}

struct Fields<'f>(&'f mut BTreeMap<&'static str, String>);

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("hookseal")
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut fields = BTreeMap::new();
        attributes.record(&mut Fields(&mut fields));
        let metadata = attributes.metadata();
        let mut recorded = self.0.lock().unwrap();
        let parent = recorded.entered.get(&thread()).and_then(|ids| ids.last()).copied();
        let parent = parent.map(|id| recorded.spans[id].name);
        let (name, level) = (metadata.name(), *metadata.level());
        recorded.spans.push(Span { name, level, parent, fields, closed: false });
        Id::from_u64(recorded.spans.len() as u64)
    }

    fn record(&self, id: &Id, record: &Record<'_>) {
        self.change(id, |span| record.record(&mut Fields(&mut span.fields)));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = BTreeMap::new();
        event.record(&mut Fields(&mut fields));
        let mut recorded = self.0.lock().unwrap();
        let within = recorded.entered.get(&thread()).cloned().unwrap_or_default();
        let within = within.into_iter().map(|id| recorded.spans[id].name).collect();
        recorded.events.push((fields.remove("message").unwrap_or_default(), within));
    }

    fn enter(&self, id: &Id) {
        let mut recorded = self.0.lock().unwrap();
        recorded.entered.entry(thread()).or_default().push(id.into_u64() as usize - 1);
    }

    fn exit(&self, _: &Id) {
        self.0.lock().unwrap().entered.get_mut(&thread()).unwrap().pop();
    }

    fn try_close(&self, id: Id) -> bool {
        self.change(&id, |span| span.closed = true);
        true
    }
}

/// Answers 503 to the first request and 200 to the others.
fn receiver() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook?token=secret", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let mut stream = stream.unwrap();
            stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
            while stream.read(&mut [0; 65536]).is_ok_and(|length| length > 0) {}
            let code = if number == 0 { 503 } else { 200 };
            let answer =
                format!("HTTP/1.1 {code} Whatever\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spans_tell_what_becomes_of_a_message() {
    let recorder = Recorder::default();
    tracing::subscriber::set_global_default(recorder.clone()).unwrap();
    let mut options = SenderOptions::new(&Provider::builtin("webkasa").unwrap());
    (options.allow_http, options.allow_private) = (true, AllowPrivate::All);
    let sender = Sender::open("memory:", options).unwrap();
    let retry = RetryPolicy::from_delays([Duration::from_millis(20)]).unwrap();
    let new = NewEndpoint { retry: Some(retry), ..NewEndpoint::new(&receiver()) };
    let endpoint = sender.endpoints().create(new).await.unwrap().endpoint.id;
    sender.start().unwrap();

    let data = serde_json::json!({"guest": "a guest nobody must know"});
    let options = SendOptions { id: Some("evt_1"), tenant: Some("acme"), timestamp: None };
    let message = sender.send("no.such.type", &data, &options).await.unwrap();
    assert!(sender.wait_idle(Some(Duration::from_secs(20))).await.unwrap());
    assert!(sender.send("no.such.type", &data, &options).await.unwrap().duplicate);
    let other = NewMessage::new("no.such.type", &1).unwrap().id("evt_1").tenant("acme");
    let results = sender.send_many(vec![other]).await;
    assert_eq!(results[0].as_ref().unwrap_err().code(), Code::Conflict);
    sender.close().await.unwrap();

    let sends = recorder.spans("send");
    assert_eq!(sends.len(), 3, "{sends:?}");
    for send in &sends {
        assert_eq!((send.level, send.closed, send.parent), (Level::INFO, true, None));
        assert_eq!((send.field("event_type"), send.field("tenant")), (Some("no.such.type"), Some("acme")));
    }
    let told = |send: &Span| {
        ["message_id", "duplicate", "deliveries", "error"].map(|name| send.field(name).map(str::to_owned))
    };
    let told: Vec<_> = sends.iter().map(told).collect();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(told[0], [some("evt_1"), some("false"), some("1"), None]);
    assert_eq!(told[1], [some("evt_1"), some("true"), some("0"), None]);
    assert_eq!(told[2], [some("evt_1"), None, None, some("conflict")]);

    let attempts = recorder.spans("attempt");
    assert_eq!(attempts.len(), 2, "{attempts:?}");
    for (attempt, (number, code)) in attempts.iter().zip([("1", "503"), ("2", "200")]) {
        assert_eq!((attempt.level, attempt.closed, attempt.parent), (Level::INFO, true, None));
        let expected = [
            ("delivery", message.deliveries[0].0.to_string()),
            ("endpoint", endpoint.0.to_string()),
            ("event_type", "no.such.type".to_owned()),
            ("message_id", "evt_1".to_owned()),
            ("number", number.to_owned()),
            ("response_code", code.to_owned()),
            ("tenant", "acme".to_owned()),
        ];
        assert_eq!(attempt.fields, BTreeMap::from(expected));
    }

    let commits = recorder.spans("commit");
    assert!(!commits.is_empty());
    for commit in commits {
        assert_eq!((commit.level, commit.closed, commit.parent), (Level::DEBUG, true, None));
        assert!(commit.field("operations").unwrap().parse::<usize>().unwrap() > 0);
    }

    // What is said meanwhile is said within them.
    let recorded = recorder.0.lock().unwrap();
    let within = |text: &str| {
        let mut events = recorded.events.iter();
        events.find(|(event, _)| event == text).map(|(_, within)| within.clone())
    };
    assert_eq!(within("the provider has no event of this type"), Some(vec!["send"]));
    assert_eq!(within("attempted a delivery"), Some(vec!["attempt"]));
    let everything = recorded.spans.iter().flat_map(|span| span.fields.values());
    for value in everything {
        assert!(!value.contains("guest") && !value.contains("token"), "{value}");
    }
}
