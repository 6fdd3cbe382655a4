public import Queue
public import Testing

/// Ends every test against a store: what holds for all keys of a queue whatever happened must hold now.
///
/// - Parameter damaged: ids whose records the test has destroyed; that they are named as such is no finding then.
public func expectInvariants(
    _ queue: Queue, damaged: [JobID] = [], sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    var found = try await queue.verify()
    let ids = Set(damaged.map(\.text))
    found.removeAll { $0.kind == .record && $0.id.map(ids.contains) == true }
    #expect(found.isEmpty, "\(found.map(\.description).joined(separator: "\n"))", sourceLocation: sourceLocation)
}
