//! In which ways a request may differ from a right one.

/// A kind of request that a receiver must be ready for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Variant {
    /// The same event once more, as after an answer that got lost: the same id and the same body.
    Duplicate,
    /// A letter or digit of the body was changed after it was signed.
    Tampered,
    /// Signed a minute longer ago than the provider tolerates: a replay.
    Stale,
    /// Signed for a time that lies a minute further ahead than the provider tolerates.
    Future,
    /// Signed with another secret of the same kind.
    WrongSecret,
    /// Signed with the empty key, which is anybody's.
    EmptyKey,
    /// Without its signature.
    Unsigned,
}

impl Variant {
    /// All there are.
    pub const ALL: &'static [Self] = &[
        Self::Duplicate,
        Self::Tampered,
        Self::Stale,
        Self::Future,
        Self::WrongSecret,
        Self::EmptyKey,
        Self::Unsigned,
    ];

    /// The name in every language, such as `wrong_secret`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Duplicate => "duplicate",
            Self::Tampered => "tampered",
            Self::Stale => "stale",
            Self::Future => "future",
            Self::WrongSecret => "wrong_secret",
            Self::EmptyKey => "empty_key",
            Self::Unsigned => "unsigned",
        }
    }

    /// The variant of this name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|variant| variant.as_str() == name)
    }
}
