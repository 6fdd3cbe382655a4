internal import Queue
internal import Settings
internal import Yams

/// Reads the schedules of a file and collects everything that is wrong with them.
struct ScheduleReader {
    private(set) var problems: [ScheduleFileError.Problem] = []
    private(set) var specs: [ScheduleSpec] = []

    /// A name, the line where it is, and what belongs to it.
    private struct Member {
        let name: String
        let line: Int?
        let value: Node
    }

    /// Fields that are texts even where YAML would see a number or a time.
    private static let texts: Set<String> = [
        "cron", "from", "zone", "repeatedHour", "type", "queue", "priority", "tenant", "catchUp", "overlap", "until",
    ]
    /// Those that a schedule has in a file: its name is not one of them.
    private static let fields = ScheduleSpec.fields.filter { $0 != "name" }

    mutating func read(_ text: String) {
        let root: Node?
        do throws(YAMLMistake) {
            root = try YAMLText.parse(text)
        } catch {
            return note(error.line, nil, error.message)
        }
        guard case .mapping(let top)? = root else {
            return note(root?.mark?.line, nil, "At the top must be 'schedules:' with the schedules under it.")
        }
        let members = members(of: top, in: nil)
        for member in members where member.name != "schedules" {
            note(member.line, nil, unknown(member.name, among: ["schedules"]))
        }
        guard let list = members.first(where: { $0.name == "schedules" }) else {
            if members.isEmpty { note(top.mark?.line, nil, "At the top must be 'schedules:'.") }
            return
        }
        guard case .mapping(let schedules) = list.value else {
            return note(
                list.line, nil, "Under 'schedules:' must be a name and fields for each schedule, or {} for none.")
        }
        guard schedules.count <= ScheduleFile.countLimit else {
            return note(
                list.line, nil,
                "The file has \(schedules.count) schedules. Allowed: at most \(ScheduleFile.countLimit).")
        }
        for schedule in self.members(of: schedules, in: nil) { read(schedule) }
    }

    private mutating func read(_ schedule: Member) {
        guard case .mapping(let mapping) = schedule.value else {
            return note(schedule.line, schedule.name, "It has no fields. Write cron or every, and type, under it.")
        }
        var values = [(name: "name", value: JSONText.string(schedule.name))]
        var lines: [String: Int] = [:]
        var isWhole = true
        for field in members(of: mapping, in: schedule.name) {
            lines[field.name] = field.line
            guard Self.fields.contains(field.name) else {
                note(field.line, schedule.name, unknown(field.name, among: Self.fields))
                continue
            }
            do throws(YAMLMistake) {
                let isText = Self.texts.contains(field.name)
                values.append(
                    (field.name, try isText ? YAMLJSON.text(of: field.value) : YAMLJSON.bytes(of: field.value)))
            } catch {
                isWhole = false
                note(error.line ?? field.line, schedule.name, "\(field.name): \(error.message)")
            }
        }
        do throws(ScheduleErrors) {
            specs.append(try ScheduleSpec(members: values))
        } catch {
            // A field that could not be read is not missing.
            for error in error.errors where isWhole || error.kind != .missing {
                note(lines[error.field] ?? schedule.line, schedule.name, error.description + hint(error))
            }
        }
    }

    /// Names that are given again, and what is no name, become problems.
    private mutating func members(of mapping: Node.Mapping, in schedule: String?) -> [Member] {
        var members: [Member] = []
        var names: Set<String> = []
        for (key, value) in mapping {
            do throws(YAMLMistake) {
                let name = try YAMLJSON.name(of: key)
                if names.insert(name).inserted {
                    members.append(Member(name: name, line: key.mark?.line, value: value))
                } else {
                    note(key.mark?.line, schedule, "'\(name.prefix(100))' is given twice. Allowed: once.")
                }
            } catch {
                note(error.line, schedule, error.message)
            }
        }
        return members
    }

    private mutating func note(_ line: Int?, _ schedule: String?, _ message: String) {
        problems.append(
            ScheduleFileError.Problem(line: line, schedule: schedule.map { String($0.prefix(100)) }, message: message))
    }

    private func unknown(_ name: String, among known: [String]) -> String {
        let error = FieldError(.unknown, String(name.prefix(100)), allowed: known.joined(separator: ", "))
        return error.description + (Misspelling.nearest(to: name, among: known).map { " Do you mean '\($0)'?" } ?? "")
    }

    /// The word that may be meant, for fields with a choice of words.
    private func hint(_ error: FieldError) -> String {
        guard ["overlap", "catchUp", "repeatedHour", "priority"].contains(error.field), let found = error.found else {
            return ""
        }
        let words = error.allowed.split { $0 == "," || $0 == " " }.map(String.init).filter { $0.count > 2 }
        return Misspelling.nearest(to: found, among: words).map { " Do you mean '\($0)'?" } ?? ""
    }
}
