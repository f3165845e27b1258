//! What was found, and how sure that is.

use std::borrow::Cow;
use std::fmt;

/// One thing that was found about a request.
///
/// It names headers, lengths and ways of writing; never a secret, a signature, or what a body says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    code: FindingCode,
    certainty: Certainty,
    what: Cow<'static, str>,
    remedy: Cow<'static, str>,
}

impl Finding {
    pub(crate) fn certain<W, R>(code: FindingCode, what: W, remedy: R) -> Self
    where
        W: Into<Cow<'static, str>>,
        R: Into<Cow<'static, str>>,
    {
        Self { code, certainty: Certainty::Certain, what: what.into(), remedy: remedy.into() }
    }

    pub(crate) fn likely<W, R>(code: FindingCode, what: W, remedy: R) -> Self
    where
        W: Into<Cow<'static, str>>,
        R: Into<Cow<'static, str>>,
    {
        Self { certainty: Certainty::Likely, ..Self::certain(code, what, remedy) }
    }

    pub(crate) fn possible<W, R>(code: FindingCode, what: W, remedy: R) -> Self
    where
        W: Into<Cow<'static, str>>,
        R: Into<Cow<'static, str>>,
    {
        Self { certainty: Certainty::Possible, ..Self::certain(code, what, remedy) }
    }

    /// The stable code, the same in every language.
    pub fn code(&self) -> FindingCode {
        self.code
    }

    /// How sure it is.
    pub fn certainty(&self) -> Certainty {
        self.certainty
    }

    /// What is so.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// What to do about it.
    pub fn remedy(&self) -> &str {
        &self.remedy
    }
}

/// How sure a finding is; the surest is the smallest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// It was tried and the signature is right then, or the request shows it.
    Certain,
    /// The request looks like it.
    Likely,
    /// It would explain what was seen.
    Possible,
}

impl Certainty {
    /// All of them, the surest first.
    pub const ALL: &'static [Self] = &[Self::Certain, Self::Likely, Self::Possible];

    /// As text, such as `certain`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Likely => "likely",
            Self::Possible => "possible",
        }
    }
}

impl fmt::Display for Certainty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Writes the enum, its names and its sentences from one table.
macro_rules! codes {
    ($($variant:ident $name:literal $sentence:literal)*) => {
        /// The stable code of a [`Finding`]; `tests/findings.json` lists them for all languages.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum FindingCode {
            $(#[doc = $sentence] $variant,)*
        }

        impl FindingCode {
            /// Every code, in the order of `tests/findings.json`.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code as text, such as `body_reserialized`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// One sentence that says what the code means.
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $sentence,)* }
            }
        }
    };
}

codes! {
    BodyReserialized "body_reserialized"
        "The body was parsed as JSON and written again, in another form than it was signed in."
    BodyNewline "body_newline"
        "White space at the end of the body was added or taken away."
    BodyLineEndings "body_line_endings"
        "The line ends of the body were changed between LF and CRLF."
    BodyBom "body_bom"
        "A byte order mark at the start of the body was added or taken away."
    BodyCharset "body_charset"
        "The body was decoded in one character set and encoded in another."
    BodyLossy "body_lossy"
        "The body has replacement characters: it was decoded as text although it was none, and cannot be restored."
    BodyDoubleEncoded "body_double_encoded"
        "The body is a JSON string that holds the JSON that was signed."
    BodyBase64 "body_base64"
        "The body is still in Base64."
    BodyCompressed "body_compressed"
        "The body is still compressed, and was signed before."
    BodyDecompressed "body_decompressed"
        "The body was compressed when it was sent, and something has decompressed it."
    BodyForm "body_form"
        "A form was decoded that was signed as it was, or the other way round."
    BodyEmpty "body_empty"
        "The body is empty: something has read it before."
    BodyLength "body_length"
        "The body does not have as many bytes as its content-length says."
    BodyChanged "body_changed"
        "The body may have been changed in a way that cannot be undone."
    SecretEncoding "secret_encoding"
        "The secret is the right one, but is decoded in another way than the sender does."
    SecretCharacters "secret_characters"
        "The secret has characters that are not part of it, or lacks some: quotes, white space, a name before it."
    SecretOther "secret_other"
        "The request was signed with another of the secrets."
    SecretKind "secret_kind"
        "The secret is a key of another kind than the one that requests are signed with."
    SecretEnvironment "secret_environment"
        "The request is from the sender's test environment, which may have a secret of its own."
    SecretUnknown "secret_unknown"
        "The secret may be that of another endpoint, account or environment."
    HeaderMissing "header_missing"
        "A header that the provider sends is absent."
    HeaderRenamed "header_renamed"
        "A header that is needed came under another name."
    HeaderMerged "header_merged"
        "Several headers of one name were merged into one value."
    HeaderDuplicated "header_duplicated"
        "A header came twice with different values."
    HeaderMalformed "header_malformed"
        "A header is not of the provider's form."
    SignatureForm "signature_form"
        "The signature is right, but its prefix or field is not the one that the provider's file describes."
    SignatureEncoding "signature_encoding"
        "The signature is right, but is written in another encoding."
    SignatureAltered "signature_altered"
        "The signature was changed on the way: quoted, percent-encoded, or its plus signs turned to spaces."
    SignatureLength "signature_length"
        "The signature is too short or too long for the provider's algorithm."
    SignatureAlgorithm "signature_algorithm"
        "The signature was made with another algorithm."
    SignedTemplate "signed_template"
        "The signature is right, but for other parts of the request than the provider's file says."
    WrongProvider "wrong_provider"
        "The request is that of another provider."
    UnsignedDelivery "unsigned_delivery"
        "The provider sends unsigned requests to endpoints that have no secret."
    HandshakeRequest "handshake_request"
        "The request is no event but the provider's handshake, which wants an answer."
    UrlMissing "url_missing"
        "The provider signs the url, and none was given."
    UrlScheme "url_scheme"
        "The url that was signed has another scheme: http, https or a port."
    UrlHost "url_host"
        "The url that was signed has another host."
    UrlPath "url_path"
        "The url that was signed has another path, or a slash more or less at its end."
    UrlQuery "url_query"
        "The url that was signed has another query."
    MethodDiffers "method_differs"
        "The request was signed for another method."
    TimestampUnit "timestamp_unit"
        "The timestamp is written in another unit than the provider's file says."
    TimestampForm "timestamp_form"
        "The timestamp is not written as the provider writes it."
    TimestampOld "timestamp_old"
        "The signature is right, but the request was signed too long ago."
    TimestampFuture "timestamp_future"
        "The signature is right, but the request was signed far in the future."
    TimestampTimezone "timestamp_timezone"
        "The timestamp is off by whole hours: a local time was taken for UTC, here or at the sender."
    ClockSkew "clock_skew"
        "The signature is right, but one of the two clocks is wrong."
    NotExamined "not_examined"
        "The body is so large that its variations were not tried."
}

impl FindingCode {
    /// The code with this text, if there is one.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text)
    }
}

impl fmt::Display for FindingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
