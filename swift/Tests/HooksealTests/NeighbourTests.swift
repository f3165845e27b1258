// Two packages made of Rust with UniFFI in one program.
import HooksealFFI
import HooksealNeighbourFFI
import Testing

@Suite struct NeighbourTests {
    /// Both declare UniFFI's own types: they must be one and the same, and the functions different ones.
    @Test func theirTypesAreTheSame() throws {
        let buffer = RustBuffer()
        #expect(buffer.len == 0)
        let contract: () -> UInt32 = ffi_hookseal_uniffi_uniffi_contract_version
        #expect(contract() > 0)
        let status = RustCallStatus()
        #expect(status.code == 0)
    }
}
