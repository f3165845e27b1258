//! A store that a server keeps: connections that are shared, made when they are needed, and made anew when they break.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{Mutex, oneshot};
use tokio::time::timeout;

use super::claim::Claim;
use super::closed;
use super::driver::{Driver, silent};
use super::store::{Answer, Op};
use crate::error::{Error, Result};

/// What is particular to a kind of server.
pub(super) trait Server: Send + Sync + 'static {
    /// A connection. Several questions may be on their way at once.
    type Link: Send + Sync + 'static;

    fn connect(&self) -> impl Future<Output = Result<Self::Link>> + Send;

    fn ask(&self, link: &Arc<Self::Link>, op: Op) -> impl Future<Output = Result<Answer, Failure>> + Send;
}

pub(super) struct Failure {
    pub(super) error: Error,
    /// Whether the question may be asked again at once, on another connection.
    pub(super) is_broken: bool,
}

/// A server with its connections, and the thread that drives them.
pub(super) struct Remote<S: Server> {
    connections: Arc<Connections<S>>,
    driver: RwLock<Option<Driver>>,
}

struct Connections<S: Server> {
    server: S,
    places: Vec<Mutex<Option<Arc<S::Link>>>>,
    next: AtomicUsize,
}

impl<S: Server> Remote<S> {
    /// Makes the first connection.
    pub(super) fn open(server: S, size: usize) -> Result<Self> {
        let driver = Driver::start()?;
        let connections = Arc::new(Connections {
            server,
            places: (0..size).map(|_| Mutex::new(None)).collect(),
            next: AtomicUsize::new(0),
        });
        let first = Arc::clone(&connections);
        let connected = async move { first.link(0).await.map(drop) };
        driver.block(connected, LONGEST_CONNECT).ok_or_else(silent)??;
        Ok(Self { connections, driver: RwLock::new(Some(driver)) })
    }

    /// If nobody waits for the answer any more, the claim is dropped, and so released, behind the question.
    pub(super) async fn claim(&self, op: Op, claim: Claim) -> Result<(Answer, Claim)> {
        let connections = Arc::clone(&self.connections);
        self.drive(async move { Ok((connections.ask(op).await?, claim)) }).await
    }

    pub(super) async fn run(&self, op: Op) -> Result<Answer> {
        let connections = Arc::clone(&self.connections);
        self.drive(async move { connections.ask(op).await }).await
    }

    pub(super) fn tell(&self, op: Op) {
        let connections = Arc::clone(&self.connections);
        let driver = self.driver.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(driver) = &*driver {
            driver.spawn(async move { drop(connections.ask(op).await) });
        }
    }

    /// Ends the connections behind what is on its way.
    pub(super) async fn close(&self) {
        let driver = self.driver.write().unwrap_or_else(PoisonError::into_inner).take();
        drop(driver);
        for place in &self.connections.places {
            place.lock().await.take();
        }
    }

    async fn drive<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let (tell, told) = oneshot::channel();
        {
            let driver = self.driver.read().unwrap_or_else(PoisonError::into_inner);
            let driver = driver.as_ref().ok_or_else(closed)?;
            // If nobody waits any more, the result is dropped there.
            driver.spawn(async move { drop(tell.send(work.await)) });
        }
        told.await.unwrap_or_else(|_| Err(closed()))
    }
}

impl<S: Server> Connections<S> {
    async fn ask(&self, op: Op) -> Result<Answer> {
        let place = self.next.fetch_add(1, Ordering::Relaxed) % self.places.len();
        match timeout(LONGEST_ASK, self.ask_at(place, op)).await {
            Ok(answer) => answer,
            Err(_) => {
                // Whatever it was that did not answer, the next one begins anew.
                if let Ok(mut link) = self.places[place].try_lock() {
                    link.take();
                }
                Err(silent())
            }
        }
    }

    /// A connection that broke while it was idle is told from a server that is gone by asking once more.
    async fn ask_at(&self, place: usize, op: Op) -> Result<Answer> {
        let mut is_again = false;
        loop {
            let link = self.link(place).await?;
            let Failure { error, is_broken } = match self.server.ask(&link, op).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            if is_broken {
                self.forget(place, &link).await;
            }
            if is_again || !is_broken {
                return Err(error);
            }
            is_again = true;
        }
    }

    async fn link(&self, place: usize) -> Result<Arc<S::Link>> {
        let mut link = self.places[place].lock().await;
        if let Some(link) = &*link {
            return Ok(Arc::clone(link));
        }
        let made = Arc::new(self.server.connect().await?);
        Ok(Arc::clone(link.insert(made)))
    }

    async fn forget(&self, place: usize, broken: &Arc<S::Link>) {
        let mut link = self.places[place].lock().await;
        if link.as_ref().is_some_and(|link| Arc::ptr_eq(link, broken)) {
            link.take();
        }
    }
}

/// The drivers' own limits are for each address that a host has.
const LONGEST_CONNECT: Duration = Duration::from_secs(20);
/// All of it: to connect, to ask, and to do so once more. Vendors wait for ten seconds and more.
const LONGEST_ASK: Duration = Duration::from_secs(8);
