internal import COpenSSL
internal import Glibc

/// The TLS side of one connection, as a pure transformation: encrypted bytes go in and out through memory, never
/// through a socket. So only the socket's owner decides how and when to read and write, and OpenSSL can't raise
/// SIGPIPE.
struct TLSSession: ~Copyable {
    private let context: OpaquePointer
    private let session: OpaquePointer
    /// Encrypted bytes from the server; freed with the session, like `outgoing`.
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer

    /// The error that OpenSSL reports.
    struct Failure: Error {
        let reason: String
    }

    /// - Parameter name: what the server's certificate must be for: a host name or an IP address.
    init(_ options: RedisURL.TLSOptions, name: String) throws(Failure) {
        ERR_clear_error()
        guard let context = SSL_CTX_new(TLS_client_method()) else { throw Failure.last("no TLS context") }
        let session: OpaquePointer
        do throws(Failure) {
            try Self.configure(context, options)
            guard let made = SSL_new(context) else { throw Failure.last("no TLS session") }
            session = made
        } catch {
            SSL_CTX_free(context)
            throw error
        }
        guard let incoming = BIO_new(BIO_s_mem()), let outgoing = BIO_new(BIO_s_mem()), Self.expect(name, session)
        else {
            SSL_free(session)
            SSL_CTX_free(context)
            throw Failure.last("no TLS session for \(name)")
        }
        SSL_set_bio(session, incoming, outgoing)
        SSL_set_connect_state(session)
        self.context = context
        self.session = session
        self.incoming = incoming
        self.outgoing = outgoing
    }

    deinit {
        SSL_free(session)
        SSL_CTX_free(context)
    }

    /// Continues the handshake as far as the received bytes allow; true when it is complete.
    mutating func handshake() throws(Failure) -> Bool {
        ERR_clear_error()
        let result = SSL_do_handshake(session)
        if result == 1 { return true }
        guard SSL_get_error(session, result) == SSL_ERROR_WANT_READ else {
            let verdict = SSL_get_verify_result(session)
            guard verdict == Int(X509_V_OK) else {
                throw Failure(reason: "certificate: " + String(cString: X509_verify_cert_error_string(verdict)))
            }
            throw Failure.last("TLS handshake failed")
        }
        return false
    }

    /// Takes in encrypted bytes from the server.
    mutating func receive(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        guard BIO_write(incoming, bytes.baseAddress, Int32(bytes.count)) == bytes.count else {
            throw Failure.last("no memory for received bytes")
        }
    }

    /// Decrypts what has been received.
    ///
    /// - Returns: the bytes written to `buffer`, 0 if more must be received first, nil if the server closed the session.
    mutating func decrypt(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int? {
        ERR_clear_error()
        let count = SSL_read(session, buffer.baseAddress, Int32(buffer.count))
        if count > 0 { return Int(count) }
        switch SSL_get_error(session, count) {
        case SSL_ERROR_WANT_READ: return 0
        case SSL_ERROR_ZERO_RETURN: return nil
        default: throw Failure.last("TLS read failed")
        }
    }

    /// Encrypts bytes for the server; `takeOutput` returns the result.
    mutating func encrypt(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        ERR_clear_error()
        var written = 0
        guard bytes.isEmpty || SSL_write_ex(session, bytes.baseAddress, bytes.count, &written) == 1,
            written == bytes.count
        else { throw Failure.last("TLS write failed") }
    }

    /// Appends to `buffer` all encrypted bytes that are to be sent.
    mutating func takeOutput(into buffer: inout [UInt8]) {
        let waiting = BIO_ctrl_pending(outgoing)
        guard waiting > 0 else { return }
        withUnsafeTemporaryAllocation(byteCount: min(waiting, 1 << 16), alignment: 1) { piece in
            while true {
                let count = BIO_read(outgoing, piece.baseAddress, Int32(piece.count))
                guard count > 0 else { return }
                buffer.append(contentsOf: piece[..<Int(count)])
            }
        }
    }

    private static func configure(_ context: OpaquePointer, _ options: RedisURL.TLSOptions) throws(Failure) {
        guard tls_require_1_2(context) == 1 else { throw .last("TLS 1.2") }
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        tls_never_ask(context)
        if let file = options.authorities {
            guard SSL_CTX_load_verify_locations(context, file, nil) == 1 else { throw .last("ca file \(file)") }
        } else {
            guard SSL_CTX_set_default_verify_paths(context) == 1 else { throw .last("the system's authorities") }
        }
        guard let certificate = options.certificate, let key = options.key else { return }
        guard SSL_CTX_use_certificate_chain_file(context, certificate) == 1 else {
            throw .last("cert file \(certificate)")
        }
        guard SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1 else { throw .last("key file \(key)") }
    }

    /// Makes the handshake fail unless the certificate is for `name`, and sends the server that name (SNI).
    private static func expect(_ name: String, _ session: OpaquePointer) -> Bool {
        var address = in6_addr()
        if inet_pton(AF_INET, name, &address) == 1 || inet_pton(AF_INET6, name, &address) == 1 {
            return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), name) == 1
        }
        return SSL_set1_host(session, name) == 1 && tls_send_server_name(session, name) == 1
    }
}

extension TLSSession.Failure {
    /// The newest entry of this thread's OpenSSL error queue, with the failed step in front.
    fileprivate static func last(_ step: String) -> TLSSession.Failure {
        let code = ERR_peek_last_error()
        guard code != 0, let reason = ERR_reason_error_string(code) else {
            return TLSSession.Failure(reason: "\(step): no reason given")
        }
        return TLSSession.Failure(reason: "\(step): \(String(cString: reason))")
    }
}
