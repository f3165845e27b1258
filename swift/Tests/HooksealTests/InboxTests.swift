// The inbox: what is received is handled once, again if it fails, in order if asked.
import Foundation
import Hookseal
import Testing

@Suite struct InboxTests {
    private struct NoSeats: Error {
        let number: Int
    }
    private struct Seat: Codable {
        let room: String
        let n: Int
    }

    @Test(arguments: ["memory", "sqlite"]) func anEventIsStoredAndHandledOnce(store: String) async throws {
        let file = try TemporaryStore()
        let seen = Recorder<String>()
        let handler: Handler = { event, handling in seen.add("\(event.id ?? "") \(handling.number)") }
        try await withInbox(at: store == "memory" ? "memory:" : file.url, handlers: ["thing.*": handler]) { inbox in
            let (body, headers) = try Requests.make("a", #"{"n": 1}"#)
            let receipt = try await inbox.receive(body, headers)
            #expect(receipt.id == "a")
            #expect(!receipt.isDuplicate)
            try await withThrowingTaskGroup(of: Receipt.self) { group in
                for _ in 0..<32 { group.addTask { try await inbox.receive(body, RequestHeaders(headers)) } }
                for try await again in group { #expect(again.isDuplicate) }
            }
            try await drain(inbox)
            #expect(seen.all == ["a 1"])
            let detail = try await inbox.events.get("a")
            #expect(detail.event.status == .handled)
            #expect(detail.event.type == "thing.made")
            #expect(detail.event.tryCount == 1)
            #expect(detail.tries.map(\.succeeded) == [true])
            #expect(detail.body == body)
            let stats = try await inbox.stats()
            #expect((stats.received, stats.duplicates) == (1, 32))
            #expect((stats.handled, stats.pending) == (1, 0))
            #expect(try await inbox.prometheus().contains(#"hookseal_inbox_events_total{result="handled"} 1"#))
        }
    }

    @Test func whatIsNotVerifiedNeverReachesTheStore() async throws {
        let inbox = try Inbox("memory:", Webhook(Requests.secret), maxBody: 100)
        #expect(inbox.maxBody == 100)
        let (body, headers) = try Requests.make("a")
        let forged = try #require(await thrown { try await inbox.receive(body + Data(" ".utf8), headers) })
        #expect(forged.code == .signatureMismatch)
        #expect(forged.refusal.status == 401)
        #expect(forged.refusal.retryAfter == nil)
        let (long, signed) = try Requests.make("b", "\"\(String(repeating: "x", count: 100))\"")
        let large = try #require(await thrown { try await inbox.receive(long, signed) })
        #expect(large.code == .requestTooLarge)
        #expect(large.refusal.status == 413)
        let late = Date(timeIntervalSinceNow: 3600)
        #expect(await thrown { try await inbox.receive(body, headers, now: late) }?.code == .timestampTooOld)
        let canceled = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await inbox.receive(body, headers)
        }
        await #expect(throws: CancellationError.self) { try await canceled.value }
        #expect(try await inbox.events.list().items == [])
        try await inbox.shutdown()
        try await inbox.shutdown()
        let closed = try #require(await thrown { try await inbox.receive(body, headers) })
        #expect(closed.code == .closed)
        #expect(closed.refusal.status == 503)
        #expect(closed.refusal.retryAfter == .seconds(10))
    }

    @Test func whatFailsIsTriedAgainAndThenWaitsForSomebody() async throws {
        let store = try TemporaryStore()
        let (isBroken, keys) = (Flag(true), Recorder<String>())
        let soon = try RetryPolicy([.milliseconds(100), .milliseconds(100)])
        let handler: Handler = { _, handling in
            keys.add(handling.idempotencyKey)
            if isBroken.isSet { throw NoSeats(number: handling.number) }
        }
        try await withInbox(at: store.url, retry: soon, handlers: ["thing.*": handler]) { inbox in
            try await inbox.receive("a")
            try await drain(inbox)
            var notices = inbox.notices().makeAsyncIterator()
            let failed = try #require(try await notices.next())
            #expect((failed.id, failed.type) == ("a", "thing.made"))
            #expect(failed.kind == .eventFailed)
            #expect(failed.error == HooksealError(.handlerFailed, "NoSeats(number: 3)"))
            let detail = try await inbox.events.get("a")
            #expect(detail.event.status == .failed)
            #expect(detail.event.errorCode == .handlerFailed)
            #expect(detail.tries.map { $0.error?.message } == (1...3).map { "NoSeats(number: \($0))" })
            #expect(try await inbox.events.list(EventFilter(status: .failed, types: ["thing.*"])).items.count == 1)
            isBroken.set(false)
            let job = try await inbox.events.retryFailed(Date(timeIntervalSinceNow: -3600), types: ["thing.made"])
            #expect(try await notices.next()?.kind == .eventRecovered)
            #expect(try await inbox.jobs.get(job.id).total == 1)
            #expect(Set(keys.all).count == 1)
            #expect(keys.all.count == 4)
            try await inbox.events.retry("a")
            try await drain(inbox)
            #expect(keys.all.count == 5)
        }
    }

    @Test func aHandlerMayAskForAnotherTryOrForNone() async throws {
        let at = Recorder<ContinuousClock.Instant>()
        let handlers: [String: Handler] = [
            "later": { _, handling in
                at.add(.now)
                if handling.number == 1 { throw RetryIn(.milliseconds(300), "the seats are locked") }
            },
            "never": { _, _ in throw Discard("nobody sits there any more") },
            "ours": { _, _ in throw HooksealError(.timeout, "Our own sentence.") },
        ]
        try await withInbox(handlers: handlers) { inbox in
            for (id, type) in ["a": "later", "b": "never", "c": "unknown"] {
                try await inbox.receive(id, type: type)
            }
            try await drain(inbox)
            #expect(at.all[1] - at.all[0] >= .milliseconds(300))
            func errors(_ id: String) async throws -> [HooksealError?] {
                try await inbox.events.get(id).tries.map(\.error)
            }
            #expect(try await errors("a") == [HooksealError(.handlerFailed, "the seats are locked"), nil])
            #expect(try await errors("b") == [HooksealError(.discarded, "nobody sits there any more")])
            #expect(try await errors("c").map { $0?.code } == [.noHandler])
            #expect(try await inbox.events.get("c").event.status == .discarded)
            try await inbox.receive("d", type: "ours")
            #expect(try await until { try await inbox.events.get("d").tries.count == 1 })
            #expect(try await errors("d") == [HooksealError(.handlerFailed, "Our own sentence.")])
        }
    }

    @Test func aHandlerWhoseTimeIsOverIsCanceledAndNotOvertaken() async throws {
        let (inside, canceled) = (Recorder<Int>(), Recorder<Bool>())
        let handler: Handler = { _, handling in
            inside.add(1)
            defer { inside.add(-1) }
            guard handling.number == 1 else { return }
            try? await Task.sleep(for: .seconds(60))
            canceled.add(Task.isCancelled)
            // It takes its time to end: the next try is due by then, and its own time runs.
            await Task { try? await Task.sleep(for: .milliseconds(300)) }.value
        }
        let soon = try RetryPolicy([.milliseconds(50), .milliseconds(50)])
        try await withInbox(timeout: .seconds(4), retry: soon, handlers: ["*": handler]) { inbox in
            try await inbox.receive("a")
            try await drain(inbox)
            let detail = try await inbox.events.get("a")
            #expect(detail.event.status == .handled)
            #expect(detail.tries.map { $0.error?.code } == [.timeout, nil])
            #expect(canceled.all == [true])
            #expect(inside.all == [1, -1, 1, -1])
        }
    }

    @Test func eventsOfAKeyAreHandledInOrder() async throws {
        let store = try TemporaryStore()
        let order = Recorder<Seat>()
        let room: @Sendable (Event) throws -> String? = { try $0.data(as: Seat.self).room }
        let soon = try RetryPolicy([.milliseconds(100)])
        try await withInbox(at: store.url, retry: soon, orderBy: room, start: false) { inbox in
            for n in 0..<12 { try await inbox.receive("e\(n)", #"{"room": "\#(n % 3)", "n": \#(n)}"#) }
            // What is not verified is not shown to `orderBy`, and what that throws is thrown.
            let (body, _) = try Requests.make("x")
            #expect(await thrown { try await inbox.receive(body, [:]) }?.code == .missingHeader)
            await #expect(throws: DecodingError.self) { try await inbox.receive("x", #"{"no": "room"}"#) }
            try inbox.on("*") { event, handling in
                let seat = try event.data(as: Seat.self)
                if seat.n == 0, handling.number == 1 { throw NoSeats(number: 0) }
                order.add(seat)
            }
            try await inbox.start()
            try await drain(inbox)
        }
        for room in 0..<3 {
            #expect(order.all.filter { $0.room == "\(room)" }.map(\.n) == [room, room + 3, room + 6, room + 9])
        }
    }

    @Test func theLogIsSteeredAndWritten() async throws {
        try await withInbox(start: false) { inbox in
            for id in ["e0", "e1", "e2"] { try await inbox.receive(id) }
            let page = try await inbox.events.list(limit: 2)
            #expect(page.items.map(\.id) == ["e2", "e1"])
            #expect(try await inbox.events.list(cursor: page.cursor).items.map(\.id) == ["e0"])
            #expect(try await inbox.events.all().reduce(into: []) { $0.append($1.id) } == ["e2", "e1", "e0"])
            #expect(try await inbox.events.discard("e0"))
            #expect(try await !inbox.events.discard("e0"))
            #expect(try await inbox.events.expunge("e1"))
            #expect(try await inbox.events.get("e1").body == nil)
            #expect(try await inbox.receive("e1").isDuplicate)
            let log = try await inbox.export(EventFilter(status: .discarded)).reduce(Data(), +)
            let ids = try log.split(separator: UInt8(ascii: "\n")).map { line in
                try (JSONSerialization.jsonObject(with: line) as? [String: Any])?["id"] as? String
            }
            #expect(ids == ["e1", "e0"])
            #expect(await thrown { try await inbox.events.get("nothing") }?.code == .notFound)
            #expect(await thrown { try await inbox.events.list(limit: -1) }?.code == .invalidArgument)
        }
    }

    @Test func whatMakesNoSenseIsRefused() throws {
        let webhook = try Webhook(Requests.secret)
        #expect(thrown { try Inbox("memory:", webhook, concurrency: 0) }?.code == .invalidArgument)
        #expect(thrown { try Inbox("memory:", webhook, timeout: .zero) }?.code == .invalidArgument)
        #expect(thrown { try Inbox("memory:", webhook, maxBody: -1) }?.code == .invalidArgument)
        #expect(thrown { try Inbox("nowhere:", webhook) }?.code == .invalidArgument)
        let kept = EventRetention.times(.init(bodies: .seconds(-1)))
        #expect(thrown { try Inbox("memory:", webhook, retention: kept) }?.code == .invalidArgument)
        #expect(thrown { try Inbox("memory:", webhook).on("") { _, _ in } }?.code == .invalidArgument)
    }
}

/// Something that a test and its handlers share.
private final class Flag: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Bool

    init(_ value: Bool) {
        self.value = value
    }

    var isSet: Bool { lock.withLock { value } }

    func set(_ value: Bool) {
        lock.withLock { self.value = value }
    }
}
