import Foundation
internal import HooksealNative

extension Sender {
    /// Whom a test goes to.
    public enum TestTarget: Hashable, Sendable {
        /// An endpoint, whatever it wants and even if it is disabled.
        case endpoint(Int64)
        /// Every active endpoint that wants events of this type.
        case type(String, tenant: String? = nil)
    }

    /// Sends a test now, once. Tests are logged, and count for nothing else.
    ///
    /// - Parameters:
    ///   - type: The type of event for a test of one endpoint; the provider's choice if not given.
    ///   - data: The event's data as JSON; the catalog's example if not given.
    /// - Throws: ``HooksealError`` `not_found`; `invalid_argument` if the catalog has no example and there is no data;
    ///   `CancellationError`: the test may have been sent, and is in the log then.
    @discardableResult
    public func sendTest(
        _ target: TestTarget, type: String? = nil, json data: String? = nil
    ) async throws -> [TestResult] {
        let to: HooksealNative.TestTarget =
            switch target {
            case .endpoint(let id): .endpoint(id: id)
            case .type(let type, let tenant): .eventType(eventType: type, tenant: tenant)
            }
        let results = try await awaited {
            try await native.sendTest(target: to, eventType: type, data: data, cancellation: $0)
        }
        return results.map(TestResult.init(native:))
    }
}

/// What came of a test at one endpoint.
public struct TestResult: Sendable {
    /// The endpoint's id.
    public let endpoint: Int64
    /// The delivery's id.
    public let delivery: Int64
    /// Whether the receiver accepted it.
    public let delivered: Bool
    /// Nil if no process delivered it in time.
    public let attempt: StoredAttempt?

    init(native: HooksealNative.TestResult) {
        (endpoint, delivery) = (native.endpoint, native.delivery)
        (delivered, attempt) = (native.delivered, native.attempt.map(StoredAttempt.init(native:)))
    }
}
