// Single instructions recorded from a real 80286 in real mode: 325 files of 100 tests, on the 286 and, with what their README says
// about later processors, on the 386 and the newest model.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <set>

#include "core/cpu/cpu.hpp"
#include "core/engine/interpreter.hpp"
#include "core/isa/decoder.hpp"
#include "core/isa/rows.hpp"
#include "tests/core/conformance/moo_file.hpp"
#include "tests/support/paths.hpp"

using namespace retrace;
using namespace retrace::test;

namespace {

// A processor, 2 MiB of RAM and ports that read as ones and note what goes through them.
class Bench {
public:
    explicit Bench(CpuModel model) : cpu{memory, ports, scheduler, model}, engine{cpu} {
        // A port's own width is a byte in the recordings: words are joined again below.
        ports.on_read<&Bench::read_byte>(0x0000, 0xffff, this);
        ports.on_write<&Bench::write_byte>(0x0000, 0xffff, this);
    }

    void load(const MooState& state) {
        cpu.reset();
        const auto value = [&](MooRegister which) { return state.registers[which].value_or(0); };
        const std::array<MooRegister, 8> general{MooAx, MooCx, MooDx, MooBx, MooSp, MooBp, MooSi, MooDi};
        for (unsigned at = 0; at < general.size(); ++at) cpu.state.gpr[at] = value(general[at]);
        const std::array<MooRegister, 4> segments{MooEs, MooCs, MooSs, MooDs};
        for (unsigned at = 0; at < segments.size(); ++at) cpu.set_real_segment(at, value(segments[at]));
        cpu.state.eip = value(MooIp);
        cpu.set_eflags((value(MooFlags) & 0x0fffu) | 2);
        for (const MooByte& byte : state.memory) poke(byte.address, byte.value);
        cpu.restored();
        transfers.clear();
    }

    // Until HLT, REP iterations included.
    bool run() {
        for (unsigned round = 0; round < 2 && !cpu.state.halted; ++round) engine.run({scheduler.now().step + 70'000});
        return cpu.state.halted;
    }

    void poke(u32 address, u8 value) { memory.write(PhysicalAddress{address}, std::span{&value, 1}); }
    u8 peek(u32 address) { return memory.peek(PhysicalAddress{address}).value_or(0xff); }

    u16 value(MooRegister which) {
        const Registers& registers = cpu.registers();
        switch (which) {
            case MooAx: return static_cast<u16>(registers.gpr[0]);
            case MooCx: return static_cast<u16>(registers.gpr[1]);
            case MooDx: return static_cast<u16>(registers.gpr[2]);
            case MooBx: return static_cast<u16>(registers.gpr[3]);
            case MooSp: return static_cast<u16>(registers.gpr[4]);
            case MooBp: return static_cast<u16>(registers.gpr[5]);
            case MooSi: return static_cast<u16>(registers.gpr[6]);
            case MooDi: return static_cast<u16>(registers.gpr[7]);
            case MooEs: return registers.segment[0].selector;
            case MooCs: return registers.segment[1].selector;
            case MooSs: return registers.segment[2].selector;
            case MooDs: return registers.segment[3].selector;
            case MooIp: return static_cast<u16>(registers.eip);
            default: return static_cast<u16>(registers.eflags);
        }
    }

    MmioMap windows;
    PhysicalMemory memory{2u << 20, windows};
    PortMap ports;
    Scheduler scheduler{StepRate{1'000'000}};
    Cpu cpu;
    Interpreter engine;
    std::vector<MooTransfer> transfers;  // bytes

private:
    u8 read_byte(u16 port) {
        transfers.push_back({false, port, 1, 0xff});
        return 0xff;
    }
    void write_byte(u16 port, u8 value) { transfers.push_back({true, port, 1, value}); }
};

std::vector<MooTransfer> as_bytes(const std::vector<MooTransfer>& transfers) {
    std::vector<MooTransfer> bytes;
    for (const MooTransfer& each : transfers) {
        bytes.push_back({each.write, each.port, 1, static_cast<u16>(each.data & 0xff)});
        if (each.width == 2) bytes.push_back({each.write, static_cast<u16>(each.port + 1), 1, static_cast<u16>(each.data >> 8)});
    }
    return bytes;
}

bool uses_stack_segment(const Instruction& instruction) {
    if (instruction.has(Instruction::memory) && instruction.segment == static_cast<u8>(Segment::Ss)) return true;
    const Row& row = row_of(instruction);
    if ((row.kind & kind::string) && instruction.segment == static_cast<u8>(Segment::Ss)) return true;
    switch (row.op) {
        case Op::Push: case Op::Pop: case Op::PushSeg: case Op::PopSeg: case Op::Pusha: case Op::Popa: case Op::Pushf: case Op::Popf:
        case Op::Enter: case Op::Leave: case Op::CallNear: case Op::CallIndirect: case Op::CallFar: case Op::CallFarIndirect:
        case Op::RetNear: case Op::RetFar: case Op::Iret: case Op::Int: case Op::Int3: case Op::Into: return true;
        case Op::Xlat: case Op::Mov: return instruction.has(Instruction::segment_override) && instruction.segment == static_cast<u8>(Segment::Ss);
        default: return false;
    }
}

struct Score {
    unsigned run = 0, passed = 0, skipped = 0;
    std::string report;  // of the first failures
};

class Suite {
public:
    explicit Suite(CpuModel model)
        : bench_{model}, decoder_{CpuModel::Max}, masks_{read_flag_masks(*shared_file("conformance/80286/metadata.json"))}, later_{model > CpuModel::I286} {}

    void run(const std::filesystem::path& path, Score& score) {
        const std::string opcode = path.filename().string().substr(0, path.filename().string().find(".MOO"));
        const auto mask = masks_.find(opcode);
        flags_mask_ = static_cast<u16>((mask == masks_.end() ? 0xffff : mask->second) & 0x0fff);
        for (const MooTest& test : MooFile::read(path).tests) {
            decoder_.decode(padded(test.bytes), false, instruction_);
            if (is_skipped(test)) {
                ++score.skipped;
                continue;
            }
            const std::string difference = run(test);
            ++score.run;
            if (difference.empty()) {
                ++score.passed;
            } else if (std::count(score.report.begin(), score.report.end(), '\n') < 60) {
                score.report += opcode + " #" + std::to_string(test.index) + " " + test.name + " [" + hex(test.bytes) + "]" + difference + "\n";
            }
        }
    }

private:
    static std::vector<u8> padded(std::vector<u8> bytes) {
        bytes.resize(16, 0xf4);
        return bytes;
    }
    static std::string hex(const std::vector<u8>& bytes) {
        std::string text;
        for (const u8 byte : bytes) text += std::string{"0123456789abcdef"[byte >> 4]} + "0123456789abcdef"[byte & 15];
        return text;
    }
    static std::string hex(u32 value) {
        char text[12];
        std::snprintf(text, sizeof text, "%x", value);
        return text;
    }

    // The rules for processors later than the 286.
    [[nodiscard]] bool is_skipped(const MooTest& test) const {
        if (!later_) return false;
        const Row& row = row_of(instruction_);
        if (instruction_.has(Instruction::lock) && !((row.kind & kind::lockable) && instruction_.has(Instruction::memory))) return true;
        if (test.bytes.size() - 1 > 10 && test.exception == 13) return true;
        return (instruction_.opcode == 0x8c || instruction_.opcode == 0x8e) && (instruction_.reg == 4 || instruction_.reg == 5);
    }

    std::string run(const MooTest& test) {
        bench_.load(test.initial);
        // A 386 or later reports limit violations of the stack segment as 12: let both vectors lead to the recorded handler.
        const bool stack_fault = later_ && test.exception == 13 && uses_stack_segment(instruction_);
        if (stack_fault)
            for (u32 at = 0; at < 4; ++at) bench_.poke(12 * 4 + at, bench_.peek(13 * 4 + at));
        std::string difference;
        if (!bench_.run()) difference += "\n    never halts";

        const bool is_string = (row_of(instruction_).kind & kind::string) != 0;
        for (unsigned at = 0; at < moo_registers; ++at) {
            const auto which = static_cast<MooRegister>(at);
            // The 286 has moved on when a string access faults; later ones restart cleanly.
            if (later_ && is_string && test.exception == 13 && (which == MooSi || which == MooDi || which == MooCx)) continue;
            u16 expected = test.final.registers[at].value_or(*test.initial.registers[at]);
            u16 found = bench_.value(which);
            if (which == MooFlags) expected &= flags_mask_, found &= flags_mask_;
            if (expected != found) difference += std::string{"\n    "} + moo_register_names[at] + " is " + hex(found) + ", not " + hex(expected);
        }

        std::map<u32, u8> expected;
        for (const MooByte& byte : test.initial.memory) expected[byte.address] = byte.value;
        for (const MooByte& byte : test.final.memory) expected[byte.address] = byte.value;
        const u32 flags_image = pushed_flags(test);
        for (const auto& [address, value] : expected) {
            if (stack_fault && address >= 12 * 4 && address < 13 * 4) continue;
            u8 mask = 0xff;
            if (flags_image && address == flags_image) mask = test.exception == 0 ? low_byte(flags_mask_) : u8{0xff};
            if (flags_image && address == flags_image + 1) mask = test.exception == 0 ? high_byte(flags_mask_) : u8{0x0f};
            const u8 found = bench_.peek(address);
            if ((found ^ value) & mask) difference += "\n    [" + hex(address) + "] is " + hex(found) + ", not " + hex(value);
        }
        // Later ones do not take a byte from a device when it cannot be stored.
        const bool lost_byte = later_ && is_string && test.exception == 13;
        if (!test.transfers.empty() && !lost_byte && bench_.transfers != as_bytes(test.transfers)) {
            difference += "\n    ports:";
            for (const auto& each : bench_.transfers) difference += std::string{each.write ? " out " : " in "} + hex(each.port) + "=" + hex(each.data);
            difference += "; not:";
            for (const auto& each : as_bytes(test.transfers)) difference += std::string{each.write ? " out " : " in "} + hex(each.port) + "=" + hex(each.data);
        }
        if (!difference.empty() && test.exception) difference += "\n    (vector " + hex(*test.exception) + ")";
        for (const auto& [address, value] : expected) bench_.poke(address, 0);
        if (stack_fault)
            for (u32 at = 0; at < 4; ++at) bench_.poke(12 * 4 + at, 0);
        return difference;
    }

    // Where FLAGS were pushed, by PUSHF or on the way to a handler; 0 if not.
    [[nodiscard]] u32 pushed_flags(const MooTest& test) const {
        const auto final = [&](MooRegister which) { return test.final.registers[which].value_or(*test.initial.registers[which]); };
        const u32 stack = u32{final(MooSs)} * 16;
        if (test.exception) return stack + ((final(MooSp) + 4u) & 0xffff);
        if (row_of(instruction_).op == Op::Pushf) return stack + final(MooSp);
        return 0;
    }

    Bench bench_;
    Decoder decoder_;
    std::map<std::string, u16> masks_;
    bool later_;
    u16 flags_mask_ = 0xffff;
    Instruction instruction_;
};

void run_suite(CpuModel model, unsigned expected_skips) {
    const auto folder = shared_file("conformance/80286");
    if (!folder) {
        say_skipped("the recorded 80286 tests are not there");
        return;
    }
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator{*folder})
        if (entry.path().extension() == ".gz") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    REQUIRE(files.size() == 325);

    Suite suite{model};
    Score score;
    for (const auto& file : files) suite.run(file, score);
    std::printf("80286 recordings on the %s: %u of %u passed, %u skipped\n", name_of(model).name.data(), score.passed, score.run, score.skipped);
    INFO(score.report);
    CHECK(score.passed == score.run);
    CHECK(score.skipped == expected_skips);
}

}  // namespace

TEST_CASE("a 286 does what a 286 did") { run_suite(CpuModel::I286, 0); }
TEST_CASE("a 386 does what a 286 did, but for the known differences") { run_suite(CpuModel::I386, 564); }
TEST_CASE("the newest model does what a 286 did, but for the known differences") { run_suite(CpuModel::Max, 564); }
