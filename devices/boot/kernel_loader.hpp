// KernelLoader: puts a kernel into memory when its option ROM asks, as a boot loader would read it from a disk. Being asked by the firmware, it
// works again after every reset.
//
//   port 8910  write  01: load                     read  how to enter: 0 there is no kernel, 1 real mode, 2 protected mode
//   port 8912  write  select a value: 0 entry, 1 stack, 2 EAX, 3 EBX
//   port 8914  read   the selected value, 32 bits
//
// Source: our own (bios/kernel/main.asm is its only user).
#pragma once

#include "core/bus/device.hpp"
#include "core/bus/dma.hpp"
#include "core/bus/port_map.hpp"
#include "devices/boot/boot_payload.hpp"

namespace retrace {

class KernelLoader final : public Device {
public:
    static constexpr u16 command_port = 0x8910, select_port = 0x8912, value_port = 0x8914;

    struct State {
        u8 selected = 0;
    };

    KernelLoader(BusMemory& memory, BootPayload payload) : memory_{memory}, payload_{std::move(payload)} {}

    void attach(PortMap& ports) override;
    void reset(Reset) override { state_ = {}; }
    void visit(StateVisitor& visitor) override;

private:
    void command(u8 what);
    u8 how() { return static_cast<u8>(payload_.how); }
    void select(u8 what) { state_.selected = what; }
    u32 value();

    BusMemory& memory_;
    BootPayload payload_;
    State state_;
};

template <> inline constexpr auto fields<KernelLoader::State> = describe(field("selected", &KernelLoader::State::selected));

}  // namespace retrace
