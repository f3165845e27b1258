// swift-tools-version: 6.0
import PackageDescription

// `scripts/swift-bindings` writes Generated: the library of the Rust core, and what UniFFI makes of its interface.
// On a Mac, `scripts/xcframework` does, for Apple's platforms; docs/apple.md has more.
#if os(Linux)
    let library: Target = .systemLibrary(name: "HooksealFFI", path: "Generated/HooksealFFI")
    let linking: [LinkerSetting] = [.unsafeFlags(["-L\(Context.packageDirectory)/Generated/lib"])]
#else
    let library: Target = .binaryTarget(name: "HooksealFFI", path: "Generated/HooksealFFI.xcframework")
    let linking: [LinkerSetting] = []
#endif

let package = Package(
    name: "Hookseal",
    platforms: [.macOS(.v13), .iOS(.v16), .tvOS(.v16), .watchOS(.v9), .visionOS(.v1)],
    products: [
        .library(name: "Hookseal", targets: ["Hookseal", "HooksealEvents"]),
        .executable(name: "hookseal-typegen", targets: ["hookseal-typegen"]),
    ],
    targets: [
        library,
        .target(
            name: "HooksealNative",
            dependencies: ["HooksealFFI"],
            path: "Generated/HooksealNative",
            swiftSettings: [.swiftLanguageMode(.v5)],
            linkerSettings: linking
        ),
        .target(name: "Hookseal", dependencies: ["HooksealNative"]),
        // Typed events of the providers with a catalog; `make typed-events` writes them.
        .target(name: "HooksealEvents", dependencies: ["Hookseal"]),
        .executableTarget(name: "hookseal-typegen", dependencies: ["Hookseal"], path: "Sources/Typegen"),
        // The snippets of the README and of the docs, as functions.
        .target(
            name: "HooksealReadme", dependencies: ["Hookseal", "HooksealEvents"], path: "Generated/HooksealReadme"),
        // A module as another package would have it that is made of Rust with UniFFI.
        .systemLibrary(name: "HooksealNeighbourFFI", path: "Generated/HooksealNeighbourFFI"),
        .executableTarget(name: "hookseal-child", dependencies: ["Hookseal"], path: "Tests/Child"),
        .executableTarget(name: "hookseal-peer", dependencies: ["Hookseal"], path: "Tests/Peer"),
        .testTarget(
            name: "HooksealTests",
            dependencies: [
                "Hookseal", "HooksealEvents", "HooksealNative", "HooksealReadme", "HooksealNeighbourFFI",
                "hookseal-child", "hookseal-typegen",
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
