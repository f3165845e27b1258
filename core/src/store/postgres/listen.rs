//! The connection that listens, and what it heard. Others say what they wrote after it is committed; whoever missed it,
//! because a connection broke meanwhile, is told that it may have been anything.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use tokio_postgres::AsyncMessage;

use super::hold;
use super::link::{Connector, Wire};
use super::tx::News;
use crate::error::Result;
use crate::store::Wake;
use crate::store::query::Changes;
use crate::store::record::EndpointId;

/// What was heard and not yet asked for.
#[derive(Default)]
pub(super) struct Inbox {
    heard: Mutex<Heard>,
    wake: Mutex<Option<Wake>>,
}

#[derive(Default)]
struct Heard {
    all: bool,
    outbox: bool,
    jobs: bool,
    due: BTreeSet<EndpointId>,
    endpoints: BTreeSet<EndpointId>,
}

impl Inbox {
    pub(super) fn take(&self) -> Changes {
        let heard = std::mem::take(&mut *hold(&self.heard));
        if heard.all {
            return Changes::all();
        }
        Changes {
            all: false,
            outbox: heard.outbox,
            jobs: heard.jobs,
            due: heard.due.into_iter().collect(),
            endpoints: heard.endpoints.into_iter().collect(),
        }
    }

    pub(super) fn wake_by(&self, wake: Wake) {
        *hold(&self.wake) = Some(wake);
    }

    fn put(&self, change: impl FnOnce(&mut Heard)) {
        change(&mut hold(&self.heard));
        let wake = hold(&self.wake).clone();
        if let Some(wake) = wake {
            wake();
        }
    }

    fn hear(&self, own: &str, payload: &str) {
        match payload.split_once(' ') {
            None if payload == OUTBOX => self.put(|heard| heard.outbox = true),
            // Our own words.
            Some((speaker, _)) if speaker == own => {}
            Some((_, words)) => match News::parse(words) {
                Some(news) => self.put(|heard| {
                    heard.jobs |= news.jobs;
                    heard.due.extend(news.due);
                    heard.endpoints.extend(news.endpoints);
                    heard.all |= heard.due.len() + heard.endpoints.len() > MOST_HEARD;
                }),
                None => self.put(|heard| heard.all = true),
            },
            // A newer version's, perhaps.
            None => self.put(|heard| heard.all = true),
        }
    }
}

impl News {
    /// As the rest of a notification, of at most 8000 bytes.
    pub(super) fn say(&self) -> String {
        let list = |ids: &BTreeSet<EndpointId>| {
            let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
            ids.join(",")
        };
        // What only newer versions know comes last: for others it is anything.
        let jobs = if self.jobs { JOBS } else { "" };
        let said = format!("due:{};endpoints:{}{jobs}", list(&self.due), list(&self.endpoints));
        if said.len() > LONGEST { ANYTHING.to_owned() } else { said }
    }

    fn parse(words: &str) -> Option<Self> {
        let (words, jobs) = words.strip_suffix(JOBS).map_or((words, false), |words| (words, true));
        let (due, endpoints) = words.split_once(';')?;
        let list = |text: &str| -> Option<BTreeSet<EndpointId>> {
            let ids = text.split(',').filter(|id| !id.is_empty());
            ids.map(|id| id.parse().ok().map(EndpointId)).collect()
        };
        Some(Self {
            due: list(due.strip_prefix("due:")?)?,
            endpoints: list(endpoints.strip_prefix("endpoints:")?)?,
            jobs,
        })
    }
}

/// Listens for as long as the inbox is there; the first connection is there when this returns.
pub(super) fn start(connector: &Connector, inbox: &Arc<Inbox>, own: String) -> Result<Listening> {
    let (ready, listening) = std::sync::mpsc::channel();
    let task = connector.spawn({
        let (connector, inbox) = (connector.clone(), Arc::clone(inbox));
        async move {
            let mut ready = Some(ready);
            let mut pause = SHORTEST;
            loop {
                match subscribe(&connector).await {
                    Ok((client, mut wire)) => {
                        pause = SHORTEST;
                        match ready.take() {
                            Some(ready) => drop(ready.send(Ok(()))),
                            // What was said meanwhile was missed.
                            None => inbox.put(|heard| heard.all = true),
                        }
                        while let Some(wire) = &mut wire
                            && let Some(Ok(message)) = poll_fn(|context| wire.poll_message(context)).await
                        {
                            if let AsyncMessage::Notification(said) = message {
                                inbox.hear(&own, said.payload());
                            }
                        }
                        drop(client);
                        tracing::warn!("the connection that listens to the database broke; it is made anew");
                    }
                    Err(error) => match ready.take() {
                        Some(ready) => {
                            let _ = ready.send(Err(super::failure::store(&error, "listen to the database")));
                            return;
                        }
                        None => tracing::debug!(%error, "the database cannot be listened to"),
                    },
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    });
    let listening_since = listening.recv_timeout(connector.limit()).map_err(|_| super::failure::silent());
    let listening = Listening(task);
    listening_since??;
    Ok(listening)
}

/// Ends with this.
pub(super) struct Listening(tokio::task::AbortHandle);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn subscribe(
    connector: &Connector,
) -> Result<(tokio_postgres::Client, Option<Wire>), tokio_postgres::Error> {
    let (client, wire) = connector.wire().await?;
    let mut wire = Some(wire);
    let listen = format!("LISTEN \"{}\"", connector.options.schema);
    {
        let mut listening = std::pin::pin!(client.batch_execute(&listen));
        // Nobody else drives the connection yet; notifications come only after this.
        poll_fn(|context| {
            loop {
                if let Poll::Ready(done) = listening.as_mut().poll(context) {
                    return Poll::Ready(done);
                }
                let Some(driven) = wire.as_mut() else { return Poll::Pending };
                match driven.poll_message(context) {
                    Poll::Ready(Some(Ok(_))) => {}
                    Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(error)),
                    // It ended. Who waits for an answer hears of it when the connection is dropped.
                    Poll::Ready(None) => wire = None,
                    Poll::Pending => return Poll::Pending,
                }
            }
        })
        .await?;
    }
    Ok((client, wire))
}

/// What the outbox's trigger says.
const OUTBOX: &str = "outbox";
const JOBS: &str = ";jobs";
/// What is said where there is too much to say.
pub(super) const ANYTHING: &str = "anything";
const LONGEST: usize = 7900;
const MOST_HEARD: usize = 100_000;
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    fn news(due: &[i64], endpoints: &[i64]) -> News {
        let set = |ids: &[i64]| ids.iter().copied().map(EndpointId).collect();
        News { due: set(due), endpoints: set(endpoints), jobs: false }
    }

    #[test]
    fn what_is_said_is_heard_by_the_others() {
        let inbox = Inbox::default();
        inbox.hear("me", &format!("me {}", news(&[1], &[2]).say()));
        assert!(inbox.take().is_empty());
        inbox.hear("me", &format!("you {}", news(&[1, 3], &[]).say()));
        inbox.hear("me", &format!("you {}", news(&[3], &[2]).say()));
        let heard = inbox.take();
        assert_eq!(heard.due, [EndpointId(1), EndpointId(3)]);
        assert_eq!((heard.endpoints, heard.all, heard.outbox), (vec![EndpointId(2)], false, false));
        inbox.hear("me", "outbox");
        assert!(inbox.take().outbox);
        inbox.hear("me", &format!("you {}", News { jobs: true, ..news(&[1], &[2]) }.say()));
        let heard = inbox.take();
        assert_eq!((heard.jobs, heard.endpoints), (true, vec![EndpointId(2)]));
    }

    #[test]
    fn what_is_too_long_to_say_may_be_anything() {
        let much: Vec<_> = (1_000_000_000..1_000_001_000).collect();
        assert_eq!(news(&much, &[]).say(), ANYTHING);
        let inbox = Inbox::default();
        for payload in ["you anything", "you due:x;endpoints:", "something new"] {
            inbox.hear("me", payload);
            assert!(inbox.take().all, "{payload}");
        }
    }
}
