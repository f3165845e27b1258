//! From the text of a secret to keys, as a provider's file says.

use p256::pkcs8::Document;
use zeroize::Zeroizing;

use crate::encoding::Encoding;
use crate::error::{Code, Error, Result};
use crate::file::{KeyEncoding, KeyTable};
use crate::mac::{Algorithm, Key};
use crate::secret::{self, Secret};

/// How a provider writes its secrets.
#[derive(Clone, Debug)]
pub(crate) struct KeySpec {
    algorithm: Algorithm,
    encodings: Vec<KeyEncoding>,
    prefix: Option<String>,
    private_prefix: Option<String>,
    pub(crate) optional: bool,
}

impl KeySpec {
    pub(crate) fn new(table: KeyTable, algorithm: Algorithm) -> Self {
        let encodings = table.encoding.map(|list| list.0).unwrap_or_default();
        Self {
            algorithm,
            encodings: if encodings.is_empty() { vec![KeyEncoding::Utf8] } else { encodings },
            prefix: table.prefix,
            private_prefix: table.private_prefix,
            optional: table.optional,
        }
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The same for another algorithm.
    pub(crate) fn with_algorithm(&self, algorithm: Algorithm) -> Self {
        Self { algorithm, ..self.clone() }
    }

    /// The prefix that secrets have, if they have one.
    pub(crate) fn prefix(&self) -> Option<&str> {
        self.prefix.as_deref()
    }

    pub(crate) fn is_symmetric(&self) -> bool {
        self.algorithm.is_symmetric()
    }

    /// Whether a secret says by its prefix that it is of this kind.
    pub(crate) fn claims(&self, secret: &Secret) -> bool {
        let starts = |prefix: &Option<String>| {
            prefix.as_ref().is_some_and(|prefix| secret.bytes().starts_with(prefix.as_bytes()))
        };
        !secret.is_raw() && (starts(&self.prefix) || starts(&self.private_prefix))
    }

    /// The keys that a secret may stand for: one, or several where a provider's secrets have been read in
    /// several ways; the first signs.
    pub(crate) fn keys(&self, secret: &Secret) -> Result<Vec<Key>> {
        let keys: Vec<_> = match self.private_text(secret) {
            _ if secret.is_raw() => self.algorithm.key(secret.bytes()).into_iter().collect(),
            Some(private) => {
                let decode = |encoding: &KeyEncoding| Some(Zeroizing::new(decode(*encoding, private)?));
                let bytes = self.encodings.iter().filter_map(decode);
                bytes.filter_map(|bytes| self.algorithm.private_key(&bytes)).collect()
            }
            None => {
                let decode =
                    |encoding: &KeyEncoding| Some(Zeroizing::new(decode(*encoding, self.text(secret))?));
                let bytes = self.encodings.iter().filter_map(decode);
                bytes.filter_map(|bytes| self.algorithm.key(&bytes)).collect()
            }
        };
        if keys.is_empty() { Err(self.refusal(secret)) } else { Ok(keys) }
    }

    /// Whether a secret has fewer bytes than a guess should ever reach.
    pub(crate) fn is_weak(&self, secret: &Secret) -> bool {
        let length = match self.encodings.first() {
            _ if secret.is_raw() => secret.bytes().len(),
            Some(encoding) => {
                decode(*encoding, self.text(secret)).map(Zeroizing::new).map_or(0, |key| key.len())
            }
            None => 0,
        };
        self.algorithm.is_symmetric() && length < 16
    }

    /// A fresh secret: 32 random bytes, written as the provider writes its secrets.
    pub(crate) fn generate(&self) -> Result<Secret> {
        let bytes = secret::random::<32>()?;
        let (prefix, bytes) = match self.algorithm {
            Algorithm::EcdsaP256 => return Err(self.no_private()),
            Algorithm::Ed25519 => {
                let prefix = self.private_prefix.as_ref().ok_or_else(|| self.no_private())?;
                let key = secret::signing_key(bytes.as_slice()).ok_or_else(|| self.no_private())?;
                (Some(prefix), Zeroizing::new(key.to_keypair_bytes().to_vec()))
            }
            _ => (self.prefix.as_ref(), Zeroizing::new(bytes.to_vec())),
        };
        let encoding = match self.encodings.first() {
            Some(KeyEncoding::Base64 | KeyEncoding::SpkiDerBase64) => Encoding::Base64,
            Some(KeyEncoding::Base64Url) => Encoding::Base64Url,
            // A utf-8 key is its own text; hex keeps it free of characters that get lost in transport.
            _ => Encoding::Hex,
        };
        let text = Zeroizing::new(encoding.encode(&bytes));
        let prefix = prefix.map(String::as_str).unwrap_or_default();
        Secret::new(&Zeroizing::new(format!("{prefix}{}", *text)))
    }

    fn private_text<'s>(&self, secret: &'s Secret) -> Option<&'s [u8]> {
        secret.bytes().strip_prefix(self.private_prefix.as_ref()?.as_bytes())
    }

    fn text<'s>(&self, secret: &'s Secret) -> &'s [u8] {
        let prefix = self.prefix.as_deref().unwrap_or_default();
        secret.bytes().strip_prefix(prefix.as_bytes()).unwrap_or(secret.bytes())
    }

    fn refusal(&self, secret: &Secret) -> Error {
        let text = self.text(secret);
        let form = match self.encodings.first() {
            Some(KeyEncoding::Base64 | KeyEncoding::SpkiDerBase64) => "base64",
            Some(KeyEncoding::Base64Url) => "base64url",
            Some(KeyEncoding::Hex) => "hex",
            Some(KeyEncoding::Pem) => "PEM",
            _ => "text",
        };
        let kind = if self.algorithm.is_symmetric() { "a key" } else { "a public key" };
        let prefix = self.prefix.as_ref().map(|prefix| format!(" after {prefix}")).unwrap_or_default();
        let hint = match text {
            [] => " Nothing stands after the prefix.",
            _ if text.iter().any(|byte| b"-_".contains(byte)) && form == "base64" => {
                " It has characters of base64url or of another kind of key."
            }
            _ if text.iter().any(u8::is_ascii_whitespace) => " It has whitespace inside.",
            _ => " Is it of another account, another kind, or cut short?",
        };
        Error::new(Code::InvalidSecret, format!("The secret is not {kind} in {form}{prefix}.{hint}"))
    }

    fn no_private(&self) -> Error {
        Error::new(
            Code::InvalidSecret,
            "Secrets of this provider are made by the provider; only it can sign.",
        )
    }
}

fn decode(encoding: KeyEncoding, text: &[u8]) -> Option<Vec<u8>> {
    match encoding {
        KeyEncoding::Utf8 => Some(text.to_vec()),
        KeyEncoding::Base64 | KeyEncoding::SpkiDerBase64 => Encoding::Base64.decode(text),
        KeyEncoding::Base64Url => Encoding::Base64Url.decode(text),
        KeyEncoding::Hex => Encoding::Hex.decode(text),
        KeyEncoding::Pem => {
            let text = std::str::from_utf8(text).ok()?;
            let (_, document) = Document::from_pem(text).ok()?;
            Some(document.as_bytes().to_vec())
        }
    }
}
