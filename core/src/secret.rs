//! A signing key as it was given: redacted wherever it could be printed, wiped when it is dropped.

use std::fmt;
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use zeroize::Zeroizing;

use crate::encoding::Encoding;
use crate::error::{Code, Error, Result};

/// A signing key, as text from a dashboard or as raw bytes.
///
/// What the text means (base64 after `whsec_`, hex, or the key itself) is the provider's to say, so a
/// secret is decoded when a [`Webhook`](crate::Webhook) is made from it. `Debug` prints
/// `Secret([redacted])`; there is no `Display`. Clones share one copy, wiped with the last of them.
#[derive(Clone)]
pub struct Secret(Arc<Inner>);

struct Inner {
    bytes: Zeroizing<Vec<u8>>,
    raw: bool,
    trimmed: bool,
}

impl Secret {
    /// A secret as a provider shows it, such as `whsec_MfKQ…`. Whitespace around it is dropped.
    ///
    /// # Errors
    /// `invalid_secret` if nothing is left: with an empty key anybody can sign.
    pub fn new(text: &str) -> Result<Self> {
        let key = text.trim();
        if key.is_empty() {
            return Err(Error::new(
                Code::InvalidSecret,
                "The secret is empty; is the setting or environment variable that holds it missing?",
            ));
        }
        Ok(Self(Arc::new(Inner {
            bytes: Zeroizing::new(key.as_bytes().to_vec()),
            raw: false,
            trimmed: key.len() != text.len(),
        })))
    }

    /// A key as raw bytes, used as they are whatever encoding the provider writes its secrets in.
    ///
    /// # Errors
    /// `invalid_secret` if there are no bytes.
    pub fn from_bytes(key: &[u8]) -> Result<Self> {
        if key.is_empty() {
            return Err(Error::new(Code::InvalidSecret, "The secret has no bytes."));
        }
        Ok(Self(Arc::new(Inner { bytes: Zeroizing::new(key.to_vec()), raw: true, trimmed: false })))
    }

    /// The secret in the clear, to show it once to its owner or to store it; never log it.
    ///
    /// # Errors
    /// `invalid_secret` for raw bytes that are not UTF-8.
    pub fn expose(&self) -> Result<&str> {
        std::str::from_utf8(&self.0.bytes).map_err(|_| {
            Error::new(Code::InvalidSecret, "This secret was made from raw bytes and has no text.")
        })
    }

    /// The public half (`whpk_…`) of an ed25519 secret (`whsk_…`), for those who only verify.
    ///
    /// Source: the Standard Webhooks specification, "Signature scheme".
    ///
    /// # Errors
    /// `invalid_secret` if this is no `whsk_` secret.
    pub fn public(&self) -> Result<Self> {
        let text = self.expose()?;
        let key = text.strip_prefix(PRIVATE_PREFIX).and_then(|key| Encoding::Base64.decode(key.as_bytes()));
        let key = key
            .map(Zeroizing::new)
            .and_then(|key| signing_key(&key))
            .ok_or_else(|| Error::new(Code::InvalidSecret, "Only a whsk_ secret has a public half."))?;
        let public = Encoding::Base64.encode(key.verifying_key().as_bytes());
        Self::new(&format!("{PUBLIC_PREFIX}{public}"))
    }

    /// The bytes as given; callers keep what they derive from them wiped and unprinted.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0.bytes
    }

    pub(crate) fn is_raw(&self) -> bool {
        self.0.raw
    }

    pub(crate) fn was_trimmed(&self) -> bool {
        self.0.trimmed
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

/// An ed25519 key from its 32-byte seed, or from seed and public key together (64 bytes) if they agree.
pub(crate) fn signing_key(bytes: &[u8]) -> Option<SigningKey> {
    match bytes.len() {
        32 => Some(SigningKey::from_bytes(bytes.try_into().ok()?)),
        64 => SigningKey::from_keypair_bytes(bytes.try_into().ok()?).ok(),
        _ => None,
    }
}

/// Fresh random bytes from the operating system.
pub(crate) fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(bytes.as_mut_slice())
        .map_err(|_| Error::new(Code::InvalidSecret, "The operating system has no randomness to give."))?;
    Ok(bytes)
}

const PRIVATE_PREFIX: &str = "whsk_";
const PUBLIC_PREFIX: &str = "whpk_";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_no_secret() {
        for empty in ["", " ", "\n\t "] {
            assert_eq!(Secret::new(empty).unwrap_err().code(), Code::InvalidSecret);
        }
        assert_eq!(Secret::from_bytes(b"").unwrap_err().code(), Code::InvalidSecret);
    }

    #[test]
    fn whitespace_goes_visibly() {
        let secret = Secret::new(" key\n").unwrap();
        assert_eq!(secret.bytes(), b"key");
        assert!(secret.was_trimmed());
        assert!(!Secret::new("key").unwrap().was_trimmed());
    }

    #[test]
    fn debug_shows_nothing() {
        let secret = Secret::new("whsec_hunter2").unwrap();
        assert_eq!(
            format!("{secret:?} {:?}", vec![secret.clone()]),
            "Secret([redacted]) [Secret([redacted])]"
        );
    }

    #[test]
    fn public_half_of_the_published_pair() {
        // Standard Webhooks: the pair of Svix's asymmetric test.
        let private =
            "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
        let public = Secret::new(private).unwrap().public().unwrap();
        assert_eq!(public.expose().unwrap(), "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=");
        for wrong in ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsk_AAAA", "whsk_!"] {
            assert_eq!(Secret::new(wrong).unwrap().public().unwrap_err().code(), Code::InvalidSecret);
        }
    }
}
