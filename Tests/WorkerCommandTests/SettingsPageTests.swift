import Foundation
import Testing

/// The executable `worker` knows the settings of the jobs that it lists.
@Suite struct SettingsPageTests {
    /// docs/settings.md is what `worker config table` prints: `UPDATE_PAGES=1 swift test --filter thePageIsTheTable`
    /// writes it.
    @Test func thePageIsTheTable() async throws {
        let worker = try WorkerProcess(["config", "table"])
        #expect(try await worker.ended() == 0)
        let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/settings.md")
        if ProcessInfo.processInfo.environment["UPDATE_PAGES"] != nil {
            try Data(worker.output.utf8).write(to: page)
        }
        #expect(try String(contentsOf: page, encoding: .utf8) == worker.output)
    }

    @Test func theCheckKnowsTheRowsOfTheDocumentJobs() async throws {
        let worker = try WorkerProcess(
            ["config", "check", "--json"],
            environment: ["PACKHORSE_DOCUMENTS": "/srv/documents", "PACKHORSE_MODLES": "/srv/models"])
        #expect(try await worker.ended() == 0)
        let report = try JSONSerialization.jsonObject(with: Data(worker.output.utf8)) as? [String: Any]
        let rows = report?["settings"] as? [[String: Any]]
        #expect(rows?.first { $0["name"] as? String == "PACKHORSE_DOCUMENTS" }?["value"] as? String == "/srv/documents")
        #expect(
            report?["warnings"] as? [String] == [
                "PACKHORSE_MODLES is set, but nothing reads it. Do you mean PACKHORSE_MODELS?"
            ])
    }
}
