// digests [--cases N] [--steps N] [FLOPPY...]
// What this build of the interpreter makes of rolled instructions of every family, of the built-in guest and of floppies that boot, as one
// line each. Builds for different processors must print the same (tools/cross compares them).
#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <vector>

#include "core/base/ensure.hpp"
#include "core/engine/interpreter.hpp"
#include "devices/board/machine.hpp"
#include "devices/storage/image.hpp"
#include "tools/fuzz/guest_cpu.hpp"

using namespace retrace;

namespace {

// FNV-1a.
class Hash {
public:
    template <class T>
    void add(const T& value) {
        add(reinterpret_cast<const u8*>(&value), sizeof value);
    }
    void add(const u8* bytes, std::size_t count) {
        for (std::size_t at = 0; at < count; ++at) value_ = (value_ ^ bytes[at]) * 0x100000001b3;
    }
    [[nodiscard]] u64 value() const { return value_; }

private:
    u64 value_ = 0xcbf29ce484222325;
};

void print_family(fuzz::Family family, u64 cases) {
    const Decoder decoder{CpuModel::Max};
    fuzz::CaseMaker maker{decoder, {family, {}}, 20021127};
    fuzz::GuestCpu guest{CpuModel::Max};
    Hash rolled, results;
    for (u64 left = cases; left > 0; --left) {
        const fuzz::Case one = maker.make();
        rolled.add(one.code.bytes.data(), one.code.length);
        for (const u32 gpr : one.state.gpr) rolled.add(gpr);
        rolled.add(one.state.fx, sizeof one.state.fx);
        const fuzz::Result result = guest.run(one);
        for (const u32 gpr : result.state.gpr) results.add(gpr);
        results.add(result.state.eip);
        results.add(result.state.eflags);
        results.add(result.state.fx);
        results.add(result.vector);
        results.add(result.error);
        results.add(result.cr2);
        results.add(result.watched.data(), result.watched.size());
    }
    fmt::print("{} {} instructions of {:016x}: {:016x}\n", cases, fuzz::family_names[static_cast<std::size_t>(family)], rolled.value(), results.value());
    std::fflush(stdout);
}

void print_boot(const std::string& floppy, u64 steps) {
    MachineConfig config;
    config.memory_mib = 4;
    config.steps_per_second = 20'000'000;
    MachineDisks disks;
    if (!floppy.empty()) disks.floppy[0] = open_image(floppy, TakenFor::Floppy, false);
    Machine machine{config, std::move(disks), MachineHost{}, [](Cpu& cpu) { return std::make_unique<Interpreter>(cpu); }};
    machine.run({steps});
    const auto slash = floppy.rfind('/');
    fmt::print("{} after {} steps: {:016x}\n", floppy.empty() ? "no disk" : floppy.substr(slash == std::string::npos ? 0 : slash + 1), machine.now().step, machine.digest());
    std::fflush(stdout);
}

void run(int count, char** arguments) {
    u64 cases = 20'000, steps = 40'000'000;
    std::vector<std::string> floppies{""};
    for (int at = 1; at < count; ++at) {
        const std::string argument = arguments[at];
        if (argument == "--cases" && at + 1 < count) cases = std::stoull(arguments[++at]);
        else if (argument == "--steps" && at + 1 < count) steps = std::stoull(arguments[++at]);
        else floppies.push_back(argument);
    }
    for (std::size_t family = 0; family < fuzz::family_names.size(); ++family) print_family(static_cast<fuzz::Family>(family), cases);
    for (const std::string& floppy : floppies) print_boot(floppy, steps);
}

}  // namespace

int main(int count, char** arguments) {
    try {
        run(count, arguments);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    }
}
