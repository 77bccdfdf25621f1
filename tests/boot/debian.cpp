#include "tests/boot/debian.hpp"

#include <cstdlib>

#include "tests/support/paths.hpp"
#include "tests/support/process.hpp"

namespace fs = std::filesystem;

namespace retrace::test {

namespace {

fs::path cache() {
    const char* build = std::getenv("RETRACE_BINARY_DIR");
    return (build ? fs::path{build} : project_dir() / "build/release") / "guests";
}

// A folder that `make` fills: kept only if it is whole, so that a broken download is tried anew.
template <class F>
std::optional<fs::path> folder(const std::string& name, F&& make) {
    const fs::path there = cache() / name, begun = cache() / (name + ".begun");
    if (fs::exists(there)) return there;
    fs::remove_all(begun);
    fs::create_directories(begun);
    const Outcome outcome = run(make(begun));
    if (outcome.exit_code != 0) {
        say_skipped("no guest " + name + " from Debian's packages: " + outcome.err.substr(0, 200));
        return std::nullopt;
    }
    fs::rename(begun, there);
    return there;
}

}  // namespace

std::optional<fs::path> debian_package(const std::string& name) {
    return folder(name, [&](const fs::path& into) {
        const std::string script = "cd \"$1\" && apt-get download -q -o APT::Sandbox::User= \"$2\" >&2 && dpkg-deb -x ./*.deb . && rm ./*.deb";
        return std::vector<std::string>{"sh", "-c", script, "sh", into.string(), name};
    });
}

std::optional<fs::path> linux_guest(const std::string& flavour) {
    const auto script = shared_file("guests/make-linux-guest.sh");
    if (!script) {
        say_skipped("no guests/make-linux-guest.sh");
        return std::nullopt;
    }
    return folder("linux-" + flavour, [&](const fs::path& into) { return std::vector<std::string>{script->string(), into.string(), flavour}; });
}

}  // namespace retrace::test
