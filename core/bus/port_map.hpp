// PortMap: who answers at which I/O port. Overlapping claims are a mistake of ours and fail when the board is built.
//
// A handler has a width: that of its value. An access wider than the handler is split into ascending ports, as an 8-bit ISA
// card sees it; a narrower access to a wider handler is not answered by it. What no handler of its own width answers is offered,
// before it is split, to the decoder of ports that move (PCI). Ports nobody claims read as all ones and swallow writes; the log says
// so once a port.
#pragma once

#include <memory>
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

// The handlers are known when this is compiled, so that an access is one call.
class PortMap {
public:
    explicit PortMap(Log::Channel log = {});
    PortMap(const PortMap&) = delete;
    PortMap& operator=(const PortMap&) = delete;

    // ports.on_read<&Chip::status>(0xe0, this)           u8/u16/u32 Chip::status()
    // ports.on_read<&Chip::counter>(0x40, 0x42, this)    u8/u16/u32 Chip::counter(u16 port)
    template <auto handler, class T>
    void on_read(u16 first, u16 last, T* chip) {
        using Value = decltype(value_read(handler));
        reads_[index_of<Value>()].claim(first, last, {[](void* at, u16 port) -> u32 {
            if constexpr (requires { (static_cast<T*>(at)->*handler)(port); }) return (static_cast<T*>(at)->*handler)(port);
            else return (static_cast<T*>(at)->*handler)();
        }, chip}, "read");
    }
    template <auto handler, class T>
    void on_read(u16 port, T* chip) { on_read<handler>(port, port, chip); }

    // ports.on_write<&Chip::start>(0xe0, this)           void Chip::start(u8/u16/u32)
    // ports.on_write<&Chip::load>(0x40, 0x42, this)      void Chip::load(u16 port, u8/u16/u32)
    template <auto handler, class T>
    void on_write(u16 first, u16 last, T* chip) {
        using Value = decltype(value_written(handler));
        writes_[index_of<Value>()].claim(first, last, {[](void* at, u16 port, u32 value) {
            if constexpr (requires { (static_cast<T*>(at)->*handler)(port, Value{}); }) (static_cast<T*>(at)->*handler)(port, static_cast<Value>(value));
            else (static_cast<T*>(at)->*handler)(static_cast<Value>(value));
        }, chip}, "write");
    }
    template <auto handler, class T>
    void on_write(u16 port, T* chip) { on_write<handler>(port, port, chip); }

    // What a read would return, without its side effects; for debuggers. Unclaimed: peek() is nullopt.
    template <auto handler, class T>
    void on_peek(u16 first, u16 last, T* chip) {
        peeks_.claim(first, last, {[](void* at, u16 port) -> u32 { return (static_cast<const T*>(at)->*handler)(port); }, chip}, "peek");
    }

    // What is written to `port`, however wide, is also heard here (its lowest byte), before whoever answers there. After all claims.
    // ports.listen<&Display::code>(0x80, this)           void Display::code(u8)
    template <auto heard, class T>
    void listen(u16 port, T* chip) {
        add_listener(port, {[](void* at, u16, u32 value) { (static_cast<T*>(at)->*heard)(static_cast<u8>(value)); }, chip});
    }
    [[nodiscard]] bool is_read(u16 port) const { return reads_[0].slot[port] != 0; }

    void connect(PortDecoder& decoder) { decoder_ = &decoder; }

    // Accesses of the processor; `width` is 1, 2 or 4 bytes.
    u32 read(u16 port, unsigned width) {
        const auto& answers = reads_[width / 2].at(port);
        return answers.call(answers.chip, port);
    }
    void write(u16 port, unsigned width, u32 value) {
        const auto& answers = writes_[width / 2].at(port);
        answers.call(answers.chip, port, value);
    }
    u8 read8(u16 port) { return static_cast<u8>(read(port, 1)); }
    void write8(u16 port, u8 value) { write(port, 1, value); }
    [[nodiscard]] std::optional<u32> peek(u16 port) const;

private:
    struct Reader {
        u32 (*call)(void* chip, u16 port) = nullptr;
        void* chip = nullptr;
    };
    struct Writer {
        void (*call)(void* chip, u16 port, u32 value) = nullptr;
        void* chip = nullptr;
    };

    // Slots by port; handler 0 stands for nobody.
    template <class F>
    struct Side {
        std::vector<u16> slot = std::vector<u16>(0x10000, 0);
        std::vector<F> handlers = std::vector<F>(1);
        [[nodiscard]] const F& at(u16 port) const { return handlers[slot[port]]; }
        void claim(u16 first, u16 last, F handler, const char* what);
    };
    // Somebody who listens, and whoever answers there.
    struct Heard {
        Writer listener, answers;
    };

    void add_listener(u16 port, Writer listener);
    template <unsigned width> static u32 read_nobodys(void* map, u16 port);
    template <unsigned width> static void write_nobodys(void* map, u16 port, u32 value);
    void say_once(std::vector<bool>& said, const char* what, u16 port);

    template <class C, class V, class... Port> static V value_read(V (C::*)(Port...));
    template <class C, class V> static V value_written(void (C::*)(V));
    template <class C, class V> static V value_written(void (C::*)(u16, V));
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
    std::vector<std::unique_ptr<Heard>> heard_;
    std::vector<bool> said_read_ = std::vector<bool>(0x10000), said_write_ = std::vector<bool>(0x10000);
};

}  // namespace retrace
