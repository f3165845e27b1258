import Foundation
import Hookseal
import Testing

@Suite struct NoticeTests {
    @Test func eachIsAcknowledgedWhenTheNextIsAskedFor() async throws {
        let (store, receiver) = (try TemporaryStore(), try Receiver { _ in Receiver.Answer(status: 410) })
        defer { receiver.close() }
        try await withSender(at: store.url) { sender in
            let endpoint = try await sender.endpoints.create(receiver.url)
            try await sender.send("a", 1)
            try await drain(sender)
            #expect(try await sender.endpoints.get(endpoint.id).status == .disabled(.refused))
            var told: [Notice] = []
            for try await notice in sender.notices() {
                told.append(notice)
                if told.count == 2 { break }
            }
            #expect(Set(told.map(\.kind)) == [.deliveryFailed, .endpointDisabled])
            #expect(told.allSatisfy { $0.endpoint == endpoint.id })
        }
        try await withSender(at: store.url, start: false) { sender in
            var notices = sender.notices().makeAsyncIterator()
            let last = try #require(try await notices.next())
            let waiting = Task { [notices] in
                var notices = notices
                return try await notices.next()
            }
            try await Task.sleep(for: .milliseconds(50))
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            #expect(last.seq == 2)
        }
    }

    @Test func theyEndWhenTheSenderIsShutDown() async throws {
        try await withSender { sender in
            let reading = Task { try await sender.notices().reduce(0) { count, _ in count + 1 } }
            try await Task.sleep(for: .milliseconds(50))
            try await sender.shutdown()
            #expect(try await reading.value == 0)
            #expect(try await sender.notices().reduce(0) { count, _ in count + 1 } == 0)
        }
    }
}
