//! Keys and what is made with them. Whatever can be computed from a key alone is computed once and kept.

use ed25519_dalek::{Signature as Ed25519Signature, Signer as _, SigningKey, VerifyingKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{DerSignature, VerifyingKey as P256VerifyingKey};
use p256::pkcs8::DecodePublicKey as _;
use serde::Deserialize;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};
use subtle::{Choice, ConstantTimeEq as _};
use zeroize::{Zeroize as _, Zeroizing};

use crate::secret;

/// How signatures are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Algorithm {
    HmacSha1,
    HmacSha256,
    HmacSha512,
    /// A plain hash; the secret is part of what is signed.
    Sha1,
    Sha256,
    /// The secret itself.
    Token,
    Ed25519,
    #[serde(rename = "ecdsa-p256-sha256")]
    EcdsaP256,
}

impl Algorithm {
    /// The name in provider files.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::HmacSha1 => "hmac-sha1",
            Self::HmacSha256 => "hmac-sha256",
            Self::HmacSha512 => "hmac-sha512",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Token => "token",
            Self::Ed25519 => "ed25519",
            Self::EcdsaP256 => "ecdsa-p256-sha256",
        }
    }

    /// Whether a text is signed with the key and by itself.
    pub(crate) fn is_hmac(self) -> bool {
        matches!(self, Self::HmacSha1 | Self::HmacSha256 | Self::HmacSha512)
    }

    /// Whether everybody who can verify can also sign.
    pub(crate) fn is_symmetric(self) -> bool {
        !matches!(self, Self::Ed25519 | Self::EcdsaP256)
    }

    /// A key from its decoded bytes: the secret of a symmetric algorithm, the public key of another. `None` if
    /// they are no such key; no bytes never are, for with an empty key anybody can sign.
    pub(crate) fn key(self, bytes: &[u8]) -> Option<Key> {
        if bytes.is_empty() {
            return None;
        }
        const ANY: &str = "HMAC takes keys of any length";
        let hash = match self {
            Self::HmacSha1 => Hash::HmacSha1(Hmac::new_from_slice(bytes).expect(ANY)),
            Self::HmacSha256 => Hash::HmacSha256(Hmac::new_from_slice(bytes).expect(ANY)),
            Self::HmacSha512 => Hash::HmacSha512(Hmac::new_from_slice(bytes).expect(ANY)),
            Self::Sha1 => Hash::Sha1(Zeroizing::new(bytes.to_vec())),
            Self::Sha256 => Hash::Sha256(Zeroizing::new(bytes.to_vec())),
            Self::Token => return Some(Key::Token(Zeroizing::new(bytes.to_vec()))),
            Self::Ed25519 => {
                let key = VerifyingKey::from_bytes(bytes.try_into().ok()?).ok()?;
                return Some(Key::Ed25519(key));
            }
            Self::EcdsaP256 => {
                let key = P256VerifyingKey::from_public_key_der(bytes)
                    .or_else(|_| P256VerifyingKey::from_sec1_bytes(bytes))
                    .ok()?;
                return Some(Key::EcdsaP256(key));
            }
        };
        Some(Key::Hash(hash))
    }

    /// The key that nobody may use: what a forger tries where a receiver's secret may be unset.
    #[cfg(feature = "testing")]
    pub(crate) fn empty_key(self) -> Option<Key> {
        const ANY: &str = "HMAC takes keys of any length";
        Some(match self {
            Self::HmacSha1 => Key::Hash(Hash::HmacSha1(Hmac::new_from_slice(&[]).expect(ANY))),
            Self::HmacSha256 => Key::Hash(Hash::HmacSha256(Hmac::new_from_slice(&[]).expect(ANY))),
            Self::HmacSha512 => Key::Hash(Hash::HmacSha512(Hmac::new_from_slice(&[]).expect(ANY))),
            Self::Sha1 => Key::Hash(Hash::Sha1(Zeroizing::default())),
            Self::Sha256 => Key::Hash(Hash::Sha256(Zeroizing::default())),
            Self::Token => Key::Token(Zeroizing::default()),
            Self::Ed25519 | Self::EcdsaP256 => return None,
        })
    }

    /// The private key of an asymmetric algorithm, which also verifies. Only ed25519 has senders among our users.
    pub(crate) fn private_key(self, bytes: &[u8]) -> Option<Key> {
        match self {
            Self::Ed25519 => Some(Key::Ed25519Private(Box::new(secret::signing_key(bytes)?))),
            _ => None,
        }
    }
}

/// A key, ready to use. Its parts wipe themselves when dropped.
#[derive(Clone)]
pub(crate) enum Key {
    Hash(Hash),
    Token(Zeroizing<Vec<u8>>),
    Ed25519(VerifyingKey),
    Ed25519Private(Box<SigningKey>),
    EcdsaP256(P256VerifyingKey),
}

/// What is signed, handed over piece by piece: the first argument stands where the template has the secret.
pub(crate) type Message<'m> = dyn Fn(&[u8], &mut dyn FnMut(&[u8])) + 'm;

impl Key {
    /// The signature of a message, or `None` if this key only verifies.
    pub(crate) fn sign(&self, message: &Message<'_>) -> Option<Vec<u8>> {
        Some(match self {
            Self::Hash(hash) => hash.tag(message).as_slice().to_vec(),
            Self::Token(secret) => secret.to_vec(),
            Self::Ed25519Private(key) => key.sign(&whole(message)).to_bytes().to_vec(),
            Self::Ed25519(_) | Self::EcdsaP256(_) => return None,
        })
    }

    /// A judge of signatures of this one message.
    pub(crate) fn judge(&self, message: &Message<'_>) -> Judge<'_> {
        #[cfg(test)]
        counted::judge();
        match self {
            Self::Hash(hash) => Judge::Tag(hash.tag(message)),
            Self::Token(secret) => Judge::Token(Tag::new(&Sha256::digest(secret))),
            Self::Ed25519(key) => Judge::Ed25519(key, whole(message)),
            Self::Ed25519Private(key) => Judge::Ed25519(key.as_ref().as_ref(), whole(message)),
            Self::EcdsaP256(key) => Judge::EcdsaP256(key, whole(message)),
        }
    }
}

/// A keyed hash, in the state after its key.
#[derive(Clone)]
pub(crate) enum Hash {
    HmacSha1(Hmac<Sha1>),
    HmacSha256(Hmac<Sha256>),
    HmacSha512(Hmac<Sha512>),
    Sha1(Zeroizing<Vec<u8>>),
    Sha256(Zeroizing<Vec<u8>>),
}

impl Hash {
    fn tag(&self, message: &Message<'_>) -> Tag {
        match self {
            Self::HmacSha1(keyed) => {
                let mut state = keyed.clone();
                message(&[], &mut |part| state.update(part));
                Tag::new(&state.finalize().into_bytes())
            }
            Self::HmacSha256(keyed) => {
                let mut state = keyed.clone();
                message(&[], &mut |part| state.update(part));
                Tag::new(&state.finalize().into_bytes())
            }
            Self::HmacSha512(keyed) => {
                let mut state = keyed.clone();
                message(&[], &mut |part| state.update(part));
                Tag::new(&state.finalize().into_bytes())
            }
            Self::Sha1(secret) => {
                let mut state = Sha1::new();
                message(secret, &mut |part| state.update(part));
                Tag::new(&state.finalize())
            }
            Self::Sha256(secret) => {
                let mut state = Sha256::new();
                message(secret, &mut |part| state.update(part));
                Tag::new(&state.finalize())
            }
        }
    }
}

/// The right answer for one message and key. It is a valid signature of a body that an attacker chose, so it
/// never leaves this file but to be sent: no `Debug`, wiped on drop.
pub(crate) enum Judge<'k> {
    Tag(Tag),
    Token(Tag),
    Ed25519(&'k VerifyingKey, Vec<u8>),
    EcdsaP256(&'k P256VerifyingKey, Vec<u8>),
}

impl Judge<'_> {
    /// Whether a signature is right, in time that does not depend on how much of it is.
    pub(crate) fn accepts(&self, signature: &[u8]) -> Choice {
        match self {
            Self::Tag(tag) => tag.as_slice().ct_eq(signature),
            Self::Token(tag) => tag.as_slice().ct_eq(&Sha256::digest(signature)),
            // Strict: refuses the weak keys and mixed signatures on which implementations disagree.
            Self::Ed25519(key, message) => public(
                Ed25519Signature::from_slice(signature)
                    .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            ),
            Self::EcdsaP256(key, message) => public(
                DerSignature::try_from(signature)
                    .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            ),
        }
    }
}

/// The longest signature that any algorithm here makes: ECDSA's DER form of two 32-byte numbers.
pub(crate) const LONGEST_SIGNATURE: usize = 72;

/// The output of a hash, wiped on drop.
pub(crate) struct Tag {
    bytes: [u8; 64],
    length: usize,
}

impl Tag {
    fn new(tag: &[u8]) -> Self {
        let mut bytes = [0; 64];
        bytes[..tag.len()].copy_from_slice(tag);
        Self { bytes, length: tag.len() }
    }

    fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl Drop for Tag {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

/// The message in one piece, for the algorithms that read it twice.
fn whole(message: &Message<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    message(&[], &mut |part| bytes.extend_from_slice(part));
    bytes
}

/// A verdict that needs no secret to be found, and so no constant time.
fn public(verdict: bool) -> Choice {
    Choice::from(u8::from(verdict))
}

/// How often this thread has judged, for tests of what is bounded.
#[cfg(test)]
pub(crate) mod counted {
    use std::cell::Cell;

    thread_local!(static JUDGED: Cell<usize> = const { Cell::new(0) });

    pub(super) fn judge() {
        JUDGED.set(JUDGED.get() + 1);
    }

    /// How often there was something to judge while this ran.
    pub(crate) fn during<T>(run: impl FnOnce() -> T) -> (T, usize) {
        let before = JUDGED.get();
        let result = run();
        (result, JUDGED.get() - before)
    }
}
