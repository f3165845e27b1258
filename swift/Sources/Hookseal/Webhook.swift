import Foundation
internal import HooksealNative

/// A provider and its secrets: signs what is sent, verifies what came.
///
/// ```swift
/// let webhook = try Webhook("whsec_MfKQ…", provider: .builtin("webkasa"))
/// let event = try webhook.verify(body, headers)
/// ```
public struct Webhook: Sendable {
    /// The provider whose conventions are followed.
    public let provider: Provider
    let native: HooksealNative.Webhook
    private let explains: Bool

    /// A provider and one secret, as the provider shows it.
    ///
    /// - Throws: ``HooksealError`` `invalid_secret`, `invalid_argument`.
    public init(
        _ secret: String, provider: Provider = .standard, tolerance: Tolerance? = nil, explainFailures: Bool? = nil
    ) throws {
        try self.init(
            [Secret(secret)], provider: provider, tolerance: tolerance, explainFailures: explainFailures)
    }

    /// A provider and its secrets, newest first: the newest signs, all of them verify.
    ///
    /// - Parameters:
    ///   - provider: The vendor's conventions; Standard Webhooks if not given.
    ///   - tolerance: How old or how far ahead a timestamp may be; the provider's word if not given.
    ///   - explainFailures: For development: the errors that `verify` throws have what `explain` says as their
    ///     ``HooksealError/notes``. If not given, the environment's `HOOKSEAL_EXPLAIN=1` says.
    /// - Throws: ``HooksealError`` `invalid_secret`, `invalid_argument`.
    public init(
        _ secrets: [Secret], provider: Provider = .standard, tolerance: Tolerance? = nil, explainFailures: Bool? = nil
    ) throws {
        let past = try tolerance?.past.crossing("tolerance.past")
        let future = try tolerance?.future.crossing("tolerance.future")
        let keys = secrets.map(\.native)
        self.provider = provider
        explains = try explainFailures ?? calling { try explainsByEnvironment() }
        native = try calling {
            try HooksealNative.Webhook(provider: provider.native, secrets: keys, past: past, future: future)
        }
    }

    /// Checks that a request is the sender's and returns its event. `body` is the raw body, as it came.
    ///
    /// - Parameters:
    ///   - now: What time it is; the clock's time if not given.
    ///   - url: The url that was called, for providers that sign it.
    ///   - method: The request's method, for providers that sign it.
    ///   - framework: The web framework: the notes of errors say what to do there.
    /// - Throws: ``HooksealError`` of kind `verification` if it is not to be trusted; `code` says why.
    public func verify(
        _ body: some DataProtocol, _ headers: RequestHeaders, now: Date? = nil, url: String? = nil,
        method: String? = nil, framework: Framework? = nil
    ) throws -> Event {
        let options = RequestOptions(now: try now?.crossing("now"), url: url, method: method)
        do {
            return try Event(
                native: try calling {
                    try native.verify(body: Data(body), headers: headers.lines, options: options)
                })
        } catch var error as HooksealError where explains && error.kind == .verification {
            let explanation = try explain(
                body, headers, now: now, url: url, method: method, framework: framework)
            error.notes = [explanation.description]
            throw error
        }
    }

    /// The same for headers of which each is there once.
    public func verify(
        _ body: some DataProtocol, _ headers: [String: String], now: Date? = nil, url: String? = nil,
        method: String? = nil, framework: Framework? = nil
    ) throws -> Event {
        try verify(
            body, RequestHeaders(headers), now: now, url: url, method: method, framework: framework)
    }

    /// Says why a request does not verify, and what to do: for its developer, never for whoever sent it. Takes what
    /// `verify` takes, with all headers of the request. It never turns failure into success.
    ///
    /// - Parameters:
    ///   - framework: The web framework, so that the remedies are its own.
    ///   - otherSecrets: More secrets of the same owner, such as those of other endpoints: it is told which of them has
    ///     signed. Never pass those of other tenants.
    /// - Throws: ``HooksealError`` `invalid_argument` for a `now` that no calendar has.
    public func explain(
        _ body: some DataProtocol, _ headers: RequestHeaders, now: Date? = nil, url: String? = nil,
        method: String? = nil, framework: Framework? = nil, otherSecrets: [Secret] = []
    ) throws -> Explanation {
        let options = RequestOptions(now: try now?.crossing("now"), url: url, method: method)
        return Explanation(
            native: try calling {
                try native.explain(
                    body: Data(body), headers: headers.lines, options: options, framework: framework?.rawValue,
                    otherSecrets: otherSecrets.map(\.native))
            })
    }

    /// The same for headers of which each is there once.
    public func explain(
        _ body: some DataProtocol, _ headers: [String: String], now: Date? = nil, url: String? = nil,
        method: String? = nil, framework: Framework? = nil, otherSecrets: [Secret] = []
    ) throws -> Explanation {
        try explain(
            body, RequestHeaders(headers), now: now, url: url, method: method, framework: framework,
            otherSecrets: otherSecrets)
    }

    /// Every header to send with this body: signed with the newest secret, or with all of them where requests carry
    /// several signatures.
    ///
    /// - Parameters:
    ///   - id: The event's id, for providers that send it in a header; made if not given.
    ///   - timestamp: When it is signed; now if not given.
    ///   - type: The event's type, for providers that say it in a header.
    ///   - url: The url that is called, for providers that sign it.
    ///   - method: The request's method, for providers that sign it.
    /// - Throws: ``HooksealError`` `invalid_secret` if the secret can only verify, `invalid_argument`.
    public func sign(
        _ body: some DataProtocol, id: String? = nil, timestamp: Date? = nil, type: String? = nil,
        url: String? = nil, method: String? = nil
    ) throws -> [String: String] {
        let options = SignatureOptions(
            id: id, timestamp: try timestamp?.crossing("timestamp"), eventType: type, url: url, method: method)
        let lines = try calling { try native.sign(body: Data(body), options: options) }
        return Dictionary(lines.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    /// What to answer where the vendor asks whose the endpoint is; nil if the request is no such question.
    ///
    /// - Parameters:
    ///   - verifyToken: The token that was agreed on with the vendor, where there is one.
    /// - Throws: ``HooksealError`` of kind `verification` if the request is not to be trusted.
    public func handshake(
        _ body: some DataProtocol, _ headers: RequestHeaders, verifyToken: String? = nil, now: Date? = nil,
        url: String? = nil, method: String? = nil
    ) throws -> HandshakeAnswer? {
        let options = RequestOptions(now: try now?.crossing("now"), url: url, method: method)
        let answer = try calling {
            try native.handshake(
                body: Data(body), headers: headers.lines, options: options, verifyToken: verifyToken)
        }
        return answer.map(HandshakeAnswer.init(native:))
    }

    /// The names of the headers that `verify` reads, in lower case.
    public var headerNames: [String] {
        get throws { try calling { try native.headerNames() } }
    }

    /// What is questionable about its secrets, to be shown to a developer.
    public var warnings: [HooksealWarning] {
        get throws { try calling { try native.warnings() }.compactMap(HooksealWarning.init(native:)) }
    }
}

/// How far a timestamp may lie in the past and in the future.
public struct Tolerance: Hashable, Sendable {
    public let past: Duration
    public let future: Duration

    public init(past: Duration, future: Duration) {
        (self.past, self.future) = (past, future)
    }

    /// The same in both directions.
    public init(_ both: Duration) {
        self.init(past: both, future: both)
    }
}

/// What to answer a vendor that asks whose an endpoint is.
public struct HandshakeAnswer: Sendable {
    public let status: Int
    /// Every header of the response, in order.
    public let headers: [Header]
    public let body: String
    /// The secret that the vendor gives away in this request, and nowhere else.
    public let secret: Secret?

    init(native: HooksealNative.HandshakeAnswer) {
        (status, body) = (Int(native.status), native.body)
        headers = native.headers.map(Header.init(native:))
        secret = native.secret.map(Secret.init(native:))
    }
}

extension HooksealWarning {
    init?(native: HooksealNative.Warning) {
        guard let code = Code(rawValue: native.code) else { return nil }
        self.init(code: code, message: native.message)
    }
}

/// The url to verify a request with: the one that is `registered` with the provider, and of the request's `target`, its
/// path and query, what that leaves out. What host a request claims does not count.
public func publicURL(_ registered: String, _ target: String) throws -> String {
    try calling { try publicUrl(registered: registered, target: target) }
}

/// How many bytes of a request's body to read at most, unless you have reason for another limit.
public func maxBody() throws -> Int {
    Int(clamping: try calling { try HooksealNative.maxBody() })
}
