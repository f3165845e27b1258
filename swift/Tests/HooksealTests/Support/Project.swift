import Foundation

/// Where things of the project are, and a place for what a test makes.
enum Project {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static func read(_ path: String) throws -> Data {
        try Data(contentsOf: root.appendingPathComponent(path))
    }

    static func temporaryFolder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hookseal-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }
}

/// A store that is gone when the test is.
final class TemporaryStore: Sendable {
    let folder: URL
    var url: String { "sqlite:\(folder.path)/hooks.db" }

    init() throws {
        folder = try Project.temporaryFolder()
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }
}
