// Queue events while there is no network, and deliver them when there is one, as an app on a phone does: each line that
// you type is an event. Kill it at any time: what it said is queued is delivered by the next run.
//
//   scripts/swift-bindings release
//   export WEBHOOK_SECRET=whsec_...
//   scripts/swift swift run --package-path examples/send-swift send-swift http://127.0.0.1:8000/webhooks
import Foundation
import Hookseal

struct Note: Encodable {
    let text: String
    let writtenAt: Date
}

/// Sends until the input ends.
func run(to url: String, secret: Secret, store: String) async throws {
    // The receiver is on this very machine. Where it is on the internet, leave both off.
    let sender = try Sender(store, allowHTTP: true, allowPrivate: ["127.0.0.0/8", "::1/128"])
    try await settle(sender, on: url, secret: secret)
    try await sender.start()
    say("\(try await hurry(sender)) waiting from before")
    while let text = await line() {
        let message = try await sender.send("note.written", Note(text: text, writtenAt: Date()))
        // It is on disk now: whatever happens to this process, the event will be delivered.
        say("queued \(message.id)")
    }
    // The user has put the app away: a moment for what is on its way, and the rest is for the next run.
    let isDone = try await sender.waitIdle(timeout: .seconds(2))
    try await sender.shutdown()
    say(isDone ? "all delivered" : "the rest waits for the next run")
}

/// Makes the one endpoint in the first run, and has it lead to the url in all others.
func settle(_ sender: Sender, on url: String, secret: Secret) async throws {
    if let known = try await sender.endpoints.list().items.first {
        try await sender.endpoints.update(known.id, url: url)
    } else {
        // Without `retry` it would be the provider's policy, which gives up after three days.
        let retry = try RetryPolicy.exponential(.seconds(1), factor: 2, count: 200, cap: .seconds(3600))
        _ = try await sender.endpoints.create(url, secret: secret, EndpointSettings(retry: retry))
    }
}

/// Tries what is pending now and not when it is due. An app does so when it comes to the front, and when the system says
/// that there is a network again.
func hurry(_ sender: Sender) async throws -> Int {
    var count = 0
    for try await delivery in sender.deliveries.all(DeliveryFilter(status: .pending)) {
        try await sender.deliveries.retry(delivery.id)
        count += 1
    }
    return count
}

/// The next line of the input. A thread of its own waits for it: those of Swift's tasks are few.
func line() async -> String? {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: readLine()) }
    }
}

func say(_ text: String) {
    FileHandle.standardOutput.write(Data("\(text)\n".utf8))
}

func fail(_ text: String) -> Never {
    FileHandle.standardError.write(Data("\(text)\n".utf8))
    exit(1)
}

let environment = ProcessInfo.processInfo.environment
guard let secret = environment["WEBHOOK_SECRET"] else {
    fail("Set WEBHOOK_SECRET to the secret of the receiver, such as whsec_...")
}
guard let url = CommandLine.arguments.dropFirst().first else {
    fail("Say where to: send-swift http://127.0.0.1:8000/webhooks")
}
do {
    try await run(to: url, secret: Secret(secret), store: environment["HOOKSEAL_STORE"] ?? "sqlite:hooks.db")
} catch let error as HooksealError {
    fail("\(error)")
}
