// Claims on events, on each store.
import Foundation
import Hookseal
import Testing

@Suite struct DeduplicatorTests {
    private struct Oh: Error {}
    private let provider: Provider

    init() throws {
        provider = try .builtin("webkasa")
    }

    @Test(arguments: stores) func onceDoneItIsADuplicate(store: String) async throws {
        try await withDeduplicator(store) { deduplicator in
            let event = try self.event()
            let claim = try await deduplicator.claim(event)
            let inProgress = try #require(await thrown { try await deduplicator.claim(event) })
            #expect(inProgress.code == .eventInProgress)
            #expect(inProgress.kind == .verification)
            #expect(inProgress.httpStatus == 503)
            let wait = try #require(inProgress.retryAfter)
            #expect(wait > .seconds(3000) && wait <= .seconds(3600))
            #expect(inProgress.refusal.status == 503)
            #expect(inProgress.refusal.retryAfter == wait)
            #expect(try claim.lease == .seconds(3600))
            try await claim.extend()
            try await claim.done()
            try await claim.release()
            let duplicate = try #require(await thrown { try await deduplicator.claim(event) })
            #expect(duplicate.code == .duplicateEvent)
            #expect(duplicate.retryAfter == nil)
        }
    }

    @Test(arguments: stores) func onceCallsTheHandlerOnceAndAgainAfterItThrew(store: String) async throws {
        try await withDeduplicator(store) { deduplicator in
            let event = try self.event()
            await #expect(throws: Oh.self) { try await deduplicator.once(event) { throw Oh() } }
            #expect(try await deduplicator.once(event) { 7 } == 7)
            let again = try await deduplicator.once(event) { Issue.record("it is called again") }
            #expect(again == nil)
        }
    }

    @Test(arguments: stores) func ofManyAtOnceOneGetsIt(store: String) async throws {
        try await withDeduplicator(store) { deduplicator in
            let event = try self.event()
            let results = await withTaskGroup(of: Claim?.self) { group in
                for _ in 0..<32 { group.addTask { try? await deduplicator.claim(event) } }
                return await group.reduce(into: []) { all, claim in all.append(claim) }
            }
            #expect(results.compactMap(\.self).count == 1)
        }
    }

    @Test func aClaimThatIsGoneIsReleased() async throws {
        let deduplicator = try Deduplicator("memory:")
        let event = try event()
        _ = try await deduplicator.claim(event)
        #expect(try await until { await thrown { try await deduplicator.claim(event) } == nil })
    }

    @Test func aStalledHolderIsTold() async throws {
        let deduplicator = try Deduplicator("memory:", lease: .milliseconds(300))
        let event = try event()
        let stalled = await thrown {
            try await deduplicator.once(event) {
                try await Task.sleep(for: .milliseconds(400))
                try await deduplicator.claim(event).done()
            }
        }
        #expect(stalled?.code == .claimLost)
        #expect(stalled?.kind == .store)
        #expect(await thrown { try await deduplicator.claim(event) }?.code == .duplicateEvent)
    }

    @Test func aCanceledTaskClaimsNothingAndNotesWhatIsDone() async throws {
        let deduplicator = try Deduplicator("memory:")
        let event = try event()
        let before = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await deduplicator.once(event) { Issue.record("it is called") }
        }
        await #expect(throws: CancellationError.self) { try await before.value }
        let meanwhile = Task {
            try await deduplicator.once(event) { withUnsafeCurrentTask { $0?.cancel() } }
        }
        #expect(try await meanwhile.value != nil)
        #expect(await thrown { try await deduplicator.claim(event) }?.code == .duplicateEvent)
    }

    /// A handler of an actor runs on it.
    @Test @MainActor func aHandlerStaysWithItsActor() async throws {
        var count = 0
        let deduplicator = try Deduplicator("memory:")
        try await deduplicator.once(event()) {
            MainActor.assertIsolated()
            count += 1
        }
        #expect(count == 1)
    }

    @Test func processesOfOneMachineShareAFile() async throws {
        let file = try TemporaryStore()
        let (first, second) = (try Deduplicator(file.url), try Deduplicator(file.url))
        let apart = try Deduplicator(file.url, namespace: "other")
        let event = try event()
        try await first.once(event) {}
        #expect(await thrown { try await second.claim(event) }?.code == .duplicateEvent)
        #expect(try await apart.once(event) { true } == true)
    }

    @Test func whatMakesNoSense() async throws {
        for url in ["", "memory", "mysql://h/d"] {
            #expect(thrown { try Deduplicator(url) }?.kind == .config)
        }
        #expect(thrown { try Deduplicator("memory:", lease: .zero) }?.code == .invalidArgument)
        #expect(thrown { try Deduplicator("memory:", keep: .seconds(-1)) }?.code == .invalidArgument)
        #expect(thrown { try Deduplicator("memory:", capacity: -1) }?.code == .invalidArgument)
        let deduplicator = try Deduplicator("memory:", capacity: 1)
        let held = try await deduplicator.claim(event())
        #expect(await thrown { try await deduplicator.claim(self.event()) }?.code == .storeFull)
        try await held.release()
        try await deduplicator.claim(event()).done()
    }

    private func event() throws -> Event {
        try provider.event("booking.created", json: "{}")
    }

    private func withDeduplicator(_ store: String, _ test: (Deduplicator) async throws -> Void) async throws {
        let file = try TemporaryStore()
        let deduplicator = try Deduplicator(store == "memory" ? "memory:" : file.url, lease: .seconds(3600))
        try await test(deduplicator)
        try await deduplicator.shutdown()
        try await deduplicator.shutdown()
        #expect(await thrown { try await deduplicator.claim(self.event()) }?.code == .closed)
    }
}

private let stores = ["memory", "sqlite"]
