// Sends without end, and prints the id of what is stored: the process that the crash test kills.
import Foundation
import Hookseal

let sender = try Sender(CommandLine.arguments[1], allowHTTP: true, allowPrivate: true, concurrency: 8)
try await sender.start()
await withTaskGroup(of: Void.self) { group in
    for lane in 0..<4 {
        group.addTask {
            var count = 0
            while let message = try? await sender.send("a.b", ["lane": lane, "count": count]) {
                count += 1
                FileHandle.standardOutput.write(Data("\(message.id)\n".utf8))
            }
        }
    }
}
