//! Files that cannot be used for a while.
