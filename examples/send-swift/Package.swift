// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "send-swift",
    platforms: [.macOS(.v13)],
    dependencies: [.package(path: "../../swift")],
    targets: [
        .executableTarget(
            name: "send-swift", dependencies: [.product(name: "Hookseal", package: "swift")], path: "Sources")
    ],
    swiftLanguageModes: [.v6]
)
