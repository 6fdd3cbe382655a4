import Foundation
import Servers
import Testing

@testable import Worker

/// The direct way gives what Foundation gives, or leaves it to Foundation.
@Suite struct DirectJSONTests {
    enum Kind: String, Codable { case small, large }
    enum Choice: Codable, Equatable { case none, some(count: Int, name: String) }
    struct Inner: Codable, Equatable {
        var id: UInt8
        var kind: Kind?
    }
    struct Outer: Codable, Equatable {
        var name: String
        var count: Int
        var ratio: Double
        var isOn: Bool?
        var inner: [Inner]
        var table: [String: Int]
        var choice: Choice?
    }
    /// Reads the first form that fits, as some people's types do.
    struct Lenient: Decodable, Equatable {
        var text: String
        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Int.self) {
                text = "number \(number)"
            } else {
                text = (try? container.decode(String.self)) ?? "neither"
            }
        }
    }
    class Base: Encodable {
        var a = 1
        private enum Keys: CodingKey { case a }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(a, forKey: .a)
        }
    }
    final class Derived: Base {
        private enum Keys: CodingKey { case b }
        override func encode(to encoder: any Encoder) throws {
            try super.encode(to: encoder)
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(2, forKey: .b)
        }
    }
    struct Special: Codable, Equatable {
        var data: Data
        var url: URL
        var date: Date
        var decimal: Decimal
        var float: Float
    }

    private func same<T: Decodable & Equatable>(_ type: T.Type, _ text: [UInt8]) {
        let direct = try? DirectJSON.decode(type, from: text)
        let foundation = try? JSONDecoder().decode(type, from: Data(text))
        #expect(direct == foundation, "\(String(decoding: text, as: UTF8.self))")
    }

    private static let sample =
        #"{"name":"a\/b ü \n","count":-12,"ratio":0.125,"isOn":true,"inner":[{"id":7,"kind":"large"},{"id":255}],"#
        + #""table":{"x":1,"y":20},"choice":{"some":{"count":3,"name":"z"}},"more":[null,false,{"k":1e3}]}"#

    @Test func theUsualGoesTheDirectWay() throws {
        let bytes = Array(Self.sample.utf8)
        let reader = DirectReader(bytes, try #require(Tape(bytes)).tokens)
        let inner = try reader.member("inner", of: 0)
        #expect(try reader.value([Inner].self, at: try #require(inner)).map(\.id) == [7, 255])
        #expect(!reader.doubt)
        let writer = DirectWriter()
        try writer.append([Inner(id: 7, kind: .large), Inner(id: 8)])
        #expect(!writer.doubt)
        #expect(String(decoding: writer.out, as: UTF8.self) == #"[{"id":7,"kind":"large"},{"id":8}]"#)
    }

    @Test(arguments: [
        "1", "-0", "1.0", "1e2", "12345678901234567890", "0.1", "1e400", "-1.5e-3", "01", ".5", "1.", "+1", "\"a\"",
        "\"\\u0041\"", "\"a", "null", "true", "tru", "[1,2]", "[1,2,]", "{}", "{\"a\":1,\"a\":2}", "{\"a\":1,}",
        " \n[ ] ", "", "\"\u{1}\"", "\"\u{7F}\"", "\"ü\"", "[1] x", "\u{FEFF}1", "{\"\\u0061\":1}", "300", "-1",
    ])
    func singleValuesAreReadAlike(text: String) {
        let bytes = Array(text.utf8)
        same(Int.self, bytes)
        same(UInt8.self, bytes)
        same(UInt64.self, bytes)
        same(Double.self, bytes)
        same(Float.self, bytes)
        same(Bool.self, bytes)
        same(String.self, bytes)
        same(Int?.self, bytes)
        same([Int].self, bytes)
        same([String: Int].self, bytes)
        same(Lenient.self, bytes)
    }

    /// Bytes are changed, doubled and dropped at random.
    @Test func damagedTextsAreReadAlike() throws {
        var random = SeededRandom(11)
        same(Outer.self, Array(Self.sample.utf8))
        let letters = Array(#"{}[]",:\/ue019.-+ "#.utf8) + [0, 0x80, 0xC3, 0xFF, 0x0A]
        for _ in 0..<20_000 {
            var bytes = Array(Self.sample.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes.remove(at: at)
                case 1: bytes.insert(letters[Int.random(in: 0..<letters.count, using: &random)], at: at)
                default: bytes[at] = letters[Int.random(in: 0..<letters.count, using: &random)]
                }
            }
            same(Outer.self, bytes)
        }
    }

    private func roundTrip<T: Codable & Equatable>(_ value: T) throws {
        let direct = try JSONDecoder().decode(T.self, from: Data(DirectJSON.encode(value)))
        #expect(direct == value)
    }

    @Test func whatIsWrittenReadsBackTheSame() throws {
        try roundTrip(try JSONDecoder().decode(Outer.self, from: Data(Self.sample.utf8)))
        for text in ["", "a", "\"", "\\", "\n", "\u{0}", "\u{7F}", "ü", "🙂", "a/b", "\u{2028}"] { try roundTrip(text) }
        for number in [0.0, -0.0, 1, 0.1, 1e300, .leastNonzeroMagnitude, -1.5, 123_456_789_012_345_680] {
            try roundTrip(number)
        }
        for number in [Int.min, -1, 0, 9, 10, Int.max] { try roundTrip(number) }
        try roundTrip([UInt64.max])
        try roundTrip([Int?.none, 1])
        try roundTrip([String: [Int]]())
        try roundTrip(["a": [1], "b": []])
        try roundTrip(Choice.none)
        try roundTrip(
            Special(
                data: Data([1, 2]), url: try #require(URL(string: "https://example.org/a")),
                date: Date(timeIntervalSinceReferenceDate: 12.5), decimal: 1.25, float: 0.1))
    }

    @Test func whatFoundationMergesOrRefusesIsLeftToIt() throws {
        let both = try JSONDecoder().decode([String: Int].self, from: Data(DirectJSON.encode(Derived())))
        #expect(both == ["a": 1, "b": 2])
        #expect(throws: EncodingError.self) { try DirectJSON.encode(Double.nan) }
        #expect(throws: EncodingError.self) { try DirectJSON.encode(["a": Double.infinity]) }
        #expect(throws: DecodingError.self) { try DirectJSON.decode(Inner.self, from: Array("{}".utf8)) }
    }
}
