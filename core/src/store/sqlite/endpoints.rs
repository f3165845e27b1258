//! Endpoints: reading and changing them.

use rusqlite::{Connection, Row};

use super::cache::Tx;
use super::failure::Plain;
use super::value;
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
        let tenant = value::tenant(spec.tenant.as_deref());
        let events = spec.events.to_text();
        self.run(
            INSERT,
            (tenant, spec.ordered, events, &spec.url, &spec.name, &spec.settings, &spec.headers, now),
        )?;
        let id = EndpointId(self.connection.last_insert_rowid());
        self.run("INSERT INTO hookseal_health (endpoint, failures) VALUES (?1, 0)", [id.0])?;
        self.replace_secrets(id, secrets)?;
        self.forget_endpoint(id)?;
        self.written(id, true)
    }

    pub(super) fn update_endpoint(
        &mut self,
        id: EndpointId,
        version: Option<i64>,
        spec: &EndpointSpec,
        now: Millis,
    ) -> Result<Written> {
        let present = self.present(id)?;
        if version.is_some_and(|version| version != present.version) {
            return Err(rules::conflicting_version());
        }
        let tenant = value::tenant(spec.tenant.as_deref());
        let events = spec.events.to_text();
        self.run(
            UPDATE,
            (id.0, tenant, spec.ordered, events, &spec.url, &spec.name, &spec.settings, &spec.headers, now),
        )?;
        if spec.ordered != present.spec.ordered {
            self.run(REORDER, (id.0, spec.ordered))?;
        }
        self.forget_endpoint(id)?;
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
        let touch = "UPDATE hookseal_endpoint SET version = version + 1, updated_at = ?2 WHERE id = ?1";
        self.run(touch, (id.0, now))?;
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
            (EndpointStatus::Active, EndpointStatus::Disabled(_)) => {
                self.disable(id, status, now)?;
                self.run("UPDATE hookseal_endpoint SET updated_at = ?2 WHERE id = ?1", (id.0, now))?;
                true
            }
            (EndpointStatus::Disabled(_), EndpointStatus::Active) => {
                self.run(ENABLE, (id.0, now))?;
                self.forget_endpoint(id)?;
                self.run("UPDATE hookseal_health SET failures = 0 WHERE endpoint = ?1", [id.0])?;
                true
            }
            _ => false,
        };
        self.written(id, changed)
    }

    /// Disables an active endpoint. Its pending deliveries are held by that alone: no row of theirs changes.
    pub(super) fn disable(&mut self, id: EndpointId, status: EndpointStatus, now: Millis) -> Result<()> {
        let disable = "UPDATE hookseal_endpoint SET status = ?2, disabled_at = ?3 WHERE id = ?1";
        self.run(disable, (id.0, value::status(status), now))?;
        self.forget_endpoint(id)
    }

    pub(super) fn delete_endpoint(&mut self, id: EndpointId, now: Millis) -> Result<Written> {
        let endpoint = Box::new(self.present(id)?);
        self.run(DELETE, (id.0, value::DELETED, now))?;
        self.replace_secrets(id, &[])?;
        self.forget_endpoint(id)?;
        Ok(Written::Endpoint { endpoint, changed: true })
    }

    /// The endpoint as it is in this transaction.
    fn present(&mut self, id: EndpointId) -> Result<EndpointRecord> {
        self.flush()?;
        endpoint(self.connection, id)?.ok_or_else(|| missing("endpoint", id))
    }

    fn written(&mut self, id: EndpointId, changed: bool) -> Result<Written> {
        Ok(Written::Endpoint { endpoint: Box::new(self.present(id)?), changed })
    }

    fn replace_secrets(&self, id: EndpointId, secrets: &[SecretRecord]) -> Result<()> {
        self.run("DELETE FROM hookseal_secret WHERE endpoint = ?1", [id.0])?;
        for (place, secret) in secrets.iter().enumerate() {
            let values = (id.0, value::rows(place), &secret.sealed, secret.created_at, secret.expires_at);
            self.run("INSERT INTO hookseal_secret VALUES (?1, ?2, ?3, ?4, ?5)", values)?;
        }
        Ok(())
    }
}

pub(super) fn endpoint(connection: &Connection, id: EndpointId) -> Result<Option<EndpointRecord>> {
    let sql = format!("{SELECT} WHERE e.id = ?1 AND e.status <> 9");
    let mut statement = connection.prepare_cached(&sql).plain()?;
    let mut rows = statement.query([id.0]).plain()?;
    rows.next().plain()?.map(|row| read(row).plain()).transpose()
}

pub(super) fn endpoints(
    connection: &Connection,
    query: &EndpointQuery,
    after: Option<EndpointId>,
    limit: usize,
) -> Result<Vec<EndpointRecord>> {
    let sql = format!(
        "{SELECT} WHERE e.id > ?1 AND e.status <> 9 AND (?2 IS NULL OR e.tenant = ?2)
         AND (?3 IS NULL OR (e.status = 0) = ?3) ORDER BY e.id LIMIT ?4"
    );
    let mut statement = connection.prepare_cached(&sql).plain()?;
    let after = after.map_or(i64::MIN, |after| after.0);
    let rows = statement.query_map((after, &query.tenant, query.active, value::rows(limit)), read).plain()?;
    rows.collect::<rusqlite::Result<_>>().plain()
}

pub(super) fn secrets(connection: &Connection, endpoint: EndpointId) -> Result<Vec<SecretRecord>> {
    let mut statement = connection.prepare_cached(SECRETS).plain()?;
    let rows = statement.query_map([endpoint.0], |row| {
        Ok(SecretRecord { sealed: row.get(0)?, created_at: row.get(1)?, expires_at: row.get(2)? })
    });
    rows.plain()?.collect::<rusqlite::Result<_>>().plain()
}

fn read(row: &Row<'_>) -> rusqlite::Result<EndpointRecord> {
    let spec = EndpointSpec {
        tenant: value::read_tenant(row, 1)?,
        ordered: row.get(3)?,
        events: value::read_filter(row, 4)?,
        url: row.get(5)?,
        name: row.get(6)?,
        settings: row.get(7)?,
        headers: row.get(8)?,
    };
    Ok(EndpointRecord {
        id: EndpointId(row.get(0)?),
        spec,
        status: value::read_status(row, 2)?.ok_or_else(|| value::odd(2))?,
        version: row.get(9)?,
        generation: row.get(10)?,
        created_at: row.get(11)?,
        updated_at: row.get(12)?,
        disabled_at: row.get(13)?,
        failures: row.get(14)?,
        last_attempt_at: row.get(15)?,
        last_code: row.get(16)?,
        last_error: value::read_code(row, 17)?,
    })
}

const SELECT: &str = "SELECT e.id, e.tenant, e.status, e.ordered, e.events, e.url, e.name, e.settings, e.headers,
    e.version, e.generation, e.created_at, e.updated_at, e.disabled_at, h.failures, h.last_attempt_at, h.last_code,
    h.last_error FROM hookseal_endpoint e JOIN hookseal_health h ON h.endpoint = e.id";
const SECRETS: &str =
    "SELECT sealed, created_at, expires_at FROM hookseal_secret WHERE endpoint = ?1 ORDER BY place";
const INSERT: &str =
    "INSERT INTO hookseal_endpoint (tenant, status, ordered, events, url, name, settings, headers,
    version, generation, created_at, updated_at) VALUES (?1, 0, ?2, ?3, ?4, ?5, ?6, ?7, 1, 1, ?8, ?8)";
const UPDATE: &str =
    "UPDATE hookseal_endpoint SET tenant = ?2, ordered = ?3, events = ?4, url = ?5, name = ?6,
    settings = ?7, headers = ?8, updated_at = ?9, version = version + 1 WHERE id = ?1";
/// Rows are found by the flag that they carry, so a change of the endpoint's must reach them.
const REORDER: &str = "UPDATE hookseal_delivery SET ordered = ?2 WHERE endpoint = ?1 AND state = 0";
const ENABLE: &str =
    "UPDATE hookseal_endpoint SET status = 0, disabled_at = NULL, generation = generation + 1,
    updated_at = ?2 WHERE id = ?1";
const DELETE: &str = "UPDATE hookseal_endpoint SET status = ?2, deleted_at = ?3, headers = x'' WHERE id = ?1";
