#include "devices/chipset/pic.hpp"

#include <optional>

#include "core/base/bits.hpp"
#include "core/base/ensure.hpp"

namespace retrace {

namespace {

using Chip = Pic::Chip;

constexpr unsigned cascade_level = 2;
constexpr std::array<u8, 2> can_be_level{0xf8, 0xde};

// ICW1
constexpr u8 needs_icw4 = 0x01, single = 0x02, interval_of_4 = 0x04, level_triggered = 0x08;
// ICW4
constexpr u8 x86_mode = 0x01, automatic_eoi = 0x02, special_fully_nested = 0x10;

bool is_master(const Pic::State& state, const Chip& chip) { return &chip == &state.chips[0]; }

u8 requests(const Chip& chip) {
    const u8 by_level = (chip.icw1 & level_triggered) ? 0xff : chip.level_lines;
    return static_cast<u8>((chip.pins & by_level) | (chip.latched & ~by_level));
}

// 0 is the highest priority, 7 the lowest.
unsigned rank(const Chip& chip, unsigned level) { return (level - chip.lowest - 1) & 7; }

std::optional<unsigned> highest(const Chip& chip, u8 levels) {
    for (unsigned i = 1; i <= 8; ++i)
        if (const unsigned level = (chip.lowest + i) & 7; bit(levels, level)) return level;
    return std::nullopt;
}

// What stands in the way of lower requests. In special mask mode a masked level does not (data sheet, "Special Mask Mode").
u8 blocking(const Chip& chip) { return static_cast<u8>(chip.special_mask ? chip.in_service & ~chip.mask : chip.in_service); }

// The request the chip would have acknowledged. In special fully nested mode a slave may interrupt its own service.
std::optional<unsigned> pending(const Chip& chip, bool master) {
    const auto request = highest(chip, static_cast<u8>(requests(chip) & ~chip.mask));
    if (!request) return std::nullopt;
    const auto service = highest(chip, blocking(chip));
    if (!service) return request;
    const bool nests = master && (chip.icw4 & special_fully_nested) && bit(chip.icw3, *request);
    if (rank(chip, *request) < rank(chip, *service) || (nests && *request == *service)) return request;
    return std::nullopt;
}

u8 vector_of(const Chip& chip, unsigned level) {
    if (chip.icw4 & x86_mode) return static_cast<u8>((chip.vector_base & 0xf8) | level);
    // MCS-80 mode: the second byte of the CALL that the chip puts on the bus, which is all that an x86 looks at.
    return static_cast<u8>((chip.icw1 & interval_of_4) ? (chip.icw1 & 0xe0) | level << 2 : (chip.icw1 & 0xc0) | level << 3);
}

}  // namespace

Pic::Pic(Line interrupt, Log::Channel log) : interrupt_{std::move(interrupt)}, log_{std::move(log)} {}

Line Pic::line(unsigned irq) {
    ENSURE(irq < 16 && irq != cascade_level, "IRQ 0 to 15, and 2 is the cascade");
    return Line{[this, irq](bool high) { set_pin(irq, high); }};
}

void Pic::attach(PortMap& ports) {
    for (const u16 base : {u16{0x20}, u16{0xa0}}) {
        ports.on_write<&Pic::write_command>(base, base, this);
        ports.on_read<&Pic::read_command>(base, base, this);
        ports.on_peek<&Pic::peek_command>(base, base, this);
        const u16 data = static_cast<u16>(base + 1);
        ports.on_write<&Pic::write_data>(data, data, this);
        ports.on_read<&Pic::read_data>(data, data, this);
        ports.on_peek<&Pic::peek_data>(data, data, this);
    }
    ports.on_write<&Pic::write_level_lines>(0x4d0, 0x4d1, this);
    ports.on_read<&Pic::read_level_lines>(0x4d0, 0x4d1, this);
    ports.on_peek<&Pic::peek_level_lines>(0x4d0, 0x4d1, this);
}

void Pic::reset(Reset) {
    const u8 low = state_.chips[0].pins, high = state_.chips[1].pins;
    state_ = {};
    state_.chips[0].pins = static_cast<u8>(low & ~(1u << cascade_level));
    state_.chips[1].pins = high;
    drive();
}

void Pic::visit(StateVisitor& visitor) { visit_fields(visitor, state_); }

void Pic::restored() { drive(); }

void Pic::set_pin(unsigned irq, bool high) {
    Chip& chip = state_.chips[irq >> 3];
    const u8 mask = static_cast<u8>(1u << (irq & 7));
    if (((chip.pins & mask) != 0) == high) return;
    chip.pins = with(chip.pins, mask, high);
    chip.latched = with(chip.latched, mask, high);
    drive();
}

// The slave's INT is the master's IR2.
void Pic::drive() {
    const bool slave = pending(state_.chips[1], false).has_value();
    Chip& master = state_.chips[0];
    constexpr u8 mask = 1u << cascade_level;
    if (((master.pins & mask) != 0) != slave) {
        master.pins = with(master.pins, mask, slave);
        master.latched = with(master.latched, mask, slave);
    }
    interrupt_.set(pending(master, true).has_value());
}

// One INTA sequence, or a poll, for one chip: the level, 7 if nothing is left to acknowledge.
u8 Pic::acknowledge(Chip& chip, bool& spurious) {
    const auto level = pending(chip, is_master(state_, chip));
    spurious = !level;
    if (!level) return 7;
    const u8 mask = static_cast<u8>(1u << *level);
    chip.latched &= static_cast<u8>(~mask);
    if (!(chip.icw4 & automatic_eoi)) chip.in_service |= mask;
    else if (chip.rotate_automatically) chip.lowest = static_cast<u8>(*level);
    return static_cast<u8>(*level);
}

u8 Pic::acknowledge() {
    auto& [master, slave] = state_.chips;
    bool spurious = false;
    u8 level = acknowledge(master, spurious);
    u8 vector = vector_of(master, level);
    if (!spurious && !(master.icw1 & single) && bit(master.icw3, level)) {
        // The master only names a slave on the cascade lines; a number nobody has leaves the bus floating.
        vector = 0xff;
        if (level == cascade_level && (slave.icw3 & 7) == level) {
            level = acknowledge(slave, spurious);
            vector = vector_of(slave, level);
        }
    }
    drive();
    return vector;
}

void Pic::write_command(u16 port, u8 value) {
    Chip& chip = state_.chips[port >> 7];
    if (value & 0x10) {  // ICW1 ("Initialization Command Word 1", items a to f)
        chip.icw1 = value;
        chip.latched = 0;
        chip.in_service = 0;
        chip.mask = 0;
        chip.lowest = 7;
        chip.icw3 = 7;
        chip.special_mask = chip.read_in_service = chip.poll = chip.rotate_automatically = false;
        chip.icw4 = 0;
        if (!(value & needs_icw4)) log_.unverified("an 8259A is set to MCS-80 mode");
        chip.expects = Expects::Icw2;
    } else if (value & 0x08) {  // OCW3
        if (value & 0x04) chip.poll = true;
        else if (value & 0x02) chip.read_in_service = value & 1;
        if (value & 0x40) chip.special_mask = value & 0x20;
    } else {
        end_of_interrupt(chip, value);
    }
    drive();
}

void Pic::end_of_interrupt(Chip& chip, u8 ocw2) {
    const u8 named = ocw2 & 7;
    const bool rotates = ocw2 & 0x80;
    switch (ocw2 >> 5) {
        case 0: case 4: chip.rotate_automatically = rotates; break;
        case 1: case 5:  // non-specific: the highest in service
            if (const auto level = highest(chip, blocking(chip))) {
                chip.in_service &= static_cast<u8>(~(1u << *level));
                if (rotates) chip.lowest = static_cast<u8>(*level);
            }
            break;
        case 3: case 7:
            chip.in_service &= static_cast<u8>(~(1u << named));
            if (rotates) chip.lowest = named;
            break;
        case 6: chip.lowest = named; break;
        default: break;  // 2: no operation
    }
}

void Pic::write_data(u16 port, u8 value) {
    Chip& chip = state_.chips[port >> 7];
    switch (chip.expects) {
        case Expects::Mask: chip.mask = value; break;
        case Expects::Icw2:
            chip.vector_base = value;
            chip.expects = !(chip.icw1 & single) ? Expects::Icw3 : (chip.icw1 & needs_icw4) ? Expects::Icw4 : Expects::Mask;
            break;
        case Expects::Icw3:
            chip.icw3 = value;
            chip.expects = (chip.icw1 & needs_icw4) ? Expects::Icw4 : Expects::Mask;
            break;
        default:
            chip.icw4 = value;
            chip.expects = Expects::Mask;
            break;
    }
    drive();
}

u8 Pic::peek_command(u16 port) const {
    const Chip& chip = state_.chips[port >> 7];
    if (chip.poll) {
        const auto level = pending(chip, is_master(state_, chip));
        return level ? static_cast<u8>(0x80 | *level) : u8{0};
    }
    return chip.read_in_service ? chip.in_service : requests(chip);
}

u8 Pic::peek_data(u16 port) const {
    const Chip& chip = state_.chips[port >> 7];
    return chip.poll ? peek_command(port) : chip.mask;
}

// The read after a poll command is an acknowledge ("Poll Command"), through either port.
u8 Pic::read_command(u16 port) {
    Chip& chip = state_.chips[port >> 7];
    const u8 value = peek_command(port);
    if (chip.poll) {
        bool spurious = false;
        acknowledge(chip, spurious);
        chip.poll = false;
        drive();
    }
    return value;
}

u8 Pic::read_data(u16 port) {
    const Chip& chip = state_.chips[port >> 7];
    return chip.poll ? read_command(port) : chip.mask;
}

void Pic::write_level_lines(u16 port, u8 value) {
    state_.chips[port & 1].level_lines = value & can_be_level[port & 1];
    drive();
}

u8 Pic::read_level_lines(u16 port) { return peek_level_lines(port); }
u8 Pic::peek_level_lines(u16 port) const { return state_.chips[port & 1].level_lines; }

}  // namespace retrace
