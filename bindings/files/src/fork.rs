//! A child that goes on as a copy of its parent.
//!
//! Its copy of SQLite's list of open files says that locks are held which only its parent holds. So in a child files
//! are told apart from those of its parent, by another number of their device; its copies of the parent's descriptors
//! are put out of use, so that no lock outlives the parent in them; and as another thread may be inside one of
//! SQLite's global mutexes at that moment, they are all entered before the fork, as libc does with its own.

use std::ffi::{c_int, c_void};
use std::fs;
use std::os::fd::{AsRawFd as _, RawFd};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, Once, PoisonError};

use libsqlite3_sys as sqlite;

use crate::calls::{INSIDE, replace_one};

/// To be called before a store in a file is opened, with the calls replaced.
pub(crate) fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        ORIGIN.store(std::process::id(), Ordering::Relaxed);
        // SAFETY: all that is passed are functions of the types that SQLite and libc call them by, and this library
        // is never unloaded.
        unsafe {
            replace_one(c"fstat", fstat as *const c_void);
            libc::pthread_atfork(Some(before), Some(after_in_parent), Some(after_in_child));
        }
    });
}

/// To be called after it was opened.
pub(crate) fn opened(file: &Path) {
    let file = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let mut lock = file.into_os_string();
    lock.push("-dispatch");
    let mut locks = LOCKS.lock().unwrap_or_else(PoisonError::into_inner);
    if !locks.iter().any(|known| *known == lock) {
        locks.push(lock.into());
    }
}

/// SQLite has opened this descriptor.
pub(crate) fn remember(file: c_int) {
    if let Some((word, bit)) = place(file) {
        word.fetch_or(bit, Ordering::Relaxed);
    }
}

/// It is about to be closed.
pub(crate) fn forget(file: c_int) {
    if let Some((word, bit)) = place(file) {
        word.fetch_and(!bit, Ordering::Relaxed);
    }
}

/// `fstat` with another device in every child.
unsafe extern "C" fn fstat(file: c_int, stat: *mut libc::stat) -> c_int {
    // SAFETY: SQLite's own arguments, passed on.
    let result = unsafe { libc::fstat(file, stat) };
    let process = std::process::id();
    if result == 0 && process != ORIGIN.load(Ordering::Relaxed) {
        let mark = u64::from(process) << 32 | u64::from(process);
        // SAFETY: `fstat` succeeded, so it points to what was filled in.
        unsafe { (*stat).st_dev ^= mark as libc::dev_t };
    }
    result
}

unsafe extern "C" fn before() {
    for mutex in MUTEXES {
        // SAFETY: static mutexes always exist; to allocate one is to get the pointer to it.
        unsafe { sqlite::sqlite3_mutex_enter(sqlite::sqlite3_mutex_alloc(mutex)) };
    }
}

unsafe extern "C" fn after_in_parent() {
    for mutex in MUTEXES.into_iter().rev() {
        // SAFETY: this thread has entered them.
        unsafe { sqlite::sqlite3_mutex_leave(sqlite::sqlite3_mutex_alloc(mutex)) };
    }
}

unsafe extern "C" fn after_in_child() {
    #[cfg(target_os = "linux")]
    crate::parked::forget_all();
    // SAFETY: the only thread of the child is a copy of the one that entered the mutexes.
    unsafe { after_in_parent() };
    let Ok(nothing) = fs::File::options().read(true).write(true).open("/dev/null") else { return };
    for (index, word) in OPEN.iter().enumerate() {
        let mut bits = word.swap(0, Ordering::Relaxed);
        while bits != 0 {
            let file = index * 64 + bits.trailing_zeros() as usize;
            bits &= bits - 1;
            put_out_of_use(file as RawFd, &nothing);
        }
    }
    dispatch_locks().into_iter().for_each(|file| put_out_of_use(file, &nothing));
}

/// The number stays taken: what belonged to the parent is never closed here, and must not mean another file.
fn put_out_of_use(file: RawFd, nothing: &fs::File) {
    // SAFETY: two open files; nobody in this process uses the first one any more.
    unsafe { libc::dup2(nothing.as_raw_fd(), file) };
}

/// Descriptors of the files by whose lock the parent has the right to dispatch.
fn dispatch_locks() -> Vec<RawFd> {
    let identity = |path: &Path| fs::metadata(path).ok().map(|file| (file.dev(), file.ino()));
    let Ok(locks) = LOCKS.try_lock() else { return Vec::new() };
    let locks: Vec<_> = locks.iter().filter_map(|lock| identity(lock)).collect();
    let Ok(files) = fs::read_dir("/dev/fd") else { return Vec::new() };
    let names: Vec<_> = files.filter_map(|file| file.ok()?.file_name().into_string().ok()).collect();
    let is_lock = |name: &&String| {
        identity(&Path::new("/dev/fd").join(name)).is_some_and(|found| locks.contains(&found))
    };
    names.iter().filter(is_lock).filter_map(|name| name.parse().ok()).collect()
}

/// Where it stands whether SQLite has opened this descriptor.
fn place(file: RawFd) -> Option<(&'static AtomicU64, u64)> {
    let file = usize::try_from(file).ok()?;
    Some((OPEN.get(file / 64)?, 1 << (file % 64)))
}

/// The process in which SQLite was set up; its files keep their device.
static ORIGIN: AtomicU32 = AtomicU32::new(0);
/// One bit for every descriptor up to 65535: whether SQLite has opened it.
static OPEN: [AtomicU64; 1024] = [const { AtomicU64::new(0) }; 1024];
/// The files by which processes have the right to dispatch.
static LOCKS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// In the order in which SQLite enters them: what is entered while others are held comes last.
const MUTEXES: [c_int; 10] = [
    sqlite::SQLITE_MUTEX_STATIC_MAIN,
    sqlite::SQLITE_MUTEX_STATIC_OPEN,
    sqlite::SQLITE_MUTEX_STATIC_VFS1,
    sqlite::SQLITE_MUTEX_STATIC_VFS2,
    sqlite::SQLITE_MUTEX_STATIC_VFS3,
    INSIDE,
    sqlite::SQLITE_MUTEX_STATIC_LRU,
    sqlite::SQLITE_MUTEX_STATIC_PMEM,
    sqlite::SQLITE_MUTEX_STATIC_PRNG,
    sqlite::SQLITE_MUTEX_STATIC_MEM,
];
