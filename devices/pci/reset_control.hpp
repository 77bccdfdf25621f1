// ResetControl: the reset register of Intel's PCI chip sets. (82371FB/82371SB data sheet, 290550, 2.4.10.)
//
//   port CF9  r/w  bit 1: reset the whole board, else the processor alone; bit 2 rising: do it
#pragma once

#include <functional>

#include "core/base/bits.hpp"
#include "core/bus/device.hpp"
#include "core/bus/port_map.hpp"

namespace retrace {

class ResetControl final : public Device {
public:
    struct State {
        u8 value = 0;
    };

    explicit ResetControl(std::function<void(bool whole_board)> reset) : reset_{std::move(reset)} {}

    void attach(PortMap& ports) override {
        ports.on_read<&ResetControl::read>(0xcf9, this);
        ports.on_write<&ResetControl::write>(0xcf9, this);
        ports.on_peek<&ResetControl::peek>(0xcf9, 0xcf9, this);
    }
    void reset(Reset) override { state_ = {}; }
    void visit(StateVisitor& visitor) override { retrace::visit(visitor, "value", state_.value); }

private:
    u8 read() { return state_.value; }
    [[nodiscard]] u8 peek(u16) const { return state_.value; }
    void write(u8 value) {
        const bool now = bit(value, 2) && !bit(state_.value, 2);
        state_.value = value & 0x06;
        if (now && reset_) reset_(bit(value, 1));
    }

    std::function<void(bool)> reset_;
    State state_;
};

}  // namespace retrace
