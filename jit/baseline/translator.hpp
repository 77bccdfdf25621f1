// Translator: a trace becomes host code, in one pass: mostly the guest's own instructions with their operands redirected. What has no
// emitter is called: the handler the interpreter runs. The same handler is the slow path of every memory access: before anything has happened the
// whole instruction is handed to it.
#pragma once

#include <array>
#include <functional>
#include <span>
#include <vector>

#include <xbyak/xbyak.h>

#include "core/base/ensure.hpp"
#include "core/cpu/cpu.hpp"
#include "core/isa/rows.hpp"
#include "jit/baseline/flag_state.hpp"
#include "jit/baseline/unit_forms.hpp"
#include "jit/baseline/spans.hpp"
#include "jit/block.hpp"
#include "jit/code_cache.hpp"
#include "jit/x64/frame.hpp"
#include "jit/x64/functions.hpp"

namespace retrace::jit {

class Translator final : private Xbyak::CodeGenerator {
public:
    static constexpr std::size_t beside_widths = 5;             // 1 to 16 bytes
    static constexpr std::size_t most_block_bytes = 48 << 10;   // no block is larger

    Translator(Cpu& cpu, CodeCache& cache);

    // Runs code (an executable address) with `left` steps to go.
    using Enter = u32 (*)(Cpu*, const u8* code, u64 left, Frame*);
    [[nodiscard]] Enter enter() const { return enter_; }

    // Makes code for the first instructions of `source`, whose offsets are from the block's eip; only the last may be something else than a near branch
    // or go on to the next. `plain`: without spans; `unshown`: instructions, a bit each, that do not go through windows. The cache has room.
    void translate(Block& block, std::span<const Instruction> source, bool plain, u64 unshown, const Mode& mode);

    // One that a block may go on behind.
    [[nodiscard]] static bool is_port_access(const Instruction& i);

    // Makes an edge lead to a block, or to its stub again.
    // False: there is no room for what would have to lie between them.
    [[nodiscard]] bool link(Edge& edge, const Block& to, u32 page_entry);
    void unlink(Edge& edge);

    [[nodiscard]] RecipeTable& recipes() { return recipes_; }
    [[nodiscard]] Sites& sites() { return sites_; }

    // Only calls; for tests and measurements.
    bool emit_nothing = false;
    bool use_spans = true;
    bool use_beside = true, use_functions = true, use_reloads = true;
    bool use_recipes = true;      // false: most flags are saved as they are
    // Emits nothing that a host with SSE2 may lack.
    void forgo_extensions() {
        has_bmi2_ = false;
        features_ = 0;
    }

private:
    using Reg = Xbyak::Reg;
    using Label = Xbyak::Label;
    enum class Plan : u8 { Call, Emit };

    // What the x87's pointers must still be told: the last instruction that ran, the last operand in memory. Its registers are as they were.
    struct Noted {
        const Instruction *code = nullptr, *operand = nullptr;
    };
    struct Slow {                 // the way out of a memory access
        Label entry, rejoin;
        const Instruction* instruction = nullptr;
        u32 index = 0;
        FlagState before, after;
        bool ends = false, flags_wanted = false, unused = false, jumps = false;
        bool aligned = false;     // the operand must be
        bool leaves = false;      // the block, behind the handler
        u32 place = 0;            // of the handler's instruction in Block::instructions
        u32 resident = 0;         // units whose registers are at hand behind it
        std::size_t first_site = 0, last_site = 0;   // its accesses through the window; `last` is behind them
        Noted noted;
    };

    // ---- stubs (stubs.cpp)
    void make_stubs();

    // ---- planning
    // `readers`: the flags of `live_after` that instructions of the block read.
    [[nodiscard]] Plan plan(const Instruction& i, u32 live_after, u32 readers) const;
    [[nodiscard]] static u32 written(const Instruction& i);

    // ---- one instruction (emitters.cpp)
    void emit(const Instruction& i);
    bool emit_end(const Instruction& i);
    void transfer_unless_zero();
    void two_operands(const Instruction& i, Op op);
    void operate_and_keep(const Instruction& i, Op op, const Xbyak::Address& where);
    void one_operand(const Instruction& i, Op op);
    void shift(const Instruction& i, Op op);
    void multiply(const Instruction& i, Op op);
    void divide(const Instruction& i, Op op);
    void extend(const Instruction& i, bool sign);
    void lea_register(const Instruction& i);
    void move_conditional(const Instruction& i);
    void set_conditional(const Instruction& i);
    void exchange(const Instruction& i);

    // ---- bits.cpp
    void bit_operation(const Instruction& i, Op op);
    void scan(const Instruction& i, Op op);
    void double_shift(const Instruction& i, Op op);
    void shift_by_count(const Instruction& i, Op op);
    void exchange_and_operate(const Instruction& i, Op op);
    void flags_to_ah();
    void ah_to_flags();

    // ---- accesses.cpp
    [[nodiscard]] bool loads_base(const Instruction& i) const;
    void index_offset(unsigned index, bool wide);                           // r8d = ESI, EDI
    void advance(unsigned index, int distance, bool wide);
    void string_element(const Instruction& i, Op op);
    void translate_byte(const Instruction& i);
    void push_all(const Instruction& i);
    void pop_all(const Instruction& i);
    void segment_to_register(const Instruction& i);
    void push_segment(const Instruction& i);
    void load_base(const Instruction& i);
    void make_segment_stubs();
    [[nodiscard]] bool reloads_segment(const Instruction& i) const;
    void reload_segment(const Instruction& i);

    void push_value(const Instruction& i);
    void pop_value(const Instruction& i);
    void leave_frame(const Instruction& i);
    void call_handler(const Instruction& i);
    bool call_and_go_on(const Instruction& i);

    // ---- ports.cpp
    void make_port_stubs();
    void port_access(const Instruction& i);

    void handler_arguments();
    void call_handler_and_end(const Instruction& i);
    void transfer();
    void indirect(u32 mode);
    void alu(Op op, const Xbyak::Operand& to, const Xbyak::Operand& from);
    void alu(Op op, const Xbyak::Operand& to, u32 immediate, unsigned width);

    // ---- memory (memory.cpp)
    void offset_of(const Instruction& i);                                   // r8d = offset
    void stack_offset(i32 delta);                                           // r8d = offset of ESP + delta
    void find(unsigned segment, unsigned width, Touch touch, bool wide_offset, Slow& slow);    // r8d -> [r9 + r8]
    // The same for one access, through the window if there is one: where it is to be made.
    [[nodiscard]] Xbyak::RegExp reach(unsigned segment, unsigned width, Touch touch, bool wide_offset, Slow& slow);
    // The operand of ModRM, or of the stack: emits what finds it.
    Xbyak::RegExp operand(const Instruction& i, unsigned width, Touch touch, Slow& slow);
    Xbyak::RegExp stack_operand(i32 delta, unsigned width, Touch touch, Slow& slow);
    void make_beside_stubs();                                               // beside.cpp
    void unless_beside_code(unsigned width, Slow& slow);
    [[nodiscard]] bool in_span() const { return spans_.of[index_] >= 0; }
    [[nodiscard]] bool can_go_through_window(const Instruction& i) const;
    [[nodiscard]] bool through_window() const { return through_window_[index_]; }
    // Behind this nothing but the operand's instruction may be emitted.
    void site(const Xbyak::RegExp& at);
    void site(const Xbyak::Operand& operand);
    void open_spans(Label& bail);
    void load_span();
    [[nodiscard]] bool leaves_r9(const Instruction& i) const;
    // `clobbers`: RFLAGS will be destroyed though the instruction itself would not.
    Slow& begin_memory(const Instruction& i, bool clobbers = false);
    void finish_memory(Slow& slow);
    void emit_slow(Slow& slow);
    void set_esp(u32 adjust);

    // ---- the host's other units (units.cpp)
    void make_unit_stubs();
    [[nodiscard]] bool can_emit_unit(const Instruction& i) const;
    void plan_units();
    void load_units();
    void units_after_call();
    void units_wanted_from(u32 next);
    void spill_units();
    void before_call();
    void before_slow_call(const Slow& slow);
    void after_slow_call(const Slow& slow);
    void unit_instruction(const Instruction& i);
    void touch_operand_of_mmx(const UnitForm& form, const Xbyak::RegExp& at);
    void put_instruction(const Instruction& i, const UnitForm& form, const Xbyak::RegExp* at);
    [[nodiscard]] Xbyak::Address word_at(const u16* member) const;
    void check_exceptions(const Instruction& i);
    void load_control_word(const Instruction& i, const UnitForm& form);

    // ---- x87 functions that are computed (functions.cpp)
    void make_function_stubs();
    void function_instruction(const Instruction& i);

    // ---- the x87's pointers (units.cpp)
    void note(const Instruction& i, bool memory, int offset);
    void tell(const Noted& noted);
    void tell_everything();
    void settle_operand_segment(unsigned segment);
    [[nodiscard]] bool another_operand_follows(const Instruction& i) const;

    // ---- flags (flags.cpp)
    void save_flags(u32 readers);
    void clobber();
    void observe();
    void normalise();
    void pack_from(u32 form);
    void prepare_flags(u32 mask);
    void need_flags(u32 mask);
    [[nodiscard]] unsigned need_condition(unsigned condition, u32 wanted);
    void restore();
    void cook(const Recipe& recipe);
    [[nodiscard]] std::unique_ptr<Xbyak::Operand> operand_of(u8 index, u8 width) const;
    [[nodiscard]] Recipe captured(Recipe recipe);
    void capture();
    void rename(const Recipe& from, const Recipe& to);
    void touch(u8 index, unsigned width);
    void touch_stack_pointer(i32 adjust);
    void flags_now(const Recipe& recipe = {});
    void flush_flags();
    void flush_flags_for_anyone();

    // ---- exits
    void edge(u32 target, int condition);   // -1: always
    void edge_stub(Edge& edge);
    void branch_within(const Instruction& i);
    void exit_to(u32 eip);
    const u8* adapter(Edge& edge, unsigned kind, const u8* target);

    [[nodiscard]] Reg reg(unsigned index, unsigned width) const;
    [[nodiscard]] int distance_of(const void* member) const { return static_cast<int>(static_cast<const u8*>(member) - reinterpret_cast<const u8*>(&cpu_)); }
    [[nodiscard]] Xbyak::Address at_cpu(const void* member, int bits) const;
    [[nodiscard]] static Xbyak::Address sized(const Xbyak::RegExp& where, unsigned width);
    [[nodiscard]] bool live_after() const { return live_after_[index_] != 0; }

    Cpu& cpu_;
    CodeCache& cache_;
    Sites sites_;
    RecipeTable recipes_;
    Enter enter_ = nullptr;
    u8 *stub_call_ = nullptr, *stub_transfer_ = nullptr, *stub_exit_ = nullptr, *stub_miss_ = nullptr, *stub_link_ = nullptr, *stub_pack_ = nullptr, *stub_last_ = nullptr, *stub_near_ = nullptr,
       *stub_jump_ = nullptr, *stub_leave_ = nullptr;
    std::array<u8*, beside_widths> stub_beside_{};
    std::array<u8*, 6> stub_segment_{};   // by register
    std::array<u8*, 12> stub_port_{};   // OUT of bytes, words and doublewords, then IN; all again for DX
    u8 *stub_load_sse_ = nullptr, *stub_spill_sse_ = nullptr, *stub_load_x87_ = nullptr, *stub_store_x87_ = nullptr;
    std::array<u8*, x87_functions> stub_functions_{};
    bool has_bmi2_;
    u64 features_ = 0;                   // of the host, for what is emitted as it is

    // The block being translated.
    Block* block_ = nullptr;
    const Mode* mode_ = nullptr;
    u32 index_ = 0, count_ = 0;
    u32 edges_ = 0;                      // of the block, made so far
    const Instruction* guest_ = nullptr;
    // Status flags, by instruction: that may be looked at behind it; of these, where the block may be left; that instructions
    // from it on read.
    std::array<u32, most_instructions + 1> live_after_{}, seen_after_{}, read_before_{};
    u32 touched_ = 0;                    // registers written so far, a bit each
    std::array<Plan, most_instructions + 1> plan_{};
    std::array<u32, most_instructions + 1> place_{};        // of each instruction in Block::instructions
    FlagState flags_;
    Spans spans_;
    u64 unshown_ = 0;                    // instructions, a bit each, that have no business with the window
    std::array<bool, most_instructions + 1> through_window_{};   // all its accesses are, and nothing else is emitted in front of them
    i8 span_in_r9_ = -1;
    u32 resident_ = 0;                   // units that are at hand here for certain
    Noted noted_;
    std::array<u8, most_instructions + 2> units_ahead_{};   // units used from an instruction on, up to where they are taken away
    std::vector<std::unique_ptr<Slow>> slow_;
    std::vector<std::function<void()>> cold_;
};

}  // namespace retrace::jit
