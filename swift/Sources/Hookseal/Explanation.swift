import Foundation
internal import HooksealNative

/// Why a request does not verify: for its developer, never for whoever sent it. It holds no secret, no signature and
/// nothing that the body says, and it turns no refusal into success.
public struct Explanation: Hashable, Sendable {
    /// What `verify` says.
    public enum Verdict: Hashable, Sendable {
        case verified
        /// With the error that `verify` throws.
        case refused(HooksealError)
    }

    /// The id of the provider that it was verified as.
    public let provider: String
    public let verdict: Verdict
    /// What was found, the surest first.
    public let findings: [Finding]
    /// All of it as a JSON object.
    public let json: String
    private let plain: String
    private let colored: String

    init(native: HooksealNative.Explanation) {
        (provider, json) = (native.provider, native.json)
        verdict = native.refusal.map { .refused(HooksealError($0)) } ?? .verified
        findings = native.findings.map(Finding.init(native:))
        (plain, colored) = (native.text, native.coloredText)
    }

    /// Several lines for a terminal, with ANSI colours or, as ``description`` has them, without.
    public func text(color: Bool) -> String {
        color ? colored : plain
    }
}

extension Explanation: CustomStringConvertible {
    public var description: String { plain }
}

/// One thing that was found about a request.
public struct Finding: Hashable, Sendable {
    /// How sure a finding is, the surest first.
    public enum Certainty: String, Hashable, Sendable, CaseIterable {
        /// It was tried, and the signature is right then; or the request itself shows it.
        case certain
        /// Much speaks for it.
        case likely
        /// It may be so.
        case possible
    }

    /// What it is, for programs.
    public let code: Code
    public let certainty: Certainty
    /// What is so.
    public let what: String
    /// What to do about it.
    public let remedy: String

    init(native: HooksealNative.Finding) {
        (code, what, remedy) = (Code(core: native.code), native.what, native.remedy)
        certainty =
            switch native.certainty {
            case .certain: .certain
            case .likely: .likely
            case .possible: .possible
            }
    }
}

/// The web framework whose remedies `explain` names.
public enum Framework: String, Hashable, Sendable, CaseIterable {
    case express
    case fastify
    case koa
    case nest
    /// Next.js, Hono, Bun, Deno.
    case web
    case lambda
    case fastapi
    case starlette
    case flask
    case django
    case asgi
    case wsgi
    case axum
    case ktor
    case spring
}

extension Finding.Code {
    /// One sentence on what it means.
    public var sentence: String { Self.sentences[self] ?? rawValue }

    fileprivate init(core name: String) {
        guard let code = Self(rawValue: name) else {
            fatalError("the core has the finding \(name), and the list here has not; a test compares the two")
        }
        self = code
    }

    private static let sentences: [Self: String] = {
        let rows = (try? findingCodes()) ?? []
        return Dictionary(
            uniqueKeysWithValues: rows.compactMap { row in Self(rawValue: row.code).map { ($0, row.sentence) } })
    }()
}
