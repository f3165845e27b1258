// What the docs say of proxies in the environment.
import Foundation
import Hookseal
import Testing

@Suite struct ProxyTests {
    @Test func hooksealGoesPastAProxyOfTheEnvironment() async throws {
        let (receiver, proxy) = (try Receiver(), try Receiver())
        defer {
            receiver.close()
            proxy.close()
        }
        #expect(try await said(["deliver", receiver.url], by(proxy)) == "delivered\n")
        #expect(receiver.requests.count == 1)
        #expect(proxy.requests.isEmpty)
    }

    #if os(Linux)
        @Test func urlSessionTakesItOnLinuxUnlessItIsToldNotTo() async throws {
            let (receiver, proxy) = (try Receiver(), try Receiver())
            defer {
                receiver.close()
                proxy.close()
            }
            #expect(try await said(["deliver-by-session", receiver.url], by(proxy)) == "delivered\n")
            #expect(proxy.requests.map(\.line) == ["POST \(receiver.url) HTTP/1.1"])
            #expect(receiver.requests.isEmpty)
            let told = by(proxy).merging(["no_proxy": "*"]) { _, new in new }
            #expect(try await said(["deliver-by-session", receiver.url], told) == "delivered\n")
            #expect(proxy.requests.count == 1)
            #expect(receiver.requests.count == 1)
        }
    #endif

    private func by(_ proxy: Receiver) -> [String: String] {
        let url = "http://127.0.0.1:\(proxy.port)"
        return ["http_proxy": url, "https_proxy": url, "all_proxy": url, "no_proxy": ""]
    }
}
