/// Who may know whom.
let importRules: [Rule] = [
  Rule(
    "a C module is imported by one target, internally",
    plants: [
      Plant(
        [shim, swift("Drivers/A", "internal import CLib\n"), swift("Drivers/A", "internal import CLib\n")], lines: []),
      Plant(
        [shim, swift("Drivers/A", "internal import CLib\n"), swift("Workers/B", "internal import CLib\n")], lines: [1]),
      Plant([shim, swift("Drivers/A", "x\nimport CLib\n")], lines: [2]),
      Plant([shim, swift("Drivers/A", "public import CLib\n")], lines: [1]),
      Plant([shim, swift("Drivers/A", "public import Other\n")], lines: []),
    ]
  ) { files in
    let modules = Set(
      files.filter { $0.isIn("Sources/CLibraries") }.compactMap { $0.target.split(separator: "/").last })
    var owners: [String: String] = [:]
    return files.filter { $0.isIn("Sources") }.flatMap { file in
      Import.of(file).filter { modules.contains(Substring($0.module)) }.compactMap { used -> Finding? in
        let owner = owners[used.module, default: file.target]
        owners[used.module] = owner
        if owner != file.target {
          return file.finding(used.line, "\(owner) imports \(used.module); ask that target for what is missing.")
        }
        return used.isInternal ? nil : file.finding(used.line, "Write `internal import \(used.module)`.")
      }
    }
  },
  layer("WorkerKit", mayNotKnow: [.driver, .worker, .dispatcher, .server, .command]),
  layer("Drivers", mayNotKnow: [.worker, .dispatcher, .server, .command]),
  layer("Workers", mayNotKnow: [.dispatcher, .server, .command]),
  layer("Dispatcher", mayNotKnow: [.driver, .worker, .command]),
  layer("WorkerKitTesting", mayNotKnow: [.driver, .worker, .dispatcher, .server, .command]),
]

/// What a module is.
private enum Layer: CaseIterable {
  case driver, worker, dispatcher, server, command

  func holds(_ module: String) -> Bool {
    switch self {
    case .driver: module.hasSuffix("Driver") || module == "DriverThreads" || module == "ProcessChild"
    case .worker: module.hasSuffix("Worker")
    case .dispatcher: module == "Dispatcher"
    case .server: module.hasPrefix("Hummingbird") || module.hasPrefix("NIO") || module == "ServiceLifecycle"
    case .command: module == "ArgumentParser" || module == "millrace"
    }
  }

  var example: String {
    switch self {
    case .driver: "SQLiteDriver"
    case .worker: "MediaWorker"
    case .dispatcher: "Dispatcher"
    case .server: "NIOCore"
    case .command: "ArgumentParser"
    }
  }
}

private func layer(_ folder: String, mayNotKnow layers: [Layer]) -> Rule {
  let plants = Layer.allCases.map { layer in
    Plant([swift(folder, "public import \(layer.example)\n")], lines: layers.contains(layer) ? [1] : [])
  }
  return .each("what \(folder) may import", plants: plants) { file in
    guard file.isIn("Sources/\(folder)") else { return [] }
    return Import.of(file).filter { used in layers.contains { $0.holds(used.module) } }.map {
      file.finding($0.line, "\(folder) does not know \($0.module); put what needs it into Sources/millrace.")
    }
  }
}

private let shim = SourceFile(path: "Sources/CLibraries/CLib/module.modulemap", text: "module CLib {}\n")

private func swift(_ folder: String, _ text: String) -> SourceFile {
  SourceFile(path: "Sources/\(folder)/A.swift", text: text)
}
