internal import Secrets

/// What a new connection sends first: it logs in, selects the database, sets its name and checks that the server
/// accepts commands. All of this is one write and one read.
struct Greeting {
    private(set) var commands: [RedisCommand] = []
    private var steps: [Step] = []

    private enum Step {
        case login
        case database(Int)
        case name, check, role
    }

    init(user: String?, password: Secret?) {
        guard let password else { return }
        var command = RedisCommand("AUTH", arguments: user == nil ? 1 : 2)
        if let user { command.append(user) }
        command.append(password.text)
        add(.login, command)
    }

    /// - Parameter master: whether the server must confirm that it is a master.
    init(_ url: RedisURL, name: String, master: Bool) {
        self.init(user: url.user, password: url.password)
        if url.database != 0 {
            var command = RedisCommand("SELECT", arguments: 1)
            command.append(url.database)
            add(.database(url.database), command)
        }
        var command = RedisCommand("CLIENT", arguments: 2)
        command.append("SETNAME")
        command.append([UInt8](name.utf8.map { (33...126).contains($0) ? $0 : UInt8(ascii: "-") }))
        add(.name, command)
        add(.check, RedisCommand("PING", arguments: 0))
        guard master else { return }
        // Not ROLE: it is in the category @dangerous, which users of a queue do not get.
        var role = RedisCommand("INFO", arguments: 1)
        role.append("replication")
        add(.role, role)
    }

    private mutating func add(_ step: Step, _ command: RedisCommand) {
        steps.append(step)
        commands.append(command)
    }

    /// Sends it and checks the replies.
    func say(to socket: inout RedisSocket, _ limit: TimeLimit) throws(RedisError) {
        var replies: [RedisReply] = []
        do throws(RedisError) {
            try socket.call(commands, limit) { replies.append($0) }
        } catch .garbled(let endpoint, let reason) where reason.contains(#"\x15"#) {
            throw .untrusted(endpoint: endpoint, reason: "the server speaks TLS. Use rediss://")  // 0x15: a TLS alert
        } catch {
            // A server that rejects a client says why and closes: protected mode, too many clients.
            throw refusal(replies, socket.endpoint) ?? error
        }
        if let error = refusal(replies, socket.endpoint) { throw error }
    }

    private func refusal(_ replies: [RedisReply], _ endpoint: String) -> RedisError? {
        zip(steps, replies).lazy.compactMap { refusal($0, $1, endpoint) }.first
    }

    private func refusal(_ step: Step, _ reply: RedisReply, _ endpoint: String) -> RedisError? {
        switch (step, reply) {
        case (_, .error(let text)) where Trouble(text) != nil || text.hasPrefix("ERR max number of clients"):
            .unreachable(endpoint: endpoint, reason: text)
        case (_, .error(let text)) where text.hasPrefix("NOAUTH") || text.hasPrefix("DENIED"):
            .denied(endpoint: endpoint, reason: text)
        case (.login, .error(let text)):
            .denied(endpoint: endpoint, reason: text)
        case (.database(let index), .error(let text)):
            .denied(endpoint: endpoint, reason: "database \(index): \(text)")
        case (.role, let reply) where reply.string?.contains("role:slave") == true:
            .unreachable(endpoint: endpoint, reason: "Sentinel names it as the master, but it is a replica")
        case (.name, _), (.check, _), (.login, _), (.database, _), (.role, _):
            nil  // a user without the right to CLIENT, PING or INFO can still use the queue
        }
    }
}

/// Error replies that are about the server's state and not about the command.
enum Trouble: Equatable {
    /// A replica: after a failover the master is elsewhere.
    case demoted
    /// It is loading its data, or is a replica that has lost its master: it will answer later.
    case notReady

    init?(_ text: String) {
        if text.hasPrefix("READONLY") || text.hasPrefix("ERR Error running script") && text.contains("-READONLY") {
            self = .demoted
        } else if text.hasPrefix("LOADING") || text.hasPrefix("MASTERDOWN") {
            self = .notReady
        } else {
            return nil
        }
    }
}
