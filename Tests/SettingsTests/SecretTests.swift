import Foundation
import PackhorseRedis
import Secrets
import Settings
import Testing

@Suite struct SecretTests {
    private let token = "0123456789-very-secret"

    private func file(_ text: String) throws -> String {
        let path = FileManager.default.temporaryDirectory.appending(path: "packhorse-secret-\(UUID())").path()
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    @Test(arguments: ["", "\n", "\r\n"])
    func aSecretMayComeAsAFile(ending: String) throws {
        let path = try file(token + ending)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let settings = Settings(environment: ["PACKHORSE_API_TOKEN_FILE": path])
        #expect(try settings[.apiToken]?.text == token)
        #expect(settings.report().settings.first { $0.name == "PACKHORSE_API_TOKEN" }?.source == "file \(path)")
    }

    @Test func onlyOneNewlineIsDropped() throws {
        let path = try file(token + "\n\n")
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(throws: SettingsError.self) { try Settings(environment: ["PACKHORSE_API_TOKEN_FILE": path])[.apiToken] }
    }

    @Test func redisMayComeAsAFile() throws {
        let path = try file("redis://:pass@h:1\n")
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(try Settings(environment: ["REDIS_URL_FILE": path]).redisURL() == RedisURL("redis://:pass@h:1"))
    }

    @Test func aMissingFileIsNamed() {
        #expect(
            throws: SettingsError.unreadable(
                name: "PACKHORSE_API_TOKEN_FILE", path: "/no/such", reason: "No such file or directory")
        ) { try Settings(environment: ["PACKHORSE_API_TOKEN_FILE": "/no/such"])[.apiToken] }
    }

    @Test(arguments: ["/", "/dev/null"])
    func aFileThatHoldsNothingIsNamed(path: String) {
        let error = #expect(throws: SettingsError.self) {
            try Settings(environment: ["REDIS_URL_FILE": path])[.redisURL]
        }
        #expect(error?.name == "REDIS_URL_FILE")
    }

    @Test func bothAtOnceAreRefused() throws {
        let path = try file(token)
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(throws: SettingsError.both(name: "PACKHORSE_API_TOKEN")) {
            try Settings(environment: ["PACKHORSE_API_TOKEN_FILE": path, "PACKHORSE_API_TOKEN": token])[.apiToken]
        }
    }

    @Test(arguments: ["changeme", "CHANGE-ME", "<password>", "<your token here please>"])
    func placeholdersAreRefused(text: String) throws {
        #expect(throws: SettingsError.placeholder(name: "PACKHORSE_API_TOKEN")) {
            try Settings(environment: ["PACKHORSE_API_TOKEN": text])[.apiToken]
        }
        #expect(throws: SettingsError.placeholder(name: "REDIS_URL")) {
            try Settings(environment: ["REDIS_URL": "redis://user:\(text)@host"]).redisURL()
        }
        let path = try file(text + "\n")
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(throws: SettingsError.placeholder(name: "PACKHORSE_API_TOKEN")) {
            try Settings(environment: ["PACKHORSE_API_TOKEN_FILE": path])[.apiToken]
        }
    }

    @Test func onlySecretsHaveFiles() throws {
        let report = Settings(environment: ["PACKHORSE_QUEUES_FILE": "/x"]).report()
        #expect(report.warnings.count == 1)
    }

    @Test func secretsAreNeverShown() throws {
        let report = Settings(environment: [
            "PACKHORSE_API_TOKEN": token, "REDIS_URL": "rediss://user:\(token)@host:1/2?ca=/x",
        ]).report()
        #expect(report.errors.isEmpty)
        for text in [report.text, report.json, "\(report)", String(reflecting: report)] {
            #expect(!text.contains(token))
        }
        #expect(report.settings.first { $0.name == "REDIS_URL" }?.value == "rediss://user:***@host:1/2")
        #expect(report.settings.first { $0.name == "PACKHORSE_API_TOKEN" }?.value == "***")

        let wrong = Settings(environment: ["PACKHORSE_API_TOKEN": token + " ", "REDIS_URL": "nothing:\(token)@x"])
        for text in wrong.report().errors { #expect(!text.contains(token)) }
        #expect(wrong.report().errors.count == 2)
    }
}
