import Foundation
internal import HooksealNative

/// A signing key. It shows as `Secret([redacted])` wherever it is printed or dumped; its copy in the core is wiped when
/// it is gone, the string it was made from cannot be.
public struct Secret: Sendable {
    let native: HooksealNative.Secret

    /// A secret as a provider shows it, such as `whsec_MfKQ…`. Whitespace around it is dropped.
    ///
    /// - Throws: ``HooksealError`` `invalid_secret` if nothing is left: with an empty key anybody can sign.
    public init(_ text: String) throws {
        native = try calling { try HooksealNative.Secret.parse(text: text) }
    }

    /// A key as raw bytes, used as they are whatever encoding the provider writes its secrets in.
    ///
    /// - Throws: ``HooksealError`` `invalid_secret` if there are no bytes.
    public init(bytes: some DataProtocol) throws {
        native = try calling { try HooksealNative.Secret.fromBytes(key: Data(bytes)) }
    }

    init(native: HooksealNative.Secret) {
        self.native = native
    }

    /// A new random secret of the kind that the provider uses.
    public static func generate(_ provider: Provider = .standard) throws -> Secret {
        Secret(native: try calling { try provider.native.generateSecret() })
    }

    /// A new private key (`whsk_…`), where the provider has asymmetric signatures; its ``public()`` half is for the
    /// receivers.
    ///
    /// - Throws: ``HooksealError`` `invalid_secret` where there are none.
    public static func generatePrivateKey(_ provider: Provider = .standard) throws -> Secret {
        Secret(native: try calling { try provider.native.generatePrivateKey() })
    }

    /// The secret in the clear, to show it once to its owner or to store it; never log it.
    ///
    /// - Throws: ``HooksealError`` `invalid_secret` for raw bytes that are not text.
    public func expose() throws -> String {
        try calling { try native.expose() }
    }

    /// The public half (`whpk_…`) of an ed25519 secret (`whsk_…`), for those who only verify.
    ///
    /// - Throws: ``HooksealError`` `invalid_secret` if this is no `whsk_` secret.
    public func `public`() throws -> Secret {
        Secret(native: try calling { try native.publicHalf() })
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "Secret([redacted])" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
