import Foundation
import Testing

@testable import Embedding

@Suite struct JSONValueTests {
    private func parse(_ text: String) throws(JSONSyntaxError) -> JSONValue {
        try Array(text.utf8).withUnsafeBytes { bytes in
            Result { () throws(JSONSyntaxError) in try JSONValue(parsing: bytes) }
        }.get()
    }

    @Test func readsEveryKind() throws {
        let value = try parse(#" {"a": [1, -2.5e1, true, false, null, "x"], "b": {}, "c": []} "#)
        #expect(value["a"]?.elements?.count == 6)
        #expect(value["a"]?.elements?[0].count == 1)
        #expect(value["a"]?.elements?[1].count == nil)
        #expect(value["a"]?.elements?[2].flag == true)
        #expect(value["a"]?.elements?[4].isNull == true)
        #expect(value["a"]?.elements?[5].text == "x")
        #expect(value["b"]?.members?.isEmpty == true)
        #expect(value["c"]?.elements?.isEmpty == true)
    }

    @Test func readsEscapes() throws {
        #expect(try parse(#""\"\\\/\b\f\n\r\t\u00e9\ud83d\udc34""#).text == "\"\\/\u{8}\u{c}\n\r\té🐴")
    }

    @Test func keepsKeysApartThatSwiftStringsEqual() throws {
        let value = try parse("{\"\u{3AE}\": 1, \"\u{1F75}\": 2}")
        #expect(value.members?.map(\.value.count) == [1, 2])
        #expect(value.members?[0].key != value.members?[1].key)
    }

    @Test(arguments: [
        ("", 0), ("{", 1), ("[1,]", 3), ("[1 2]", 3), (#"{"a" 1}"#, 5), ("tru", 0), (#""abc"#, 4), (#""\x""#, 2),
        (#""\ud800""#, 7), (#""\udc00""#, 7), ("\"\n\"", 1), ("1 1", 2), ("nan", 0), ("+", 0),
        (String(repeating: "[", count: 100_000), 64),
        ("01", 1), ("-01", 2), ("00", 1), (".5", 0), ("-.5", 1), ("1.", 2), ("1.e5", 2), ("1e", 2), ("1e+", 3),
        ("+1", 0), ("-", 1), ("--1", 1), ("0x10", 1), ("1_0", 1), ("Infinity", 0), ("-inf", 1), ("[1.2.3]", 4),
        (#""\u+123""#, 3), (#""\u12-4""#, 5), (#""\u 123""#, 3), (#""\u12""#, 5), (#""\ud83d\u+c34""#, 9),
    ])
    func saysWhereTheTextStopsBeingJSON(text: String, offset: Int) {
        #expect(throws: JSONSyntaxError(offset: offset)) { try parse(text) }
    }

    @Test func readsEveryFormOfANumber() throws {
        let texts = ["0", "-0", "10", "0.5", "-1.25", "1e2", "1E+2", "125e-2", "0e1"]
        let value = try parse("[" + texts.joined(separator: ",") + "]")
        let numbers = value.elements?.compactMap { if case .number(let number) = $0 { number } else { nil } }
        #expect(numbers == [0, 0, 10, 0.5, -1.25, 100, 100, 1.25, 0])
    }

    /// Each stands at offset 2 of `["…"]`: a lone continuation, an overlong slash, a surrogate, one cut short.
    @Test(arguments: [[0x80], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xE2, 0x82]] as [[UInt8]])
    func refusesStringsThatAreNotUTF8(bytes: [UInt8]) {
        let text = Array("[\"".utf8) + bytes + Array("\"]".utf8)
        #expect(throws: JSONSyntaxError(offset: 2)) {
            try text.withUnsafeBytes { bytes in
                Result { () throws(JSONSyntaxError) in try JSONValue(parsing: bytes) }
            }.get()
        }
    }
}
