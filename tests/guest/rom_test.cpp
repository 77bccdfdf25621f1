// A ROM in place of all firmware, which says on a port how far it comes.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "tests/support/paths.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temporary.hpp"

namespace retrace::test {

namespace {

std::filesystem::path rom_image(const std::string& name) { return retrace_binary()->parent_path().parent_path() / "tests" / ("guest_rom_" + name + ".bin"); }

std::string contents(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

TEST_CASE("a ROM of any size ends at the top of memory and of the first megabyte, and nothing else is there") {
    const auto binary = retrace_binary();
    REQUIRE(binary);
    const TemporaryFolder folder;
    const std::string rom = contents(rom_image("post"));
    REQUIRE(rom.size() == 0x10000);
    const auto image = folder.path / "rom.bin", posts = folder.path / "posts";
    for (const char* cpu : {"8086", "286", "386", "max"})
        for (const std::size_t size : {std::size_t{0x10000}, std::size_t{100'001}, std::size_t{3} << 20}) {
            std::ofstream(image, std::ios::binary) << std::string(size - rom.size(), '\x90') << rom;
            const auto outcome = run({binary->string(), "--rom", image.string(), "--cpu", cpu, "--display", "none", "--serial", "stdio", "--memory", "1",
                                      "--debugcon", "0x190:" + posts.string(), "--debug-exit", "0xf4", "--timeout", "20"});
            INFO(cpu << ", " << size << " bytes: " << outcome.err << outcome.out);
            CHECK(outcome.exit_code == (5 << 1 | 1));
            CHECK(outcome.out == "the ROM ran\n");
            CHECK(contents(posts) == "\x01\x02\x03\x04\xff");
        }
}

TEST_CASE("protected mode is an 80286's on an 80286") {
    REQUIRE(retrace_binary());
    for (const char* engine : {"interpreter", "jit", "verify"}) {
        const auto outcome = run({retrace_binary()->string(), "--rom", rom_image("p286").string(), "--cpu", "286", "--engine", engine, "--display", "none",
                                  "--memory", "1", "--debug-exit", "0xf4", "--timeout", "20"});
        INFO(engine << ": the first check that failed, twice and one: " << outcome.exit_code << '\n' << outcome.err);
        CHECK(outcome.exit_code == 1);
    }
}

}  // namespace retrace::test
