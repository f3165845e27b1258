internal import HooksealNative

/// What to answer to a request that led to an error.
public struct Refusal: Hashable, Sendable {
    /// The HTTP status.
    public let status: Int
    /// What to send as `Retry-After`, if the sender shall come back.
    public let retryAfter: Duration?
}

extension HooksealError {
    /// What to answer to a request that led to this error, for whoever sent it: its status and, where the vendor shall
    /// bring the event back, when.
    public var refusal: Refusal {
        let code = code.rawValue
        guard let native = try? calling({ try HooksealNative.refusal(code: code) }) else {
            return Refusal(status: httpStatus, retryAfter: retryAfter)
        }
        return Refusal(
            status: Int(native.status), retryAfter: retryAfter ?? native.retryAfter.map(Duration.init(crossed:)))
    }
}
