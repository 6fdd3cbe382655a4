/// What a worker writes with each beat.
package struct WorkerDescription: Sendable, Codable, Equatable {
    /// Its name: `<host>:<pid>:<random number>`; it gets another one after its lease has lapsed.
    package var id: String
    /// The host name, at most 64 characters.
    package var host: String
    /// The process id, on its host.
    package var pid: Int
    /// The version of Packhorse in the worker.
    package var version: String
    /// The names of the queues that it serves, in the order of its options.
    package var queues: [String]
    /// How many jobs it runs at once, 1 to 10,000.
    package var concurrency: Int
    /// Its resident memory in bytes; 0 if the system does not report it.
    package var rssBytes: Int
    /// How long a beat is valid, in ms.
    package var leaseMs: Int
    /// The run of the server that receives its beats (`ServerRun`); nil if unknown.
    package var server: String?
    /// The run of the server on which it listens for calls; nil while it does not.
    package var listens: String?

    /// Takes the fields as they are, without checks.
    package init(
        id: String, host: String, pid: Int, version: String, queues: [String], concurrency: Int, rssBytes: Int,
        leaseMs: Int, server: String? = nil, listens: String? = nil
    ) {
        self.id = id
        self.host = host
        self.pid = pid
        self.version = version
        self.queues = queues
        self.concurrency = concurrency
        self.rssBytes = rssBytes
        self.leaseMs = leaseMs
        self.server = server
        self.listens = listens
    }
}
