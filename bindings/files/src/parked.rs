//! Descriptors that may not be closed yet.
//!
//! To close one ends every POSIX lock that the process has on the file: also those of another SQLite, which goes on
//! believing that it has them, until somebody deletes the write-ahead log under it. So what our SQLite closes while
//! somebody has a lock on it is kept, without locks, and is what the next one gets who opens that file. When the
//! locks are gone, or the file is, it is closed with whatever is opened or closed next.

use std::ffi::{CStr, c_int};
use std::mem::MaybeUninit;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{calls, locks};

/// Keeps a descriptor if it may not be closed yet. To be called inside.
pub(crate) fn keep(file: c_int) -> bool {
    let mut parked = parked();
    sweep(&mut parked);
    let Some(found) = stat(file).filter(|found| !may_be_closed(file, found)) else {
        return false;
    };
    locks::release(file);
    parked.push(Parked { file, device: found.st_dev, inode: found.st_ino });
    true
}

/// A descriptor of this file that was kept and can do what the flags ask for. To be called inside.
pub(crate) fn take(path: &CStr, flags: c_int) -> Option<c_int> {
    let mut parked = parked();
    sweep(&mut parked);
    if parked.is_empty() || flags & (libc::O_EXCL | libc::O_TRUNC) != 0 {
        return None;
    }
    let mode = flags & libc::O_ACCMODE;
    let needed = if mode == libc::O_RDONLY { libc::R_OK } else { libc::R_OK | libc::W_OK };
    let mut found = MaybeUninit::uninit();
    // SAFETY: a path that ends in NUL; `found` is read only if it was filled in.
    let found = unsafe {
        let allowed = libc::faccessat(libc::AT_FDCWD, path.as_ptr(), needed, libc::AT_EACCESS) == 0;
        let exists = allowed && libc::lstat(path.as_ptr(), found.as_mut_ptr()) == 0;
        exists.then(|| found.assume_init())?
    };
    let fits = |kept: &Parked| {
        // SAFETY: an open file.
        let flags = unsafe { libc::fcntl(kept.file, libc::F_GETFL) };
        (kept.device, kept.inode) == (found.st_dev, found.st_ino) && flags & libc::O_ACCMODE == mode
    };
    let place = parked.iter().position(fits)?;
    Some(parked.swap_remove(place).file)
}

/// In a child of the process that kept them, where they mean nothing any more.
pub(crate) fn forget_all() {
    parked().clear();
}

/// A descriptor that was kept, and of which file it is.
struct Parked {
    file: c_int,
    device: libc::dev_t,
    inode: libc::ino_t,
}

fn sweep(parked: &mut Vec<Parked>) {
    parked.retain(|kept| {
        let closes = stat(kept.file).is_none_or(|found| may_be_closed(kept.file, &found));
        if closes {
            calls::shut(kept.file);
        }
        !closes
    });
}

/// Whether nobody has a lock that could end.
fn may_be_closed(file: c_int, found: &libc::stat) -> bool {
    let is_file = found.st_mode & libc::S_IFMT == libc::S_IFREG;
    !is_file || found.st_nlink == 0 || locks::is_free(file)
}

fn stat(file: c_int) -> Option<libc::stat> {
    let mut found = MaybeUninit::uninit();
    // SAFETY: it is read only if it was filled in.
    unsafe { (libc::fstat(file, found.as_mut_ptr()) == 0).then(|| found.assume_init()) }
}

fn parked() -> MutexGuard<'static, Vec<Parked>> {
    PARKED.lock().unwrap_or_else(PoisonError::into_inner)
}

static PARKED: Mutex<Vec<Parked>> = Mutex::new(Vec::new());
