//! How SQLite opens and locks files, set right for a library inside somebody else's process.
//!
//! POSIX locks belong to a process, not to whoever took them, and end when any file descriptor of that file is
//! closed. SQLite makes the best of that with one list of open files for the whole process. Two things break it:
//!
//! * **Another SQLite in the process**, such as that of Python's `sqlite3`, on the same file. Each sees the other's
//!   locks as its own: the one that closes first deletes the write-ahead log under the other, with all that was sent
//!   since. So on Linux the locks are those of open files (`F_OFD_SETLK`), which conflict also within a process, and
//!   which nobody else can end.
//! * **`fork`**. The child's copy of the list says that locks are held which only its parent holds. So in a child files
//!   are told apart from those of its parent, by another number of their device; its copies of the parent's descriptors
//!   are put out of use, so that no lock outlives the parent in them; and as another thread may be inside one of
//!   SQLite's global mutexes at that moment, they are all entered before the fork, as libc does with its own.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::fs;
use std::os::fd::{AsRawFd as _, RawFd};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, Once, PoisonError};

use libsqlite3_sys as sqlite;

/// To be called before a store in a file is opened.
pub(super) fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        ORIGIN.store(std::process::id(), Ordering::Relaxed);
        // SAFETY: all that is passed are functions of the types that SQLite and libc call them by, and this library
        // is never unloaded.
        unsafe {
            sqlite::sqlite3_initialize();
            replace(c"open", open as *const c_void);
            replace(c"close", close as *const c_void);
            replace(c"fstat", fstat as *const c_void);
            #[cfg(target_os = "linux")]
            replace(c"fcntl", fcntl as *const c_void);
            libc::pthread_atfork(Some(before), Some(after_in_parent), Some(after_in_child));
        }
    });
}

/// To be called after it was opened.
pub(super) fn opened(file: &Path) {
    let file = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let mut lock = file.into_os_string();
    lock.push("-dispatch");
    let mut locks = LOCKS.lock().unwrap_or_else(PoisonError::into_inner);
    if !locks.iter().any(|known| *known == lock) {
        locks.push(lock.into());
    }
}

/// Has SQLite call this instead of the system's function of that name.
unsafe fn replace(name: &CStr, function: *const c_void) {
    // SAFETY: the caller gives a function of the right type; SQLite casts it back to that before it calls it.
    unsafe {
        let call = std::mem::transmute::<*const c_void, unsafe extern "C" fn()>(function);
        if let Some(vfs) = sqlite::sqlite3_vfs_find(ptr::null()).as_mut()
            && let Some(set) = vfs.xSetSystemCall
        {
            set(vfs, name.as_ptr(), Some(call));
        }
    }
}

/// Opens and remembers.
unsafe extern "C" fn open(path: *const c_char, flags: c_int, mode: c_int) -> c_int {
    let _inside = Inside::enter();
    // SAFETY: SQLite's own arguments, passed on.
    let file = unsafe { libc::open(path, flags, mode) };
    if let Some((word, bit)) = place(file) {
        word.fetch_or(bit, Ordering::Relaxed);
    }
    file
}

/// Closes and forgets.
unsafe extern "C" fn close(file: c_int) -> c_int {
    let _inside = Inside::enter();
    if let Some((word, bit)) = place(file) {
        word.fetch_and(!bit, Ordering::Relaxed);
    }
    // SAFETY: SQLite's own argument, passed on.
    unsafe { libc::close(file) }
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

/// Locks of the open file in place of those of the process. SQLite calls it with a variable number of arguments, which
/// on Linux are passed as if there were three.
#[cfg(target_os = "linux")]
unsafe extern "C" fn fcntl(file: c_int, command: c_int, argument: *mut libc::flock) -> c_int {
    let ours = match command {
        libc::F_SETLK => libc::F_OFD_SETLK,
        libc::F_SETLKW => libc::F_OFD_SETLKW,
        libc::F_GETLK => libc::F_OFD_GETLK,
        // SAFETY: SQLite's own arguments, passed on.
        _ => return unsafe { libc::fcntl(file, command, argument) },
    };
    // SAFETY: these three commands have a lock as their argument.
    unsafe {
        (*argument).l_pid = 0;
        let result = libc::fcntl(file, ours, argument);
        // A system that only looks like Linux, such as gVisor, may not know them.
        if result == -1 && std::io::Error::last_os_error().raw_os_error() == Some(libc::EINVAL) {
            return libc::fcntl(file, command, argument);
        }
        result
    }
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

/// No fork happens while somebody holds this.
struct Inside;

impl Inside {
    fn enter() -> Self {
        // SAFETY: static mutexes always exist; it is left when this is dropped.
        unsafe { sqlite::sqlite3_mutex_enter(sqlite::sqlite3_mutex_alloc(INSIDE)) };
        Self
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        // SAFETY: it was entered by this thread when this was made.
        unsafe { sqlite::sqlite3_mutex_leave(sqlite::sqlite3_mutex_alloc(INSIDE)) };
    }
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

/// One of those that SQLite leaves to applications.
const INSIDE: c_int = sqlite::SQLITE_MUTEX_STATIC_APP1;
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
