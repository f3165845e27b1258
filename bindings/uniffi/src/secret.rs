//! Secrets cross once, as handles; their text crosses back only by `expose`. The copy that came over is wiped.

use std::sync::Arc;

use zeroize::Zeroizing;

use crate::error::Result;

/// A signing key.
#[derive(uniffi::Object)]
pub struct Secret(pub(crate) hookseal::Secret);

#[uniffi::export]
impl Secret {
    /// A secret as a provider shows it.
    #[uniffi::constructor]
    pub fn parse(text: String) -> Result<Arc<Self>> {
        Ok(Self::of(hookseal::Secret::new(&Zeroizing::new(text))?))
    }

    /// A key as raw bytes.
    #[uniffi::constructor]
    pub fn from_bytes(key: Vec<u8>) -> Result<Arc<Self>> {
        Ok(Self::of(hookseal::Secret::from_bytes(&Zeroizing::new(key))?))
    }

    /// The secret in the clear, to show it once to its owner or to store it; never log it.
    pub fn expose(&self) -> Result<String> {
        Ok(self.0.expose()?.to_owned())
    }

    /// The public half of an ed25519 secret.
    pub fn public_half(&self) -> Result<Arc<Self>> {
        Ok(Self::of(self.0.public()?))
    }
}

impl Secret {
    pub(crate) fn of(secret: hookseal::Secret) -> Arc<Self> {
        Arc::new(Self(secret))
    }
}

/// The core's secrets of these handles.
pub(crate) fn all(secrets: &[Arc<Secret>]) -> Vec<hookseal::Secret> {
    secrets.iter().map(|secret| secret.0.clone()).collect()
}
