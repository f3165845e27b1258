import Foundation
internal import HooksealNative

/// Which try of an event it is.
public struct Handling: Hashable, Sendable {
    /// Which try, from 1; it begins anew where somebody asked for another one by hand.
    public let number: Int
    /// The same for every try of this event, and another for every other event: for what the handler does elsewhere.
    public let idempotencyKey: String
    /// When the event was received first.
    public let receivedAt: Date
}

/// Thrown by a handler: the event is to be tried again after this time; the policy says how often.
public struct RetryIn: Error, Hashable {
    public let delay: Duration
    /// For the log.
    public let reason: String

    public init(_ delay: Duration, _ reason: String? = nil) {
        self.delay = delay
        self.reason = reason ?? "The handler asked for another try in \(delay)."
    }
}

/// Thrown by a handler: the event is not to be handled, and ends as discarded.
public struct Discard: Error, Hashable {
    /// For the log.
    public let reason: String

    public init(_ reason: String) {
        self.reason = reason
    }
}

/// A handler as the core calls it, once for every try.
final class Tries: EventHandler {
    private let handler: @Sendable (Event, Handling) async throws -> Void
    private let runner: Runner

    init(of handler: @escaping @Sendable (Event, Handling) async throws -> Void, on runner: Runner) {
        (self.handler, self.runner) = (handler, runner)
    }

    func handle(handling: HooksealNative.Handling) async throws {
        let handler = handler
        do {
            let event = try Event(native: handling.event)
            let which = Handling(
                number: Int(handling.number), idempotencyKey: handling.idempotencyKey, receivedAt: handling.receivedAt)
            try await runner.run { try await handler(event, which) }
        } catch {
            throw failure(error)
        }
    }

    private func failure(_ error: any Error) -> HandlerFailure {
        switch error {
        case let error as RetryIn:
            // A delay that makes no sense is none.
            .RetryIn(delay: (try? error.delay.crossing("delay")) ?? 0, reason: error.reason)
        case let error as Discard: .Discard(reason: error.reason)
        case let error as any LocalizedError: .Failed(reason: error.errorDescription ?? String(describing: error))
        default: .Failed(reason: String(describing: error))
        }
    }
}

/// Runs handlers, each until its time is over: then its task is canceled, and it is waited for.
final class Runner: @unchecked Sendable {
    private let timeout: Duration
    private let lock = NSLock()
    private var running: [Int: Task<Void, any Error>] = [:]
    private var count = 0

    init(timeout: Duration) {
        // The core has recorded the timeout by then, so that it is known as one.
        self.timeout = timeout + .milliseconds(100)
    }

    func run(_ work: @escaping @Sendable () async throws -> Void) async throws {
        let task = Task { try await work() }
        let timer = Task { [timeout] in
            try await Task.sleep(for: timeout)
            task.cancel()
        }
        let number = begin(task)
        defer {
            timer.cancel()
            finish(number)
        }
        try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    /// Tells the handlers that still run that nobody waits for them any more.
    func end() {
        for task in lock.withLock({ Array(running.values) }) { task.cancel() }
    }

    private func begin(_ task: Task<Void, any Error>) -> Int {
        lock.withLock {
            count += 1
            running[count] = task
            return count
        }
    }

    private func finish(_ number: Int) {
        lock.withLock { _ = running.removeValue(forKey: number) }
    }
}
