// The DMA controllers of an AT: two 8237A and the page registers. (Intel 8237A data sheet, 231466; IBM AT Technical Reference,
// "System Board, DMA".)
//
//   port 00-07  channels 0-3: even = address, odd = count, low byte first by the flip-flop
//   port 08     write  command                 read  status: bits 7-4 requests, 3-0 terminal counts (cleared by reading)
//   port 09     write  software request        port 0A  write  one mask bit       port 0B  write  mode
//   port 0C     write  clear the flip-flop     port 0D  write  master clear       read  temporary register
//   port 0E     write  clear all masks         port 0F  write  all mask bits      read  the mask (as chipsets do)
//   port C0-DF  the second controller, likewise, at twice the distance: channels 4-7 move words
//   port 81-8F  page registers: 87, 83, 81, 82 for channels 0-3; 8B, 89, 8A for 5-7; the others are plain storage
//   channel(n)  DREQ and DACK of channels 0-3 and 5-7; channel 4 is the cascade for 0-3
//
// Transfers take no time of their own: they are made at once while a channel's request stands, up to the terminal count; the
// device paces them by its requests. Address and count wrap within the page (64 KiB; 128 KiB for words).
#pragma once

#include <array>

#include "core/bus/device.hpp"
#include "core/bus/dma.hpp"
#include "core/bus/port_map.hpp"

namespace retrace {

class Dma final : public Device {
public:
    struct Channel {
        u16 base_address = 0, base_count = 0;
        u16 address = 0, count = 0;
        u8 mode = 0;
        bool requested = false;  // DREQ, as the device drives it
    };
    struct Controller {
        std::array<Channel, 4> channels;
        u8 command = 0;
        u8 mask = 0x0f;
        u8 software_requests = 0;
        u8 terminal_counts = 0;
        u8 temporary = 0;
        u8 lowest = 3;           // rotating priority: the channel served last
        bool high_byte = false;  // the flip-flop
    };
    struct State {
        std::array<Controller, 2> controllers;
        std::array<u8, 16> pages{};
    };

    explicit Dma(BusMemory& memory, Log::Channel log = {});

    // 0 to 7 but not 4. What a channel has connected is wiring, not state.
    [[nodiscard]] DmaChannel& channel(unsigned number);

    void attach(PortMap& ports) override;
    void reset(Reset) override;
    void visit(StateVisitor& visitor) override;

private:
    class Pins final : public DmaChannel {
    public:
        void connect(DmaDevice& device) override;
        void request(bool high) override;

        Dma* owner = nullptr;
        unsigned number = 0;
        DmaDevice* device = nullptr;
    };

    void write_first(u16 port, u8 value) { write(0, port & 15, value); }
    void write_second(u16 port, u8 value) { write(1, (port >> 1) & 15, value); }
    u8 read_first(u16 port) { return read(0, port & 15); }
    u8 read_second(u16 port) { return read(1, (port >> 1) & 15); }
    [[nodiscard]] u8 peek_first(u16 port) const { return peek(0, port & 15); }
    [[nodiscard]] u8 peek_second(u16 port) const { return peek(1, (port >> 1) & 15); }
    void write_page(u16 port, u8 value) { state_.pages[port & 15] = value; }
    u8 read_page(u16 port) { return state_.pages[port & 15]; }
    [[nodiscard]] u8 peek_page(u16 port) const { return state_.pages[port & 15]; }

    void write(unsigned controller, unsigned index, u8 value);
    u8 read(unsigned controller, unsigned index);
    [[nodiscard]] u8 peek(unsigned controller, unsigned index) const;

    void serve();
    [[nodiscard]] bool open(unsigned controller) const;
    bool serve_next(unsigned controller, u8& served);
    void run(unsigned controller, unsigned index);
    void transfer(unsigned controller, unsigned index);
    void memory_to_memory();
    bool count_down(unsigned controller, unsigned index);
    [[nodiscard]] PhysicalAddress address_of(unsigned controller, unsigned index) const;

    BusMemory& memory_;
    Log::Channel log_;
    std::array<Pins, 8> pins_;
    bool serving_ = false;  // not state: no moment lies within a transfer
    State state_;
};

template <> inline constexpr auto fields<Dma::Channel> = describe(
    field("base_address", &Dma::Channel::base_address), field("base_count", &Dma::Channel::base_count),
    field("address", &Dma::Channel::address), field("count", &Dma::Channel::count), field("mode", &Dma::Channel::mode),
    field("requested", &Dma::Channel::requested));
template <> inline constexpr auto fields<Dma::Controller> = describe(
    field("channels", &Dma::Controller::channels), field("command", &Dma::Controller::command), field("mask", &Dma::Controller::mask),
    field("software_requests", &Dma::Controller::software_requests), field("terminal_counts", &Dma::Controller::terminal_counts),
    field("temporary", &Dma::Controller::temporary), field("lowest", &Dma::Controller::lowest),
    field("high_byte", &Dma::Controller::high_byte));
template <> inline constexpr auto fields<Dma::State> = describe(
    field("controllers", &Dma::State::controllers), field("pages", &Dma::State::pages));

}  // namespace retrace
