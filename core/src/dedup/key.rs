//! What tells one event from another, and one claim from another.

use sha2::{Digest as _, Sha256};

use crate::error::Result;
use crate::event::Event;
use crate::secret;

/// An event, as a store knows it. A hash, so that ids of any length and content fit into any store.
pub(super) type Key = [u8; 32];

/// A claim, as a store knows it: whoever has another one is somebody else.
pub(super) type Token = [u8; 16];

/// The key of an event: its id or, where it has none, its body, within its provider and what the user keeps apart.
pub(super) fn of<B: AsRef<[u8]>>(namespace: &str, event: &Event<B>) -> Key {
    let mut hash = Sha256::new();
    let mut add = |part: &[u8]| {
        // With its length, so that parts never run into each other.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    };
    add(namespace.as_bytes());
    add(event.origin().provider.as_bytes());
    match event.id().filter(|id| !id.is_empty()) {
        Some(id) => {
            add(b"id");
            add(id.as_bytes());
        }
        None => {
            add(b"body");
            add(event.body());
        }
    }
    hash.finalize().into()
}

pub(super) fn token() -> Result<Token> {
    Ok(*secret::random::<16>()?)
}

/// As text, for stores that hold nothing else.
#[cfg(feature = "redis")]
pub(super) fn hex(bytes: &[u8]) -> String {
    crate::encoding::Encoding::Hex.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{EventOptions, Provider};

    fn key(namespace: &str, provider: &str, id: &str) -> Key {
        let provider = Provider::builtin(provider).unwrap();
        let options = EventOptions { id: Some(id), ..Default::default() };
        of(namespace, &provider.event("order.paid", &serde_json::json!({}), &options).unwrap())
    }

    #[test]
    fn what_makes_events_different() {
        let one = key("", "webkasa", "evt_1");
        assert_eq!(one, key("", "webkasa", "evt_1"));
        for other in [
            key("", "webkasa", "evt_2"),
            key("", "kagibag", "evt_1"),
            key("billing", "webkasa", "evt_1"),
            key("webkasa", "webkasa", "evt_1"),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn without_an_id_it_is_the_body() {
        let webhook = crate::Webhook::with_provider(
            &Provider::builtin("kazinex").unwrap(),
            &[crate::Secret::new("a secret of some length").unwrap()],
        )
        .unwrap();
        let of_body = |body: &'static [u8]| {
            let event = webhook.verify(body, &webhook.sign(body).unwrap()).unwrap();
            assert_eq!(event.id(), None);
            of("", &event)
        };
        assert_eq!(of_body(b"{\"event\": \"a\"}"), of_body(b"{\"event\": \"a\"}"));
        assert_ne!(of_body(b"{\"event\": \"a\"}"), of_body(b"{\"event\": \"b\"}"));
    }
}
