internal import Crypto
internal import Foundation
internal import Glibc

/// A document's file: inside the root, a regular file, within the limit of bytes.
struct SourceFile: Sendable {
    /// With all links followed.
    let resolved: String
    /// Relative to the root: the name of the document.
    let name: String
    let bytes: Int

    /// - Parameters:
    ///   - path: absolute, or relative to the root.
    ///   - root: the directory in which the file must be after all links are followed.
    init(path: String, root: String, limits: IngestionLimits) throws(IngestionError) {
        guard let realRoot = Self.resolve(root) else { throw .notFound(path: root) }
        let wanted = path.hasPrefix("/") ? path : "\(realRoot)/\(path)"
        guard !path.utf8.contains(0), let resolved = Self.resolve(wanted) else {
            // A path that points outside is refused as such, whether or not something exists there.
            let plain = URL(fileURLWithPath: wanted).standardized.path
            if Self.below(realRoot, plain) == nil { throw .outsideRoot(path: path, root: root) }
            throw .notFound(path: path)
        }
        guard let name = Self.below(realRoot, resolved) else { throw .outsideRoot(path: path, root: root) }
        self.resolved = resolved
        self.name = name

        var status = stat()
        guard lstat(resolved, &status) == 0 else { throw .notFound(path: path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path: path) }
        bytes = Int(status.st_size)
        guard bytes > 0 else { throw .emptyFile(path: path) }
        guard bytes <= limits.bytes else {
            throw .tooLarge(path: path, what: "bytes", found: bytes, limit: limits.bytes)
        }
    }

    /// What must be known about the document before any page is read.
    struct Copy: Sendable {
        /// Lower-case hexadecimal, of the bytes copied.
        var sha256: String
        var kind: DocumentKind
        var content: Data
    }

    /// Copies the file and returns the hash and kind of the same bytes. Blocks: not for the task pool.
    func copy(to target: String, limits: IngestionLimits) throws(IngestionError) -> Copy {
        let content: Data
        do {
            guard let file = FileHandle(forReadingAtPath: resolved) else { throw CocoaError(.fileReadNoPermission) }
            defer { try? file.close() }
            content = try file.read(upToCount: limits.bytes + 1) ?? Data()
        } catch {
            throw .machine(reason: "cannot read \(name): \(error.localizedDescription)")
        }
        guard content.count <= limits.bytes else {
            throw .tooLarge(path: name, what: "bytes", found: content.count, limit: limits.bytes)
        }
        let kind = try DocumentKind.detect(path: name, content: content.bytes)
        do {
            try content.write(to: URL(fileURLWithPath: target))
        } catch {
            throw .machine(reason: "cannot copy \(name) to \(target): \(error.localizedDescription)")
        }
        let digest = SHA256.hash(data: content)
        return Copy(sha256: digest.map(Self.hexadecimal).joined(), kind: kind, content: content)
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }

    private static func resolve(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func below(_ root: String, _ path: String) -> String? {
        let prefix = root.hasSuffix("/") ? root : root + "/"
        // Compared by bytes: two names with different bytes are different files, even if Swift considers the strings
        // equal.
        return path.utf8.starts(with: prefix.utf8) ? String(path.utf8.dropFirst(prefix.utf8.count)) : nil
    }
}
