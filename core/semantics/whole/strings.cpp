// String instructions. With a repeat prefix each iteration is a step: the instruction runs as many as the limit allows and is resumed
// when they were not all. Over plain memory iterations are done in bulk, up to the end of a page; the result is the same.
#include <algorithm>
#include <cstring>

#include "core/semantics/whole/operand.hpp"
#include "core/semantics/whole/status.hpp"
#include "core/semantics/whole/whole.hpp"

namespace retrace::whole {

namespace {

constexpr unsigned es = 0;

struct Counter {
    Cpu& cpu;
    u32 mask;
    [[nodiscard]] u32 get(unsigned index) const { return cpu.state.gpr[index] & mask; }
    void set(unsigned index, u32 value) {
        if (mask == 0xffff) cpu.state.gpr.set_word(index, static_cast<u16>(value));
        else cpu.state.gpr[index] = value;
    }
    void add(unsigned index, u32 value) { set(index, get(index) + value); }
};

// A string instruction while it runs: `once` is one iteration (false: fault), `bulk(n)` does up to n at once over plain memory and
// says how many, without any check of the flags' condition unless it compares.
template <class T>
class StringRun {
public:
    StringRun(Cpu& cpu, I i)
        : cpu_{cpu}, i_{i}, registers_{cpu, i.address_mask()}, delta_{cpu.state.eflags & flag::DF ? 0u - u32{sizeof(T)} : u32{sizeof(T)}} {}

    [[nodiscard]] u32 si() const { return registers_.get(Esi); }
    [[nodiscard]] u32 di() const { return registers_.get(Edi); }
    void advance(unsigned index, u32 count = 1) { registers_.add(index, delta_ * count); }
    [[nodiscard]] bool backward() const { return delta_ >> 31; }
    [[nodiscard]] unsigned source() const { return i_.segment; }

    // The 286 has moved an index on, and counted, when the access at it faults; later processors restart cleanly.
    bool faulted(unsigned index) {
        if (cpu_.model() == CpuModel::I286) advance(index);
        return false;
    }

    // How many elements from `offset` on lie in one page, inside the segment and before the offset wraps.
    [[nodiscard]] u32 room(u32 linear, u32 offset, u64 end) const {
        const u32 in_page = linear & page_mask;
        if (backward()) return std::min(in_page, offset) / u32{sizeof(T)} + 1;
        const u64 to_end = std::min<u64>(end, u64{registers_.mask} + 1) - offset;
        return static_cast<u32>(std::min<u64>(page_size - in_page, to_end) / sizeof(T));
    }
    // Host address of the first element and how many more may follow it; null if the fast path does not apply.
    struct Range {
        const u8* host = nullptr;
        u32 room = 0;
        const Mmu::WindowPage* window = nullptr;   // loads have the effect of its mmio_loaded()
    };
    struct Target {
        u8* host = nullptr;
        u32 room = 0;
    };
    [[nodiscard]] Range readable(unsigned segment, u32 offset) const {
        const auto& access = cpu_.access[segment];
        return {cpu_.fast_read<T>(segment, offset), room(access.base + offset, offset, access.readable_end)};
    }
    // Memory behind a device's window counts too; upwards only.
    [[nodiscard]] Range loadable(unsigned segment, u32 offset, u32 wanted) const {
        Range range = readable(segment, offset);
        if (range.host || backward()) return range;
        const u64 end = cpu_.access[segment].readable_end;
        const auto* page = u64{offset} + sizeof(T) <= end ? cpu_.mmu.window_at(cpu_.access[segment].base + offset) : nullptr;
        if (!page || !page->readable || range.room == 0) return range;
        range.room = std::min(range.room, wanted);
        range.host = page->window->mmio_memory(window_offset(*page, segment, offset), range.room * u32{sizeof(T)});
        range.window = page;
        return range;
    }
    void loaded(const Range& range, unsigned segment, u32 offset, u32 count) const {
        if (range.window) range.window->window->mmio_loaded(window_offset(*range.window, segment, offset) + (count - 1) * u32{sizeof(T)}, sizeof(T));
    }
    [[nodiscard]] Target writable(unsigned segment, u32 offset) const {
        const auto& access = cpu_.access[segment];
        return {cpu_.fast_store<T>(segment, offset), room(access.base + offset, offset, access.writable_end)};
    }

    // The target of stores, where the fast path does not apply to it yet.
    void overwrite(unsigned segment, u32 offset, u32 count) const {
        if (!backward()) cpu_.release_tables(segment, offset, count * u32{sizeof(T)});
    }

    template <class Once, class Bulk>
    bool repeat(bool compares, Once&& once, Bulk&& bulk) {
        constexpr u16 prefixes = Instruction::rep | Instruction::repne;
        if (!i_.has(prefixes)) return once();
        if (registers_.get(Ecx) == 0) return true;
        const bool while_equal = i_.has(Instruction::rep);
        const u64 first = cpu_.run.first_step + static_cast<u64>(cpu_.run.current - cpu_.run.first);
        const u64 most = cpu_.run.limit > first ? cpu_.run.limit - first : 1;   // iterations until the limit
        u64 done = 0;
        while (true) {
            const u32 count = registers_.get(Ecx);
            const u32 wanted = static_cast<u32>(std::min<u64>(count, most - done));
            u32 made = wanted > 1 ? bulk(wanted, while_equal) : 0;
            if (made == 0) {
                cpu_.run.repeats = done;
                if (!once()) {
                    if (cpu_.model() == CpuModel::I286) registers_.set(Ecx, count - 1);
                    return false;
                }
                made = 1;
            }
            done += made;
            cpu_.run.repeats = done - 1;
            registers_.set(Ecx, count - made);
            if (count == made || (compares && cpu_.flags.zf() != while_equal)) return true;
            if (done == most || cpu_.run.stop) {
                cpu_.state.eip = cpu_.instruction_eip();   // go on here
                // Between its iterations RF is set: what interrupts it there comes back past a breakpoint at it (SDM volume 3, 17.3.1.1).
                if (cpu_.at_least(CpuModel::I386)) {
                    cpu_.state.eflags |= flag::RF;
                    cpu_.attention |= Cpu::resuming;
                }
                return true;
            }
        }
    }

private:
    [[nodiscard]] u32 window_offset(const Mmu::WindowPage& page, unsigned segment, u32 offset) const {
        return page.offset | ((cpu_.access[segment].base + offset) & page_mask);
    }

    Cpu& cpu_;
    I i_;
    Counter registers_;
    u32 delta_;
};

template <class F>
bool by_operand(I i, F&& f) {
    if ((i.opcode & 1) == 0) return f(u8{});
    return i.operand_width == 4 ? f(u32{}) : f(u16{});
}

template <class T>
void compare(Cpu& cpu, T a, T b) {
    const Word<T> left{a}, right{b};
    set_status(cpu, after_subtract(left, right, left - right));
}

template <class T>
void fill(u8* to, T value, u32 count) {
    const std::size_t bytes = std::size_t{count} * sizeof(T);
    if (value == static_cast<T>((value & 0xff) * (static_cast<T>(~T{0}) / 0xff))) {   // every byte is the same
        std::memset(to, static_cast<int>(value & 0xff), bytes);
        return;
    }
    // What is there doubles, up to a piece that is copied quickly.
    constexpr std::size_t piece = 1024;
    std::size_t done = std::min<std::size_t>(bytes, 8 * sizeof(T));
    for (std::size_t at = 0; at < done; at += sizeof(T)) store<T>(to + at, value);
    while (done < bytes) {
        const std::size_t next = std::min({done, piece, bytes - done});
        std::memcpy(to + done, to, next);
        done += next;
    }
}

// How many elements from the first on are equal for certain: found eight bytes at a time.
template <class T>
u32 equal_blocks(const u8* left, const u8* right, u32 most) {
    constexpr u32 step = 8 / sizeof(T);
    u32 count = 0;
    while (count + step <= most && load<u64>(left + std::size_t{count} * sizeof(T)) == load<u64>(right + std::size_t{count} * sizeof(T))) count += step;
    return count;
}

constexpr auto no_bulk = [](u32, bool) -> u32 { return 0; };

}  // namespace

bool movs(Cpu& cpu, I i) {
    return by_operand(i, [&]<class T>(T) {
        StringRun<T> run{cpu, i};
        const auto once = [&] {
            T value = 0;
            if (!cpu.read<T>(run.source(), run.si(), value)) return run.faulted(Esi);
            if (!cpu.write<T>(es, run.di(), value)) return run.faulted(Esi), run.faulted(Edi);
            run.advance(Esi);
            run.advance(Edi);
            return true;
        };
        return run.repeat(false, once, [&](u32 wanted, bool) -> u32 {
            const auto from = run.loadable(run.source(), run.si(), wanted);
            const auto to = run.writable(es, run.di());
            if (!to.host) run.overwrite(es, run.di(), std::min(wanted, to.room));
            if (!from.host || !to.host) return 0;
            const u32 count = std::min({wanted, from.room, to.room});
            const std::size_t bytes = std::size_t{count} * sizeof(T);
            if (from.window) {   // what the last load leaves there must not be what these stores made
                constexpr std::size_t near = 8;
                if (to.host < from.host + bytes + near && from.host < to.host + bytes + near) return 0;
                run.loaded(from, run.source(), run.si(), count);
            }
            if (!run.backward()) {
                // Where the target begins inside the source, copied elements are copied again.
                if (to.host <= from.host || to.host >= from.host + bytes) std::memmove(to.host, from.host, bytes);
                else for (std::size_t at = 0; at < bytes; at += sizeof(T)) store<T>(to.host + at, load<T>(from.host + at));
            } else {
                u8* target = to.host;
                const u8* source = from.host;
                for (u32 n = 0; n < count; ++n, target -= sizeof(T), source -= sizeof(T)) store<T>(target, load<T>(source));
            }
            run.advance(Esi, count);
            run.advance(Edi, count);
            return count;
        });
    });
}

bool stos(Cpu& cpu, I i) {
    return by_operand(i, [&]<class T>(T) {
        StringRun<T> run{cpu, i};
        const T value = cpu.state.gpr.get<T>(Eax);
        const auto once = [&] {
            if (!cpu.write<T>(es, run.di(), value)) return run.faulted(Edi);
            run.advance(Edi);
            return true;
        };
        return run.repeat(false, once, [&](u32 wanted, bool) -> u32 {
            const auto to = run.writable(es, run.di());
            if (!to.host) return run.overwrite(es, run.di(), std::min(wanted, to.room)), 0;
            const u32 count = std::min(wanted, to.room);
            u8* const lowest = run.backward() ? to.host - std::size_t{count - 1} * sizeof(T) : to.host;
            fill(lowest, value, count);
            run.advance(Edi, count);
            return count;
        });
    });
}

bool lods(Cpu& cpu, I i) {
    return by_operand(i, [&]<class T>(T) {
        StringRun<T> run{cpu, i};
        const auto once = [&] {
            T value = 0;
            if (!cpu.read<T>(run.source(), run.si(), value)) return run.faulted(Esi);
            cpu.state.gpr.set<T>(Eax, value);
            run.advance(Esi);
            return true;
        };
        return run.repeat(false, once, no_bulk);
    });
}

bool scas(Cpu& cpu, I i) {
    return by_operand(i, [&]<class T>(T) {
        StringRun<T> run{cpu, i};
        const auto once = [&] {
            T value = 0;
            if (!cpu.read<T>(es, run.di(), value)) return run.faulted(Edi);
            compare(cpu, cpu.state.gpr.get<T>(Eax), value);
            run.advance(Edi);
            return true;
        };
        return run.repeat(true, once, [&](u32 wanted, bool while_equal) -> u32 {
            const auto in = run.readable(es, run.di());
            if (!in.host) return 0;
            const T wanted_value = cpu.state.gpr.get<T>(Eax);
            const u32 most = std::min(wanted, in.room);
            const auto at = [&](u32 n) { return load<T>(run.backward() ? in.host - std::size_t{n} * sizeof(T) : in.host + std::size_t{n} * sizeof(T)); };
            u32 count = 0;
            if (sizeof(T) == 1 && !while_equal && !run.backward()) {
                const void* found = std::memchr(in.host, static_cast<int>(wanted_value), most);
                count = found ? static_cast<u32>(static_cast<const u8*>(found) - in.host) + 1 : most;
            } else {
                while (count < most && (at(count++) == wanted_value) == while_equal) {}
            }
            compare(cpu, wanted_value, at(count - 1));
            run.advance(Edi, count);
            return count;
        });
    });
}

bool cmps(Cpu& cpu, I i) {
    return by_operand(i, [&]<class T>(T) {
        StringRun<T> run{cpu, i};
        const auto once = [&] {
            T left = 0, right = 0;
            if (!cpu.read<T>(es, run.di(), right)) return run.faulted(Edi);
            if (!cpu.read<T>(run.source(), run.si(), left)) return run.faulted(Esi);
            compare(cpu, left, right);
            run.advance(Esi);
            run.advance(Edi);
            return true;
        };
        return run.repeat(true, once, [&](u32 wanted, bool while_equal) -> u32 {
            const auto left = run.readable(run.source(), run.si()), right = run.readable(es, run.di());
            if (!left.host || !right.host) return 0;
            const u32 most = std::min({wanted, left.room, right.room});
            const auto at = [&](const u8* host, u32 n) { return load<T>(run.backward() ? host - std::size_t{n} * sizeof(T) : host + std::size_t{n} * sizeof(T)); };
            u32 count = while_equal && !run.backward() ? equal_blocks<T>(left.host, right.host, most) : 0;
            bool going = true;
            if (count == most) --count;
            while (going && count < most) {
                going = (at(left.host, count) == at(right.host, count)) == while_equal;
                ++count;
            }
            compare(cpu, at(left.host, count - 1), at(right.host, count - 1));
            run.advance(Esi, count);
            run.advance(Edi, count);
            return count;
        });
    });
}

bool ins(Cpu& cpu, I i) {
    return by_operand(i, [&]<class T>(T) {
        StringRun<T> run{cpu, i};
        const u16 port = cpu.state.gpr.word(Edx);
        if (!cpu.check_io_permission(port, sizeof(T))) return false;  // even if the count is 0
        const auto once = [&] {
            // The store must not fault once the device has been read; only the 286 finds out too late.
            if (!cpu.check_write(es, run.di(), sizeof(T))) {
                if (cpu.model() == CpuModel::I286) (void)cpu.ports.read(port, sizeof(T));
                return run.faulted(Edi);
            }
            cpu.watch_ports(port, sizeof(T));
            cpu.synchronise();
            const T value = static_cast<T>(cpu.ports.read(port, sizeof(T)));
            cpu.device_called();
            if (!cpu.write<T>(es, run.di(), value)) return false;
            run.advance(Edi);
            return true;
        };
        return run.repeat(false, once, no_bulk);
    });
}

bool outs(Cpu& cpu, I i) {
    return by_operand(i, [&]<class T>(T) {
        StringRun<T> run{cpu, i};
        const u16 port = cpu.state.gpr.word(Edx);
        if (!cpu.check_io_permission(port, sizeof(T))) return false;
        const auto once = [&] {
            T value = 0;
            if (!cpu.read<T>(run.source(), run.si(), value)) return run.faulted(Esi);
            cpu.watch_ports(port, sizeof(T));
            cpu.synchronise();
            cpu.ports.write(port, sizeof(T), value);
            cpu.device_called();
            run.advance(Esi);
            return true;
        };
        return run.repeat(false, once, no_bulk);
    });
}

}  // namespace retrace::whole
