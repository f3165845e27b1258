import Foundation
internal import HooksealNative

/// Runs what calls the core; its errors come out as ours.
func calling<T>(_ call: () throws -> T) throws -> T {
    do {
        return try call()
    } catch let error as CoreError {
        throw HooksealError(error)
    }
}

/// The same for what waits. It goes on to its end, also when the task is canceled meanwhile.
func answered<T: Sendable>(_ call: () async throws -> T) async throws -> T {
    do {
        return try await call()
    } catch let error as CoreError {
        throw HooksealError(error)
    }
}

/// The same for what ends when the task is canceled; it throws `CancellationError` then.
func awaited<T: Sendable>(_ call: (Cancellation) async throws -> T) async throws -> T {
    try Task.checkCancellation()
    let cancellation = try calling { try Cancellation() }
    return try await withTaskCancellationHandler {
        do {
            return try await answered { try await call(cancellation) }
        } catch let error as HooksealError where error.code == .canceled && Task.isCancelled {
            throw CancellationError()
        }
    } onCancel: {
        try? cancellation.cancel()
    }
}

extension HooksealError {
    init(_ error: CoreError) {
        switch error {
        case .Verification(let code, let sentence, let wait), .Config(let code, let sentence, let wait),
            .Delivery(let code, let sentence, let wait), .Store(let code, let sentence, let wait):
            self.init(Code(core: code), sentence, retryAfter: wait.map(Duration.init(crossed:)))
        }
    }

    init(_ failure: Failure) {
        self.init(
            Code(core: failure.code), failure.message, retryAfter: failure.retryAfter.map(Duration.init(crossed:)))
    }

    static func invalidArgument(_ message: String) -> HooksealError {
        HooksealError(.invalidArgument, message)
    }
}
