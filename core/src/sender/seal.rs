//! Secrets at rest: sealed under the user's key where there is one.

use chacha20poly1305::aead::{Aead, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::{Code, Error, Result};
use crate::secret::{self, Secret};

/// Turns secrets into what is stored, and back.
///
/// Stored is a byte that tells the form, then the secret or its sealing: XChaCha20-Poly1305 with a random nonce,
/// bound to its purpose so that a header cannot be passed off as a signing key.
pub(crate) struct Sealer {
    cipher: Option<XChaCha20Poly1305>,
}

/// What is sealed.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    Secret,
    Headers,
}

impl Sealer {
    /// Without a key, secrets are stored in the clear.
    pub(crate) fn new(key: Option<&Secret>) -> Self {
        let cipher = key.map(|key| {
            let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key.bytes())
                .expect("HMAC takes keys of any length");
            mac.update(DERIVATION);
            let derived = Zeroizing::new(<[u8; 32]>::from(mac.finalize().into_bytes()));
            XChaCha20Poly1305::new(&Key::from(*derived))
        });
        Self { cipher }
    }

    /// What is stored of a signing key.
    pub(crate) fn seal_secret(&self, secret: &Secret) -> Result<Vec<u8>> {
        let mut plain = Zeroizing::new(vec![u8::from(secret.is_raw())]);
        plain.extend_from_slice(secret.bytes());
        self.seal(&plain, Purpose::Secret)
    }

    /// The signing key that was stored.
    pub(crate) fn open_secret(&self, stored: &[u8]) -> Result<Secret> {
        let plain = self.open(stored, Purpose::Secret)?;
        match plain.split_first() {
            Some((1, bytes)) => Secret::from_bytes(bytes),
            Some((_, text)) => Secret::new(std::str::from_utf8(text).map_err(|_| refused(DAMAGED))?),
            None => Err(refused(DAMAGED)),
        }
    }

    /// What is stored of anything confidential.
    pub(crate) fn seal(&self, plain: &[u8], purpose: Purpose) -> Result<Vec<u8>> {
        let Some(cipher) = &self.cipher else {
            return Ok([&[PLAIN], plain].concat());
        };
        let nonce = secret::random::<NONCE>()?;
        let sealed = cipher
            .encrypt(&XNonce::from(*nonce), Payload { msg: plain, aad: purpose.text() })
            .map_err(|_| refused("The secret could not be sealed."))?;
        Ok([&[SEALED], nonce.as_slice(), &sealed].concat())
    }

    /// What was sealed; what was stored before there was a key is in the clear.
    pub(crate) fn open(&self, stored: &[u8], purpose: Purpose) -> Result<Zeroizing<Vec<u8>>> {
        match (stored, &self.cipher) {
            ([PLAIN, plain @ ..], _) => Ok(Zeroizing::new(plain.to_vec())),
            ([SEALED, rest @ ..], Some(cipher)) if rest.len() > NONCE => {
                let (nonce, sealed) = rest.split_at(NONCE);
                let nonce: [u8; NONCE] = nonce.try_into().expect("it was split at this length");
                cipher
                    .decrypt(&XNonce::from(nonce), Payload { msg: sealed, aad: purpose.text() })
                    .map(Zeroizing::new)
                    .map_err(|_| refused("The secrets in the store were sealed with another key."))
            }
            ([SEALED, ..], None) => Err(refused("The secrets in the store are sealed; give the key.")),
            _ => Err(refused(DAMAGED)),
        }
    }
}

impl Purpose {
    fn text(self) -> &'static [u8] {
        match self {
            Self::Secret => b"secret",
            Self::Headers => b"headers",
        }
    }
}

fn refused(message: &'static str) -> Error {
    Error::new(Code::InvalidSecret, message)
}

const DERIVATION: &[u8] = b"hookseal: secrets at rest, 1";
const DAMAGED: &str = "A secret in the store is damaged.";
const NONCE: usize = 24;
const PLAIN: u8 = 0;
const SEALED: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Sealer {
        Sealer::new(Some(&Secret::new(text).unwrap()))
    }

    #[test]
    fn what_goes_in_comes_out() {
        for secret in [Secret::new("whsec_abc").unwrap(), Secret::from_bytes(&[0xff, 0, 1]).unwrap()] {
            for sealer in [Sealer::new(None), key("k")] {
                let back = sealer.open_secret(&sealer.seal_secret(&secret).unwrap()).unwrap();
                assert_eq!((back.bytes(), back.is_raw()), (secret.bytes(), secret.is_raw()));
            }
        }
    }

    #[test]
    fn only_the_key_opens_and_only_for_the_purpose() {
        let sealed = key("k").seal(b"abc", Purpose::Headers).unwrap();
        assert!(!sealed.windows(3).any(|window| window == b"abc"));
        assert_ne!(sealed, key("k").seal(b"abc", Purpose::Headers).unwrap(), "nonces are fresh");
        for sealer in [key("other"), Sealer::new(None)] {
            assert_eq!(sealer.open(&sealed, Purpose::Headers).unwrap_err().code(), Code::InvalidSecret);
        }
        assert!(key("k").open(&sealed, Purpose::Secret).is_err());
        assert!(key("k").open(&[SEALED, 1, 2], Purpose::Headers).is_err());
        assert!(key("k").open(&[], Purpose::Headers).is_err());
    }

    #[test]
    fn what_was_stored_before_there_was_a_key_still_opens() {
        let secret = Secret::new("whsec_abc").unwrap();
        let stored = Sealer::new(None).seal_secret(&secret).unwrap();
        assert_eq!(key("k").open_secret(&stored).unwrap().bytes(), b"whsec_abc");
    }
}
