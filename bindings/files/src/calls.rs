//! The system calls that our SQLite makes in place of the usual ones.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;
use std::sync::Once;

use libsqlite3_sys as sqlite;

use crate::fork;
#[cfg(target_os = "linux")]
use crate::{locks, parked};

/// To be called before a store in a file is opened.
pub(crate) fn replace() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: all that is passed are functions of the types that SQLite calls them by, and this library is never
        // unloaded.
        unsafe {
            sqlite::sqlite3_initialize();
            replace_one(c"open", open as *const c_void);
            replace_one(c"close", close as *const c_void);
            #[cfg(target_os = "linux")]
            replace_one(c"fcntl", locks::fcntl as *const c_void);
        }
    });
}

/// Has SQLite call this instead of the system's function of that name.
///
/// # Safety
/// The function is of the type of the one that it replaces, and stays where it is.
pub(crate) unsafe fn replace_one(name: &CStr, function: *const c_void) {
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

/// Opens, or takes what was kept open.
unsafe extern "C" fn open(path: *const c_char, flags: c_int, mode: c_int) -> c_int {
    let _inside = Inside::enter();
    #[cfg(target_os = "linux")]
    // SAFETY: SQLite's own argument.
    if let Some(file) = parked::take(unsafe { CStr::from_ptr(path) }, flags) {
        return file;
    }
    // SAFETY: SQLite's own arguments, passed on.
    let file = unsafe { libc::open(path, flags, mode) };
    fork::remember(file);
    file
}

/// Closes, unless that would end locks of others.
unsafe extern "C" fn close(file: c_int) -> c_int {
    let _inside = Inside::enter();
    #[cfg(target_os = "linux")]
    if parked::keep(file) {
        return 0;
    }
    shut(file)
}

/// Closes in any case. To be called inside.
pub(crate) fn shut(file: c_int) -> c_int {
    fork::forget(file);
    // SAFETY: a descriptor that SQLite had opened and uses no more.
    unsafe { libc::close(file) }
}

/// One thread at a time opens and closes, and no fork happens meanwhile.
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

/// One of those that SQLite leaves to applications.
pub(crate) const INSIDE: c_int = sqlite::SQLITE_MUTEX_STATIC_APP1;
