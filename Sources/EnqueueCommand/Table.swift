internal import Foundation

/// Columns of equal width, numbers aligned right.
struct Table {
    private var rows: [[String]] = []

    init(_ heading: String...) { rows.append(heading) }

    mutating func row(_ cells: String...) { rows.append(cells) }

    var lines: [String] {
        let columns = rows.first?.count ?? 0
        let widths = (0..<columns).map { i in rows.map { $0[i].count }.max() ?? 0 }
        let numeric = (0..<columns).map { i in rows.dropFirst().allSatisfy { $0[i].first?.isNumber ?? true } && i > 0 }
        return rows.map { row in
            zip(row.indices, row).map { i, cell in
                let space = String(repeating: " ", count: widths[i] - cell.count)
                return numeric[i] ? space + cell : cell + (i == columns - 1 ? "" : space)
            }.joined(separator: "  ").trimmingCharacters(in: .whitespaces)
        }
    }
}
