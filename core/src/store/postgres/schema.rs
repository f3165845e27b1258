//! The tables, and how they come to be.

use super::link::Link;
use super::value::get;
use crate::error::{Code, Error, Result};

/// Makes the tables, or brings them up to date if the role may. Several processes may do so at once.
pub(super) fn prepare(link: &Link, schema: &str) -> Result<()> {
    match look(link, schema)? {
        Found::Current => return Ok(()),
        Found::Nothing | Found::Old => {}
    }
    let made = link.batch(&script(schema));
    match made {
        // Somebody else made them in the same moment.
        Err(_) if look(link, schema).is_ok_and(|found| found == Found::Current) => rollback(link),
        Err(error) => {
            rollback(link)?;
            Err(match error.code() {
                Code::StoreReadOnly => Error::new(
                    Code::StoreReadOnly,
                    format!(
                        "The role may not make the schema {schema:?} or bring it up to date. Have somebody who may run \
                         the text of `PostgresStore::migrations`, and grant the role the rights of \
                         `PostgresStore::grants`."
                    ),
                ),
                _ => error,
            })
        }
        Ok(()) => Ok(()),
    }
}

/// Everything that has to be run for the present version, whatever version there is before. May be run again.
pub(super) fn script(schema: &str) -> String {
    let mut script = format!(
        "BEGIN;
SELECT pg_advisory_xact_lock(hashtextextended('hookseal/{schema}/schema', 0));
CREATE SCHEMA IF NOT EXISTS \"{schema}\";
SET LOCAL search_path = \"{schema}\", pg_temp;
CREATE TABLE IF NOT EXISTS meta (product text NOT NULL, version integer NOT NULL, min_reader integer NOT NULL);
INSERT INTO meta SELECT 'hookseal', 0, 0 WHERE NOT EXISTS (SELECT FROM meta);
"
    );
    for (step, Migration { sql, min_reader }) in (1..).zip(MIGRATIONS) {
        let sql = sql.replace("@schema@", &format!("\"{schema}\""));
        script.push_str(&format!(
            "DO $hookseal$ BEGIN IF (SELECT version FROM meta) < {step} THEN EXECUTE $migration$
{sql}
$migration$;
UPDATE meta SET version = {step}, min_reader = {min_reader};
END IF; END $hookseal$;
"
        ));
    }
    script.push_str("COMMIT;\n");
    script
}

/// What a role needs that sends, or delivers, or both; and what an application's role needs for `hookseal_send`.
pub(super) fn grants(schema: &str, role: &str) -> String {
    let role = format!("\"{}\"", role.replace('"', "\"\""));
    format!(
        "GRANT USAGE ON SCHEMA \"{schema}\" TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA \"{schema}\" TO {role};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA \"{schema}\" TO {role};
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA \"{schema}\" TO {role};
"
    )
}

#[derive(PartialEq)]
enum Found {
    Nothing,
    Old,
    Current,
}

fn look(link: &Link, schema: &str) -> Result<Found> {
    let rows = link.query(LOOK, &[&schema])?;
    let row = rows.first().ok_or_else(foreign)?;
    let (tables, meta): (bool, bool) = (get(row, 0)?, get(row, 1)?);
    if !tables {
        return Ok(Found::Nothing);
    }
    if !meta {
        return Err(foreign());
    }
    let rows = link.query(&format!("SELECT version, min_reader, product FROM \"{schema}\".meta"), &[])?;
    let Some(row) = rows.first() else { return Err(foreign()) };
    let (version, min_reader): (i32, i32) = (get(row, 0)?, get(row, 1)?);
    if get::<&str>(row, 2)? != "hookseal" {
        return Err(foreign());
    }
    if min_reader > latest() {
        return Err(Error::new(
            Code::StoreSchema,
            format!(
                "The database has schema {version}, which needs a Hookseal that knows schema {min_reader}; this one \
                 knows {}.",
                latest()
            ),
        ));
    }
    Ok(if version < latest() { Found::Old } else { Found::Current })
}

fn rollback(link: &Link) -> Result<()> {
    if link.is_broken() { Ok(()) } else { link.batch("ROLLBACK") }
}

fn latest() -> i32 {
    i32::try_from(MIGRATIONS.len()).expect("there are few migrations")
}

fn foreign() -> Error {
    Error::new(
        Code::StoreSchema,
        "The schema belongs to another program: choose another one with hookseal_schema in the url.",
    )
}

struct Migration {
    sql: &'static str,
    /// The oldest version of the tables that a process must know to go on beside these.
    min_reader: i32,
}

/// Each brings the tables to its own number, from 1. Published ones never change.
const MIGRATIONS: &[Migration] = &[Migration { sql: include_str!("schema.sql"), min_reader: 1 }];
const LOOK: &str = "SELECT
    EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')),
    (SELECT count(*) = 3 FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = 'meta' AND a.attname IN ('product', 'version', 'min_reader'))";
