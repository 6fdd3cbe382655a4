/// What a worker writes with each beat.
package struct WorkerDescription: Sendable, Codable, Equatable {
    /// Its name: `<host>:<pid>:<random number>`, another one after its lease has lapsed.
    package var id: String
    /// The machine's name, at most 64 characters.
    package var host: String
    /// Of its process, on its host.
    package var pid: Int
    /// Of Packhorse, in the worker.
    package var version: String
    /// The names of the queues that it serves, in the order of its options.
    package var queues: [String]
    /// How many jobs it runs at once at most, 1 to 10,000.
    package var concurrency: Int
    /// Its resident memory in bytes; 0 if the system does not tell.
    package var rssBytes: Int
    /// How long a beat is good for, in ms.
    package var leaseMs: Int
    /// The run of the server that it beats to (`ServerRun`); nil if it can't be known.
    package var server: String?
    /// The run of the server on which it listens to its calls; nil while it does not.
    package var listens: String?

    /// Takes the fields as they are; nothing is checked.
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
