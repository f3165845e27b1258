//! Hears what others do to the store's file: a thread that sleeps until inotify says that somebody wrote to the log,
//! or that somebody let go of the lock for dispatching, be it by dying.
//!
//! A commit writes to the log, waits for the disk, and becomes visible last, in shared memory of which nobody is
//! told. So an event says only that something is about to be seen: the thread looks at once, and again after 1, 2,
//! 4 … milliseconds, for a second in all. Our own commits are events as well; nobody is woken for these, and while
//! they go on it looks a hundred times a second, which costs next to nothing.

use std::ffi::{OsStr, OsString};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use rustix::io::Errno;

use super::Desk;
use super::lock;
use crate::error::Code;
use crate::store::Wake;

/// A thread that listens until this is dropped.
pub(super) struct Watch {
    stop: Arc<OwnedFd>,
}

impl Watch {
    /// Fails where there is no inotify, or no more of it for this user.
    pub(super) fn start(database: &Path, desk: Weak<Desk>, wake: Wake) -> io::Result<Self> {
        let stop = Arc::new(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?);
        let mut log = OsString::from(database);
        log.push("-wal");
        let listener = Listener {
            inotify: inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?,
            stop: Arc::clone(&stop),
            log: log.into(),
            lock: lock::beside(database),
            desk,
            wake,
        };
        listener.watch_directory()?;
        listener.watch_files()?;
        std::thread::Builder::new().name("hookseal-watch".to_owned()).spawn(move || listener.listen())?;
        Ok(Self { stop })
    }
}

impl Drop for Watch {
    /// The thread is not waited for: it may be the one that drops this, from within a call to the waker.
    fn drop(&mut self) {
        let _ = rustix::io::write(&*self.stop, &1_u64.to_ne_bytes());
    }
}

struct Listener {
    inotify: OwnedFd,
    stop: Arc<OwnedFd>,
    log: PathBuf,
    lock: PathBuf,
    desk: Weak<Desk>,
    wake: Wake,
}

/// What happened since the last look.
#[derive(Clone, Copy, Default)]
struct News {
    written: bool,
    /// Somebody closed the file whose lock is the right to dispatch. Its lock goes a moment later.
    freed: bool,
}

impl Listener {
    fn listen(&self) {
        // Until the next look; none while nobody has written for long.
        let mut pause: Option<Duration> = None;
        let mut freed = false;
        while let Some(news) = self.wait(pause) {
            let heard = news.written || news.freed;
            pause = match pause {
                None => heard.then_some(FIRST),
                Some(pause) if heard => Some(pause.min(TOGETHER)),
                Some(pause) => Some(pause * 2).filter(|pause| *pause <= LAST),
            };
            freed = (freed && pause.is_some_and(|pause| pause <= TOGETHER)) || news.freed;
            if pause.is_none() {
                continue;
            }
            let Some(written) = self.look() else { return };
            if written || freed {
                (self.wake)();
            }
        }
    }

    /// Waits for news, up to `pause`; `None` if it is to stop.
    fn wait(&self, pause: Option<Duration>) -> Option<News> {
        // Whatever comes within this time is looked at together.
        let together = pause.map_or(TOGETHER, |pause| pause.min(TOGETHER));
        if self.sleep(Some(together), false)? {
            return None;
        }
        if self.sleep(pause.map(|pause| pause - together), true)? {
            return None;
        }
        Some(self.read())
    }

    /// Sleeps until the time is over or, if asked to, there are events; whether it is to stop.
    fn sleep(&self, time: Option<Duration>, or_event: bool) -> Option<bool> {
        let time = time.map(|time| Timespec { tv_sec: 0, tv_nsec: i64::from(time.subsec_nanos()) });
        let mut waited = [PollFd::new(&*self.stop, PollFlags::IN), PollFd::new(&self.inotify, PollFlags::IN)];
        let waited = if or_event { &mut waited[..] } else { &mut waited[..1] };
        match poll(waited, time.as_ref()) {
            Ok(_) => Some(!waited[0].revents().is_empty()),
            // A signal: as if the time were over.
            Err(Errno::INTR) => Some(false),
            Err(_) => None,
        }
    }

    /// Takes all events that there are.
    fn read(&self) -> News {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut events = inotify::Reader::new(&self.inotify, &mut buffer);
        let (mut news, mut appeared) = (News::default(), false);
        // It ends where the queue is empty.
        while let Ok(event) = events.next() {
            let flags = event.events();
            news.written |= flags.contains(ReadFlags::MODIFY);
            news.freed |= flags.intersects(ReadFlags::CLOSE_WRITE | ReadFlags::CLOSE_NOWRITE);
            let name = event.file_name().map(|name| OsStr::from_bytes(name.to_bytes()));
            appeared |= name.is_some() && (name == self.log.file_name() || name == self.lock.file_name())
                || flags.contains(ReadFlags::QUEUE_OVERFLOW);
        }
        if appeared {
            // Whatever was done to it before it was watched counts as news. Without the watch that is all there is.
            let _ = self.watch_files();
            news = News { written: true, freed: true };
        }
        news
    }

    /// Whether others have written; `None` if there is no store any more.
    fn look(&self) -> Option<bool> {
        match self.desk.upgrade()?.look() {
            Ok(written) => Some(written),
            Err(error) if error.code() == Code::Closed => None,
            // Who asks for changes is told.
            Err(_) => Some(true),
        }
    }

    /// The files are made anew where the last one who had the store open removed them.
    fn watch_directory(&self) -> io::Result<()> {
        let directory = self.log.parent().unwrap_or(Path::new("/"));
        let flags = WatchFlags::CREATE | WatchFlags::MOVED_TO | WatchFlags::ONLYDIR;
        inotify::add_watch(&self.inotify, directory, flags)?;
        Ok(())
    }

    fn watch_files(&self) -> io::Result<()> {
        let closed = WatchFlags::CLOSE_WRITE | WatchFlags::CLOSE_NOWRITE;
        for (path, flags) in [(&self.log, WatchFlags::MODIFY), (&self.lock, closed)] {
            match inotify::add_watch(&self.inotify, path, flags) {
                Ok(_) | Err(Errno::NOENT) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

const FIRST: Duration = Duration::from_millis(1);
const TOGETHER: Duration = Duration::from_millis(10);
/// Below a second, and after a second in all. A disk that takes longer to sync is looked at when somebody asks.
const LAST: Duration = Duration::from_millis(640);
