// What telling blocks become. Each file of tests/golden has a block of guest code, the host code that it became, on the way that is usually
// taken, and how many host instructions these may be at most.
//
//   RETRACE_GOLDEN=update build/release/tests/test_jit '[golden]'
//
// writes the host code anew and takes a lower count for the most; a higher one is put in by hand, by somebody who knows why.
// Lines of a file, before the guest's code:
//   # TEXT        what it is about
//   mode: M       flat; paged; based: data lies at 40000 within limits; protected16; real
//   steps: N      done before the block is looked at; else 40
//   at: EIP       of the block; else 1000
//   beyond: HEX   code at 2000
//   most: N       host instructions for the guest's that the file shows; for more of them there may be more
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "jit/jit_engine.hpp"
#include "tests/jit/host_listing.hpp"
#include "tests/support/paths.hpp"

using namespace retrace;
namespace fs = std::filesystem;

namespace {

struct Golden {
    std::string about, mode = "flat";
    unsigned steps = 40, most = 0;
    u32 at = 0x1000;
    std::vector<u8> guest, beyond;
    std::vector<std::string> host;
};

// Pairs of digits, until there is something else.
void read_bytes(const std::string& line, std::vector<u8>& to) {
    std::istringstream words{line};
    for (std::string word; words >> word && word.size() == 2 && word.find_first_not_of("0123456789abcdef") == std::string::npos;)
        to.push_back(static_cast<u8>(std::stoul(word, nullptr, 16)));
}

Golden read(const fs::path& path) {
    Golden golden;
    std::ifstream file{path};
    enum { Head, Guest, Host } part = Head;
    for (std::string line; std::getline(file, line);) {
        if (line == "guest:") part = Guest;
        else if (line.starts_with("host:")) part = Host;
        else if (part == Guest) {
            read_bytes(line, golden.guest);
        } else if (part == Host) {
            golden.host.push_back(line.substr(std::min(line.find_first_not_of(' '), line.size())));
        } else if (line.starts_with("# ")) {
            golden.about = line.substr(2);
        } else {
            const std::string key = line.substr(0, line.find(": ")), value = line.substr(line.find(": ") + 2);
            if (key == "mode") golden.mode = value;
            else if (key == "steps") golden.steps = static_cast<unsigned>(std::stoul(value));
            else if (key == "at") golden.at = static_cast<u32>(std::stoul(value, nullptr, 16));
            else if (key == "beyond") read_bytes(value, golden.beyond);
            else if (key == "most") golden.most = static_cast<unsigned>(std::stoul(value));
            else FAIL(path << " has a line that says nothing: " << line);
        }
    }
    return golden;
}

void write(const fs::path& path, const Golden& golden, bool code32) {
    std::ofstream file{path};
    file << "# " << golden.about << "\nmode: " << golden.mode << '\n';
    if (golden.steps != Golden{}.steps) file << "steps: " << golden.steps << '\n';
    if (golden.at != Golden{}.at) file << "at: " << std::hex << golden.at << std::dec << '\n';
    if (!golden.beyond.empty()) {
        file << "beyond:";
        for (const u8 byte : golden.beyond) file << ' ' << "0123456789abcdef"[byte >> 4] << "0123456789abcdef"[byte & 15];
        file << '\n';
    }
    file << "most: " << golden.most << "\nguest:\n";
    const auto guest = test::guest_listing(golden.guest, golden.at, code32);
    for (const std::string& line : guest) file << "    " << line << '\n';
    file << "host: " << test::count_instructions(golden.host) << " instructions\n";
    for (const std::string& line : golden.host) file << (line.ends_with(':') ? "  " : "    ") << line << '\n';
}

// A processor with the code at 0:1000 and something in its registers.
class Bench {
public:
    explicit Bench(const Golden& golden) : mode_{golden.mode} {
        auto& r = cpu.state;
        r.cr4 |= cr4::OSFXSR;
        r.fpu.control = 0x37f;
        if (mode_ != "real") r.cr0 |= cr0::PE;
        if (mode_ == "paged") {
            // Everything at its place.
            memory.write({directory}, 4, table | 7);
            for (u32 n = 0; n < 256; ++n) memory.write({table + 4 * n}, 4, n << 12 | 7);
            r.cr0 |= cr0::PG;
            r.cr3 = directory;
        }
        cpu.restored();
        for (unsigned segment = 0; segment < 6; ++segment) cpu.put_segment(segment, segment_of(segment));
        r.eip = 0x1000;
        r.gpr[Esp] = 0x8800;
        r.gpr[Ebp] = 0x7000;
        r.gpr[Esi] = 0x2000;
        r.gpr[Edi] = 0x3000;
        r.gpr[Ecx] = 100;
        memory.write({0x1000}, golden.guest);
        memory.write({0x2000}, golden.beyond);
        engine.run({golden.steps});
    }

    [[nodiscard]] bool code32() const { return mode_ != "real" && mode_ != "protected16"; }
    [[nodiscard]] std::vector<std::string> listing(u32 eip) const {
        const auto all = engine.code_of(eip);
        INFO(mode_ << ", at " << std::hex << cpu.state.eip << (cpu.state.shut_down ? ", shut down" : ""));
        REQUIRE(all.size() == 1);
        return test::host_listing(all[0], cpu);
    }

private:
    static constexpr u32 directory = 0x80000, table = 0x81000;

    [[nodiscard]] SegmentRegister segment_of(unsigned segment) const {
        SegmentRegister one;
        if (mode_ == "real") return one;
        const bool code = segment == 1, stack = segment == 2, away = !code && (mode_ == "based" || mode_ == "protected16");
        one.selector = 8;
        one.base = away && !stack ? 0x40000 : 0;
        one.limit = away ? 0xffff : 0xffffffff;
        one.attributes = static_cast<u16>((code32() ? 0xc000 : 0) | (code ? 0x9b : 0x93));
        return one;
    }

    std::string mode_;
    MmioMap windows_;
    PhysicalMemory memory{u64{1} << 20, windows_};
    PortMap ports_;
    Scheduler scheduler_{StepRate{1'000'000}};

public:
    Cpu cpu{memory, ports_, scheduler_, CpuModel::Pentium4};
    JitEngine engine{cpu, {.threshold = 0, .window_after = mode_ == "windowed" ? u64{0} : ~u64{0}, .extensions = false}};
};

// Guest instructions of the block: its first act is to count them.
unsigned steps_of(const std::vector<std::string>& listing) {
    static constexpr std::string_view counts = "sub r15, ";
    for (const std::string& line : listing)
        if (line.starts_with(counts)) return static_cast<unsigned>(std::stoul(line.substr(counts.size()), nullptr, 0));
    return 1;
}

std::vector<fs::path> golden_files() {
    std::vector<fs::path> all;
    for (const auto& entry : fs::directory_iterator{test::project_dir() / "tests" / "golden"})
        if (entry.path().extension() == ".txt") all.push_back(entry.path());
    std::ranges::sort(all);
    REQUIRE(all.size() >= 12);
    return all;
}

}  // namespace

TEST_CASE("no block has more host instructions than its golden file allows", "[golden]") {
    const bool update = std::getenv("RETRACE_GOLDEN") && std::getenv("RETRACE_GOLDEN") == std::string{"update"};
    for (const fs::path& path : golden_files()) {
        Golden golden = read(path);
        const Bench bench{golden};
        const auto now = bench.listing(golden.at);
        const unsigned count = test::count_instructions(now), steps = steps_of(now), steps_before = golden.host.empty() ? steps : steps_of(golden.host);
        const bool fits = count * steps_before <= golden.most * steps;
        if (update) {
            if (golden.most == 0 || fits) golden.most = count;
            golden.host = now;
            write(path, golden, bench.code32());
        }
        INFO(path.filename().string() << " has " << count << " host instructions for " << steps << " of the guest; at most " << golden.most << " for " << steps_before << " are allowed:\n" << test::line_difference(golden.host, now));
        CHECK((update || fits));
    }
}
TEST_CASE("every block is what its golden file shows", "[golden]") {
    for (const fs::path& path : golden_files()) {
        const Golden golden = read(path);
        const std::string unlike = test::line_difference(golden.host, Bench{golden}.listing(golden.at));
        INFO(path.filename().string() << ": the host code is another one (-: the file, +: now). If that is as it should be:\n"
                                         "    RETRACE_GOLDEN=update build/release/tests/test_jit '[golden]'\n" << unlike);
        CHECK(unlike == "");
    }
}
