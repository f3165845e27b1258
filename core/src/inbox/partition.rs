//! Partitions: endpoints that an inbox makes for itself, so that several processes can share its events.
//!
//! An event goes to one of them by the hash of its key or id. So all events of a key are in one partition, which one
//! process has at a time, and their order is kept without asking anybody.

use sha2::{Digest as _, Sha256};

use crate::error::{Code, Error, Result};
use crate::store::{EndpointId, EndpointQuery, EndpointSpec, EventFilter, Role, Store};
use crate::timestamp::Millis;

#[derive(Clone, Debug)]
pub(crate) struct Partitions(pub(super) Vec<EndpointId>);

impl Partitions {
    /// Those of this store, which are made if it is new.
    pub(crate) fn of(store: &dyn Store, now: Millis) -> Result<Self> {
        let count = if store.is_shared() { SHARED } else { 1 };
        let specs: Vec<_> = (0..count).map(spec).collect();
        store.found(Role::Inbox, &specs, now)?;
        let endpoints = store.endpoints(&EndpointQuery::default(), None, MOST)?;
        if endpoints.is_empty() {
            let message = "The inbox has no partitions: somebody has deleted them. Give it another store.";
            return Err(Error::new(Code::StoreCorrupt, message));
        }
        Ok(Self(endpoints.into_iter().map(|endpoint| endpoint.id).collect()))
    }

    /// Where events of this key belong. The same in every process and version.
    pub(crate) fn for_key(&self, key: &str) -> EndpointId {
        let hash: [u8; 32] = Sha256::digest(key).into();
        let number =
            u64::from_be_bytes([hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7]]);
        let place = usize::try_from(number % self.0.len() as u64).unwrap_or_default();
        self.0[place]
    }
}

fn spec(number: usize) -> EndpointSpec {
    EndpointSpec {
        url: format!("inbox:{number}"),
        name: format!("partition {number}"),
        events: EventFilter::all(),
        tenant: None,
        ordered: false,
        settings: "{}".to_owned(),
        headers: Vec::new(),
    }
}

/// How many partitions several processes share.
const SHARED: usize = 16;
const MOST: usize = 1024;
