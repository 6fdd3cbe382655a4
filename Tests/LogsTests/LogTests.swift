import Foundation
import Logging
import Synchronization
import Testing

@testable import Logs

@Suite struct LogTests {
    /// What a logger of this style writes.
    private func lines(_ style: LogLine.Style, level: Logger.Level = .info, _ log: (inout Logger) -> Void) -> [String] {
        final class Box: Sendable { let bytes = Mutex<[UInt8]>([]) }
        let box = Box()
        var logger = Logger(label: "here") { label in
            LineLogHandler(label: label, level: level, style: style) { line in box.bytes.withLock { $0 += line } }
        }
        log(&logger)
        let text = String(decoding: box.bytes.withLock { $0 }, as: UTF8.self)
        #expect(text.isEmpty || text.hasSuffix("\n"))
        return text.split(separator: "\n").map(String.init)
    }

    @Test func jsonIsOneObjectALine() throws {
        let lines = lines(.json) { logger in
            logger[metadataKey: "queue"] = "q"
            logger.info("said", metadata: ["job": "q.1", "attempt": .stringConvertible(2), "also": ["a", ["k": "v"]]])
            logger.debug("unheard")
        }
        #expect(lines.count == 1)
        let record = try #require(
            try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any])
        #expect(record["level"] as? String == "info")
        #expect(record["message"] as? String == "said")
        #expect(record["logger"] as? String == "here")
        #expect(record["queue"] as? String == "q")
        #expect(record["job"] as? String == "q.1")
        #expect(record["attempt"] as? Int == 2)
        #expect((record["also"] as? [Any])?.count == 2)
        let time = try #require(record["time"] as? String)
        #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
        let keys = ["time", "level", "message", "logger", "job", "queue", "attempt", "also"]
        let places = keys.map { lines[0].range(of: "\"\($0)\":")?.lowerBound }
        #expect(places.compactMap { $0 }.count == keys.count)
        #expect(places.compactMap { $0 } == places.compactMap { $0 }.sorted())
    }

    @Test(arguments: [
        "a\nb", "a\r\nb", "a\u{2028}b", "a\u{1B}[2Jb", "a\u{0}b", "a\"}\n{\"level\":\"x", "a\u{85}b", "\\",
    ])
    func nothingInARecordBeginsALineOrSteersATerminal(text: String) throws {
        for style in [LogLine.Style.json, .text(coloured: false)] {
            let lines = lines(style) { logger in
                logger.warning(.init(stringLiteral: text), metadata: [text: .string(text), "list": [.string(text)]])
            }
            let line = try #require(lines.first)
            #expect(lines.count == 1)
            #expect(
                !line.unicodeScalars.contains {
                    $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) || $0.value == 0x2028
                })
            guard style == .json else { continue }
            let record = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(record["message"] as? String == text)
            #expect(record[text] as? String == text)
        }
    }

    @Test func aFactCanNotHideTheLinesOwnKeys() throws {
        let line = try #require(lines(.json) { $0.info("said", metadata: ["level": "fake", "message": "fake"]) }.first)
        let record = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(record["level"] as? String == "info")
        #expect(record["message"] as? String == "said")
        #expect(record["level_"] as? String == "fake")
    }

    @Test func textIsForPeople() throws {
        let line = try #require(
            lines(.text(coloured: false)) { $0.error("it broke", metadata: ["z": "1", "job": "q.1"]) }.first)
        #expect(line.wholeMatch(of: /\d\d:\d\d:\d\d\.\d{3} ERROR    it broke  job=q\.1  z=1/) != nil, "\(line)")
        let coloured = try #require(lines(.text(coloured: true)) { $0.error("it broke") }.first)
        #expect(coloured.contains("\u{1B}[31mERROR\u{1B}[0m"))
    }

    @Test func timesAreUTC() {
        #expect(Timestamp(seconds: 0, milliseconds: 7).iso8601 == "1970-01-01T00:00:00.007Z")
        #expect(Timestamp(seconds: 1_709_210_096, milliseconds: 890).iso8601 == "2024-02-29T12:34:56.890Z")
    }
}
