//! Secrets cross once, as handles; their text crosses back only by `expose`.

use napi_derive::napi;

use crate::error::{Result, thrown};

/// A signing key.
#[napi]
pub struct Secret(pub(crate) hookseal::Secret);

#[napi]
impl Secret {
    /// A secret as a provider shows it.
    #[napi(factory, catch_unwind)]
    pub fn parse(text: String) -> Result<Self> {
        hookseal::Secret::new(&text).map(Self).map_err(thrown)
    }

    /// A key as raw bytes.
    #[napi(factory, catch_unwind)]
    pub fn from_bytes(key: &[u8]) -> Result<Self> {
        hookseal::Secret::from_bytes(key).map(Self).map_err(thrown)
    }

    /// The secret in the clear.
    #[napi(catch_unwind)]
    pub fn expose(&self) -> Result<&str> {
        self.0.expose().map_err(thrown)
    }

    /// The public half of an ed25519 secret.
    #[napi(catch_unwind)]
    pub fn public(&self) -> Result<Self> {
        self.0.public().map(Self).map_err(thrown)
    }
}
