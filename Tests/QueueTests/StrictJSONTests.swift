import Foundation
import Testing

@testable import Queue

/// One reader for all doors: RFC 8259, nothing repaired.
@Suite struct StrictJSONTests {
    private static func isJSON(_ bytes: [UInt8]) -> Bool { (try? StrictJSON.check(bytes)) != nil }

    @Test(arguments: [
        "0", "-0", "1.5e-7", "1E+9", "1e400", "123456789012345678901234567890", "true", " null\n", "\"\"", "[]", "{}",
        #"{"a":[1,{"b":"\u00e9\ud83d\ude00\/\\"}]}"#, #"{"a":1,"a":2}"#, "\"é漢😀\u{7F}\"", #""\ud800""#, #""\u0000""#,
        "[\t1 ,\r\n2 ]", #"{"":0}"#,
    ])
    func isAccepted(text: String) { #expect(Self.isJSON(Array(text.utf8))) }

    @Test(arguments: [
        "", " ", #"{"a":1,}"#, "[1,2,]", "[,]", "[1,,2]", #"{"a":1,,"b":2}"#, "01", "-01", "1.", ".5", "+1", "1e",
        "1e+",
        "-", "NaN", "Infinity", "-Infinity", "'a'", "{a:1}", #""\x41""#, #""\u12""#, #""\u12g4""#, "\"a\tb\"",
        "[1] //c",
        "/*c*/ 1", "{}{}", #"{"a":1} x"#, "tru", "nulll", "True", "[1 2]", #"{"a" 1}"#, #"{"a":}"#, "[", "{", #"{"a""#,
        "\"a", "\"\\", "]", "\u{FEFF}1", "\u{A0}1", "1\u{0}", "0x10", "1_000", "\"\u{0}\"",
    ])
    func isRefused(text: String) { #expect(!Self.isJSON(Array(text.utf8))) }

    @Test(
        arguments: [
            [0x22, 0xE9, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
            [0x22, 0xF5, 0x80, 0x80, 0x80, 0x22],
            [0x22, 0xE2, 0x82, 0x22], [0xFF, 0xFE, 0x31, 0x00], [0x31, 0x00], [0x22, 0x80, 0x22],
        ] as [[UInt8]])
    func bytesThatAreNoUTF8AreRefused(bytes: [UInt8]) { #expect(!Self.isJSON(bytes)) }

    @Test func theDepthIsLimited() {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(Self.isJSON(nested(StrictJSON.depthLimit)))
        #expect(!Self.isJSON(nested(StrictJSON.depthLimit + 1)))
        #expect(!Self.isJSON(nested(1_000_000)))
    }

    @Test func theFirstWrongByteIsNamed() {
        #expect(throws: StrictJSON.Violation(offset: 7, reason: "no name in quotes")) {
            try StrictJSON.check(Array(#"{"a":1,}"#.utf8))
        }
        #expect(throws: StrictJSON.Violation(offset: 1, reason: "it ends too early")) {
            try StrictJSON.check(Array("[".utf8))
        }
    }

    @Test func membersKeepTheirBytes() throws {
        let members = try #require(try StrictJSON.members(Array(#" {"a" : 1.0e0 , "b\u0022\n":[ 1 ] } "#.utf8)))
        #expect(members.map(\.name) == ["a", "b\"\n"])
        #expect(members.map { String(decoding: $0.value, as: UTF8.self) } == ["1.0e0", "[ 1 ]"])
        #expect(try StrictJSON.members(Array("[1]".utf8)) == nil)
    }

    /// Whatever text or bytes go in, what comes out is JSON for every other reader too.
    @Test(arguments: ["", "a\"b\\c\n\u{0}\u{1B}\u{7F}\u{2028}é😀", "\u{FFFD}"])
    func whatIsWrittenIsJSON(text: String) throws {
        let written = JSONText.object([("k", JSONText.string(text)), ("raw", JSONText.stored(Array(text.utf8)))])
        #expect(Self.isJSON(written))
        let read = try #require(try JSONSerialization.jsonObject(with: Data(written)) as? [String: String])
        #expect(read == ["k": text, "raw": text])
    }
}
