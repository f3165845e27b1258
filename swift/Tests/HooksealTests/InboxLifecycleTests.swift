import Foundation
import Hookseal
import Testing

@Suite struct InboxLifecycleTests {
    @Test func whatIsNotHandledYetIsWhenTheStoreIsOpenedAgain() async throws {
        let (store, seen) = (try TemporaryStore(), Recorder<String>())
        try await withInbox(at: store.url, start: false) { try await $0.receive("kept") }
        let handler: Handler = { event, _ in seen.add(event.id ?? "") }
        try await withInbox(at: store.url, handlers: ["*": handler]) { inbox in
            try await drain(inbox)
        }
        #expect(seen.all == ["kept"])
    }

    @Test func aCanceledTaskStopsWaiting() async throws {
        try await withInbox(start: false) { inbox in
            try await inbox.receive("a")
            let waits: [@Sendable () async throws -> Void] = [
                { try await inbox.waitIdle() },
                { for try await _ in inbox.notices() {} },
            ]
            for wait in waits {
                let task = Task { try await wait() }
                try await Task.sleep(for: .milliseconds(100))
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
            #expect(try await inbox.events.get("a").event.status == .pending)
            #expect(try await !inbox.waitIdle(timeout: .milliseconds(20)))
        }
    }

    @Test func noticesEndWhenTheInboxIsShutDown() async throws {
        try await withInbox { inbox in
            let reading = Task { try await inbox.notices().reduce(0) { count, _ in count + 1 } }
            try await Task.sleep(for: .milliseconds(50))
            try await inbox.shutdown()
            #expect(try await reading.value == 0)
        }
    }

    /// A handler that does not end by itself is canceled when nobody waits for it any more; its event is tried again.
    @Test func shutdownCancelsWhatStillRuns() async throws {
        let (store, said) = (try TemporaryStore(), Recorder<String>())
        let handler: Handler = { _, _ in
            said.add("begun")
            do { try await Task.sleep(for: .seconds(50)) } catch { said.add("canceled") }
        }
        try await withInbox(at: store.url, handlers: ["*": handler]) { inbox in
            try await inbox.receive("a")
            #expect(try await until { said.all == ["begun"] })
            let begun = ContinuousClock.now
            try await inbox.shutdown()
            #expect(ContinuousClock.now - begun < .seconds(40))
            #expect(try await until { said.all == ["begun", "canceled"] })
        }
        try await withInbox(at: store.url, start: false) { inbox in
            let event = try await inbox.events.get("a").event
            #expect(event.status == .pending)
        }
    }

    /// The store is closed when nobody holds the inbox or a part of it any more.
    @Test func anInboxThatIsGoneShutsDown() async throws {
        let store = try TemporaryStore()
        var events: Events? = try await {
            let inbox = try Inbox(store.url, Webhook(Requests.secret)).on("*") { _, _ in }
            try await inbox.start()
            try await inbox.receive("a")
            return inbox.events
        }()
        #expect(try await events?.list().items.count == 1)
        events = nil
        let log = store.folder.appendingPathComponent("hooks.db-wal").path
        #expect(try await until { !FileManager.default.fileExists(atPath: log) })
    }

    @Test func aSendersStoreIsNotAnInboxes() async throws {
        let store = try TemporaryStore()
        try await withSender(at: store.url, start: false) { _ in }
        let error = try #require(thrown { try Inbox(store.url, Webhook(Requests.secret)) })
        #expect(error.code == .storeSchema)
        #expect(error.kind == .store)
    }
}
