internal import PackhorseRedis

extension Queue {
    /// Sets the share of a tenant and the cap on its waiting jobs, for jobs that are enqueued from now on. `*` stands for all
    /// tenants without terms of their own; without it, these have weight 1 and no cap.
    ///
    /// - Throws: `QueueError.field` for a name or value out of range, `.capReached` if 10,000 tenants have terms.
    public func setTenant(_ tenant: String, to terms: TenantTerms) async throws(QueueError) {
        try terms.validate()
        try await put(tenant, "\(terms.weight)", "\(terms.maxWaiting ?? 0)")
    }

    /// Removes the terms of a tenant. Its waiting jobs stay where they are.
    public func removeTenant(_ tenant: String) async throws(QueueError) { try await put(tenant, "", "0") }

    private func put(_ tenant: String, _ weight: String, _ maxWaiting: String) async throws(QueueError) {
        try TenantTerms.check(tenant)
        _ = try await run(.tenantPut, arguments: 3, now: nil) { command in
            command.append(tenant)
            command.append(weight)
            command.append(maxWaiting)
        }
    }

    /// The tenants that have terms, and those with ready jobs, by name; of the latter at most `limit`, those with the most
    /// ready jobs.
    public func tenants(limit: Int = 1000) async throws(QueueError) -> [TenantStats] {
        let parts = try await run(.tenantList, arguments: 1, now: nil) { $0.append(limit) }.array ?? []
        guard parts.count == 3 else { throw .refused(script: "tenant_list", message: "unexpected reply") }
        var terms: [String: TenantTerms] = [:]
        let flat = parts[0].array ?? []
        for i in stride(from: 0, to: flat.count - 1, by: 2) {
            if let tenant = flat[i].string { terms[tenant] = flat[i + 1].string.flatMap(TenantTerms.init(stored:)) }
        }
        let depths = Self.pairs(parts[1])
        return Set(terms.keys).union(depths.keys).sorted().map {
            TenantStats(tenant: $0, terms: terms[$0], ready: depths[$0, default: 0])
        }
    }
}
