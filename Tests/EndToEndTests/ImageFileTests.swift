import Foundation
import TestProcesses
import Testing

/// `docker/Dockerfile` has what the programs need to be built and run, as far as that can be seen without an image.
@Suite("The file of the image", .timeLimit(.minutes(5)))
struct ImageFileTests {
  /// Its instructions, each on one line.
  private let lines: [String]
  /// The packages of each stage, in order.
  private let packages: [[String]]

  init() throws {
    let text = try String(contentsOf: Page.root.appending(path: "docker/Dockerfile"), encoding: .utf8)
    lines = text.replacing("\\\n", with: " ").split(separator: "\n").map(String.init)
    packages = lines.filter { $0.hasPrefix("RUN apt-get") }.map { line in
      line.split(separator: " ").drop { $0 != "install" }.dropFirst().prefix { $0 != "&&" }
        .filter { !$0.hasPrefix("-") }.map(String.init)
    }
  }

  @Test("The program is no root's")
  func isOrdinary() throws {
    let user = try #require(lines.lastIndex { $0.hasPrefix("USER ") })
    #expect(lines[user] == "USER millrace")
    #expect(lines.suffix(from: user).contains { $0.hasPrefix("ENTRYPOINT") })
  }

  @Test("It is built with the packages that Package.swift asks for, from folders that there are and that it names")
  func builds() throws {
    let manifest = try String(contentsOf: Page.root.appending(path: "Package.swift"), encoding: .utf8)
    let asked = manifest.matches(of: /\.apt\(\["([^"]+)"\]\)/).map { String($0.output.1) }
    #expect(asked.count > 4)
    for package in asked { #expect(packages.first?.contains(package) == true, "\(package)") }
    let copied = lines.filter { $0.hasPrefix("COPY ") && !$0.contains("--from") }
      .map { String($0.split(separator: " ")[1]) }
    let sent = try String(contentsOf: Page.root.appending(path: "docker/Dockerfile.dockerignore"), encoding: .utf8)
      .split(separator: "\n")
    for source in copied {
      #expect(sent.contains("!\(source)"), "\(source)")
      #expect(FileManager.default.fileExists(atPath: Page.root.appending(path: source).path), "\(source)")
    }
    let folders = Set(manifest.matches(of: /path: "([^"\/]+)/).map { String($0.output.1) } + ["Sources", "Tests"])
    for folder in folders { #expect(copied.contains(folder), "\(folder)") }
    let products = lines.joined().matches(of: /--product ([a-z-]+)/).map { String($0.output.1) }
    #expect(products == ["millrace", "millrace-imaging"])
  }

  @Test(
    "It runs with the packages of the libraries that its programs link",
    .enabled("needs Debian's dpkg") {
      await Program("dpkg-query", ["--version"]).succeeds
    })
  func runs() async throws {
    let listed = try #require(packages.last)
    let brought = try await Set(listed + Self.base + Self.needs(of: listed))
    for name in ["millrace", "millrace-imaging"] {
      let program = Command.program.deletingLastPathComponent().appending(path: name).path
      let wanted = try await Program("readelf", ["-d", program]).run().output
        .matches(of: /\(NEEDED\).*\[(.+)\]/).map { String($0.output.1) }
      let found = try await Program("ldd", [program]).run().output.matches(of: /(\S+) => (\/\S+)/)
      #expect(wanted.count > 5, "\(name)")
      let files = found.filter { wanted.contains(String($0.output.1)) }.map { String($0.output.2) }
      for package in try await Self.packages(of: files) {
        #expect(brought.contains(package), "\(name) needs \(package)")
      }
    }
  }

  /// What the image that it begins with has anyway.
  private static let base = ["libc6", "libgcc-s1", "libstdc++6", "zlib1g"]

  /// The packages that come with these, of which there is each.
  private static func needs(of packages: [String]) async throws -> [String] {
    let result = try await Program("dpkg-query", ["-W", "-f", "${Depends},"] + packages).run()
    #expect(result.status == 0, "\(result.errors)")
    return result.output.split { $0 == "," || $0 == "|" }.compactMap { $0.split(separator: " ").first.map(String.init) }
  }

  /// The packages that have these files; Swift's own libraries are in none.
  private static func packages(of files: [String]) async throws -> Set<String> {
    let real = files.map { URL(filePath: $0).resolvingSymlinksInPath().path }
    // A package may know a file by its place from before /lib became a part of /usr.
    let places = real + real.map { $0.replacing(/^\/usr/, with: "") }
    let lines = try await Program("dpkg-query", ["-S"] + places).run().output.split(separator: "\n")
    return Set(lines.compactMap { $0.split(separator: ":").first.map(String.init) })
  }
}
