internal import Floor

/// A private directory with a copy of the document, so what the programs read can't be changed or replaced while they
/// run, and the name of the file never gets into a command line.
struct Workspace: Sendable {
    let directory: String

    /// The path of the copy.
    var document: String { "\(directory)/document" }

    /// Creates the directory, runs the body and removes the directory, however the body ends.
    static func with<T: Sendable>(
        in directories: TempDirectories, _ body: (Workspace) async throws -> T
    ) async throws -> T {
        do {
            return try await directories.with { try await body(Workspace(directory: $0)) }
        } catch let error as TempDirectoryError {
            throw IngestionError.machine(reason: error.description)
        }
    }
}
