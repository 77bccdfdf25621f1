// What a profiler of the host is told about translated blocks.
#include <catch2/catch.hpp>

#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "jit/profile.hpp"

using namespace retrace;
using jit::Profile;

namespace {

std::string contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

constexpr u8 code[] = {0x90, 0xc3};

}  // namespace

TEST_CASE("a map has a line for each block") {
    { Profile{Profile::Kind::Map}.block(reinterpret_cast<const u8*>(0x1234), 0x20, 0x100, 0x7c00, 3); }
    const std::string path = "/tmp/perf-" + std::to_string(getpid()) + ".map";
    CHECK(contents(path) == "1234 20 guest_00000100@7c00.3\n");
    std::filesystem::remove(path);
}
TEST_CASE("a dump has the code itself") {
    { Profile{Profile::Kind::Dump}.block(code, sizeof code, 0x100, 0x7c00, 3); }
    const std::string path = "jit-" + std::to_string(getpid()) + ".dump";
    const std::string all = contents(path);
    std::filesystem::remove(path);
    const std::string name = "guest_00000100@7c00.3";
    REQUIRE(all.size() == 40 + 56 + name.size() + 1 + sizeof code);
    CHECK(all.substr(0, 4) == "DTiJ");
    u32 bytes = 0;
    std::memcpy(&bytes, all.data() + 40 + 4, 4);
    CHECK(bytes == all.size() - 40);
    CHECK(all.substr(96, name.size()) == name);
    CHECK(std::memcmp(all.data() + all.size() - sizeof code, code, sizeof code) == 0);
}
