//! Typed events of the providers whose file has a catalog, for [`Event::typed`](crate::Event::typed).
//!
//! Made from the provider files by `make typed-events`.

/// The events of Kagibag.
#[allow(missing_docs, reason = "vendors name their fields")]
pub mod kagibag;

/// The events of Kakiyo.
#[allow(missing_docs, reason = "vendors name their fields")]
pub mod kakiyo;

/// The events of Kazinex.
#[allow(missing_docs, reason = "vendors name their fields")]
pub mod kazinex;

/// The events of WebKasa.
#[allow(missing_docs, reason = "vendors name their fields")]
pub mod webkasa;
