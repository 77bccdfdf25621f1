// The firmware configuration ports, as QEMU's PC has them: bare programs for emulators ask here how much memory and how many processors
// there are. Only what such programs ask for; the files that QEMU's own firmware reads are none (QEMU, docs/specs/fw_cfg).
//
//   port 510  write  16 bits: select an item; reading begins at its first byte
//   port 511  read   the item's next byte, 00 behind its end
//
//   item 00 "QEMU"; 01 features: 1, these ports; 03 bytes of RAM (8 bytes); 05 processors (2); 0F the most of them (2); 19 number of files: 0
#pragma once

#include <array>

#include "core/bus/device.hpp"
#include "core/bus/port_map.hpp"

namespace retrace {

class FirmwareConfig final : public Device {
public:
    struct State {
        u16 item = 0;
        u32 at = 0;         // bytes of it that were read
    };

    explicit FirmwareConfig(u64 memory_size) : memory_size_{memory_size} {}

    void attach(PortMap& ports) override;
    void reset(Reset) override { state_ = {}; }
    void visit(StateVisitor& visitor) override;

private:
    void select(u16 item) { state_ = {item, 0}; }
    u8 data();
    [[nodiscard]] u8 peek_data(u16) const { return byte_at(state_.at); }
    [[nodiscard]] u8 byte_at(u32 at) const;

    u64 memory_size_;
    State state_;
};

template <> inline constexpr auto fields<FirmwareConfig::State> = describe(
    field("item", &FirmwareConfig::State::item), field("at", &FirmwareConfig::State::at));

}  // namespace retrace
