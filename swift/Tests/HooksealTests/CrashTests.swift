// A process that sends or handles is killed at any instant, and nothing is lost.
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
            sent += try await killed(after: enough, ["send", store.url])
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

    @Test(.timeLimit(.minutes(5))) func whatWasAcknowledgedIsHandledThoughItIsKilled() async throws {
        let store = try TemporaryStore()
        var (acknowledged, handled) = (Set<String>(), Set<String>())
        for (round, enough) in [1, 60, 200].enumerated() {
            for line in try await killed(after: enough, ["receive", store.url, "\(round)"]) {
                let words = line.split(separator: " ").map(String.init)
                if words[0] == "handled" { handled.insert(words[1]) } else { acknowledged.insert(words[1]) }
            }
        }
        #expect(acknowledged.count > 50)
        // It was killed while it handled: there is something left to do.
        #expect(!acknowledged.isSubset(of: handled))
        let rest = Recorder<String>()
        let handler: Handler = { event, _ in rest.add(event.id ?? "") }
        try await withInbox(at: store.url, handlers: ["*": handler]) { inbox in
            try await drain(inbox)
        }
        #expect(acknowledged.subtracting(handled).subtracting(rest.all) == [])
    }
}
