import Foundation
internal import HooksealNative

/// What every call of Hookseal throws on purpose: a stable ``code`` for programs, and a sentence for people.
///
/// ```swift
/// do {
///     let event = try webhook.verify(body, headers)
/// } catch let error as HooksealError where error.kind == .verification {
///     response.status = error.httpStatus
/// }
/// ```
public struct HooksealError: LocalizedError, Hashable, Sendable {
    /// What kind of thing went wrong.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A request that is not to be trusted; the only errors that a stranger can cause.
        case verification = "VerificationError"
        /// A mistake in how Hookseal was called or set up.
        case config = "ConfigError"
        /// An attempt to deliver that failed.
        case delivery = "DeliveryError"
        /// The store of a sender failed.
        case store = "StoreError"
    }

    /// What went wrong, for programs.
    public let code: Code

    /// What went wrong and what to do, for people.
    public let message: String

    /// When the peer may come back, for `event_in_progress`: what belongs in `Retry-After`.
    public let retryAfter: Duration?

    /// What `explain` says, for the developer alone; empty unless the ``Webhook`` was told to explain its failures.
    public internal(set) var notes: [String] = []

    /// An error of your own, for a ``Transport`` to throw.
    public init(_ code: Code, _ message: String) {
        self.init(code, message, retryAfter: nil)
    }

    init(_ code: Code, _ message: String, retryAfter: Duration?) {
        (self.code, self.message, self.retryAfter) = (code, message, retryAfter)
    }

    /// What kind of thing went wrong.
    public var kind: Kind { code.facts.kind }

    /// The HTTP status to answer with, when a request that was received led to this error.
    public var httpStatus: Int { code.facts.httpStatus }

    public var errorDescription: String? { message }
}

extension HooksealError: CustomStringConvertible {
    public var description: String { "\(code.rawValue): \(message)" }
}

extension HooksealError.Code {
    /// One sentence on what it means.
    public var sentence: String { facts.sentence }

    fileprivate var facts: Facts {
        // The core's list has every code; a test compares the two.
        Facts.table[self] ?? Facts(kind: .config, httpStatus: 500, sentence: rawValue)
    }

    init(core name: String) {
        guard let code = Self(rawValue: name) else {
            fatalError("the core has the code \(name), and the list here has not; a test compares the two")
        }
        self = code
    }
}

private struct Facts {
    let kind: HooksealError.Kind
    let httpStatus: Int
    let sentence: String

    static let table: [HooksealError.Code: Facts] = {
        let rows = (try? errorCodes()) ?? []
        return Dictionary(
            uniqueKeysWithValues: rows.compactMap { row in
                guard let code = HooksealError.Code(rawValue: row.code),
                    let kind = HooksealError.Kind(rawValue: row.className)
                else { return nil }
                return (code, Facts(kind: kind, httpStatus: Int(row.status), sentence: row.sentence))
            })
    }()
}

/// Something questionable about a secret, for the developer to read once.
public struct HooksealWarning: Hashable, Sendable {
    /// The stable codes of warnings, the same in every language.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// The secret is so short that it could be guessed.
        case weakSecret = "weak_secret"
        /// The secret had whitespace around it, which was dropped.
        case trimmedSecret = "trimmed_secret"
    }

    public let code: Code
    /// What is questionable and what to do.
    public let message: String
}
