//! Receivers that are broken or mean, through the sender.
