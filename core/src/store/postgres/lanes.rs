//! Which endpoints this process dispatches, as it remembers it. What counts stands in the database: a lane whose
//! worker was not heard of for too long is anybody's, and its settlements are not applied any more.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use super::link::{Connector, Link, Step};
use super::value::get;
use crate::error::Result;
use crate::store::query::{Grant, Tenure};
use crate::store::record::EndpointId;

/// What stands for the outbox where endpoints are meant.
pub(super) const OUTBOX: EndpointId = EndpointId(0);

#[derive(Default)]
pub(super) struct Lanes {
    grant: Option<Grant>,
    until: Option<Instant>,
    held: HashSet<EndpointId>,
    /// Lanes to be handed over: held in the database, but not for new attempts.
    leaving: HashSet<EndpointId>,
}

impl Lanes {
    pub(super) fn is_granted(&self) -> bool {
        self.grant.is_some()
    }

    pub(super) fn grant(&self) -> Option<Grant> {
        self.grant
    }

    pub(super) fn holds(&self, endpoint: EndpointId) -> bool {
        self.until.is_some_and(|until| Instant::now() < until) && self.held.contains(&endpoint)
    }

    pub(super) fn begin(&mut self, grant: Grant, until: Instant) {
        *self = Self { grant: Some(grant), until: Some(until), ..Self::default() };
    }

    /// Whether it was this one's.
    pub(super) fn end(&mut self, grant: Grant) -> bool {
        let own = self.grant == Some(grant);
        if own {
            *self = Self::default();
        }
        own
    }

    /// Of the endpoints that were asked for, these are ours. Gives those that may be attempted.
    pub(super) fn took(&mut self, grant: Grant, ours: Vec<EndpointId>) -> Vec<EndpointId> {
        if self.grant != Some(grant) {
            return Vec::new();
        }
        let ours = ours.into_iter().filter(|endpoint| !self.leaving.contains(endpoint));
        let ours: Vec<_> = ours.collect();
        self.held.extend(&ours);
        ours
    }

    pub(super) fn handed_over(&mut self, grant: Grant, endpoints: &[EndpointId]) {
        if self.grant == Some(grant) {
            for endpoint in endpoints {
                self.held.remove(endpoint);
                self.leaving.remove(endpoint);
            }
        }
    }

    /// What follows from what the database says.
    pub(super) fn kept(&mut self, grant: Grant, kept: Kept, until: Instant) -> Tenure {
        if self.grant != Some(grant) {
            return Tenure::default();
        }
        self.until = Some(until);
        if !kept.kept {
            // Somebody noticed that the time had run out, and may have them by now.
            let lost = self.held.drain().chain(self.leaving.drain()).collect();
            return Tenure { until: Some(until), lost, surplus: Vec::new() };
        }
        let own = usize::try_from(kept.own).unwrap_or_default().saturating_sub(self.leaving.len());
        let share = usize::try_from(kept.share).unwrap_or(usize::MAX);
        if own > share.saturating_add((share / SLACK).max(1)) {
            let endpoints = self.held.iter().filter(|endpoint| **endpoint != OUTBOX);
            let surplus: Vec<_> = endpoints.take(own - share).copied().collect();
            for endpoint in surplus {
                self.held.remove(&endpoint);
                self.leaving.insert(endpoint);
            }
        }
        let mut surplus: Vec<_> = self.leaving.iter().copied().collect();
        surplus.sort_unstable();
        Tenure { until: Some(until), lost: Vec::new(), surplus }
    }
}

/// What the database says of a worker.
pub(super) struct Kept {
    kept: bool,
    /// How many lanes it has.
    own: i64,
    /// How many it should have.
    share: i64,
}

pub(super) fn join(link: &Link, connector: &Connector) -> Result<Grant> {
    let rows = link.query(
        "WITH me AS MATERIALIZED (SELECT nextval('worker_id') AS id)
         SELECT id, join_workers(id, $1, $2) FROM me",
        &[&connector.options.lease.as_secs_f64(), &name()],
    )?;
    let epoch = rows.first().map(|row| get(row, 0)).transpose()?.unwrap_or_default();
    Ok(Grant { epoch })
}

pub(super) fn leave(link: &Link, grant: Grant) -> Result<bool> {
    let rows = link.query(LEAVE, &[&grant.epoch])?;
    rows.first().map_or(Ok(false), |row| get(row, 0))
}

pub(super) fn take(link: &Link, grant: Grant, endpoints: &[EndpointId]) -> Result<Vec<EndpointId>> {
    ids(link, "SELECT take_lanes($1, $2)", grant, endpoints)
}

pub(super) fn hand_over(link: &Link, grant: Grant, endpoints: &[EndpointId]) -> Result<Vec<EndpointId>> {
    ids(link, "SELECT hand_over_lanes($1, $2)", grant, endpoints)
}

pub(super) fn keep(link: &Link, connector: &Connector, grant: Grant) -> Result<Kept> {
    let lease = connector.options.lease.as_secs_f64();
    let rows = link.query("SELECT * FROM keep_lanes($1, $2, $3)", &[&grant.epoch, &lease, &name()])?;
    let row = rows.first().ok_or_else(|| super::failure::odd(0))?;
    Ok(Kept { kept: get(row, 0)?, own: get(row, 1)?, share: get(row, 2)? })
}

/// Until when a worker may rely on its lanes if it was heard of at this moment: a little less long than others wait.
pub(super) fn tenure(heard: Instant, lease: Duration) -> Instant {
    heard + lease.saturating_sub(MARGIN.min(lease / 4))
}

fn ids(link: &Link, sql: &str, grant: Grant, endpoints: &[EndpointId]) -> Result<Vec<EndpointId>> {
    let endpoints: Vec<i64> = endpoints.iter().map(|endpoint| endpoint.0).collect();
    let mut answers = link.run(&[Step::new(sql, &[&grant.epoch, &endpoints])])?;
    let rows = answers.pop().map(|answer| answer.rows).unwrap_or_default();
    rows.iter().map(|row| get(row, 0).map(EndpointId)).collect()
}

/// For people who look into the table.
fn name() -> String {
    format!("pid {}", std::process::id())
}

pub(super) const LEAVE: &str = "SELECT leave_workers($1)";
/// One lane in this many above the fair share is not worth a change of hands.
const SLACK: usize = 10;
const MARGIN: Duration = Duration::from_secs(1);
