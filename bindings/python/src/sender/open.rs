//! One open sender for each process: files and threads do not survive `fork`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hookseal::Code;
use hookseal::sender::{Sender, SenderOptions};
use pyo3::Python;

use super::log;
use crate::error::Result;
use crate::per_process::PerProcess;

/// What opens a sender, and the one that this process has opened.
pub(crate) struct Open {
    url: String,
    options: SenderOptions,
    sender: PerProcess<Sender>,
    closed: AtomicBool,
}

impl Open {
    /// Opens the store, so that what is wrong with it is told at once.
    pub(crate) fn new(url: &str, options: SenderOptions) -> Result<Arc<Self>> {
        let open =
            Self { url: url.to_owned(), options, sender: PerProcess::new(), closed: AtomicBool::new(false) };
        open.sender()?;
        Ok(Arc::new(open))
    }

    /// The sender of this process. A child of the process that opened it opens its own.
    pub(crate) fn sender(&self) -> Result<Sender> {
        if self.closed.load(Ordering::Acquire) {
            return Err(hookseal::Error::new(Code::Closed, "This sender is closed.").into());
        }
        Ok(self.sender.get_or_try_init(|| self.open())?.clone())
    }

    /// The sender of this process, if it has opened one, for the last time.
    pub(crate) fn close(&self) -> Option<Sender> {
        self.closed.store(true, Ordering::Release);
        self.sender.get().cloned()
    }

    pub(crate) fn place(&self) -> String {
        place(&self.url)
    }

    pub(crate) fn options(&self) -> &SenderOptions {
        &self.options
    }

    fn open(&self) -> Result<Sender> {
        Python::attach(|py| {
            log::forward(py)?;
            // A database may be far away: other threads run meanwhile.
            Ok(py.detach(|| hookseal_files::open_forkable(&self.url, self.options.clone()))?)
        })
    }
}

/// Where a store is, without the password and what else a database's url may hold.
pub(crate) fn place(url: &str) -> String {
    let database = url.split_once("://").filter(|(scheme, _)| scheme.starts_with("postgres"));
    let Some((scheme, rest)) = database else { return url.to_owned() };
    let address = rest.split_once('?').map_or(rest, |(address, _)| address);
    match address.rsplit_once('@') {
        Some((who, host)) => {
            let user = who.split_once(':').map_or(who, |(user, _)| user);
            format!("{scheme}://{user}@{host}")
        }
        None => format!("{scheme}://{address}"),
    }
}
