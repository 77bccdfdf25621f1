#include "frontend/options.hpp"

#include <catch2/catch.hpp>
#include <fstream>

#include "tests/support/temporary.hpp"

using namespace retrace;

namespace {

Options parse(std::vector<const char*> args) {
    args.insert(args.begin(), "retrace");
    return parse_options(static_cast<int>(args.size()), args.data());
}

std::string complaint(std::vector<const char*> args) {
    try {
        parse(std::move(args));
    } catch (const UsageError& error) {
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("media, machine and actions are understood, in both spellings") {
    const auto o = parse({"run", "disk.img", "-fda", "a.img", "--hda=b.img", "-m", "16", "--cpu", "8086", "-boot", "ca"});
    CHECK(o.thing == "disk.img");
    CHECK(o.fda == "a.img");
    CHECK(o.hda == "b.img");
    CHECK(o.memory_mib == 16);
    CHECK(o.cpu == CpuModel::I8086);
    CHECK(o.boot == "ca");
}

TEST_CASE("actions keep the order of the command line") {
    const auto o = parse({"--expect", "A:\\>", "--type", "ver /r\\n", "--within", "5", "--wait", "0.5", "--text", "-"});
    REQUIRE(o.actions.size() == 5);
    CHECK(o.actions[0].kind == Action::Kind::Expect);
    CHECK(o.actions[0].text == "A:\\>");
    CHECK(o.actions[1].text == "ver /r\n");
    CHECK(o.actions[2].seconds == 5);
    CHECK(o.actions[4].text == "-");
}

TEST_CASE("a misspelt option is named with the one probably meant") {
    CHECK(complaint({"--memroy", "5"}) == "There is no option --memroy; did you mean --memory?");
    CHECK(complaint({"-fdc", "5"}).find("There is no option -fdc; did you mean --") == 0);
    CHECK(complaint({"--cpu", "penitum"}).find("did you mean pentium?") != std::string::npos);
    CHECK(complaint({"--mem", "5"}).find("There is no option --mem") == 0);
}

TEST_CASE("values out of range are refused") {
    CHECK(complaint({"--memory", "0"}) == "--memory takes 1 to 3072 (MiB), not '0'.");
    CHECK_FALSE(complaint({"--memory", "3073"}).empty());
    CHECK_FALSE(complaint({"--memory", "-1"}).empty());
    CHECK_FALSE(complaint({"--memory", "4x"}).empty());
    CHECK_FALSE(complaint({"--memory"}).empty());
    CHECK_FALSE(complaint({"--speed", "5"}).empty());
    CHECK_FALSE(complaint({"--boot", "x"}).empty());
    CHECK_FALSE(complaint({"--serial", "file:"}).empty());
    CHECK_FALSE(complaint({"--timeout", "nan"}).empty());
    CHECK_FALSE(complaint({"a.img", "b.img"}).empty());
}

TEST_CASE("what this version lacks says so") {
    CHECK(complaint({"--record", "x"}).find("not in this version yet") != std::string::npos);
    CHECK(complaint({"play", "x.rtr"}).find("not in this version yet") != std::string::npos);
}

TEST_CASE("a configuration file sets what the command line may override, and prints back the same") {
    const test::TemporaryFolder folder;
    const std::string path = folder.path / "config";
    std::ofstream(path) << "memory = 8  # small\ncpu = 386\nno-reboot = true\n";
    const auto o = parse({"--cpu", "486", "--config", path.c_str()});
    CHECK(o.memory_mib == 8);
    CHECK(o.cpu == CpuModel::I486);
    CHECK(o.no_reboot);
    std::ofstream(path) << print_config(o);
    const auto again = parse({"--config", path.c_str()});
    CHECK(print_config(again) == print_config(o));
    std::ofstream(path) << "memroy = 8\n";
    CHECK(complaint({"--config", path.c_str()}).find("memory") != std::string::npos);
    std::filesystem::remove(path);
    CHECK_FALSE(complaint({"--config", path.c_str()}).empty());
}

TEST_CASE("a profile of translated code is written as a map or a dump, and as nothing else") {
    CHECK(parse({"--jit-threshold", "0"}).jit_threshold == 0);
    CHECK_FALSE(parse({}).jit_threshold);
    CHECK_FALSE(complaint({"--jit-threshold", "60001"}).empty());
    CHECK(parse({"--jit-perf", "map"}).jit_perf == "map");
    CHECK(parse({"--jit-perf", "dump"}).jit_perf == "dump");
    CHECK(parse({}).jit_perf.empty());
    CHECK_FALSE(complaint({"--jit-perf", "yes"}).empty());
    CHECK(help_text("").find("--jit-perf map|dump") != std::string::npos);
}
