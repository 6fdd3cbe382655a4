import Foundation
import Glibc

/// A redis-server that speaks TLS only, with a certificate for `localhost` and 127.0.0.1 from an authority of its own.
public final class RedisTLSServer: Sendable {
    public let server: RedisServer
    /// Trusts the server and the client.
    public let authority: String
    public let clientCertificate: String
    public let clientKey: String
    /// Of another authority, which signed nothing here.
    public let strangeAuthority: String
    public var port: Int { server.port ?? 0 }

    /// - Parameter requiresClient: whether a client must show a certificate of the same authority.
    public static func start(requiresClient: Bool = false) async throws -> RedisTLSServer {
        let directory = try Scratch.directory()
        for authority in ["ca", "other"] {
            try await openssl(
                "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=test-\(authority)", "-newkey", "ec",
                "-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", "\(directory)/\(authority).key",
                "-out", "\(directory)/\(authority).crt")
        }
        for (name, subject) in [("server", "DNS:localhost,IP:127.0.0.1"), ("client", "DNS:client")] {
            let base = "\(directory)/\(name)"
            try await openssl(
                "req", "-nodes", "-subj", "/CN=\(name)", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-keyout", base + ".key", "-out", base + ".csr")
            try "subjectAltName=\(subject)".write(toFile: base + ".ext", atomically: true, encoding: .utf8)
            try await openssl(
                "x509", "-req", "-in", base + ".csr", "-CA", "\(directory)/ca.crt", "-CAkey", "\(directory)/ca.key",
                "-CAcreateserial", "-days", "2", "-extfile", base + ".ext", "-out", base + ".crt")
        }
        let options = [
            "--tls-cert-file", "\(directory)/server.crt", "--tls-key-file", "\(directory)/server.key",
            "--tls-ca-cert-file", "\(directory)/ca.crt", "--tls-auth-clients", requiresClient ? "yes" : "no",
        ]
        let server = try await Scratch.onFreePorts(1) { try await RedisServer.start(port: $0[0], tls: true, options) }
        return RedisTLSServer(server, directory)
    }

    private init(_ server: RedisServer, _ directory: String) {
        self.server = server
        authority = "\(directory)/ca.crt"
        strangeAuthority = "\(directory)/other.crt"
        clientCertificate = "\(directory)/client.crt"
        clientKey = "\(directory)/client.key"
    }

    public func stop() async {
        await server.kill()
    }

    private static func openssl(_ arguments: String...) async throws {
        let log = try Scratch.directory() + "/openssl"
        let process = try ChildProcess("openssl", arguments, output: log)
        await process.wait()
        guard process.exit == 0 else {
            throw SupportError("openssl \(arguments[0]): \((try? String(contentsOfFile: log, encoding: .utf8)) ?? "")")
        }
    }
}
