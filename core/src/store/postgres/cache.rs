//! Who gets what, as the writer remembers it between transactions. Each transaction asks first whether somebody has
//! changed it since.

use std::collections::{HashMap, HashSet};

use super::link::Link;
use super::tx::Tx;
use super::value;
use crate::error::Result;
use crate::store::filter::EventFilter;
use crate::store::record::EndpointId;

#[derive(Default)]
pub(super) struct Cache {
    /// What the database's counter of changes was when all of this was read.
    version: Option<i64>,
    /// Active endpoints by tenant; those that get the events of all are under the empty one.
    routes: HashMap<String, Vec<Route>>,
}

#[derive(Clone)]
pub(super) struct Route {
    pub(super) endpoint: EndpointId,
    pub(super) ordered: bool,
    pub(super) events: EventFilter,
}

impl Cache {
    /// The counter stands here at the start of a transaction.
    pub(super) fn see(&mut self, version: i64) {
        if self.version != Some(version) {
            self.routes.clear();
            self.version = Some(version);
        }
    }

    /// The counter stands here by our own change, which is known here.
    fn step(&mut self, version: i64) {
        if self.version != Some(version - 1) {
            self.routes.clear();
        }
        self.version = Some(version);
    }

    /// An endpoint gets no more events.
    pub(super) fn drop_route(&mut self, endpoint: EndpointId) {
        self.routes.values_mut().for_each(|routes| routes.retain(|route| route.endpoint != endpoint));
    }

    /// Reads what is not known yet of these tenants, and of none.
    pub(super) fn load<'t>(&mut self, link: &Link, tenants: impl Iterator<Item = &'t str>) -> Result<()> {
        if self.routes.len() >= MOST_TENANTS {
            self.routes.clear();
        }
        let all: HashSet<&str> = tenants.chain([""]).collect();
        let missing: Vec<&str> =
            all.into_iter().filter(|tenant| !self.routes.contains_key(*tenant)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let rows = link.query(ROUTES, &[&missing])?;
        for tenant in missing {
            self.routes.insert(tenant.to_owned(), Vec::new());
        }
        for row in rows {
            let (tenant, endpoint) = (value::get::<&str>(&row, 0)?, EndpointId(value::get(&row, 1)?));
            let route =
                Route { endpoint, ordered: value::get(&row, 2)?, events: value::get_filter(&row, 3)? };
            if let Some(routes) = self.routes.get_mut(tenant) {
                routes.push(route);
            }
        }
        Ok(())
    }

    /// Whom an event reaches, in the order of their ids, with whether they want order.
    pub(super) fn recipients(&self, tenant: &str, event_type: &str) -> Vec<(EndpointId, bool)> {
        let of = |tenant: &str| self.routes.get(tenant).map(Vec::as_slice).unwrap_or_default();
        let own = if tenant.is_empty() { &[] } else { of(tenant) };
        let wanted = of("").iter().chain(own).filter(|route| route.events.matches(event_type));
        let mut recipients: Vec<_> = wanted.map(|route| (route.endpoint, route.ordered)).collect();
        recipients.sort_unstable_by_key(|(id, _)| *id);
        recipients
    }
}

impl Tx<'_> {
    /// An endpoint changes who gets what: everybody forgets what they remember of it.
    pub(super) fn reroute(&mut self, endpoint: EndpointId) -> Result<()> {
        let rows = self.query("UPDATE config SET version = version + 1 RETURNING version", &[])?;
        let version = rows.first().map(|row| value::get(row, 0)).transpose()?.unwrap_or_default();
        self.cache.step(version);
        self.news.endpoints.insert(endpoint);
        Ok(())
    }

    /// As [`reroute`](Self::reroute), where it may get more than before.
    pub(super) fn reroute_anew(&mut self, endpoint: EndpointId) -> Result<()> {
        self.cache.routes.clear();
        self.reroute(endpoint)
    }
}

pub(super) const ROUTES: &str = "SELECT tenant, id, ordered, events FROM endpoint
    WHERE tenant = ANY($1) AND status = 0 ORDER BY tenant, id";
const MOST_TENANTS: usize = 10_000;
