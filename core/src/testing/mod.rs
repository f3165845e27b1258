//! For the tests of applications: requests as vendors and forgers send them, and a receiver that records.
//!
//! ```
//! use hookseal::testing::{RequestOptions, SignedRequest, Variant};
//! use hookseal::{Code, Provider, Secret, VerifyOptions, Webhook};
//!
//! let provider = Provider::builtin("webkasa")?;
//! let secret = provider.generate_secret()?;
//! let options = RequestOptions { event_type: Some("booking.created"), ..RequestOptions::default() };
//! let request = SignedRequest::new(&provider, &secret, &options)?;
//!
//! let webhook = Webhook::with_provider(&provider, &[secret])?;
//! let event = webhook.verify(request.body(), request.headers())?;
//! assert_eq!(event.event_type(), Some("booking.created"));
//!
//! let tampered = request.variant(Variant::Tampered)?;
//! let refused = webhook.verify(tampered.body(), tampered.headers()).unwrap_err();
//! assert_eq!(Some(refused.code()), tampered.expected());
//! # Ok::<(), hookseal::Error>(())
//! ```

mod recorder;
mod reply;
mod request;
mod variant;

pub use recorder::{RecordedRequest, Recorder};
pub use reply::Reply;
pub use request::{RequestOptions, SignedRequest};
pub use variant::Variant;
