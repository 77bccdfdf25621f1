// The debug console: a port that firmware and test programs write text to, as Bochs made it a custom.
//
//   port P (usually E9)  write  the byte goes out
//                        read   E9h at whatever port, by which a program knows that the console is there (as QEMU's isa-debugcon)
//
// Where another part answers at the port the console listens beside it (say to the POST codes at 80), and reads are that part's. Attached last.
#pragma once

#include <functional>

#include "core/bus/device.hpp"
#include "core/bus/port_map.hpp"

namespace retrace {

class DebugConsole final : public Device {
public:
    DebugConsole(u16 port, std::function<void(u8)> out);

    void attach(PortMap& ports) override;
    void reset(Reset) override {}  // it has no state
    void visit(StateVisitor&) override {}

private:
    static constexpr u8 present = 0xe9;
    void write(u8 value) { if (out_) out_(value); }
    u8 read() { return present; }
    [[nodiscard]] u8 peek(u16) const { return present; }

    u16 port_;
    std::function<void(u8)> out_;
};

}  // namespace retrace
