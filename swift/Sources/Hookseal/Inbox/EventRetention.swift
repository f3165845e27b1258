import Foundation
internal import HooksealNative

/// How long an inbox keeps things.
public enum EventRetention: Hashable, Sendable {
    /// The usual times: those of ``Times``.
    case standard
    /// For ever.
    case forever
    /// Some times of your own; what is nil is as usual.
    case times(Times)

    /// Times from when an event was handled; each is 30 days if not given.
    public struct Times: Hashable, Sendable {
        public var tries: Duration?
        public var bodies: Duration?
        public var events: Duration?
        /// Ids that are not received twice; at least as long as the provider may send them again.
        public var ids: Duration?

        public init(tries: Duration? = nil, bodies: Duration? = nil, events: Duration? = nil, ids: Duration? = nil) {
            (self.tries, self.bodies, self.events, self.ids) = (tries, bodies, events, ids)
        }
    }

    func crossing() throws -> EventRetentionRule? {
        switch self {
        case .standard: nil
        case .forever: .forever
        case .times(let times): .limited(retention: try times.crossing())
        }
    }
}

extension EventRetention.Times {
    fileprivate func crossing() throws -> HooksealNative.EventRetention {
        HooksealNative.EventRetention(
            tries: try tries?.crossing("retention.tries"), bodies: try bodies?.crossing("retention.bodies"),
            events: try events?.crossing("retention.events"), ids: try ids?.crossing("retention.ids"))
    }
}
