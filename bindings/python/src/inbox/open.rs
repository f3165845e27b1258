//! One open inbox for each process: files and threads do not survive `fork`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use hookseal::inbox::{Inbox, InboxOptions, OnDeadline};
use hookseal::{Code, Webhook};
use pyo3::prelude::*;

use super::handler::handler;
use crate::error::Result;
use crate::per_process::PerProcess;
use crate::runtime::engine;
use crate::sender::log;

/// What opens an inbox, and the one that this process has opened.
pub(crate) struct Open {
    url: String,
    webhook: Webhook,
    options: InboxOptions,
    /// What every process registers, in order.
    handlers: Mutex<Vec<(String, Arc<Py<PyAny>>)>>,
    inbox: PerProcess<Inbox>,
    closed: AtomicBool,
}

impl Open {
    /// Opens the store, so that what is wrong with it is told at once.
    pub(crate) fn new(url: &str, webhook: Webhook, options: InboxOptions) -> Result<Arc<Self>> {
        let open = Self {
            url: url.to_owned(),
            webhook,
            options,
            handlers: Mutex::default(),
            inbox: PerProcess::new(),
            closed: AtomicBool::new(false),
        };
        open.inbox()?;
        Ok(Arc::new(open))
    }

    /// The inbox of this process. A child of the process that opened it opens its own.
    pub(crate) fn inbox(&self) -> Result<Inbox> {
        if self.closed.load(Ordering::Acquire) {
            return Err(hookseal::Error::new(Code::Closed, "This inbox is closed.").into());
        }
        Ok(self.inbox.get_or_try_init(|| self.open())?.clone())
    }

    /// One more handler, in this process and in its children.
    pub(crate) fn register(&self, py: Python<'_>, pattern: &str, run: Py<PyAny>) -> Result<()> {
        let inbox = self.inbox()?;
        let run = Arc::new(run);
        register(&inbox, py, pattern, &run)?;
        let mut handlers = self.handlers.lock().unwrap_or_else(PoisonError::into_inner);
        handlers.push((pattern.to_owned(), run));
        Ok(())
    }

    /// The inbox of this process, if it has opened one, for the last time.
    pub(crate) fn close(&self) -> Option<Inbox> {
        self.closed.store(true, Ordering::Release);
        self.inbox.get().cloned()
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn webhook(&self) -> &Webhook {
        &self.webhook
    }

    pub(crate) fn options(&self) -> &InboxOptions {
        &self.options
    }

    fn open(&self) -> Result<Inbox> {
        Python::attach(|py| {
            log::forward(py)?;
            // A database may be far away: other threads run meanwhile.
            let open = || {
                let (webhook, options) = (self.webhook.clone(), self.options.clone());
                hookseal_files::open_forkable_inbox(&self.url, webhook, options)
            };
            let inbox = py.detach(open)?;
            // Only ever held by whoever holds the interpreter, and so never at the moment of a fork.
            let handlers = self.handlers.lock().unwrap_or_else(PoisonError::into_inner);
            for (pattern, run) in &*handlers {
                register(&inbox, py, pattern, run)?;
            }
            Ok(inbox)
        })
    }
}

fn register(inbox: &Inbox, py: Python<'_>, pattern: &str, run: &Arc<Py<PyAny>>) -> Result<()> {
    // Threads cannot be ended, and coroutines are not at their end at once when they are cancelled.
    Ok(inbox.register(pattern, handler(run, engine(py)?), OnDeadline::Leave)?)
}
