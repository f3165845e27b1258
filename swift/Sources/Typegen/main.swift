// Writes the typed events of a provider file: `hookseal-typegen acme.toml > Acme.swift`.
import Foundation
import Hookseal

guard CommandLine.arguments.count == 2 else {
    FileHandle.standardError.write(Data("usage: hookseal-typegen FILE.toml > Events.swift\n".utf8))
    exit(2)
}
do {
    let source = try Provider.load(CommandLine.arguments[1]).typedEventsSource()
    FileHandle.standardOutput.write(Data(source.utf8))
} catch let error as HooksealError {
    FileHandle.standardError.write(Data("hookseal-typegen: \(error.message)\n".utf8))
    exit(1)
}
