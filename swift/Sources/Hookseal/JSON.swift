import Foundation

/// The same value is the same text every time: what is sent twice under one id must not differ.
func json(_ data: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.dateEncodingStrategy = .iso8601
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
        return String(decoding: try encoder.encode(data), as: UTF8.self)
    } catch {
        throw HooksealError.invalidArgument("The data cannot be written as JSON: \(error.localizedDescription)")
    }
}
