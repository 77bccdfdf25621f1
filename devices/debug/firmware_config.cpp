#include "devices/debug/firmware_config.hpp"

namespace retrace {

namespace {

constexpr u16 signature = 0x00, features = 0x01, ram_size = 0x03, processors = 0x05, most_processors = 0x0f;
constexpr u32 item_bytes = 8;

}  // namespace

void FirmwareConfig::attach(PortMap& ports) {
    ports.on_write<&FirmwareConfig::select>(0x510, this);
    ports.on_read<&FirmwareConfig::data>(0x511, this);
    ports.on_peek<&FirmwareConfig::peek_data>(0x511, 0x511, this);
}

void FirmwareConfig::visit(StateVisitor& visitor) { visit_fields(visitor, state_); }

u8 FirmwareConfig::data() {
    const u8 byte = byte_at(state_.at);
    if (state_.at < item_bytes) ++state_.at;
    return byte;
}

u8 FirmwareConfig::byte_at(u32 at) const {
    u64 value = 0;
    switch (state_.item) {
        case signature: value = 0x554d'4551; break;
        case features: value = 1; break;
        case ram_size: value = memory_size_; break;
        case processors:
        case most_processors: value = 1; break;
        default: break;
    }
    return at < item_bytes ? static_cast<u8>(value >> (8 * at)) : u8{0};
}

}  // namespace retrace
