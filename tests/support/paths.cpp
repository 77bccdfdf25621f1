#include "tests/support/paths.hpp"

#include <cstdio>
#include <cstdlib>

namespace retrace::test {

namespace fs = std::filesystem;

fs::path project_dir() { return fs::current_path(); }

std::optional<fs::path> retrace_binary() {
    const char* build = std::getenv("RETRACE_BINARY_DIR");
    const fs::path binary = (build ? fs::path(build) : project_dir() / "build" / "release") / "frontend" / "retrace";
    return fs::exists(binary) ? std::optional{binary} : std::nullopt;
}

std::optional<fs::path> shared_file(const std::string& name) {
    const char* shared = std::getenv("RETRACE_SHARED");
    const fs::path file = (shared ? fs::path(shared) : project_dir() / ".." / "shared") / name;
    return fs::exists(file) ? std::optional{file} : std::nullopt;
}

void say_skipped(const std::string& why) { std::printf("SKIPPED: %s\n", why.c_str()); }

}  // namespace retrace::test
