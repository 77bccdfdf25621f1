// PortMap: who answers at which I/O port. Overlapping claims are a mistake of ours and fail when the board is built.
//
// A handler has a width: that of its value. An access wider than the handler is split into ascending ports, as an 8-bit ISA
// card sees it; a narrower access to a wider handler is not answered by it. What no handler of its own width answers is offered,
// before it is split, to the decoder of ports that move (PCI). Ports nobody claims read as all ones and swallow writes; the log says
// so once a port.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "core/base/log.hpp"
#include "core/base/types.hpp"

namespace retrace {

// Whoever decodes ports that software moves about.
class PortDecoder {
public:
    virtual ~PortDecoder() = default;
    // Nothing, or false: not mine.
    virtual std::optional<u32> port_read(u16 port, unsigned width) = 0;
    virtual bool port_write(u16 port, unsigned width, u32 value) = 0;
    [[nodiscard]] virtual std::optional<u32> port_peek(u16 port) const = 0;
};

class PortMap {
public:
    explicit PortMap(Log::Channel log = {});

    // ports.on_read(0xe0, this, &Chip::status)            u8/u16/u32 Chip::status()
    template <class T, class Value>
    void on_read(u16 port, T* chip, Value (T::*handler)()) {
        claim_read<Value>(port, port, [chip, handler](u16) { return u32{(chip->*handler)()}; });
    }
    // ports.on_read(0x40, 0x42, this, &Chip::counter)     u8/u16/u32 Chip::counter(u16 port)
    template <class T, class Value>
    void on_read(u16 first, u16 last, T* chip, Value (T::*handler)(u16)) {
        claim_read<Value>(first, last, [chip, handler](u16 port) { return u32{(chip->*handler)(port)}; });
    }
    // ports.on_write(0xe0, this, &Chip::start)            void Chip::start(u8/u16/u32)
    template <class T, class Value>
    void on_write(u16 port, T* chip, void (T::*handler)(Value)) {
        claim_write<Value>(port, port, [chip, handler](u16, u32 value) { (chip->*handler)(static_cast<Value>(value)); });
    }
    // ports.on_write(0x40, 0x42, this, &Chip::load)       void Chip::load(u16 port, u8/u16/u32)
    template <class T, class Value>
    void on_write(u16 first, u16 last, T* chip, void (T::*handler)(u16, Value)) {
        claim_write<Value>(first, last, [chip, handler](u16 port, u32 value) { (chip->*handler)(port, static_cast<Value>(value)); });
    }
    // What a read would return, without its side effects; for debuggers. Unclaimed: peek() is nullopt.
    template <class T, class Value>
    void on_peek(u16 first, u16 last, T* chip, Value (T::*handler)(u16) const) {
        claim_peek(first, last, [chip, handler](u16 port) { return u32{(chip->*handler)(port)}; });
    }

    // What is written to `port`, however wide, is also heard here (its lowest byte), before whoever answers there. After all claims.
    // ports.listen(0x80, this, &Display::code)            void Display::code(u8)
    template <class T>
    void listen(u16 port, T* chip, void (T::*heard)(u8)) {
        add_listener(port, [chip, heard](u8 value) { (chip->*heard)(value); });
    }
    [[nodiscard]] bool is_read(u16 port) const { return reads_[0].slot[port] != 0; }

    void connect(PortDecoder& decoder) { decoder_ = &decoder; }

    // Accesses of the processor; `width` is 1, 2 or 4 bytes.
    u32 read(u16 port, unsigned width);
    void write(u16 port, unsigned width, u32 value);
    u8 read8(u16 port) { return static_cast<u8>(read(port, 1)); }
    void write8(u16 port, u8 value) { write(port, 1, value); }
    [[nodiscard]] std::optional<u32> peek(u16 port) const;

private:
    using Reader = std::function<u32(u16)>;
    using Writer = std::function<void(u16, u32)>;

    // Slots by port; index 0 of a handler list means nobody.
    template <class F>
    struct Side {
        std::vector<u16> slot = std::vector<u16>(0x10000, 0);
        std::vector<F> handlers = std::vector<F>(1);
        void claim(u16 first, u16 last, F handler, const char* what);
    };

    template <class Value> void claim_read(u16 first, u16 last, Reader handler) { reads_[index_of<Value>()].claim(first, last, std::move(handler), "read"); }
    template <class Value> void claim_write(u16 first, u16 last, Writer handler) { writes_[index_of<Value>()].claim(first, last, std::move(handler), "write"); }
    void add_listener(u16 port, std::function<void(u8)> heard);
    void claim_peek(u16 first, u16 last, Reader handler) { peeks_.claim(first, last, std::move(handler), "peek"); }

    template <class Value>
    static consteval unsigned index_of() {
        static_assert(sizeof(Value) == 1 || sizeof(Value) == 2 || sizeof(Value) == 4, "ports are 8, 16 or 32 bits wide");
        return sizeof(Value) / 2;
    }

    Log::Channel log_;
    PortDecoder* decoder_ = nullptr;
    Side<Reader> reads_[3];
    Side<Writer> writes_[3];
    Side<Reader> peeks_;
};

}  // namespace retrace
