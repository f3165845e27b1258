//! Where the stores of a suite's tests are, and tests that run on each.
#![allow(dead_code, reason = "no suite uses all of it")]

#[cfg(feature = "postgres")]
use crate::server;

/// Runs a test on every store that is compiled in.
macro_rules! on_every_store {
    ($($name:ident)*) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn memory() {
                crate::ends(super::$name(crate::Place::memory())).await;
            }

            #[cfg(feature = "sqlite")]
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                crate::ends(super::$name(crate::Place::sqlite())).await;
            }

            #[cfg(feature = "postgres")]
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                crate::ends(super::$name(crate::Place::postgres())).await;
            }
        }
    )*};
}
pub(crate) use on_every_store;

/// Where a store is; removed with this.
pub(crate) struct Place {
    pub(crate) url: String,
    _directory: Option<Directory>,
    #[cfg(feature = "postgres")]
    _schema: Option<server::Schema>,
}

impl Place {
    pub(crate) fn memory() -> Self {
        Self::at("memory:".to_owned())
    }

    /// Somewhere that is cleared away by somebody else.
    pub(crate) fn at(url: String) -> Self {
        Self {
            url,
            _directory: None,
            #[cfg(feature = "postgres")]
            _schema: None,
        }
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn postgres() -> Self {
        let schema = server::Schema::new();
        let url = schema.url();
        Self { _schema: Some(schema), ..Self::at(url) }
    }

    #[cfg(feature = "sqlite")]
    pub(crate) fn sqlite() -> Self {
        let directory = Directory::new();
        let url = format!("sqlite:{}", directory.0.join("hooks.db").display());
        Self { _directory: Some(directory), ..Self::at(url) }
    }

    #[cfg(feature = "sqlite")]
    pub(crate) fn path(&self) -> &std::path::Path {
        self.url.strip_prefix("sqlite:").unwrap().as_ref()
    }
}

/// A directory that is gone with the test.
pub(crate) struct Directory(pub(crate) std::path::PathBuf);

#[cfg(feature = "sqlite")]
impl Directory {
    pub(crate) fn new() -> Self {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("hookseal-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
