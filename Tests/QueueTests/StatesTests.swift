import Foundation
import PackhorseRedis
import Servers
import Testing

@testable import Queue

/// docs/states.md is the specification: here it is read, and compared with the code.
@Suite struct StatesTests {
    /// A way from one state to the next; nil is outside: not stored yet, or forgotten.
    struct Way: Hashable, CustomStringConvertible {
        var from: JobState?
        var to: JobState?
        var script: String

        var description: String { "\(from?.rawValue ?? "[*]") → \(to?.rawValue ?? "[*]") by \(script)" }
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let page = (try? String(contentsOf: root.appendingPathComponent("docs/states.md"), encoding: .utf8)) ?? ""

    /// The rows of the table: a state and the last cell.
    static let rows: [(state: JobState, left: String)] = page.split(separator: "\n").compactMap { line in
        let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        guard line.hasPrefix("|"), cells.count == 3, let state = JobState(rawValue: cells[0]) else { return nil }
        return (state, cells[2])
    }

    /// `` `script` → state, state (why) · … ``
    private static func ways(from state: JobState?, _ text: String) -> [Way] {
        text.components(separatedBy: " · ").flatMap { part -> [Way] in
            let halves = part.components(separatedBy: "→")
            guard halves.count == 2,
                let script = halves[0].split(separator: "`").dropFirst(halves[0].hasPrefix("`") ? 0 : 1).first
            else { return [] }
            return halves[1].components(separatedBy: ", ").compactMap { target in
                guard let word = target.split(whereSeparator: { !$0.isLetter }).first.map(String.init) else {
                    return nil
                }
                if word == "forgotten" { return Way(from: state, to: nil, script: String(script)) }
                return JobState(rawValue: word).map { Way(from: state, to: $0, script: String(script)) }
            }
        }
    }

    static let ways: Set<Way> = {
        var all = rows.flatMap { ways(from: $0.state, $0.left) }
        for line in page.split(separator: "\n") where line.hasPrefix("A new job comes in by ") {
            all += ways(from: nil, line.components(separatedBy: ". ")[0])
        }
        return Set(all)
    }()

    @Test func theTableHasEveryStateOnce() {
        #expect(Self.rows.map(\.state) == JobState.allCases.filter { $0 != .unknown })
    }

    @Test func theTableNamesScriptsThatAreThere() throws {
        let scripts = Self.root.appendingPathComponent("Sources/Queue/Scripts").path
        for script in Set(Self.ways.map(\.script)) {
            #expect(FileManager.default.fileExists(atPath: "\(scripts)/\(script).lua"), "\(script)")
        }
    }

    @Test func whatHasEndedIsLeftByHandOrForgotten() {
        for way in Self.ways where way.from?.hasEnded == true {
            #expect(way.to == nil || (way.script == "retry" && way.to == .queued))
        }
    }

    @Test func theDiagramShowsTheTable() {
        var drawn = Set<Way>()
        for line in Self.page.split(separator: "\n") {
            let parts = line.split(whereSeparator: { " ,:".contains($0) }).map(String.init)
            guard parts.count >= 4, parts[1] == "-->" else { continue }
            for script in parts[3...] {
                drawn.insert(Way(from: JobState(rawValue: parts[0]), to: JobState(rawValue: parts[2]), script: script))
            }
        }
        #expect(drawn == Self.ways, "\(drawn.symmetricDifference(Self.ways))")
    }

    /// The ways that one call of a script may take in a row: a job can be made due and handed out at once.
    static func reach(from state: JobState?, by script: String) -> Set<JobState?> {
        var reached: Set<JobState?> = [state]
        while true {
            let next = Set(ways.filter { $0.script == script && $0.from != nil && reached.contains($0.from) }.map(\.to))
                .union(state == nil ? ways.filter { $0.script == script && $0.from == nil }.map(\.to) : [])
            if next.isSubset(of: reached) { return reached }
            reached.formUnion(next)
        }
    }
}

/// Some tables are written twice, in Lua and in Swift; here both are compared.
@Suite struct ScriptTests {
    private static let scripts = StatesTests.root.appendingPathComponent("Sources/Queue/Scripts")

    @Test func theTableOfPlacesIsTheSame() throws {
        let text = try String(contentsOf: Self.scripts.appendingPathComponent("parts/places.lua"), encoding: .utf8)
        let rows = text.matches(of: #/\{ place = '(\w+)', state = '(\w+)' \}/#).map { "\($0.output.1) \($0.output.2)" }
        #expect(rows == Place.later.map { "\($0.rawValue) \($0.state?.rawValue ?? "")" })
    }

    @Test func everyFileIsPartOfAScript() throws {
        let files = try FileManager.default.subpathsOfDirectory(atPath: Self.scripts.path).filter {
            $0.hasSuffix(".lua")
        }
        let sources = Script.all.map { String(decoding: $0.source, as: UTF8.self) }
        for file in files {
            let text = try String(contentsOf: Self.scripts.appendingPathComponent(file), encoding: .utf8)
            #expect(sources.contains { $0.contains(text) }, "\(file)")
        }
        #expect(Script.all.count == files.count { !$0.contains("/") })
    }

    @Test func whatIsWrittenForOtherClientsIsWhatWeRun() async throws {
        let out = try Scratch.directory()
        let process = try ChildProcess(
            "bash", [StatesTests.root.appendingPathComponent("scripts/write-scripts.sh").path, out],
            output: out + "/log")
        await process.wait()
        for script in Script.all {
            let written = try Data(contentsOf: URL(fileURLWithPath: "\(out)/\(script.name).lua"))
            #expect(written == Data(script.source), "\(script.name)")
        }
    }
}
