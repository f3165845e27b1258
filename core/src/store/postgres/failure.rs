//! PostgreSQL's errors as ours: one clear code for each way in which a database can be unusable, and what to do.

use std::error::Error as _;

use tokio_postgres::error::SqlState;

use crate::error::{Code, Error};

pub(crate) fn store(error: &tokio_postgres::Error, doing: &str) -> Error {
    let (code, advice) = meaning(error);
    Error::new(code, format!("Could not {doing}: {}. {advice}", text(error)))
}

/// Whether the same transaction may well succeed if it is tried again: somebody was faster, or waited for us as we
/// waited for them, or cut the day into which a row was about to go.
pub(super) fn is_passing(error: &tokio_postgres::Error) -> bool {
    let states = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::UNIQUE_VIOLATION,
        SqlState::CHECK_VIOLATION,
    ];
    error.code().is_some_and(|state| states.contains(state))
}

/// Whether the connection cannot be used any more.
pub(crate) fn is_broken(error: &tokio_postgres::Error) -> bool {
    match error.code() {
        None => error.is_closed() || error.source().is_some_and(|cause| cause.is::<std::io::Error>()),
        Some(state) => ["08", "57P", "25P03"].iter().any(|class| state.code().starts_with(class)),
    }
}

/// A server that says nothing any more.
pub(super) fn silent() -> Error {
    Error::new(Code::StoreUnavailable, "The database does not answer. Is it, and the network, well?")
}

/// A value in a column that is not one of ours.
pub(super) fn odd(column: usize) -> Error {
    Error::new(
        Code::StoreCorrupt,
        format!("Column {column} of a row in the database does not hold what Hookseal writes there."),
    )
}

/// What the server said, or why it could not be asked. Neither holds a password.
fn text(error: &tokio_postgres::Error) -> String {
    if let Some(error) = error.as_db_error() {
        return error.message().trim_end_matches('.').to_owned();
    }
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn meaning(error: &tokio_postgres::Error) -> (Code, &'static str) {
    match error.code() {
        Some(state) => of_state(state.code()),
        None if error.source().is_some_and(|cause| cause.is::<tokio_postgres::types::WrongType>()) => {
            (Code::StoreSchema, NO_STORE)
        }
        None => (Code::StoreUnavailable, "Is the address right, and the database running?"),
    }
}

fn of_state(state: &str) -> (Code, &'static str) {
    match state {
        "28P01" | "28000" => (
            Code::StoreUnavailable,
            "Are user and password right, and does the server let them in from here?",
        ),
        "3D000" => (Code::StoreUnavailable, "Create the database first."),
        "53300" => {
            (Code::StoreUnavailable, "Too many are connected: raise max_connections or lower the pool.")
        }
        "42501" => (Code::StoreReadOnly, GRANTS),
        "25006" => (Code::StoreReadOnly, "The server is a standby, or was made read-only: use the primary."),
        "53100" => (Code::StoreFull, "The server's disk is full."),
        "55P03" | "40P01" | "40001" => {
            (Code::StoreLocked, "Somebody holds the tables locked for long: keep such transactions short.")
        }
        "3F000" | "42P01" | "42703" | "42883" | "42804" => (Code::StoreSchema, NO_STORE),
        "XX001" | "XX002" => (Code::StoreCorrupt, "The database is damaged: restore it from a backup."),
        "57014" => (Code::StoreUnavailable, "The server is too busy, or somebody canceled the statement."),
        _ => (Code::StoreUnavailable, "Is the database well?"),
    }
}

const NO_STORE: &str = "The schema is not, or no longer, the one that Hookseal made.";
const GRANTS: &str = "The role lacks rights: see `PostgresStore::grants` for those it needs.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_to_be_unusable_has_its_code() {
        for (state, code) in [
            ("28P01", Code::StoreUnavailable),
            ("42501", Code::StoreReadOnly),
            ("25006", Code::StoreReadOnly),
            ("53100", Code::StoreFull),
            ("55P03", Code::StoreLocked),
            ("42P01", Code::StoreSchema),
            ("XX001", Code::StoreCorrupt),
            ("57P01", Code::StoreUnavailable),
        ] {
            assert_eq!(of_state(state).0, code, "{state}");
        }
    }
}
