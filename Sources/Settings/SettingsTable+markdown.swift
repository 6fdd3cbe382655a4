extension SettingsTable {
    /// The table as a page, without the newline at its end; docs/settings.md is that of `worker`.
    ///
    /// - Parameter worker: what the executable is called.
    package func markdown(worker: String) -> String {
        var page = """
            # Settings

            Every variable that `\(worker)` and `enqueue` read. An empty variable counts as unset, and a wrong value ends
            the program with exit code 2 and the variable's name. `\(worker) config check` shows what holds and where it
            comes from. An option of the command line goes before its variable.

            A secret may also come as a file: the variable with `_FILE` behind its name holds the path, and one newline
            at the end of the file is dropped. Secrets are never shown, and left-over placeholders such as `changeme`
            are refused.

            | variable | default | allowed | meaning | read by |
            |---|---|---|---|---|
            """
        for row in rows {
            let name = row.isSecret ? "`\(row.name)` (secret)" : "`\(row.name)`"
            page += "\n| \(name) | \(row.standard) | \(row.allowed) | \(row.meaning) | \(row.readers) |"
        }
        return page
    }
}
