internal import Floor

/// A private directory with a copy of the document: what the programs read cannot change or be swapped under them,
/// and the name that somebody gave the file never reaches a command line.
struct Workspace: Sendable {
    let directory: String

    /// Where the copy is.
    var document: String { "\(directory)/document" }

    /// Makes the directory, runs the body and removes the directory, however the body ends.
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
