extension SettingsTable {
    /// The table as a page, without the newline at its end; docs/settings.md is the page of `worker`.
    ///
    /// - Parameter worker: the name of the executable.
    package func markdown(worker: String) -> String {
        var page = """
            # Settings

            Every variable that `\(worker)` and `enqueue` read. An empty variable counts as unset. A wrong value ends
            the program with exit code 2 and an error that names the variable. `\(worker) config check` shows each value and
            its source. An option on the command line overrides its variable.

            A secret can also be given as a file: the variable with the suffix `_FILE` holds the path, and one newline
            at the end of the file is removed. Secrets are never shown, and left-over placeholders such as `changeme`
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
