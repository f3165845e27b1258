// A process that sends is killed at any instant, and nothing is lost.
import Foundation
import Hookseal
import Testing

@Suite struct CrashTests {
    @Test(.timeLimit(.minutes(5))) func whatSendReturnedForSurvivesAKill() async throws {
        let store = try TemporaryStore()
        let receiver = try Receiver { _ in Receiver.Answer(pause: .milliseconds(2)) }
        defer { receiver.close() }
        try await withSender(at: store.url, start: false) { sender in
            _ = try await sender.endpoints.create(receiver.url)
        }
        var sent: [String] = []
        for enough in [1, 40, 150] {
            sent += try killed(after: enough, sendingTo: store.url)
        }
        #expect(sent.count >= 191)
        try await withSender(at: store.url) { sender in
            try await drain(sender)
        }
        var bodies: [String: Data] = [:]
        for request in receiver.requests {
            let body = bodies[idOf(request)] ?? request.body
            #expect(body == request.body, "the same id has the same bytes")
            bodies[idOf(request)] = body
        }
        #expect(sent.filter { bodies[$0] == nil } == [])
        // Requests on their way, and those whose outcome was not committed, in each of the three processes.
        let repeated = receiver.requests.count - bodies.count
        #expect(repeated <= 3 * 24)
    }

    /// Runs a process that sends, until it has told of so many messages.
    private func killed(after enough: Int, sendingTo url: String) throws -> [String] {
        let (child, output) = (Process(), Pipe())
        child.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
            .deletingLastPathComponent().appendingPathComponent("hookseal-child")
        child.arguments = [url]
        child.standardOutput = output
        try child.run()
        var told = Data()
        while told.count(where: { $0 == UInt8(ascii: "\n") }) < enough {
            let more = output.fileHandleForReading.availableData
            try #require(!more.isEmpty, "the child has ended by itself")
            told.append(more)
        }
        kill(child.processIdentifier, SIGKILL)
        child.waitUntilExit()
        #expect(child.terminationReason == .uncaughtSignal)
        told.append(output.fileHandleForReading.readDataToEndOfFile())
        // The last line may have been cut by the kill.
        let whole = told[...(told.lastIndex(of: UInt8(ascii: "\n")) ?? told.endIndex)]
        return String(decoding: whole, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
