#include "devices/chipset/dma.hpp"

#include "core/base/bits.hpp"
#include "core/base/ensure.hpp"

namespace retrace {

namespace {

// Command register.
constexpr u8 memory_to_memory_enable = 0x01, hold_source = 0x02, disable = 0x04, rotate = 0x10, request_active_low = 0x40;
// Mode register.
constexpr u8 autoinitialise = 0x10, decrement = 0x20;
enum class Transfer : u8 { Verify, Write, Read, Illegal };  // seen from memory: Write is device to memory
enum class Service : u8 { Demand, Single, Block, Cascade };

Transfer transfer_of(const Dma::Channel& c) { return static_cast<Transfer>(bits(c.mode, 2, 2)); }
Service service_of(const Dma::Channel& c) { return static_cast<Service>(bits(c.mode, 6, 2)); }

// Which page register belongs to a channel, by port 80h + index.
constexpr std::array<u8, 8> page_index{0x7, 0x3, 0x1, 0x2, 0xf, 0xb, 0x9, 0xa};

}  // namespace

Dma::Dma(BusMemory& memory, Log::Channel log) : memory_{memory}, log_{std::move(log)} {
    for (unsigned i = 0; i < 8; ++i) {
        pins_[i].owner = this;
        pins_[i].number = i;
    }
}

DmaChannel& Dma::channel(unsigned number) {
    ENSURE(number < 8 && number != 4, "channels 0 to 7, and 4 is the cascade");
    return pins_[number];
}

void Dma::attach(PortMap& ports) {
    ports.on_write<&Dma::write_first>(0x00, 0x0f, this);
    ports.on_read<&Dma::read_first>(0x00, 0x0f, this);
    ports.on_peek<&Dma::peek_first>(0x00, 0x0f, this);
    ports.on_write<&Dma::write_second>(0xc0, 0xdf, this);
    ports.on_read<&Dma::read_second>(0xc0, 0xdf, this);
    ports.on_peek<&Dma::peek_second>(0xc0, 0xdf, this);
    ports.on_write<&Dma::write_page>(0x81, 0x8f, this);
    ports.on_read<&Dma::read_page>(0x81, 0x8f, this);
    ports.on_peek<&Dma::peek_page>(0x81, 0x8f, this);
}

// Keeps the levels of the request pins.
void Dma::reset(Reset) {
    const State old = std::exchange(state_, {});
    for (unsigned i = 0; i < 8; ++i)
        state_.controllers[i / 4].channels[i % 4].requested = old.controllers[i / 4].channels[i % 4].requested;
}

void Dma::visit(StateVisitor& visitor) { visit_fields(visitor, state_); }

void Dma::Pins::connect(DmaDevice& wired) {
    ENSURE(!device, "a DMA channel has one device");
    device = &wired;
}

void Dma::Pins::request(bool high) {
    owner->state_.controllers[number / 4].channels[number % 4].requested = high;
    if (high) owner->serve();
}

void Dma::write(unsigned controller, unsigned index, u8 value) {
    Controller& c = state_.controllers[controller];
    if (index < 8) {
        Channel& channel = c.channels[index / 2];
        u16& base = index & 1 ? channel.base_count : channel.base_address;
        u16& current = index & 1 ? channel.count : channel.address;
        // Each half goes into both registers, the other half of either stays.
        const auto put = [&](u16& word) { word = c.high_byte ? word_of(low_byte(word), value) : word_of(value, high_byte(word)); };
        put(base);
        put(current);
        c.high_byte = !c.high_byte;
        return;
    }
    const u8 named = static_cast<u8>(1u << (value & 3));
    switch (index) {
        case 0x8:
            c.command = value;
            if (value & request_active_low) log_.unusual("DREQ is set to active low, which no card of a PC drives");
            break;
        case 0x9: c.software_requests = with(c.software_requests, named, value & 4); break;
        case 0xa: c.mask = with(c.mask, named, value & 4); break;
        case 0xb: c.channels[value & 3].mode = value & 0xfc; break;
        case 0xc: c.high_byte = false; break;
        case 0xd:  // "Master Clear: this software instruction has the same effect as the hardware Reset"
            c.command = c.software_requests = c.terminal_counts = c.temporary = 0;
            c.mask = 0x0f;
            c.high_byte = false;
            break;
        case 0xe: c.mask = 0; break;
        default: c.mask = value & 0x0f; break;
    }
    serve();
}

u8 Dma::peek(unsigned controller, unsigned index) const {
    const Controller& c = state_.controllers[controller];
    if (index < 8) {
        const Channel& channel = c.channels[index / 2];
        const u16 word = index & 1 ? channel.count : channel.address;
        return c.high_byte ? high_byte(word) : low_byte(word);
    }
    switch (index) {
        case 0x8: {
            u8 status = c.terminal_counts;
            for (unsigned i = 0; i < 4; ++i)
                if (c.channels[i].requested || bit(c.software_requests, i)) status |= static_cast<u8>(0x10 << i);
            return status;
        }
        case 0xd: return c.temporary;
        case 0xf: return 0xf0 | c.mask;
        default: return 0xff;
    }
}

u8 Dma::read(unsigned controller, unsigned index) {
    const u8 value = peek(controller, index);
    Controller& c = state_.controllers[controller];
    if (index < 8) c.high_byte = !c.high_byte;
    if (index == 8) c.terminal_counts = 0;
    return value;
}

// The first controller gets the bus through channel 4, which must be in cascade mode and unmasked.
bool Dma::open(unsigned controller) const {
    const Controller& second = state_.controllers[1];
    if (state_.controllers[controller].command & disable) return false;
    if (controller == 1) return true;
    return !(second.command & disable) && !(second.mask & 1) && service_of(second.channels[0]) == Service::Cascade;
}

// Serves every channel that may be served. A device that asks for more within its own transfer is served by the call it is in.
void Dma::serve() {
    if (serving_) return;
    serving_ = true;
    for (unsigned controller : {0u, 1u}) {
        u8 served = 0;  // each once: one that asks beyond its terminal count goes on at the next occasion, so this ends
        while (open(controller) && serve_next(controller, served)) {}
    }
    serving_ = false;
}

bool Dma::serve_next(unsigned controller, u8& served) {
    Controller& c = state_.controllers[controller];
    for (unsigned i = 0; i < 4; ++i) {
        const unsigned index = c.command & rotate ? (c.lowest + 1u + i) & 3 : i;
        const Channel& channel = c.channels[index];
        if (service_of(channel) == Service::Cascade || bit(served, index)) continue;
        // "Software requests are non-maskable."
        const bool asked = bit(c.software_requests, index) || (channel.requested && !bit(c.mask, index));
        if (!asked) continue;
        if (controller == 0 && index == 0 && (c.command & memory_to_memory_enable) && bit(c.software_requests, 0)) memory_to_memory();
        else run(controller, index);
        served |= static_cast<u8>(1u << index);
        c.lowest = static_cast<u8>(index);
        return true;
    }
    return false;
}

PhysicalAddress Dma::address_of(unsigned controller, unsigned index) const {
    const u32 page = state_.pages[page_index[controller * 4 + index]];
    const u32 address = state_.controllers[controller].channels[index].address;
    return {controller == 1 ? (page & 0xfe) << 16 | address << 1 : page << 16 | address};
}

// Until the request falls (block mode and software requests do not look) or the count runs out.
void Dma::run(unsigned controller, unsigned index) {
    Controller& c = state_.controllers[controller];
    const Channel& channel = c.channels[index];
    bool goes_on = true;
    while (goes_on) {
        transfer(controller, index);
        const bool ended = count_down(controller, index);
        const bool held = bit(c.software_requests, index) || service_of(channel) == Service::Block;
        goes_on = !ended && (held || (channel.requested && !bit(c.mask, index)));
    }
}

void Dma::transfer(unsigned controller, unsigned index) {
    const Channel& channel = state_.controllers[controller].channels[index];
    DmaDevice* device = pins_[controller * 4 + index].device;
    const std::size_t width = controller + 1;
    const PhysicalAddress address = address_of(controller, index);
    std::array<u8, 2> bytes{};
    switch (transfer_of(channel)) {
        case Transfer::Write:
            store<u16>(bytes.data(), device ? device->dma_read() : u16{0xffff});
            memory_.write(address, std::span<const u8>{bytes.data(), width});
            break;
        case Transfer::Read:
            memory_.read(address, std::span<u8>{bytes.data(), width});
            if (device) device->dma_write(load<u16>(bytes.data()));
            break;
        case Transfer::Verify:  // the cycle is made, memory is left alone
            if (device) device->dma_read();
            break;
        case Transfer::Illegal:
            log_.unusual("a channel runs with the illegal transfer type 11");
            break;
    }
}

// Moves address and count on; true at the terminal count.
bool Dma::count_down(unsigned controller, unsigned index) {
    Controller& c = state_.controllers[controller];
    Channel& channel = c.channels[index];
    const bool holds = controller == 0 && index == 0 && (c.command & (memory_to_memory_enable | hold_source)) == (memory_to_memory_enable | hold_source);
    if (!holds) channel.address = static_cast<u16>(channel.mode & decrement ? channel.address - 1 : channel.address + 1);
    if (channel.count-- != 0) return false;
    const u8 mask = static_cast<u8>(1u << index);
    c.terminal_counts |= mask;
    c.software_requests &= static_cast<u8>(~mask);
    if (channel.mode & autoinitialise) {
        channel.address = channel.base_address;
        channel.count = channel.base_count;
    } else {
        c.mask |= mask;
    }
    if (DmaDevice* device = pins_[controller * 4 + index].device) device->dma_terminal_count();
    return true;
}

// Channel 0 names the source, channel 1 the destination and how many ("Memory-to-Memory"). A software request starts it.
void Dma::memory_to_memory() {
    log_.unverified("a memory-to-memory transfer: each channel uses its own page register");
    Controller& c = state_.controllers[0];
    for (bool ended = false; !ended;) {
        memory_.read(address_of(0, 0), {&c.temporary, 1});
        memory_.write(address_of(0, 1), {&c.temporary, 1});
        count_down(0, 0);
        ended = count_down(0, 1);
    }
    c.software_requests &= 0xfe;
}

}  // namespace retrace
