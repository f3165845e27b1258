import Foundation
internal import HooksealNative

/// When a failed delivery is tried again, and when no more.
public struct RetryPolicy: Hashable, Sendable {
    /// What to do after an attempt.
    public enum Next: Hashable, Sendable {
        /// It was delivered.
        case done
        /// Try again, not before this instant.
        case retry(at: Date)
        /// It failed for good.
        case giveUp
        /// It failed for good, and the receiver asked for no more events.
        case disable
    }

    /// How an attempt ended.
    public enum Outcome: Hashable, Sendable {
        /// The receiver answered with this status code, and with this `Retry-After` header, as it came.
        case status(Int, retryAfter: String? = nil)
        /// There was no answer, for this reason.
        case failed(HooksealError.Code)
    }

    /// The delay before each retry, before jitter, counted from the end of the failed attempt.
    public let delays: [Duration]
    /// The largest part of itself, 0 to 1, by which a delay above ten seconds grows at random.
    public let jitter: Double
    private let disableOn: [UInt16]

    /// A policy with these delays; none at all means one attempt.
    ///
    /// - Throws: ``HooksealError`` `invalid_argument` for delays that make no sense.
    public init(_ delays: [Duration], jitter: Double = 0) throws {
        (self.delays, self.jitter, disableOn) = (delays, jitter, [])
        _ = try next(1, .status(200))
    }

    init(native: HooksealNative.RetryPolicy) {
        delays = native.delays.map(Duration.init(crossed:))
        (jitter, disableOn) = (native.jitter, native.disableOn)
    }

    /// `count` retries: the first after `first`, each later one after `factor` times the delay before, none after
    /// more than `cap`.
    ///
    /// - Throws: ``HooksealError`` `invalid_argument` for numbers that make no sense.
    public static func exponential(
        _ first: Duration, factor: Double, count: Int, cap: Duration? = nil, jitter: Double = 0
    ) throws -> RetryPolicy {
        let (shortest, longest) = (try first.crossing("first"), try cap?.crossing("cap"))
        let retries: UInt32 = try narrow(count, "count")
        return RetryPolicy(
            native: try calling {
                try exponentialRetry(first: shortest, factor: factor, count: retries, cap: longest, jitter: jitter)
            })
    }

    /// How many attempts there are at most, the first included.
    public var maxAttempts: Int { delays.count + 1 }

    /// What to do after attempt number `attempt` (the first is 1) ended like this; `chance`, 0 to 1, picks within the
    /// jitter.
    ///
    /// - Throws: ``HooksealError`` `invalid_argument` for numbers that make no sense.
    public func next(_ attempt: Int, _ outcome: Outcome, now: Date? = nil, chance: Double = 0) throws -> Next {
        let (policy, number): (_, UInt32) = (try crossing(), try narrow(attempt, "attempt"))
        let (ended, at) = (try outcome.crossing(), try now?.crossing("now"))
        let decision = try calling {
            try nextAttempt(policy: policy, attempt: number, outcome: ended, now: at, chance: chance)
        }
        return switch decision {
        case .done: .done
        case .retry(let at): .retry(at: at)
        case .giveUp: .giveUp
        case .disable: .disable
        }
    }

    func crossing() throws -> HooksealNative.RetryPolicy {
        let delays = try delays.map { try $0.crossing("A delay") }
        return HooksealNative.RetryPolicy(delays: delays, jitter: jitter, disableOn: disableOn)
    }
}

extension RetryPolicy.Outcome {
    fileprivate func crossing() throws -> AttemptOutcome {
        switch self {
        case .status(let code, let retryAfter):
            .status(code: try narrow(code, "The status"), retryAfter: retryAfter)
        case .failed(let code): .failed(code: code.rawValue)
        }
    }
}

/// A number in the width that the core has for it.
func narrow<Narrow: FixedWidthInteger>(_ number: Int, _ name: String) throws -> Narrow {
    guard let narrow = Narrow(exactly: number) else {
        throw HooksealError.invalidArgument("\(name) must be between \(Narrow.min) and \(Narrow.max), not \(number).")
    }
    return narrow
}
