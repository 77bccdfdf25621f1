// Frame: what emitted code and the engine tell each other, and how the host's registers are used.
//
//   eax ecx edx ebx ebp esi edi   the guest registers of the same name
//   r12d                          ESP
//   r13                           the Cpu
//   r14                           the flat tables: read, then write, execute and store at fixed distances
//   r15                           steps left until the limit
//   r11d                          status flags, in one of the forms of baseline/recipe.hpp
//   r8-r10                        scratch
//   gs                            its base: the window of the Mmu's context, in code for modes that have one
//   rsp                           [rsp] the Frame, [rsp+8] the JumpEntries, [rsp+16] the spans of the block (baseline/spans.hpp), [rsp+40]
//                                 the slots of recipes
#pragma once

#include "core/cpu/cpu.hpp"
#include "jit/baseline/recipe.hpp"
#include "jit/block.hpp"
#include "jit/x64/sites.hpp"

namespace retrace::jit {

constexpr int first_span_slot = 16, most_spans = 3, first_flag_slot = 40, frame_bytes = 56;
constexpr u64 table_distance = u64{8} << 20;   // bytes between the Mmu's tables

// What an access does to its operand, and so which table finds it. `true` is one that reads and writes.
struct Touch {
    int table;
    constexpr Touch(bool write) : table{write ? static_cast<int>(table_distance) : 0} {}
    [[nodiscard]] constexpr bool write() const { return table != 0; }
    static constexpr Touch store() {
        Touch only{true};
        only.table = static_cast<int>(3 * table_distance);
        return only;
    }
};

// Where an indirect jump finds its target: by the low bits of eip and the mode.
struct JumpEntry {
    u32 eip = 0;
    u32 mode = 0;          // 0: empty
    u32 page_slot = 0;     // offset of the execute table's entry
    u32 page_entry = 0;    // what it must be
    u8* code = nullptr;    // executable
    Block* block = nullptr;
};
static_assert(sizeof(JumpEntry) == 32);
constexpr u32 jump_eips = 1 << 16, jump_shifts = 1 << 14, jump_mode_distance = 0x2f35;   // each mode begins at another place
constexpr u32 jump_cache_size = jump_eips + jump_shifts;
constexpr u32 jump_shift(u32 mode) { return mode * jump_mode_distance % jump_shifts; }
constexpr u32 jump_slot(u32 eip, u32 mode) { return eip % jump_eips + jump_shift(mode); }

// How emitted code was left.
enum class Exit : u32 {
    Boundary,   // between two instructions, state.eip is set
    Link,       // the same, and `edge` wants to lead on from here
    Handler,    // a handler was called and says by run.current what became of it; else the block is done
};

// An access that found nothing in the window. The handler of its instruction has been run.
struct WindowFault {
    Site* site = nullptr;      // null: there was none
    u64 address = 0;           // of the host
    bool has_address = false;  // false: an operand was not aligned
    bool write = false;
};
class FaultListener {
public:
    virtual ~FaultListener() = default;
    virtual void handled(const WindowFault& fault) = 0;
};

// A block was left before anything had happened, for the interpreter.
enum class Bailed : u32 {
    No,
    Spans,      // its spans were not where it hoped
    Crossing,   // its instruction ends in another page than it did
};

struct Frame {
    u64 limit = 0;
    u64 left = 0;              // r15
    u32 flags = 0;             // r11d
    Bailed bailed = Bailed::No;
    u32 slots[2]{};            // of recipes
    u64 jump_misses = 0;       // indirect jumps that found no JumpEntry
    Edge* edge = nullptr;
    JumpEntry* jumps = nullptr;
    const RecipeTable* recipes = nullptr;
    // Names the mode of now, for whoever goes on behind an instruction that may have changed it.
    u32 (*mode_now)(void* engine) = nullptr;
    // An instruction has left its block: it faulted, or pages went. What it left undone is done. Returns the steps left if emitted code may go on
    // at state.eip in `mode`, else a negative number: it is to be left, and `left` and `flags` are right.
    i64 (*go_on)(void* engine) = nullptr;
    void* engine = nullptr;
    u32 mode = 0;
    WindowFault fault;         // until somebody has looked at it
    FaultListener* listener = nullptr;

    // Puts what r11d says into Cpu::flags, if it is not there yet. The general registers are in Cpu::state.
    void settle_flags(Cpu& cpu, u32 form) const {
        if (form & flags_in_state) return;
        if (form < flags_in_recipe) cpu.flags.load(form);
        else (*recipes)[form].settle(cpu.flags, cpu.state.gpr, slots, (form & 1) != 0);
    }
};

}  // namespace retrace::jit
