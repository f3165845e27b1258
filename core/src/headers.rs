//! Request headers, in whatever form a framework has them.

use std::collections::{BTreeMap, HashMap};

/// Something that has request headers.
///
/// Implemented for lists of pairs, maps and, with feature `http`, `http::HeaderMap`. Names may be in any
/// case and may occur several times: looking up and judging is Hookseal's part.
pub trait Headers {
    /// Calls `each` with the name and the value of every header line, as they came.
    fn visit(&self, each: &mut dyn FnMut(&[u8], &[u8]));
}

impl<T: Headers + ?Sized> Headers for &T {
    fn visit(&self, each: &mut dyn FnMut(&[u8], &[u8])) {
        (**self).visit(each);
    }
}

impl<N: AsRef<[u8]>, V: AsRef<[u8]>> Headers for [(N, V)] {
    fn visit(&self, each: &mut dyn FnMut(&[u8], &[u8])) {
        self.iter().for_each(|(name, value)| each(name.as_ref(), value.as_ref()));
    }
}

impl<N: AsRef<[u8]>, V: AsRef<[u8]>, const M: usize> Headers for [(N, V); M] {
    fn visit(&self, each: &mut dyn FnMut(&[u8], &[u8])) {
        self.as_slice().visit(each);
    }
}

impl<N: AsRef<[u8]>, V: AsRef<[u8]>> Headers for Vec<(N, V)> {
    fn visit(&self, each: &mut dyn FnMut(&[u8], &[u8])) {
        self.as_slice().visit(each);
    }
}

impl<N: AsRef<[u8]>, V: AsRef<[u8]>, S> Headers for HashMap<N, V, S> {
    fn visit(&self, each: &mut dyn FnMut(&[u8], &[u8])) {
        self.iter().for_each(|(name, value)| each(name.as_ref(), value.as_ref()));
    }
}

impl<N: AsRef<[u8]>, V: AsRef<[u8]>> Headers for BTreeMap<N, V> {
    fn visit(&self, each: &mut dyn FnMut(&[u8], &[u8])) {
        self.iter().for_each(|(name, value)| each(name.as_ref(), value.as_ref()));
    }
}

#[cfg(feature = "http")]
impl Headers for http::HeaderMap {
    fn visit(&self, each: &mut dyn FnMut(&[u8], &[u8])) {
        self.iter().for_each(|(name, value)| each(name.as_ref(), value.as_bytes()));
    }
}
