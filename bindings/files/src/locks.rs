//! Locks of open files in place of those of the process.

use std::ffi::c_int;
use std::io;

/// SQLite calls it with a variable number of arguments, which on Linux are passed as if there were three.
pub(crate) unsafe extern "C" fn fcntl(file: c_int, command: c_int, argument: *mut libc::flock) -> c_int {
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
        if result == -1 && io::Error::last_os_error().raw_os_error() == Some(libc::EINVAL) {
            return libc::fcntl(file, command, argument);
        }
        result
    }
}

/// Whether nobody else has a lock on the file. If so, nobody gets one until the descriptor is closed, unless it can
/// only be read from: then somebody could at this very moment.
pub(crate) fn is_free(file: c_int) -> bool {
    let mut lock = whole(libc::F_WRLCK);
    // SAFETY: these commands have a lock as their argument.
    unsafe {
        if libc::fcntl(file, libc::F_OFD_SETLK, &mut lock) == 0 {
            return true;
        }
        match io::Error::last_os_error().raw_os_error() {
            Some(libc::EBADF) => {
                libc::fcntl(file, libc::F_OFD_GETLK, &mut lock) == 0
                    && c_int::from(lock.l_type) == libc::F_UNLCK
            }
            // There are no such locks here.
            Some(libc::EINVAL) => true,
            _ => false,
        }
    }
}

/// Ends our locks on the file, as closing it would.
pub(crate) fn release(file: c_int) {
    let mut lock = whole(libc::F_UNLCK);
    // SAFETY: this command has a lock as its argument.
    unsafe { libc::fcntl(file, libc::F_OFD_SETLK, &mut lock) };
}

/// From the first byte to the last that there could ever be.
fn whole(kind: c_int) -> libc::flock {
    libc::flock { l_type: kind as _, l_whence: libc::SEEK_SET as _, l_start: 0, l_len: 0, l_pid: 0 }
}
