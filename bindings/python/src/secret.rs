//! Signing keys: parsed once, redacted ever after.

use pyo3::inspect::PyStaticExpr;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyString};
use pyo3::{PyTypeInfo, type_hint_identifier, type_hint_union};

use crate::body::bytes_like;
use crate::error::{Error, Result};
use crate::provider::ProviderArgument;
use crate::text::Text;

/// A signing key. Its repr shows nothing of it, and it cannot be pickled.
///
/// Several secrets are a rotation: the newest signs, all of them verify. Raises ``ConfigError``
/// (``invalid_secret``) if the text is empty. A ``str`` cannot be wiped from Python's memory; what this object
/// holds is wiped when it goes.
#[pyclass(frozen, module = "hookseal")]
pub(crate) struct Secret(pub(crate) hookseal::Secret);

#[pymethods]
impl Secret {
    #[new]
    fn new(text: SecretText) -> Result<Self> {
        Ok(Self(hookseal::Secret::new(text.0.as_str())?))
    }

    /// A key as raw bytes, used as they are whatever encoding the provider writes its secrets in.
    #[staticmethod]
    fn from_bytes(key: Key) -> Result<Self> {
        Ok(Self(hookseal::Secret::from_bytes(&key.0)?))
    }

    /// A new random secret of the kind the provider uses.
    #[staticmethod]
    #[pyo3(signature = (provider = ProviderArgument::standard()))]
    fn generate(provider: ProviderArgument) -> Result<Self> {
        Ok(Self(provider.0.generate_secret()?))
    }

    /// A new random private key (``whsk_…``) where the provider has asymmetric signatures; its ``public()`` half
    /// is for the receivers.
    #[staticmethod]
    #[pyo3(signature = (provider = ProviderArgument::standard()))]
    fn generate_private_key(provider: ProviderArgument) -> Result<Self> {
        Ok(Self(provider.0.generate_private_key()?))
    }

    /// The secret in the clear, to show it once to its owner or to store it; never log it.
    fn expose(&self) -> Result<&str> {
        Ok(self.0.expose()?)
    }

    /// The public half (``whpk_…``) of a private key (``whsk_…``), for those who only verify.
    fn public(&self) -> Result<Self> {
        Ok(Self(self.0.public()?))
    }

    fn __repr__(&self) -> &'static str {
        "Secret([redacted])"
    }
}

/// One secret or several, the newest first.
pub(crate) struct Secrets(pub(crate) Vec<hookseal::Secret>);

impl<'py> FromPyObject<'_, 'py> for Secrets {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_identifier!("hookseal.types", "Secrets");

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if object.is_instance_of::<PyString>() || object.is_instance_of::<Secret>() {
            return Ok(Self(vec![one(&object)?]));
        }
        if object.is_none() || bytes_like(object)?.is_some() {
            return Err(not_a_secret(&object).into());
        }
        let Ok(items) = object.try_iter() else {
            return Err(not_a_secret(&object).into());
        };
        items.map(|item| one(&item?)).collect::<PyResult<_>>().map(Self)
    }
}

/// One secret.
pub(crate) struct OneSecret(pub(crate) hookseal::Secret);

impl<'py> FromPyObject<'_, 'py> for OneSecret {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_union!(PyString::TYPE_HINT, Secret::TYPE_HINT);

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        one(&object).map(Self)
    }
}

/// The text of a secret.
struct SecretText(Text);

impl<'py> FromPyObject<'_, 'py> for SecretText {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = PyString::TYPE_HINT;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        match object.cast::<PyString>() {
            Ok(_) => object.extract().map(Self),
            Err(_) => Err(not_a_secret(&object).into()),
        }
    }
}

/// The bytes of a raw key.
struct Key(PyBackedBytes);

impl<'py> FromPyObject<'_, 'py> for Key {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = PyBytes::TYPE_HINT;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        match bytes_like(object)? {
            Some(bytes) => Ok(Self(bytes)),
            None => Err(Error::unexpected("the bytes of a key", &object).into()),
        }
    }
}

fn one(object: &Bound<'_, PyAny>) -> PyResult<hookseal::Secret> {
    match object.cast::<Secret>() {
        Ok(secret) => Ok(secret.get().0.clone()),
        Err(_) => Ok(Secret::new(object.extract()?)?.0),
    }
}

fn not_a_secret(object: &Bound<'_, PyAny>) -> Error {
    if object.is_none() {
        return Error::argument("The secret is None; is the environment variable that holds it set?");
    }
    if object.is_instance_of::<PyBytes>() {
        return Error::argument(
            "A secret is str, as the provider shows it; for the bytes of a raw key use Secret.from_bytes.",
        );
    }
    Error::unexpected("a secret as str or Secret, or several of them", object)
}
