//! Named places where tests stop the process for good.

/// With feature `failpoints`: the thread that comes here for the n-th time with `HOOKSEAL_FAILPOINT=name:n` in the
/// environment says so on standard output and never goes on, until somebody kills the process.
#[cfg(feature = "failpoints")]
pub(crate) fn reach(name: &str) {
    use std::io::Write as _;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    static CHOSEN: OnceLock<Option<(String, u32)>> = OnceLock::new();
    static HITS: AtomicU32 = AtomicU32::new(0);

    let chosen = CHOSEN.get_or_init(|| {
        let text = std::env::var("HOOKSEAL_FAILPOINT").ok()?;
        let (name, nth) = text.split_once(':')?;
        Some((name.to_owned(), nth.parse().ok()?))
    });
    let Some((chosen, nth)) = chosen else { return };
    if chosen == name && HITS.fetch_add(1, Ordering::SeqCst) + 1 == *nth {
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "failpoint {name}");
        let _ = out.flush();
        drop(out);
        loop {
            std::thread::park();
        }
    }
}

#[cfg(not(feature = "failpoints"))]
#[inline]
pub(crate) fn reach(_name: &str) {}
