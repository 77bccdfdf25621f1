// Whatever a user names by mistake gets one sentence and exit code 2, and nothing happens to it.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "tests/support/paths.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temporary.hpp"

using namespace retrace::test;

namespace {

Outcome retrace_with(std::vector<std::string> words) {
    const auto binary = retrace_binary();
    REQUIRE(binary);
    words.insert(words.begin(), binary->string());
    words.insert(words.end(), {"--display", "none", "--timeout", "20"});
    return run(words);
}

void complains(const std::vector<std::string>& words, const std::string& naming) {
    const auto outcome = retrace_with(words);
    INFO(words[0] << " " << words.back() << ": " << outcome.err);
    CHECK(outcome.exit_code == 2);
    CHECK(outcome.out.empty());
    CHECK(outcome.err.find(naming) != std::string::npos);
    CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
    CHECK((outcome.err.ends_with(".\n") || outcome.err.ends_with("?\n")));
}

std::string file_of(const TemporaryFolder& folder, const char* name, std::size_t size, char fill = 'x') {
    const auto path = (folder.path / name).string();
    std::ofstream(path, std::ios::binary) << std::string(size, fill);
    return path;
}

}  // namespace

TEST_CASE("files that are no disks are refused with a sentence") {
    const TemporaryFolder folder;
    complains({(folder.path / "missing.img").string()}, "missing.img");
    complains({"--fda", (folder.path / "missing.img").string()}, "missing.img");
    complains({file_of(folder, "empty.img", 0)}, "empty.img");
    complains({file_of(folder, "ten.img", 10)}, "ten.img");
    complains({file_of(folder, "odd.img", 100'001)}, "odd.img");
    complains({folder.path.string()}, folder.path.filename().string());
    complains({"--hda", "/dev/null"}, "/dev/null");
    complains({"--bios", file_of(folder, "tiny.bin", 10)}, "tiny.bin");
    complains({"--rom", file_of(folder, "tiny.rom", 10)}, "tiny.rom");
    complains({"--rom", (folder.path / "missing.rom").string()}, "missing.rom");
    complains({"--rom", file_of(folder, "good.rom", 65'536), "--vgabios", file_of(folder, "vga.bin", 32'768)}, "--rom");
    const auto unreadable = file_of(folder, "unreadable.img", 1'474'560);
    chmod(unreadable.c_str(), 0);
    if (!std::ifstream(unreadable)) return complains({unreadable}, "unreadable.img");
    // Root reads every file, so somebody else tries.
    chmod(folder.path.c_str(), 0755);
    const auto binary = retrace_binary();
    REQUIRE(binary);
    const std::vector<std::string> as_nobody{"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
    auto words = as_nobody;
    words.insert(words.end(), {binary->string(), "--version"});
    if (run(words).exit_code != 0) return say_skipped("root reads every file, and nobody else may run the program");
    words = as_nobody;
    words.insert(words.end(), {binary->string(), "--display", "none", "--timeout", "20", unreadable});
    const auto outcome = run(words);
    INFO(outcome.err);
    CHECK(outcome.exit_code == 2);
    CHECK(outcome.err.find("unreadable.img") != std::string::npos);
    CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
}

TEST_CASE("a hard disk of any whole number of sectors is taken; one without a boot program says so on the screen") {
    const TemporaryFolder folder;
    for (const std::size_t size : {std::size_t{512} * 63 * 16 * 20 + 512 * 5, std::size_t{7'340'032}}) {
        const auto disk = file_of(folder, "disk.img", size, '\0');
        const auto outcome = retrace_with({"--hda", disk, "--wait", "5", "--text", "-"});
        INFO(size << ": " << outcome.out << outcome.err);
        CHECK(outcome.exit_code == 0);
        CHECK(outcome.out.find("hard disk 0: no boot program in its first sector") != std::string::npos);
    }
    complains({"--hda", file_of(folder, "half.img", 512 * 63 * 16 * 20 + 100)}, "half.img");
}

TEST_CASE("options that make no sense are refused with a sentence") {
    complains({"--memory", "0"}, "--memory");
    complains({"--memroy", "16"}, "did you mean --memory?");
    complains({"--memory", "many"}, "--memory");
    complains({"--memory", "99999"}, "--memory");
    complains({"--cpu", "8088"}, "did you mean 8086?");
    complains({"--key", "contrl-a"}, "did you mean");
    complains({"--start-of-time", "yesterday"}, "--start-of-time");
    complains({"--start-of-time", "1994-02-30"}, "--start-of-time");
}

TEST_CASE("a floppy without a boot sector is a floppy: the machine says that nothing boots") {
    const TemporaryFolder folder;
    const auto blank = file_of(folder, "blank.img", 1'474'560, '\0');
    const auto outcome = retrace_with({blank, "--wait", "5", "--text", "-"});
    INFO(outcome.out << outcome.err);
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.out.find("boot") != std::string::npos);
}

TEST_CASE("two engines cannot both write to one image") { complains({"--engine", "verify", "--writable"}, "--writable"); }
