import Foundation
import Testing

import func HooksealNative.panicForTests

@testable import Hookseal

@Suite struct ErrorTests {
    private struct List: Decodable {
        struct Row: Decodable {
            let code: String
            let `class`: String
            let status: Int
            let sentence: String
        }
        struct Warning: Decodable {
            let code: String
        }
        let errors: [Row]
        let warnings: [Warning]
    }

    private let list: List

    init() throws {
        list = try JSONDecoder().decode(List.self, from: Project.read("tests/errors.json"))
    }

    @Test func theListIsTheOneOfAllLanguages() {
        #expect(HooksealError.Code.allCases.map(\.rawValue) == list.errors.map(\.code))
        for row in list.errors {
            let error = HooksealError(HooksealError.Code(rawValue: row.code)!, "What happened.")
            #expect(error.kind.rawValue == row.class)
            #expect(error.httpStatus == row.status)
            #expect(error.code.sentence == row.sentence)
        }
        #expect(HooksealWarning.Code.allCases.map(\.rawValue) == list.warnings.map(\.code))
    }

    @Test func anErrorSaysItToPrograms() throws {
        let error = try #require(thrown { try Provider.builtin("nobody") })
        #expect(error.code == .unknownProvider)
        #expect(error.kind == .config)
        #expect(error.localizedDescription == error.message)
        #expect(error.message.contains("nobody"))
        #expect("\(error)" == "unknown_provider: \(error.message)")
    }

    @Test func argumentsThatNoNumberHolds() throws {
        #expect(thrown { try RetryPolicy([.seconds(-1)]) }?.code == .invalidArgument)
        #expect(thrown { try RetryPolicy([], jitter: .nan) }?.code == .invalidArgument)
        #expect(thrown { try RetryPolicy([]).next(-1, .status(500)) }?.code == .invalidArgument)
        #expect(thrown { try RetryPolicy([]).next(1, .status(70_000)) }?.code == .invalidArgument)
        #expect(thrown { try Client(connectTimeout: .seconds(-1)) }?.code == .invalidArgument)
        #expect(thrown { try Sender("memory:", maxBody: -1) }?.code == .invalidArgument)
        let webhook = try Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        for instant in [Double.nan, .infinity, -.infinity, 1e300] {
            let now = Date(timeIntervalSince1970: instant)
            #expect(thrown { try webhook.verify(Data(), [:], now: now) }?.code == .invalidArgument)
            #expect(thrown { try webhook.sign(Data(), timestamp: now) }?.code == .invalidArgument)
        }
    }

    @Test func timesCrossWhole() throws {
        for millis in [0.0, 1, 999, 1_767_225_600_123, 1_767_225_600_999, -1, -86_400_001] {
            let crossed = try Date(timeIntervalSince1970: millis / 1000).crossing("it").timeIntervalSince1970
            #expect((crossed * 1000).rounded(.towardZero) == millis)
        }
        for millis: Int64 in [0, 1, 999, 2300, 30_000, 7_200_001] {
            let crossed = try Duration.milliseconds(millis).crossing("it")
            #expect(Int64(crossed * 1000) == millis)
            #expect(Duration(crossed: Double(millis) / 1000) == .milliseconds(millis))
        }
        #expect(Duration(crossed: .infinity) > .seconds(1_000_000))
    }

    @Test func aPanicIsThrown() {
        // A function of the core that panics, which is a defect: the program goes on all the same.
        var panic: (any Error)?
        do { try panicForTests() } catch { panic = error }
        #expect("\(panic as Any)".contains("a test asked for it"))
        #expect(throws: Never.self) { try Provider.builtin("stripe") }
    }
}
