// What the board does with the processor's pins and its APIC base.
#include <catch2/catch.hpp>

#include "core/engine/interpreter.hpp"
#include "devices/board/pc_board.hpp"

using namespace retrace;

namespace {

struct Board {
    explicit Board(CpuModel model) : board{configuration(model), {}, {}, [](Cpu& cpu) { return std::make_unique<Interpreter>(cpu); }} {}
    static MachineConfig configuration(CpuModel model) {
        MachineConfig config;
        config.cpu = model;
        return config;
    }
    bool apic_at(u64 address) { return board.memory.is_window(static_cast<u32>(address >> 12)) && board.windows.find({address}).window == &board.local_apic; }
    void set_config(u32 device, u32 function, u32 offset, u32 value) {
        board.ports.write(0xcf8, 4, 0x80000000 | device << 11 | function << 8 | offset);
        board.ports.write(0xcfc, 4, value);
    }
    PcBoard board;
};

}  // namespace

TEST_CASE("the local APIC lies where IA32_APIC_BASE says, or nowhere, and a reset brings it back") {
    Board machine{CpuModel::Pentium2};
    auto& [board] = machine;
    CHECK(machine.apic_at(0xfee00000));
    CHECK(board.cpu.write_model_register(0x1b, 0xfed40900));
    CHECK(machine.apic_at(0xfed40000));
    CHECK_FALSE(machine.apic_at(0xfee00000));
    CHECK(board.memory.read({0xfee00030}, 4) == 0xffffffff);
    CHECK((board.memory.read({0xfed40030}, 4) & 0xff) == 0x14);
    CHECK(board.cpu.write_model_register(0x1b, 0xfed40100));
    CHECK_FALSE(machine.apic_at(0xfed40000));
    board.cpu.reset();
    CHECK(machine.apic_at(0xfee00000));
    Board old{CpuModel::I486};
    CHECK_FALSE(old.apic_at(0xfee00000));
}

TEST_CASE("the APM port and the APIC bus reach the processor's SMI pin") {
    Board machine{CpuModel::Pentium};
    auto& [board] = machine;
    board.ports.write8(0xb2, 1);
    CHECK_FALSE(board.cpu.state.smi_pending);
    machine.set_config(1, 3, 0x58, 1 << 25);
    board.ports.write8(0xb2, 1);
    CHECK(board.cpu.state.smi_pending);
    board.cpu.reset();
    CHECK_FALSE(board.cpu.state.smi_pending);
    board.memory.write({0xfee00310}, 4, 0);
    board.memory.write({0xfee00300}, 4, 0x4200);
    CHECK(board.cpu.state.smi_pending);
}

TEST_CASE("firmware leaves the memory types as operating systems expect them") {
    Board machine{CpuModel::Pentium3};
    auto& [board] = machine;
    board.run({2'000'000});
    u64 value = 0;
    CHECK(board.cpu.read_model_register(0x2ff, value));
    CHECK(value == 0xc06);
    CHECK(board.cpu.read_model_register(0x201, value));
    CHECK(value == 0xf'c000'0800);
    CHECK(board.cpu.read_model_register(0x259, value));
    CHECK(value == 0);
    CHECK(board.cpu.read_model_register(0x26f, value));
    CHECK(value == 0x0505'0505'0505'0505);
}
