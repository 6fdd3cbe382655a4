internal import Foundation
internal import Glibc

/// A private directory with a copy of the document: what the programs read cannot change or be swapped under them,
/// and the name that somebody gave the file never reaches a command line.
struct Workspace: Sendable {
    let directory: String

    /// Where the copy is.
    var document: String { "\(directory)/document" }

    /// Makes the directory (readable by us alone), runs the body and removes the directory, however the body ends.
    static func with<T: Sendable>(_ body: (Workspace) async throws -> T) async throws -> T {
        let base = FileManager.default.temporaryDirectory.path
        var template = Array("\(base)/packhorse-ingest-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw IngestionError.machine(
                reason: "cannot make a directory in \(base): \(String(cString: strerror(errno)))")
        }
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        return try await body(Workspace(directory: directory))
    }
}
