// Cpu: the processor around its registers: pins, memory as instructions see it, segments, faults, interrupts.
//
//   pin INTR    in   interrupt request, level; acknowledged at the InterruptSource when IF allows
//   pin NMI     in   rising edge
//   pin SMI     in   rising edge: system management interrupt (Pentium and later)
//   pin SMIACT  out  high in system management mode
//   pin INIT    in   see initialise(): a reset that keeps what belongs to no program
//   pin RESET   in   rising edge: run() ends with StopReason::Reset
//   pin A20     in   high: address bit 20 passes (an 8086 has no such bit and never passes it)
//   pin FERR    out  high while an unmasked x87 exception waits and CR0.NE is clear (IRQ 13 on a PC)
//
// Data members named without a trailing underscore are the engine's and the semantics' business; boards use pins, reset, visit.
// Facts: Intel 64 and IA-32 SDM, volumes 2 and 3; 80286 and i386 programmer's reference manuals.
#pragma once

#include <array>
#include <functional>
#include <span>
#include <string>

#include "core/base/log.hpp"
#include "core/base/bits.hpp"
#include "core/bus/interrupt_source.hpp"
#include "core/bus/line.hpp"
#include "core/bus/port_map.hpp"
#include "core/cpu/fault.hpp"
#include "core/cpu/lazy_flags.hpp"
#include "core/cpu/registers.hpp"
#include "core/isa/instruction.hpp"
#include "core/isa/model.hpp"
#include "core/memory/mmu.hpp"
#include "core/memory/physical_memory.hpp"
#include "core/state/visitor.hpp"
#include "core/time/scheduler.hpp"

namespace retrace {

struct Trace;

class Cpu final : public MemoryListener {
public:
    Cpu(PhysicalMemory& memory, PortMap& ports, Scheduler& scheduler, CpuModel model, Log::Channel log = {});
    Cpu(const Cpu&) = delete;
    Cpu& operator=(const Cpu&) = delete;

    // ---- wiring
    [[nodiscard]] Line interrupt_pin();
    [[nodiscard]] Line nmi_pin();
    [[nodiscard]] Line smi_pin();
    [[nodiscard]] Line reset_pin();
    [[nodiscard]] Line a20_pin();
    void connect(InterruptSource& source) { interrupt_source_ = &source; }
    void connect_ferr(Line ferr) { ferr_ = std::move(ferr); }
    void connect_smiact(Line smiact) { smiact_ = std::move(smiact); }
    // Who keeps the local APIC where IA32_APIC_BASE says: told at reset, after loading and of every write. 0: the model has none.
    void connect_apic(std::function<void(u64 base)> placed) { apic_placed_ = std::move(placed); }

    void reset();
    // INIT#: as a reset, but x87 and SSE registers, model-specific registers, SMBASE and the caches' bits of CR0 stay.
    void initialise();
    void visit(StateVisitor& visitor);
    // After loading: everything derived from the registers is derived again.
    void restored();

    // The registers with their flags up to date; whoever changes them calls restored().
    Registers& registers();
    [[nodiscard]] u32 eip() const { return run.current ? run.eip + run.current->offset : state.eip; }
    // "cs:eip", for the log.
    [[nodiscard]] std::string where() const;
    // Why the last StopReason::Reset was asked for.
    [[nodiscard]] const std::string& reset_reason() const { return reset_reason_; }
    [[nodiscard]] CpuModel model() const { return model_; }

    // ---- for engines: what is being executed
    static constexpr u64 no_step = ~u64{0};
    struct Run {
        const Instruction* first = nullptr;    // of the running trace
        const Instruction* current = nullptr;  // the executing instruction, wherever something slow happens; else null
        u32 eip = 0;                           // of `first`
        bool eip_is_set = false;               // a task switch changed what a fault must return to: state.eip is right
        bool stop = false;                     // leave the trace after the current instruction
        bool moved = false;                    // pages went, which may be why `stop` is set; until somebody has looked at it
        u64 first_step = 0;                    // steps done before `first`
        Trace* trace = nullptr;                // the running trace
        u32 chain = 0;                         // traces that may follow without a return to the engine
        u64 generation = 1;                    // names what links between traces rest on: mappings, CS but for its base
        u64 repeats = 0;                       // steps of the current REP instruction that are done
        u64 limit = 0;                         // the step that must not be passed
        u64 resumed_at = no_step;              // see resume(): the step whose end would have found RF set
        u32 resident = 0;                      // parts of the state that an engine keeps in the host's own registers just now
        // What the x87's pointers do not show yet of the last instruction an engine ran by itself: FOP and 2^31, and the number of FDS plus 1.
        u32 x87_code = 0, x87_segment = 0;
    };
    // What wants to happen before the next instruction.
    enum Attention : u32 {
        interrupt_wanted = 1 << 0,   // INTR high and IF set
        nmi_wanted = 1 << 1,
        single_step = 1 << 2,        // TF
        trap_due = 1 << 3,           // debug_trap
        shadowed = 1 << 4,
        halted = 1 << 5,
        reset_wanted = 1 << 6,
        stop_wanted = 1 << 7,
        resuming = 1 << 8,           // RF, which one instruction clears
        watching_code = 1 << 9,      // an instruction breakpoint is armed
        smi_wanted = 1 << 10,
    };

    // Segments as accesses see them. `readable_end`: an access may reach up to here; 0 sends every access the slow way.
    enum class Shape : u32 { General, Flat /* base 0, 4 GiB, readable and writable */, Real /* base a multiple of 16, 64 KiB, the same */ };
    struct SegmentAccess {
        u64 readable_end = 0, writable_end = 0;
        u32 base = 0;
        Shape shape = Shape::General;
    };

    Registers state;
    LazyFlags flags;
    Run run;
    u32 attention = 0;
    std::array<SegmentAccess, 6> access{};
    Mmu mmu;
    Fault fault;
    u64 interrupts_taken = 0;                 // external ones, for the counters
    PhysicalMemory& memory;
    PortMap& ports;
    Scheduler& scheduler;
    Log::Channel log;

    // ---- time and the running trace
    // Scheduler::now becomes the moment at which the current instruction will be done: whatever a device is told happens then.
    void synchronise() {
        if (run.current) scheduler.advance({run.first_step + static_cast<u64>(run.current - run.first) + run.repeats + 1});
    }
    // A device was called: an event may be due or a pin may have changed.
    void device_called() { if (attention != 0 || scheduler.next().step < run.limit) run.stop = true; }
    void request_stop() { attention |= stop_wanted; run.stop = true; }
    void request_reset(std::string reason);
    // The FERR pin follows the x87 status (x87.cpp).
    void drive_ferr();
    // An IRET has brought RF, which means nothing without instruction breakpoints but to whoever looks before the next instruction has cleared it.
    // If nothing wants to happen there, RF is taken at once and the run goes on; it is put back should the run end just here after all.
    void resume();
    void put_resumed_back() {
        if (run.resumed_at == no_step) [[likely]] return;
        const bool here = run.resumed_at == scheduler.now().step;
        run.resumed_at = no_step;
        if (!here) return;
        state.eflags |= flag::RF;
        update_attention();
    }
    [[nodiscard]] bool stop_requested() const { return (attention & stop_wanted) != 0; }
    [[nodiscard]] u32 instruction_eip() const { return run.eip + run.current->offset; }
    [[nodiscard]] u32 next_eip() const { return run.eip + run.current->offset + run.current->length; }

    // ---- flags
    [[nodiscard]] u32 eflags() const { return (state.eflags & ~flag::status) | flags.to_eflags(); }
    void set_eflags(u32 value);               // all of it; derives what follows from it
    void update_attention();

    // ---- faults. Each records the first one of the step and returns false.
    bool raise(u8 vector);
    bool raise(u8 vector, u32 code);
    bool raise_selector(u8 vector, u32 selector) { return raise(vector, selector & 0xfffc); }
    bool page_fault(LinearAddress linear, u32 error);

    // ---- modes
    [[nodiscard]] bool protected_mode() const { return (state.cr0 & cr0::PE) != 0; }
    [[nodiscard]] bool virtual_8086() const { return (state.eflags & flag::VM) != 0; }
    [[nodiscard]] bool real_or_v86() const { return !protected_mode() || virtual_8086(); }
    [[nodiscard]] bool code32() const { return state.segment[1].big(); }
    [[nodiscard]] bool stack32() const { return state.segment[2].big(); }
    [[nodiscard]] bool no_execute() const { return (state.efer & efer::NXE) != 0; }
    [[nodiscard]] unsigned iopl() const { return state.eflags >> 12 & 3; }
    [[nodiscard]] bool at_least(CpuModel model) const { return model_ >= model; }
    void update_generation();                 // after mappings or CS changed
    void forget_links() {                     // traces are gone
        mmu.forget_epochs();
        update_generation();
    }
    void update_mode();                       // after CR0, CR3, CR4, CPL, VM or A20 changed

    // ---- memory. `ok` false: a fault is recorded and nothing happened.
    struct Loaded {
        u64 value = 0;
        bool ok = false;
    };
    // Host address of a T at segment:offset if the fast path applies, else null.
    template <class T> [[nodiscard]] u8* fast_read(unsigned segment, u32 offset) const { return fast<T>(mmu.read_table, access[segment].readable_end, access[segment].base, offset); }
    template <class T> [[nodiscard]] u8* fast_write(unsigned segment, u32 offset) const { return fast<T>(mmu.write_table, access[segment].writable_end, access[segment].base, offset); }
    // Only to be stored to, not read.
    template <class T> [[nodiscard]] u8* fast_store(unsigned segment, u32 offset) const { return fast<T>(mmu.store_table, access[segment].writable_end, access[segment].base, offset); }
    Loaded read_slow(unsigned segment, u32 offset, unsigned width);
    bool write_slow(unsigned segment, u32 offset, unsigned width, u64 value);
    // A read whose write will follow with write_back_slow: every check of the write is made.
    Loaded modify_slow(unsigned segment, u32 offset, unsigned width);
    void write_back_slow(u64 value);
    // So many bytes from segment:offset on, all in one page, are about to be stored: if it is a watched page of tables, it is one no longer.
    void release_tables(unsigned segment, u32 offset, u32 bytes);

    template <class T> [[nodiscard]] bool read(unsigned segment, u32 offset, T& value) {
        if (const u8* host = fast_read<T>(segment, offset)) [[likely]] {
            value = load<T>(host);
            return true;
        }
        const Loaded loaded = read_slow(segment, offset, sizeof(T));
        value = static_cast<T>(loaded.value);
        return loaded.ok;
    }
    template <class T> [[nodiscard]] bool write(unsigned segment, u32 offset, T value) {
        if (u8* host = fast_store<T>(segment, offset)) [[likely]] {
            store<T>(host, value);
            return true;
        }
        return write_slow(segment, offset, sizeof(T), value);
    }
    // Any number of bytes (x87 and SSE operands, state images): all of it or a fault. Offsets do not wrap within it. `alignment` is what #AC
    // asks for (SDM volume 3, table 6-7), 1 nothing.
    [[nodiscard]] bool read_bytes(unsigned segment, u32 offset, std::span<u8> to, unsigned alignment);
    [[nodiscard]] bool write_bytes(unsigned segment, u32 offset, std::span<const u8> from, unsigned alignment);
    // Makes every check of a write and does nothing else.
    [[nodiscard]] bool check_write(unsigned segment, u32 offset, unsigned bytes);

    // Accesses of the system itself, at linear addresses and as supervisor.
    Loaded read_system(u32 linear, unsigned width) {
        if (const u8* host = watched_.data() ? nullptr : mmu.direct(linear, width, Access::Read, true)) [[likely]] {
            switch (width) {
                case 1: return {*host, true};
                case 2: return {load<u16>(host), true};
                case 4: return {load<u32>(host), true};
                default: return {load<u64>(host), true};
            }
        }
        return read_system_slow(linear, width);
    }
    bool write_system(u32 linear, unsigned width, u64 value);
    bool check_system(u32 linear, unsigned bytes, Access access);

    // Offset of the memory operand.
    [[nodiscard]] u32 offset_of(const Instruction& i) const {
        return (state.gpr[i.base] + (state.gpr[i.index] << i.scale) + i.displacement) & i.address_mask();
    }

    // ---- the stack. Widths are 2 or 4; several pushes of one instruction go through a StackFrame (stack.hpp).
    [[nodiscard]] u32 stack_mask() const { return stack_mask_; }
    [[nodiscard]] u32 esp() const { return state.gpr[Esp] & stack_mask(); }
    void set_esp(u32 value) { state.gpr[Esp] = (state.gpr[Esp] & ~stack_mask()) | (value & stack_mask()); }

    // ---- segments (segments.cpp)
    void set_real_segment(unsigned segment, u16 selector);
    void update_segment(unsigned segment);    // derives access[] from the register
    bool load_segment(unsigned segment, u16 selector);   // MOV, POP, LDS...; whatever the mode
    // The same but of SS and in protected mode, for a descriptor at hand that leaves the segment's shape what it is. False: it is not so, and
    // nothing has happened.
    bool reload_segment(unsigned segment, u16 selector) { return load_usual(segment, selector, true); }
    // True if an access is allowed; else its fault is recorded.
    bool check_segment(unsigned segment, u32 offset, unsigned bytes, bool write);
    bool check_segment(const SegmentRegister& s, bool stack, u32 offset, unsigned bytes, bool write);
    // Reads the descriptor a selector names; not ok: `fault_vector` with the selector as error code.
    struct Descriptor;
    bool read_descriptor(u16 selector, u8 fault_vector, Descriptor& out);
    bool mark_accessed(Descriptor& descriptor);
    // True if accesses need no more than a comparison with its limit.
    [[nodiscard]] bool is_plain(const SegmentRegister& s) const { return s.present() && !s.expands_down() && !alignment_checked_ && !watched_.data(); }
    void put_segment(unsigned segment, const SegmentRegister& value) { state.segment[segment] = value; update_segment(segment); }
    void set_cpl(unsigned cpl);
    void update_code_view();                  // after the limit or the size of CS may have changed

    // ---- interrupts (interrupts.cpp)
    enum class Origin : u8 { Fault, Trap /* #DB after an instruction */, External, Software /* INT n, INT3, INTO */, Icebp };
    // Delivers what is pending in `fault`, with its escalation to double and triple faults. state.eip is where to return.
    void deliver_fault();
    // Delivers one interrupt; false: a fault on the way is recorded and nothing happened.
    bool interrupt(u8 vector, Origin origin, bool has_code, u32 code, u32 return_eip);
    // Does what attention asks for before the next instruction. False: none may execute now (halted, shut down).
    bool attend();
    // At the start of an instruction: ends the shadow and RF, plans the single-step trap. True: it must run alone.
    bool begin_instruction();
    // EFLAGS as PUSHF and interrupts store it.
    [[nodiscard]] u32 flags_image() const;

    // ---- transfers of control to another segment (far_transfers.cpp). `width` is that of the operands, 2 or 4.
    bool jump_far(u16 selector, u32 offset, unsigned width);
    bool call_far(u16 selector, u32 offset, unsigned width);
    bool return_far(unsigned width, u32 release);
    bool return_from_interrupt(unsigned width);
    // A near transfer within CS.
    bool jump_near(u32 offset) {
        if (offset > state.segment[1].limit) [[unlikely]] return raise(vector::GP, 0);
        state.eip = offset;
        return true;
    }

    // VME: does the TSS's bitmap send this INT n to the virtual machine's own table? And that delivery.
    bool redirects_interrupt(u8 vector, bool& redirected);
    bool interrupt_virtual_8086(u8 vector);

    // ---- control registers (control_registers.cpp), with their checks and what follows from them
    bool set_cr0(u32 value);
    bool set_cr3(u32 value);
    bool set_cr4(u32 value);

    // ---- system management mode (system_management.cpp)
    bool resume_from_system_management();     // RSM

    // ---- model-specific registers (model_state.cpp)
    bool read_model_register(u32 index, u64& value);
    bool write_model_register(u32 index, u64 value);
    bool read_event_counter(u32 index, u64& value);   // RDPMC
    u64 time_stamp_counter();

    // ---- debug registers (debug_registers.cpp). Those of DR0 to DR7 that exist; 4 and 5 are none.
    void set_debug_register(unsigned index, u32 value);
    // If an instruction breakpoint stands at CS:EIP: delivers its fault.
    bool break_here();
    // An instruction has used these ports: their breakpoints trap behind it.
    [[nodiscard]] bool ports_are_watched() const { return watched_.ports != 0; }
    void watch_ports(u16 port, unsigned width) { if (watched_.ports) match_breakpoints(watched_.ports, port, width); }

    // ---- tasks (tasks.cpp)
    enum class SwitchBy : u8 { Jump, Call, Interrupt, Return };
    // `resumes`: RF is set in the old task's image.
    bool switch_task(Descriptor& tss, SwitchBy by, u32 return_eip, bool resumes = false);
    // A stack pointer of an inner ring, from the TSS; `external` is the EXT bit of error codes.
    bool inner_stack(unsigned ring, unsigned external, u16& selector, u32& offset);
    // Ports: free where CPL is at most IOPL, else as the TSS's bitmap says.
    [[nodiscard]] bool ports_are_free() const { return !protected_mode() || (!virtual_8086() && state.cpl <= iopl()); }
    bool check_io_permission(u16 port, unsigned width) { return ports_are_free() || check_io_bitmap(port, width); }

    // ---- MemoryListener: host pointers in the flat tables
    void write_protected(u32 page) override {
        // A page of tables may become one in the middle of an instruction, and emitted code hold a pointer to it.
        if (mmu.protect(page) && memory.holds_tables(page)) run.stop = true;
    }
    void tables_written(PhysicalAddress address, u32 size) override {
        if (!mmu.tables_written(address, size)) return;
        run.moved = !run.stop;
        run.stop = true;
        update_generation();
    }
    void code_written(PhysicalAddress, u32) override {}
    void remapped(u32, u32) override {
        mmu.forget_everything();
        update_generation();
    }
    void stores_rerouted() override {
        mmu.forget_stores();
        run.stop = true;
    }

private:
    // Where an operand lies: in one piece, or `split` bytes here and the rest there.
    struct Place {
        std::array<PhysicalAddress, 2> at{};
        unsigned split = 0, bytes = 0;
        // Or, in one piece and on the fast path, there, unless pages were protected since.
        u8* host = nullptr;
        u64 protections = 0;
        u32 linear = 0;
        bool system = false;
    };
    friend class StackFrame;
    bool locate(const SegmentRegister& s, bool stack, u32 offset, unsigned bytes, Access access, bool system, Place& place);
    bool locate(unsigned segment, u32 offset, unsigned bytes, Access access, Place& place) {
        return locate(state.segment[segment], segment == static_cast<unsigned>(Segment::Ss), offset, bytes, access, false, place);
    }
    bool locate_refused(unsigned segment, u32 offset, unsigned width, Access access, u64 end, Place& place);
    const Mmu::WindowPage* in_window(unsigned segment, u32 offset, unsigned width, u64 end) const;
    bool in_tables(unsigned segment, u32 offset, unsigned width, PhysicalAddress& physical) const;
    u8* beside_code(unsigned segment, u32 offset, unsigned width, PhysicalAddress& physical) const;
    Loaded read_system_slow(u32 linear, unsigned width);
    bool locate_physical(u32 linear, unsigned bytes, Access access, bool system, Place& place);
    bool locate_linear(u32 linear, unsigned bytes, Access access, bool system, Place& place);
    u64 load_place(const Place& place);
    void store_place(const Place& place, u64 value);
    // The breakpoints among `which` that lie in these bytes; they trap when the instruction is done.
    [[nodiscard]] u32 breakpoints_at(u32 which, u32 first, unsigned bytes) const;
    void match_breakpoints(u32 which, u32 first, unsigned bytes);
    void update_breakpoints();                // after DR7 or CR4.DE changed
    void debug_exception(u32 causes);         // not in the middle of an instruction
    bool load_page_pointers(u32 table);
    bool check_io_bitmap(u16 port, unsigned width);
    void enter_system_management();
    void shut_down(std::string why);
    [[nodiscard]] bool is_event_register(u32 index, unsigned& n) const;
    [[nodiscard]] bool counts_now(unsigned n) const;
    void settle_event_counters();             // before the ring or what is counted changes
    void update_event_counters();
    bool deliver(u8 vector, Origin origin, bool has_code, u32 code, u32 return_eip);
    // ---- the usual ways (usual_transfers.cpp): through 32-bit gates, back, and into segment registers, where all descriptors are at hand,
    // present and marked as accessed. False: it is not so, and nothing has happened.
    struct KnownSegment {
        u64 raw = 0;                           // the descriptor it comes of; 0: none
        SegmentRegister segment;
        SegmentAccess access;
    };
    [[nodiscard]] bool is_usual() const { return at_least(CpuModel::I386) && !alignment_checked_ && !watched_.data(); }
    [[nodiscard]] SegmentAccess access_of(const SegmentRegister& s) const;
    const KnownSegment* known_segment(u16 selector);
    bool learn_segment(KnownSegment& known, u16 selector, u64 raw);
    void put_known(unsigned segment, const KnownSegment& known) {
        state.segment[segment] = known.segment;
        access[segment] = known.access;
    }
    void put_known_code(const KnownSegment& known);
    void change_ring(unsigned ring);
    bool deliver_usual(u8 vector, Origin origin, bool has_code, u32 code, u32 return_eip);
    bool return_usual();
    bool load_usual(unsigned segment, u16 selector, bool alike);
    bool interrupt_real(u8 vector, u32 return_eip);
    bool load_inner_stack(u16 selector, unsigned ring, u8 fault_vector, unsigned external, Descriptor& out);
    bool jump_system(Descriptor& target, SwitchBy by, u32 return_eip);
    bool peek_stack(u32 depth, unsigned width, u32& value);
    void drop_inner_segments();
    template <class F> bool return_protected(u16 selector, u32 offset, unsigned width, u32 depth, u32 release, F&& apply_flags);
    [[nodiscard]] u32 known_task_flags() const;
    bool check_task_segment(Descriptor& tss, u8 not_available_vector);
    template <class F> bool each_piece(unsigned segment, u32 offset, std::size_t bytes, unsigned alignment, Access access, F&& f);

    template <class T> static u8* fast(const u64* table, u64 end, u32 base, u32 offset) {
        if (u64{offset} + sizeof(T) > end) [[unlikely]] return nullptr;
        const u32 linear = base + offset;
        const u64 entry = table[linear >> page_shift];
        if (entry == 0 || (linear & page_mask) > page_size - sizeof(T)) [[unlikely]] return nullptr;
        u8* const host = reinterpret_cast<u8*>(entry + linear);
        if (!host) __builtin_unreachable();
        return host;
    }

    static constexpr unsigned known_segments = 64;
    std::array<KnownSegment, known_segments> known_{};   // by selector
    u32 stack_mask_ = 0xffff;
    u32 code_limit_ = 0;                     // CS as the current generation knows it
    bool code_big_ = false;
    u32 code_view_ = 0;                      // where that is in code_views_
    std::vector<u64> code_views_ = {0};      // limits and sizes of CS that there have been
    bool alignment_checked_ = false;         // CR0.AM, EFLAGS.AC and CPL 3
    // Enabled breakpoints by what they wait for, bit n for DRn. Data that is watched goes the slow way everywhere.
    struct {
        u32 code = 0, writes = 0, accesses = 0, ports = 0;
        [[nodiscard]] bool data() const { return (writes | accesses) != 0; }
    } watched_;
    bool counting_ = false;                  // an event counter may be running
    u32 fault_address_ = 0;                  // CR2 of the page fault in `fault`
    Place modified_;                         // between modify_slow and write_back_slow
    CpuModel model_;
    InterruptSource* interrupt_source_ = nullptr;
    Line ferr_;
    Line smiact_;
    std::function<void(u64)> apic_placed_;
    bool interrupt_pin_ = false, nmi_pin_ = false, smi_pin_ = false, reset_pin_ = false, a20_pin_ = true;
    std::string reset_reason_;
};

}  // namespace retrace
