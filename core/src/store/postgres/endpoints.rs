//! Endpoints: reading and changing them.

use tokio_postgres::Row;

use super::link::{Link, Step};
use super::settle::HEALTH;
use super::tx::Tx;
use super::value::{self, get, get_u32};
use crate::error::Result;
use crate::store::query::EndpointQuery;
use crate::store::record::{EndpointId, EndpointRecord, EndpointSpec, EndpointStatus, SecretRecord};
use crate::store::rules::{self, missing};
use crate::store::write::Written;
use crate::timestamp::Millis;

impl Tx<'_> {
    pub(super) fn create_endpoint(
        &mut self,
        spec: &EndpointSpec,
        secrets: &[SecretRecord],
        now: Millis,
    ) -> Result<Written> {
        check(spec)?;
        let tenant = value::tenant(spec.tenant.as_deref());
        let EndpointSpec { ordered, url, name, settings, headers, .. } = spec;
        let events = spec.events.to_text();
        let row = self.first(INSERT, &[&tenant, ordered, &events, url, name, settings, headers, &now])?;
        let id = EndpointId(row.map(|row| get(&row, 0)).transpose()?.unwrap_or_default());
        self.execute("INSERT INTO health (endpoint) VALUES ($1)", &[&id.0])?;
        self.replace_secrets(id, secrets)?;
        self.reroute_anew(id)?;
        self.written(id, true)
    }

    pub(super) fn update_endpoint(
        &mut self,
        id: EndpointId,
        version: Option<i64>,
        spec: &EndpointSpec,
        now: Millis,
    ) -> Result<Written> {
        check(spec)?;
        let present = self.present(id)?;
        if version.is_some_and(|version| version != present.version) {
            return Err(rules::conflicting_version());
        }
        let tenant = value::tenant(spec.tenant.as_deref());
        let EndpointSpec { ordered, url, name, settings, headers, .. } = spec;
        let events = spec.events.to_text();
        self.execute(UPDATE, &[&id.0, &tenant, ordered, &events, url, name, settings, headers, &now])?;
        self.reroute_anew(id)?;
        self.news.due.insert(id);
        self.written(id, true)
    }

    pub(super) fn put_secrets(
        &mut self,
        id: EndpointId,
        secrets: &[SecretRecord],
        now: Millis,
    ) -> Result<Written> {
        self.present(id)?;
        self.replace_secrets(id, secrets)?;
        let touch = "UPDATE endpoint SET version = version + 1, updated_at = $2 WHERE id = $1";
        self.execute(touch, &[&id.0, &now])?;
        self.news.endpoints.insert(id);
        self.written(id, true)
    }

    pub(super) fn set_status(
        &mut self,
        id: EndpointId,
        status: EndpointStatus,
        now: Millis,
    ) -> Result<Written> {
        let present = self.present(id)?;
        let changed = match (present.status, status) {
            // Its pending deliveries are held by that alone: no row of theirs changes.
            (EndpointStatus::Active, EndpointStatus::Disabled(_)) => {
                self.execute(DISABLE, &[&id.0, &value::status(status), &now])?;
                self.reroute_anew(id)?;
                true
            }
            (EndpointStatus::Disabled(_), EndpointStatus::Active) => {
                self.execute(ENABLE, &[&id.0, &now])?;
                self.execute("UPDATE health SET failures = 0 WHERE endpoint = $1", &[&id.0])?;
                self.reroute_anew(id)?;
                self.news.due.insert(id);
                true
            }
            _ => false,
        };
        self.written(id, changed)
    }

    pub(super) fn delete_endpoint(&mut self, id: EndpointId, now: Millis) -> Result<Written> {
        let endpoint = Box::new(self.present(id)?);
        self.execute(DELETE, &[&id.0, &value::DELETED, &now])?;
        self.replace_secrets(id, &[])?;
        self.reroute_anew(id)?;
        Ok(Written::Endpoint { endpoint, changed: true })
    }

    /// The endpoint, locked: nobody changes it, or counts for its health, until this is committed.
    fn present(&mut self, id: EndpointId) -> Result<EndpointRecord> {
        self.run(vec![Step::new(HEALTH, &[&[id.0].as_slice()]), Step::new(LOCK, &[&id.0])])?;
        // In a statement of its own, which sees what was changed while this waited.
        let row = self.first(&format!("{SELECT} WHERE e.id = $1 AND e.status <> 9"), &[&id.0])?;
        read(&row.ok_or_else(|| missing("endpoint", id))?)
    }

    fn written(&mut self, id: EndpointId, changed: bool) -> Result<Written> {
        let row = self.first(&format!("{SELECT} WHERE e.id = $1 AND e.status <> 9"), &[&id.0])?;
        let endpoint = read(&row.ok_or_else(|| missing("endpoint", id))?)?;
        Ok(Written::Endpoint { endpoint: Box::new(endpoint), changed })
    }

    fn replace_secrets(&mut self, id: EndpointId, secrets: &[SecretRecord]) -> Result<()> {
        let places: Vec<i32> = (0..).take(secrets.len()).collect();
        let sealed: Vec<&[u8]> = secrets.iter().map(|secret| &*secret.sealed).collect();
        let created: Vec<Millis> = secrets.iter().map(|secret| secret.created_at).collect();
        let expires: Vec<Option<Millis>> = secrets.iter().map(|secret| secret.expires_at).collect();
        self.run(vec![
            Step::new("DELETE FROM secret WHERE endpoint = $1", &[&id.0]),
            Step::new(INSERT_SECRETS, &[&id.0, &places, &sealed, &created, &expires]),
        ])
        .map(drop)
    }
}

pub(super) fn endpoint(link: &Link, id: EndpointId) -> Result<Option<EndpointRecord>> {
    let rows = link.query(&format!("{SELECT} WHERE e.id = $1 AND e.status <> 9"), &[&id.0])?;
    rows.first().map(read).transpose()
}

pub(super) fn endpoints(
    link: &Link,
    query: &EndpointQuery,
    after: Option<EndpointId>,
    limit: usize,
) -> Result<Vec<EndpointRecord>> {
    let sql = format!(
        "{SELECT} WHERE e.id > $1 AND e.status <> 9 AND ($2::text IS NULL OR e.tenant = $2)
         AND ($3::boolean IS NULL OR (e.status = 0) = $3) ORDER BY e.id LIMIT $4"
    );
    let after = after.map_or(i64::MIN, |after| after.0);
    let rows = link.query(&sql, &[&after, &query.tenant, &query.active, &value::rows(limit)])?;
    rows.iter().map(read).collect()
}

pub(super) fn secrets(link: &Link, endpoint: EndpointId) -> Result<Vec<SecretRecord>> {
    let read = |row: &Row| {
        Ok(SecretRecord { sealed: get(row, 0)?, created_at: get(row, 1)?, expires_at: get(row, 2)? })
    };
    link.query(SECRETS, &[&endpoint.0])?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<EndpointRecord> {
    let spec = EndpointSpec {
        tenant: value::get_tenant(row, 1)?,
        ordered: get(row, 3)?,
        events: value::get_filter(row, 4)?,
        url: get(row, 5)?,
        name: get(row, 6)?,
        settings: get(row, 7)?,
        headers: get(row, 8)?,
    };
    Ok(EndpointRecord {
        id: EndpointId(get(row, 0)?),
        spec,
        status: value::get_status(row, 2)?.ok_or_else(|| super::failure::odd(2))?,
        version: get(row, 9)?,
        generation: get(row, 10)?,
        created_at: get(row, 11)?,
        updated_at: get(row, 12)?,
        disabled_at: get(row, 13)?,
        failures: get_u32(row, 14)?,
        last_attempt_at: get(row, 15)?,
        last_code: value::get_status_code(row, 16)?,
        last_error: value::get_code(row, 17)?,
    })
}

/// Refuses what the database cannot hold.
fn check(spec: &EndpointSpec) -> Result<()> {
    let tenant = value::tenant(spec.tenant.as_deref());
    let texts = [("url", &*spec.url), ("name", &spec.name), ("settings", &spec.settings), ("tenant", tenant)];
    texts.into_iter().try_for_each(|(what, text)| value::storable(what, text))
}

const SELECT: &str = "SELECT e.id, e.tenant, e.status, e.ordered, e.events, e.url, e.name, e.settings, e.headers,
    e.version, e.generation, e.created_at, e.updated_at, e.disabled_at, h.failures, h.last_attempt_at, h.last_code,
    h.last_error FROM endpoint e JOIN health h ON h.endpoint = e.id";
const LOCK: &str = "SELECT FROM endpoint WHERE id = $1 FOR NO KEY UPDATE";
const SECRETS: &str = "SELECT sealed, created_at, expires_at FROM secret WHERE endpoint = $1 ORDER BY place";
const INSERT_SECRETS: &str = "INSERT INTO secret (endpoint, place, sealed, created_at, expires_at)
    SELECT $1::bigint, * FROM unnest($2::integer[], $3::bytea[], $4::bigint[], $5::bigint[])";
const INSERT: &str =
    "INSERT INTO endpoint (tenant, ordered, events, url, name, settings, headers, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) RETURNING id";
const UPDATE: &str =
    "UPDATE endpoint SET tenant = $2, ordered = $3, events = $4, url = $5, name = $6, settings = $7, headers = $8,
    updated_at = $9, version = version + 1 WHERE id = $1";
const DISABLE: &str = "UPDATE endpoint SET status = $2, disabled_at = $3, updated_at = $3 WHERE id = $1";
const ENABLE: &str = "UPDATE endpoint SET status = 0, disabled_at = NULL, generation = generation + 1, updated_at = $2 WHERE id = $1";
const DELETE: &str = "UPDATE endpoint SET status = $2, deleted_at = $3, headers = '' WHERE id = $1";
