import Foundation

// Instants and lengths of time cross over as floating-point seconds, which are cut to whole nanoseconds there. A hair
// is added to each, so that what was whole milliseconds is so still.

extension Date {
    /// This instant for the core, which keeps milliseconds.
    ///
    /// - Throws: ``HooksealError`` `invalid_argument` for one that no calendar has.
    func crossing(_ name: String) throws -> Date {
        let seconds = timeIntervalSince1970
        guard seconds.magnitude < Self.farthest else {
            throw HooksealError.invalidArgument("\(name) is not between the years 1 and 9999.")
        }
        let whole = (seconds * 1000).rounded() / 1000
        return Date(timeIntervalSince1970: whole + (whole < 0 ? -Self.hair : Self.hair))
    }

    /// Larger than half of what lies between two doubles of today's magnitude.
    private static let hair = 2.5e-7
    private static let farthest = 253_402_300_800.0
}

extension Duration {
    /// This length for the core.
    ///
    /// - Throws: ``HooksealError`` `invalid_argument` for a negative one.
    func crossing(_ name: String) throws -> TimeInterval {
        guard self >= .zero else {
            throw HooksealError.invalidArgument("\(name) must not be negative.")
        }
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) * 1e-18 + (attoseconds == 0 ? 0 : 5e-10)
    }

    init(crossed seconds: TimeInterval) {
        let whole = seconds.rounded(.down)
        guard let count = Int64(exactly: whole) else {
            self = .seconds(Int64.max)
            return
        }
        self = .seconds(count) + .nanoseconds(Int64(((seconds - whole) * 1e9).rounded()))
    }
}
