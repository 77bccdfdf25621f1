// Copies: code that runs only a little, as from a guest that makes code all the time, is not worth translating; interpreting it is slow where one
// instruction waits for another. So the first instructions of a trace that only compute in registers are copied, nearly as they are, into code
// that stands for all of their handlers. It loads the registers they name, runs them, stores what they wrote, and goes on with the handler behind them.
//
// Such instructions neither fault nor end early: nobody can tell. Copying one takes some ten nanoseconds.
#pragma once

#include <array>
#include <vector>

#include "core/cpu/lazy_flags.hpp"
#include "core/engine/trace.hpp"
#include "jit/code_cache.hpp"

namespace retrace { class Cpu; }

namespace retrace::jit {

class Copies {
public:
    explicit Copies(Cpu& cpu);

    // Makes one for the beginning of a trace, if at least `least` instructions there allow it.
    bool make(Trace& trace, unsigned least);
    // The first instruction of the trace has its own handler again.
    void forget(Trace& trace);
    // The traces are gone.
    void forget_all();

    u64 made = 0, instructions = 0;

private:
    // The oldest makes way for the newest: what was written last is least likely to be running through the host's pipeline.
    static constexpr std::size_t slot_bytes = 512, slot_count = 256, stub_bytes = 256;
    static constexpr unsigned template_bits = 9;

    // An instruction put down again, but for its constant.
    struct Template {
        u64 low = 0, high = 0;           // what it is for
        std::array<u8, 16> bytes{};
        u8 size = 0, constant_at = 12;   // behind the end where there is none
        u8 loaded = 0, stored = 0;       // general registers, a bit each
        u16 reads = 0, writes = 0;       // status flags
        u8 most = 0;                     // of a shift or rotation: the highest count
        bool usable = false, displacement = false;
        bool turns = false;              // OF is that of the last bit alone: where it may be seen it is shifted alone
    };
    [[nodiscard]] static Template make_template(const Instruction& i);
    [[nodiscard]] const Template& template_of(const Instruction& i);

    [[nodiscard]] u8* slot(std::size_t n) const { return cache_.writable() + stub_bytes + n * slot_bytes; }
    void make_stub();

    Cpu& cpu_;
    CodeCache cache_;
    bool usable_;
    std::size_t next_ = 0;
    std::vector<Trace*> owners_ = std::vector<Trace*>(slot_count);
    std::vector<Template> templates_ = std::vector<Template>(std::size_t{1} << template_bits);
    std::array<LazyFlags, 256> flags_of_{};   // by AH as LAHF leaves it, OF being clear
};

}  // namespace retrace::jit
