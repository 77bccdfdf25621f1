// Law 5: nothing includes upward. The table is the one of core/README.md and devices/README.md.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "tests/support/paths.hpp"

namespace fs = std::filesystem;

namespace {

// What a layer may include besides itself; what these may include is theirs too.
const std::map<std::string, std::set<std::string>> direct{
    {"core/base", {}},
    {"core/state", {"core/base"}},
    {"core/time", {"core/state"}},
    {"core/bus", {"core/state"}},
    {"core/float", {"core/state"}},
    {"core/memory", {"core/bus"}},
    {"core/isa", {"core/state"}},
    {"core/cpu", {"core/isa", "core/memory", "core/bus", "core/time", "core/float"}},
    {"core/semantics", {"core/cpu"}},
    {"core/engine", {"core/semantics"}},
    {"core/replay", {"core/time"}},
    {"core/debug", {"core/engine", "core/replay"}},
    {"jit", {"core/engine"}},
    {"bios", {}},
    {"devices/host", {"core/bus", "core/time"}},
    {"devices/part", {"devices/host"}},
    {"devices/board", {"devices/part", "bios", "core/debug"}},
    {"frontend", {"devices/board"}},
    {"frontend/main", {"frontend", "jit"}},
};

std::string layer_of(const fs::path& path) {
    auto part = path.begin();
    const std::string top = *part++;
    if (top == "core") return "core/" + part->string();
    if (top == "devices") return *part == "host" || *part == "board" ? "devices/" + part->string() : "devices/part";
    if (path == "frontend/main.cpp") return "frontend/main";
    return top;
}

// The folder a device belongs to: a part sees no other part's folder.
std::string folder_of(const fs::path& path) { return path.parent_path().string(); }

bool may_include(const std::string& from, const std::string& to) {
    if (from == to) return true;
    for (const auto& next : direct.at(from))
        if (may_include(next, to)) return true;
    return false;
}

}  // namespace

// Its results would be the host's: in core floating-point numbers are integers that core/float computes with.
TEST_CASE("core knows no floating-point type of the host") {
    const auto root = retrace::test::project_dir();
    const std::regex type{R"re(\b(float|double)\b)re"}, aside{R"re(//.*|"[^"]*"|#\s*include.*)re"};
    unsigned seen = 0;
    for (const auto& entry : fs::recursive_directory_iterator(root / "core")) {
        const auto extension = entry.path().extension();
        if (extension != ".cpp" && extension != ".hpp") continue;
        std::ifstream file(entry.path());
        for (std::string line; std::getline(file, line); ++seen) {
            if (std::regex_search(std::regex_replace(line, aside, ""), type)) FAIL_CHECK(entry.path().string() << ": " << line);
        }
    }
    CHECK(seen > 10'000);
}

TEST_CASE("nothing includes upward") {
    const auto root = retrace::test::project_dir();
    const std::regex include{R"re(^\s*#\s*include\s*"([^"]+)")re"};
    unsigned seen = 0;
    for (const char* top : {"core", "jit", "devices", "frontend", "bios"}) {
        for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
            const auto extension = entry.path().extension();
            if (extension != ".cpp" && extension != ".hpp") continue;
            const auto path = fs::relative(entry.path(), root);
            const auto from = layer_of(path);
            REQUIRE(direct.contains(from));
            std::ifstream file(entry.path());
            for (std::string line; std::getline(file, line);) {
                std::smatch match;
                if (!std::regex_search(line, match, include)) continue;
                const fs::path target{match[1].str()};
                INFO(path.string() << " includes " << target.string());
                const auto to = layer_of(target);
                CHECK(direct.contains(to));
                if (!direct.contains(to)) continue;
                CHECK(may_include(from, to));
                // core/memory and the bus are the only core layers that share a rank; devices know no other devices.
                if (from == "devices/part" && to == "devices/part") CHECK(folder_of(path) == folder_of(target));
                ++seen;
            }
        }
    }
    CHECK(seen > 100);
}
