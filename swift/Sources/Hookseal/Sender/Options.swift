import Foundation
internal import HooksealNative

/// How long a sender keeps things.
public enum Retention: Hashable, Sendable {
    /// The usual times: those of ``Times``.
    case standard
    /// For ever.
    case forever
    /// Some times of your own.
    case times(Times)

    /// Times from the end of a delivery.
    public struct Times: Hashable, Sendable {
        /// Deliveries of a disabled endpoint, from when it was disabled: 7 days.
        public var held: Duration
        /// Attempts: 30 days.
        public var attempts: Duration
        /// Bodies: 30 days.
        public var bodies: Duration
        /// Deliveries: 90 days.
        public var deliveries: Duration
        /// Ids that must not come twice, from when they were stored: 90 days.
        public var ids: Duration
        /// What was counted for `usage`: 400 days.
        public var usage: Duration

        /// The usual times, to change some of them.
        public init() throws {
            let usual = try calling { try defaultRetention() }
            (held, attempts) = (Duration(crossed: usual.held), Duration(crossed: usual.attempts))
            (bodies, deliveries) = (Duration(crossed: usual.bodies), Duration(crossed: usual.deliveries))
            (ids, usage) = (Duration(crossed: usual.ids), Duration(crossed: usual.usage))
        }
    }

    func crossing() throws -> RetentionRule? {
        switch self {
        case .standard: nil
        case .forever: .forever
        case .times(let times): .limited(retention: try times.crossing())
        }
    }
}

extension Retention.Times {
    fileprivate func crossing() throws -> HooksealNative.Retention {
        HooksealNative.Retention(
            held: try held.crossing("retention.held"),
            attempts: try attempts.crossing("retention.attempts"),
            bodies: try bodies.crossing("retention.bodies"),
            deliveries: try deliveries.crossing("retention.deliveries"),
            ids: try ids.crossing("retention.ids"),
            usage: try usage.crossing("retention.usage")
        )
    }
}
