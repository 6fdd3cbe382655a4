/// What applies to the ready jobs of a tenant.
public struct TenantTerms: Sendable, Equatable {
    /// Its share while several tenants have ready jobs, 1 to 1,000: one of weight 3 gets three jobs for each job of one of
    /// weight 1.
    public var weight: Int
    /// How many of its jobs may be ready and wait, 1 to 1,000,000,000; further ones are refused when they are enqueued. Nil
    /// for any number.
    public var maxWaiting: Int?

    /// Checks nothing; `Queue.setTenant` does.
    public init(weight: Int = 1, maxWaiting: Int? = nil) {
        self.weight = weight
        self.maxWaiting = maxWaiting
    }

    func validate() throws(QueueError) {
        guard (1...1000).contains(weight) else {
            throw .field(.invalid, "weight", found: "\(weight)", allowed: "1 to 1000")
        }
        if let maxWaiting, !(1...1_000_000_000).contains(maxWaiting) {
            throw .field(.invalid, "maxWaiting", found: "\(maxWaiting)", allowed: "1 to 1000000000")
        }
    }

    static func check(_ tenant: String) throws(QueueError) {
        guard (1...128).contains(tenant.utf8.count) else {
            throw .field(.invalid, "tenant", found: "\(tenant.utf8.count) bytes", allowed: "1 to 128 bytes")
        }
    }

    /// `<weight> <maxWaiting or 0>`
    init?(stored: String) {
        let numbers = stored.split(separator: " ").compactMap { Int($0) }
        guard numbers.count == 2 else { return nil }
        self.init(weight: numbers[0], maxWaiting: numbers[1] == 0 ? nil : numbers[1])
    }
}

/// A tenant of a queue in numbers.
public struct TenantStats: Sendable, Equatable {
    /// As the producers gave it; `*` stands for all without terms of their own.
    public let tenant: String
    /// Nil if it has none of its own.
    public let terms: TenantTerms?
    /// How many of its jobs are ready and wait for a worker, apart from those that wait for a limit.
    public let ready: Int

    package init(tenant: String, terms: TenantTerms?, ready: Int = 0) {
        self.tenant = tenant
        self.terms = terms
        self.ready = ready
    }
}
