import WorkerKit

/// How rows are numbered.
typealias SQLiteNumbers = RowNumbers
