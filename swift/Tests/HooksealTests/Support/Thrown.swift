import Hookseal

/// The error of ours that a call throws; nil for none and for any other.
func thrown<Result>(_ call: () throws -> Result) -> HooksealError? {
    do {
        _ = try call()
        return nil
    } catch {
        return error as? HooksealError
    }
}

func thrown<Result: Sendable>(
    isolation: isolated (any Actor)? = #isolation, _ call: () async throws -> Result
) async -> HooksealError? {
    do {
        _ = try await call()
        return nil
    } catch {
        return error as? HooksealError
    }
}
