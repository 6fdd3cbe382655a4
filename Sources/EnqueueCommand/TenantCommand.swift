internal import ArgumentParser
internal import Enqueue
internal import Programs
internal import Queue

/// Tenants share the workers of a queue.
struct TenantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant",
        abstract: "Shows the tenants of a queue, and sets their shares and caps.",
        discussion: "Example: enqueue tenant set acme --weight 3 --max-waiting 10000",
        subcommands: [TenantList.self, TenantSet.self, TenantRemove.self])
}

struct TenantList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the tenants that have terms, and the 1,000 with the most ready jobs.",
        discussion: "Example: enqueue tenant list --queue ocr")

    @OptionGroup var target: QueueTarget

    func run() async throws {
        try await Session.run { session in
            let tenants = try await session.enqueue.queue(target.queue).tenants()
            if target.output.json { return tenants.forEach { Output.line($0.json) } }
            guard !tenants.isEmpty else { return Output.note("no tenant of \(target.queue) has terms or ready jobs") }
            var table = Table("tenant", "weight", "max waiting", "ready")
            for tenant in tenants {
                let cap = tenant.terms.map { $0.maxWaiting.map { "\($0)" } ?? "any" } ?? ""
                table.row(tenant.tenant, tenant.terms.map { "\($0.weight)" } ?? "", cap, "\(tenant.ready)")
            }
            table.lines.forEach(Output.line)
        }
    }
}

struct TenantSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Sets the share of a tenant, and how many of its jobs may wait.",
        discussion: """
            While several tenants have ready jobs, one of weight 3 gets three jobs for each job of one of weight 1. Jobs beyond \
            --max-waiting are refused when they are enqueued.

            Example: enqueue tenant set '*' --max-waiting 1000
            """)

    @Argument(help: "The tenant; '*' for all that have no terms of their own.")
    var tenant: String

    @Option(help: "Its share, 1 to 1000.")
    var weight = 1

    @Option(help: "How many of its jobs may be ready and wait; any number by default.")
    var maxWaiting: Int?

    @OptionGroup var target: QueueTarget

    func run() async throws {
        let terms = TenantTerms(weight: weight, maxWaiting: maxWaiting)
        try await Session.run { session in
            let queue = session.enqueue.queue(target.queue)
            try await queue.register()
            try await queue.setTenant(tenant, to: terms)
            if target.output.json {
                return Output.line(TenantStats(tenant: tenant, terms: terms).termsJSON)
            }
            Output.line(
                "\(tenant) of \(target.queue) has weight \(weight)"
                    + (maxWaiting.map { ", and at most \($0) of its jobs may wait" } ?? ""))
        }
    }
}

struct TenantRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Removes the terms of a tenant. Its waiting jobs stay where they are.",
        discussion: "Example: enqueue tenant remove acme")

    @Argument(help: "The tenant; '*' for the terms of all others.")
    var tenant: String

    @OptionGroup var target: QueueTarget

    func run() async throws {
        try await Session.run { session in
            try await session.enqueue.queue(target.queue).removeTenant(tenant)
            if target.output.json {
                return Output.line(TenantStats(tenant: tenant, terms: nil).termsJSON)
            }
            Output.line("\(tenant) of \(target.queue) has no terms of its own")
        }
    }
}
