import Foundation
import Testing

/// Runs a process of these tests until it has said so many lines, kills it, and returns all that it said.
func killed(after enough: Int, _ arguments: [String]) async throws -> [String] {
    let (told, wasKilled) = try await onAThread {
        let (child, output) = (process(arguments), Pipe())
        child.standardOutput = output
        try child.run()
        var told = Data()
        while told.count(where: { $0 == UInt8(ascii: "\n") }) < enough {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { break }
            told.append(more)
        }
        kill(child.processIdentifier, SIGKILL)
        child.waitUntilExit()
        told.append(output.fileHandleForReading.readDataToEndOfFile())
        return (told, child.terminationReason == .uncaughtSignal)
    }
    try #require(wasKilled, "the child has ended by itself")
    // The last line may have been cut by the kill.
    let whole = told[...(told.lastIndex(of: UInt8(ascii: "\n")) ?? told.endIndex)]
    return String(decoding: whole, as: UTF8.self).split(separator: "\n").map(String.init)
}

/// Runs a program to its end, with these variables in its environment, and returns what it said.
func said(
    _ arguments: [String], _ environment: [String: String] = [:], by program: String = "hookseal-child"
) async throws -> String {
    let (told, status) = try await onAThread {
        let (child, output) = (process(arguments, program), Pipe())
        child.environment = ProcessInfo.processInfo.environment.merging(environment) { _, own in own }
        child.standardOutput = output
        try child.run()
        let told = output.fileHandleForReading.readDataToEndOfFile()
        child.waitUntilExit()
        return (told, child.terminationStatus)
    }
    #expect(status == 0)
    return String(decoding: told, as: UTF8.self)
}

private func process(_ arguments: [String], _ program: String = "hookseal-child") -> Process {
    let child = Process()
    child.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
        .deletingLastPathComponent().appendingPathComponent(program)
    child.arguments = arguments
    return child
}

/// Waits on a thread of its own: those of tasks are as few as the machine has cores, and other tests need them.
private func onAThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
    }
}
