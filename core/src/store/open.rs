//! A store by its url.

use std::sync::Arc;

#[cfg(feature = "sqlite")]
use super::SqliteStore;
use super::{MemoryStore, Store};
#[cfg(feature = "postgres")]
use super::{PostgresOptions, PostgresStore};
use crate::error::{Error, Result};

/// Opens `sqlite:path`, `postgres://…` or `memory:`; in a database, in this schema if the url names none.
pub(crate) fn open(url: &str, schema: Option<&str>) -> Result<Arc<dyn Store>> {
    #[cfg(not(feature = "postgres"))]
    let _ = schema;
    Ok(match url.split_once(':') {
        Some(("memory", "")) => Arc::new(MemoryStore::new()),
        #[cfg(feature = "sqlite")]
        Some(("sqlite", path)) if !path.is_empty() => Arc::new(SqliteStore::open(path)?),
        #[cfg(feature = "postgres")]
        Some(("postgres" | "postgresql", _)) => {
            let mut options = PostgresOptions::default();
            if let Some(schema) = schema {
                schema.clone_into(&mut options.schema);
            }
            Arc::new(PostgresStore::open(url, options)?)
        }
        _ => {
            return Err(Error::argument(
                "A store is sqlite:path/to/file.db (with the feature sqlite), postgres://… (with postgres), or memory: alone.",
            ));
        }
    })
}
