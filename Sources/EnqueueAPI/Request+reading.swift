internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// How parts of a request are read and refused.
extension Request {
    /// - Parameter name: in lower case.
    func header(_ name: String) -> String? {
        headers.first { $0.name.canonicalName == name }?.value
    }

    /// The same for values where every byte matters.
    ///
    /// - Throws: `Problem` if it is not UTF-8 or comes twice.
    func text(_ name: String) throws -> String? {
        let values = headers.filter { $0.name.canonicalName == name }.map(\.value)
        guard values.count <= 1 else { throw Problem.badRequest("repeated_field", "Send the header '\(name)' once.") }
        // What is read from the network has U+FFFD for other bytes: two keys would become equal.
        guard values.first?.unicodeScalars.contains("\u{FFFD}") != true else {
            throw Problem.notUTF8("The value of the header '\(name)'")
        }
        return values.first
    }

    /// This also keeps web pages from sending jobs through a browser: a page can't send this type to another host
    /// without permission.
    func requireJSON() throws {
        let type = (headers[.contentType] ?? "").prefix { $0 != ";" }
        guard type.trimmingCharacters(in: .whitespaces).lowercased() == "application/json" else {
            throw Problem.notJSON
        }
    }

    /// The whole body.
    ///
    /// - Parameter within: how long `BodyDeadline` lets it take.
    /// - Throws: `Problem` if it is larger than `limit` bytes, broken, or slow.
    func bytes(upTo limit: Int, within time: Duration) async throws -> [UInt8] {
        let tooLarge = Problem.tooLarge(
            "The request body has more than \(limit) bytes. Keep large data in a file or object store and pass its name."
        )
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > limit { throw tooLarge }
        let start = ContinuousClock.now
        do {
            return Array(buffer: try await body.collect(upTo: limit))
        } catch is NIOTooManyBytesError {
            throw tooLarge
        } catch  where start.duration(to: .now) >= time {
            // `BodyDeadline` has told the client; this counts it.
            throw Problem.slowBody
        } catch {
            // The only thing that can be wrong with a body of known length is that it ends too early.
            throw headers[.transferEncoding] == nil ? Problem.clientLeft : Problem.malformedBody
        }
    }
}

extension Response {
    /// 200 with JSON.
    init(json: [UInt8], status: HTTPResponse.Status = .ok) {
        self.init(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: json)))
    }
}

/// The parameters of a query: each at most once, and only known ones.
struct Parameters {
    private var values: [String: String] = [:]

    init(_ request: Request, known: [String]) throws {
        for (name, value) in request.uri.queryParameters {
            guard known.contains(String(name)) else {
                throw Problem.badRequest(
                    "unknown_field",
                    "There is no parameter '\(name.prefix(100))'. Known: \(known.joined(separator: ", ")).")
            }
            guard values.updateValue(String(value), forKey: String(name)) == nil else {
                throw Problem.badRequest("repeated_field", "The parameter '\(name)' is given twice. Allowed: once.")
            }
        }
    }

    subscript(name: String) -> String? { values[name] }
}
