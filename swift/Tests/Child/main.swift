// The process that the crash tests kill: sends without end and prints the id of what is stored, or receives without end
// and prints what was acknowledged and what was handled. Or one with an environment of its own, which delivers once.
import Foundation
import Hookseal

func say(_ line: String) {
    FileHandle.standardOutput.write(Data("\(line)\n".utf8))
}

func send(to url: String) async throws {
    let sender = try Sender(url, allowHTTP: true, allowPrivate: true, concurrency: 8)
    try await sender.start()
    await withTaskGroup(of: Void.self) { group in
        for lane in 0..<4 {
            group.addTask {
                var count = 0
                while let message = try? await sender.send("a.b", ["lane": lane, "count": count]) {
                    count += 1
                    say(message.id)
                }
            }
        }
    }
}

func receive(into url: String, _ round: String) async throws {
    let webhook = try Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    let inbox = try Inbox(url, webhook, concurrency: 8)
    try inbox.on("*") { event, _ in
        try await Task.sleep(for: .milliseconds(20))
        say("handled \(event.id ?? "")")
    }
    try await inbox.start()
    for count in 0... {
        let body = Data(#"{"type": "thing.made", "data": {"n": \#(count)}}"#.utf8)
        let receipt = try await inbox.receive(body, webhook.sign(body, id: "\(round)-\(count)"))
        say("acknowledged \(receipt.id)")
    }
}

func deliver(to url: String, by transport: (any Transport)?) async throws {
    let client = try Client(allowHTTP: true, allowPrivate: true, transport: transport)
    let endpoint = try Endpoint(url, [Secret.generate()], retry: RetryPolicy([]))
    let delivery = try await client.deliver(endpoint, Provider.standard.event("a", 1))
    say(delivery.delivered ? "delivered" : "failed")
}

switch CommandLine.arguments[1] {
case "send": try await send(to: CommandLine.arguments[2])
case "receive": try await receive(into: CommandLine.arguments[2], CommandLine.arguments[3])
case "deliver": try await deliver(to: CommandLine.arguments[2], by: nil)
case "deliver-by-session": try await deliver(to: CommandLine.arguments[2], by: URLSessionTransport())
default: exit(2)
}
