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

    /// Where the store is.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn options(&self) -> &SenderOptions {
        &self.options
    }

    fn open(&self) -> Result<Sender> {
        Python::attach(log::forward)?;
        Ok(hookseal_files::open_forkable(&self.url, self.options.clone())?)
    }
}
