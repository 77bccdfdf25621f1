// IdeFunction: the IDE function of the 82371SB (PIIX3), 8086:7010: it moves the data of two ATA channels by bus-master DMA.
// (Intel 82371FB/82371SB data sheet, 290550, 2.3 and 2.5; Programming Interface for Bus Master IDE Controller, revision 1.0.)
//
//   config 04  command: I/O 0, bus master 2          config 20  BMIBA: base of 16 ports
//   config 40-43  IDETIM  timings of the channels    config 44  SIDETIM: storage; the channels are decoded at their ISA places always
//   ports, +0 for the first channel, +8 for the second:
//   +0  r/w  command: start 0; to memory 3           +2  r/w  status: drives can DMA 6-5, interrupt 2, error 1 (a one clears), active 0
//   +4  r/w  where the table lies (bits 31-2)
//   table  of entries of two double words: address; byte count 15-0 (0: 64 KiB), last one 31
//   pin INTRQ(n)  in  the channel's interrupt request: its rise sets "interrupt"
//
// Data moves at once whenever the engine is started and the drive asks. A table that ends before the drive does leaves the drive asking.
#pragma once

#include "core/base/log.hpp"
#include "core/bus/block_dma.hpp"
#include "core/bus/dma.hpp"
#include "core/bus/line.hpp"
#include "devices/pci/pci_function.hpp"

namespace retrace {

class IdeFunction final : public PciFunction {
public:
    struct Engine {
        u8 command = 0, status = 0;
        u32 table = 0;
        // while active
        u32 next_entry = 0;
        u32 address = 0, left = 0;  // of the entry at hand
        bool last = false;
        bool intrq = false;         // the pin
    };

    IdeFunction(BusMemory& memory, std::array<BlockDmaDevice*, 2> channels, Log::Channel log = {});

    [[nodiscard]] BlockDmaMaster& master(unsigned channel) { return masters_[channel]; }
    [[nodiscard]] Line intrq(unsigned channel);

    [[nodiscard]] std::optional<Ports> ports() const override;
    u32 port_read(u16 offset, unsigned width) override;
    void port_write(u16 offset, unsigned width, u32 value) override;
    [[nodiscard]] std::optional<u8> port_peek(u16 offset) const override;
    // Keeps the levels of the input pins.
    void reset(Reset) override;
    void visit(StateVisitor& visitor) override;

private:
    class Master final : public BlockDmaMaster {
    public:
        void dma_request_rose() override { owner->move(number); }
        IdeFunction* owner = nullptr;
        unsigned number = 0;
    };

    void config_written(u8 first, u8 last) override;
    [[nodiscard]] u8 read(u16 offset) const;
    void write_command(unsigned channel, u8 value);
    void write_table(unsigned channel, u16 byte, u8 value);
    void move(unsigned channel);
    bool take_entry(Engine& engine);

    BusMemory& memory_;
    std::array<BlockDmaDevice*, 2> channels_;
    Log::Channel log_;
    std::array<Master, 2> masters_;
    std::array<Engine, 2> engines_{};
};

template <> inline constexpr auto fields<IdeFunction::Engine> = describe(
    field("command", &IdeFunction::Engine::command), field("status", &IdeFunction::Engine::status), field("table", &IdeFunction::Engine::table),
    field("next_entry", &IdeFunction::Engine::next_entry), field("address", &IdeFunction::Engine::address), field("left", &IdeFunction::Engine::left),
    field("last", &IdeFunction::Engine::last), field("intrq", &IdeFunction::Engine::intrq));

}  // namespace retrace
