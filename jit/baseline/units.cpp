// What the x87, MMX and SSE units do, emitted as the guest's own instructions.
#include <cstddef>

#include "core/cpu/x87.hpp"
#include "core/isa/features.hpp"
#include "jit/baseline/translator.hpp"
#include "jit/x64/residency.hpp"

namespace retrace::jit {

namespace {

// A field of ModRM that names a general register.
unsigned host_register(unsigned index) { return index == Esp ? 12 : index; }

}  // namespace

// ---- where the registers are

void Translator::make_unit_stubs() {
    const auto& sse = cpu_.state.sse;
    const auto each_xmm = [&](auto&& move) {
        for (int n = 0; n < 8; ++n) {
            const auto distance = reinterpret_cast<const u8*>(&sse.xmm[static_cast<std::size_t>(n)]) - reinterpret_cast<const u8*>(&cpu_);
            move(Xbyak::Xmm(n), ptr[r13 + static_cast<int>(distance)]);
        }
    };

    // Uses r8.
    stub_load_sse_ = const_cast<u8*>(getCurr());
    mov(r8d, at_cpu(&sse.mxcsr, 32));
    or_(r8d, mxcsr_masks);
    push(r8);
    ldmxcsr(dword[rsp]);
    pop(r8);
    each_xmm([&](const Xbyak::Xmm& x, const Xbyak::Address& at) { movups(x, at); });
    or_(at_cpu(&cpu_.run.resident, 32), unit::sse);
    ret();

    // Both keep all but r8 to r10.
    for (const bool load : {true, false}) {
        (load ? stub_load_x87_ : stub_store_x87_) = const_cast<u8*>(getCurr());
        const std::array<Xbyak::Reg64, 6> kept{rax, rcx, rdx, rsi, rdi, r11};
        for (const auto& r : kept) push(r);
        mov(r8, rsp);
        and_(rsp, -16);
        push(r8);
        push(r8);
        mov(rdi, r13);
        mov(rax, reinterpret_cast<u64>(load ? &load_x87 : &store_x87));
        call(rax);
        pop(r8);
        mov(rsp, r8);
        for (auto r = kept.rbegin(); r != kept.rend(); ++r) pop(*r);
        ret();
    }

    // Keeps all general registers.
    stub_spill_sse_ = const_cast<u8*>(getCurr());
    each_xmm([&](const Xbyak::Xmm& x, const Xbyak::Address& at) { movups(at, x); });
    push(r8);
    push(r8);
    stmxcsr(dword[rsp]);
    mov(r8d, dword[rsp]);
    and_(r8d, mxcsr_flags);
    or_(at_cpu(&sse.mxcsr, 32), r8d);
    mov(dword[rsp], mxcsr_masks);
    ldmxcsr(dword[rsp]);
    pop(r8);
    pop(r8);
    and_(at_cpu(&cpu_.run.resident, 32), ~unit::sse);
    ret();

    make_function_stubs();
}

// In stubs, before a function of ours is called: RFLAGS may be destroyed.
void Translator::spill_units() {
    Label not_there;
    test(at_cpu(&cpu_.run.resident, 32), unit::sse);
    jz(not_there);
    call(stub_spill_sse_);
    L(not_there);
}

bool Translator::can_emit_unit(const Instruction& i) const {
    const UnitForm form = unit_form(i);
    const Since since = row_of(i).since;
    const bool extension = since >= Since::Sse3 && since <= Since::Pclmul;
    if (!form.emitted || (extension && (features_ & feature(since)) == 0)) return false;
    if ((form.units & unit::x87) != 0 && !mode_->x87) return false;
    if ((form.units & unit::sse) != 0 && !mode_->sse) return false;
    if (form.function && !(use_functions && mode_->x87_masked)) return false;
    return !form.computes || mode_->sse_masked;
}

// From each instruction on, which units are used before a call takes them away.
void Translator::plan_units() {
    u32 ahead = 0;
    units_ahead_[count_] = 0;
    for (u32 n = count_; n-- > 0;) {
        const Instruction& i = guest_[n];
        const bool last = n + 1 == count_ && i.has(Instruction::ends_block);
        const bool called = plan_[n] == Plan::Call || last || is_port_access(i) || reloads_segment(i);
        if (called) ahead &= touches_x87(row_of(i)) ? 0 : ~unit::sse;
        else if (is_unit_operation(row_of(i).op)) ahead |= unit_form(i).units;
        units_ahead_[n] = static_cast<u8>(ahead);
    }
}

// At the beginning of a block.
void Translator::load_units() {
    resident_ = units_ahead_[0];
    for (const u32 each : {unit::x87, unit::sse}) {
        if ((resident_ & each) == 0) continue;
        auto absent = std::make_shared<Label>(), back = std::make_shared<Label>();
        test(at_cpu(&cpu_.run.resident, 32), each);
        jz(*absent, T_NEAR);
        L(*back);
        cold_.push_back([this, absent, back, each] {
            L(*absent);
            call(each == unit::sse ? stub_load_sse_ : stub_load_x87_);
            jmp(*back, T_NEAR);
        });
    }
}

// The instructions that are called together from here on: does one of them use the x87? The flags are in r11d.
void Translator::before_call() {
    tell_everything();
    for (u32 n = index_; n < count_ && plan_[n] == Plan::Call; ++n)
        if (touches_x87(row_of(guest_[n]))) {
            call(stub_store_x87_);
            resident_ &= ~unit::x87;
            return;
        }
}

// Behind the handlers of this instruction and of those called with it.
void Translator::units_after_call() {
    u32 next = index_ + 1;
    while (next < count_ && plan_[next] == Plan::Call) ++next;
    units_wanted_from(next);
}

void Translator::units_wanted_from(u32 next) {
    const u32 wanted = units_ahead_[next];
    resident_ &= ~unit::sse;
    if ((wanted & ~resident_ & unit::x87) != 0) call(stub_load_x87_);
    if ((wanted & unit::sse) != 0) call(stub_load_sse_);
    resident_ |= wanted;
}

// The handler of a memory access that is not plain; behind it everything is where it would have been.
void Translator::before_slow_call(const Slow& slow) {
    tell(slow.noted);
    if (touches_x87(row_of(*slow.instruction))) call(stub_store_x87_);
}
void Translator::after_slow_call(const Slow& slow) {
    if ((slow.resident & unit::x87) != 0 && touches_x87(row_of(*slow.instruction))) call(stub_load_x87_);
    if ((slow.resident & unit::sse) != 0) call(stub_load_sse_);
}

// ---- the x87's pointers

// Has run just now. A host register may hold the offset of its operand; -1: none does.
void Translator::note(const Instruction& i, bool memory, int offset) {
    noted_.code = &i;
    if (!memory) return;
    if (another_operand_follows(i)) {
        noted_.operand = &i;
        return;
    }
    noted_.operand = nullptr;
    if (offset < 0) offset_of(i);
    mov(at_cpu(&cpu_.state.fpu.operand_offset, 32), offset < 0 ? r8d : Xbyak::Reg32(offset));
    mov(at_cpu(&cpu_.run.x87_segment, 32), u32{i.segment} + 1);
}

// Will another operand take its place while its registers are as they are?
bool Translator::another_operand_follows(const Instruction& i) const {
    for (u32 n = index_ + 1; n < count_; ++n) {
        const Instruction& next = guest_[n];
        const Op op = row_of(next).op;
        if (plan_[n] == Plan::Call || next.has(Instruction::ends_block) || op == Op::MovToSeg || op == Op::PopSeg) return false;   // the selector is still to be read
        if (is_unit_operation(row_of(next).op) && next.has(Instruction::memory) && unit_form(next).noted) return true;
        if (may_write(next, i.base) || may_write(next, i.index)) return false;
    }
    return false;
}

// Uses r8.
void Translator::tell(const Noted& noted) {
    if (noted.code) {
        mov(at_cpu(&cpu_.state.fpu.instruction_offset, 32), (block_->eip + noted.code->offset) & (cpu_.at_least(CpuModel::I386) ? 0xffffffff : 0xffff));
        mov(at_cpu(&cpu_.run.x87_code, 32), u32{1} << 31 | (noted.code->opcode & 7u) << 8 | (noted.code->immediate & 0xff));
    }
    if (noted.operand) {
        offset_of(*noted.operand);
        mov(at_cpu(&cpu_.state.fpu.operand_offset, 32), r8d);
        mov(at_cpu(&cpu_.run.x87_segment, 32), u32{noted.operand->segment} + 1);
    }
}

void Translator::tell_everything() {
    tell(noted_);
    noted_ = {};
}

// Before emitted code loads a segment register: FDS may still be owed what it holds. Uses r9, destroys RFLAGS.
void Translator::settle_operand_segment(unsigned segment) {
    auto owed = std::make_shared<Label>(), back = std::make_shared<Label>();
    cmp(at_cpu(&cpu_.run.x87_segment, 32), segment + 1);
    je(*owed, T_NEAR);
    L(*back);
    cold_.push_back([this, owed, back, segment] {
        L(*owed);
        movzx(r9d, word_at(&cpu_.state.segment[segment].selector));
        mov(word_at(&cpu_.state.fpu.operand_selector), r9w);
        mov(at_cpu(&cpu_.run.x87_segment, 32), 0);
        jmp(*back, T_NEAR);
    });
}

// ---- one instruction

Xbyak::Address Translator::word_at(const u16* member) const {
    return word[r13 + distance_of(member)];
}

namespace {

// An exception that is not masked was raised: what is left to do of its handler.
void x87_raised(Cpu& cpu, const Instruction& i) {
    cpu.run.current = &i;
    cpu.drive_ferr();
    if (cpu.run.stop) return;
    cpu.run.current = nullptr;
    return (&i)[1].execute(cpu, (&i)[1]);
}

}  // namespace

// Behind an instruction of the x87 where an exception may be unmasked: the host's unit has found it, and is asked before it would say so. Until then
// it is like the guest's: the destination was left alone, and ES is set.
void Translator::check_exceptions(const Instruction& i) {
    clobber();
    observe();
    fnstsw(word_at(&cpu_.state.fpu.status));
    test(word_at(&cpu_.state.fpu.status), x87::error_summary);
    slow_.push_back(std::make_unique<Slow>());
    Slow& slow = *slow_.back();
    jnz(slow.entry, T_NEAR);
    slow.instruction = &i;
    slow.index = index_;
    slow.before = flags_;
    slow.noted = noted_;
    slow.leaves = true;
    auto& all = block_->instructions;
    slow.place = static_cast<u32>(all.size());
    const Instruction sentinel = all.back();   // one always lies there
    all.push_back(i);
    all.back().execute = x87_raised;
    all.push_back(sentinel);
}

// FLDCW, LDMXCSR: what leaves an exception unmasked is the handler's, and then code for another mode goes on.
void Translator::load_control_word(const Instruction& i, const UnitForm& form) {
    Slow& slow = begin_memory(i, true);
    clobber();
    observe();
    slow.before = flags_;
    slow.unused = false;
    slow.leaves = true;
    const auto at = operand(i, form.width, false, slow);
    if (form.x87) {
        site(at);
        movzx(r10d, word[at]);
        if (mode_->x87_masked) {
            not_(r10d);
        } else {
            fnstcw(word_at(&cpu_.state.fpu.control));
            xor_(r10w, word_at(&cpu_.state.fpu.control));
        }
        test(r10d, fp::all_exceptions);
        jnz(slow.entry, T_NEAR);
    } else {
        const u32 refused = cpu_.at_least(CpuModel::Pentium4) ? 0xffff0000 : 0xffff0040;
        site(at);
        mov(r10d, dword[at]);
        xor_(r10d, mxcsr_masks);
        test(r10d, refused | mxcsr_masks);
        jnz(slow.entry, T_NEAR);
        xor_(r10d, mxcsr_masks);
        mov(at_cpu(&cpu_.state.sse.mxcsr, 32), r10d);
    }
    put_instruction(i, form, &at);
    finish_memory(slow);
}

// The guest's instruction with its operand in memory at `at`, or in registers.
void Translator::put_instruction(const Instruction& i, const UnitForm& form, const Xbyak::RegExp* at) {
    const Row& row = row_of(i);
    if (form.x87 && !at) {
        db(i.opcode);
        db(static_cast<int>(i.immediate & 0xff));
        return;
    }
    const unsigned reg = form.reg_general ? host_register(i.reg) : i.reg;
    const unsigned rm = form.rm_general ? host_register(i.rm) : i.rm;
    const bool indexed = at && at->getIndex().getBit() != 0;
    const unsigned base = at ? static_cast<unsigned>(at->getBase().getIdx()) : 0, index = indexed ? static_cast<unsigned>(at->getIndex().getIdx()) : 4;
    const unsigned map = row.opcode >> 8;
    const bool windowed = at && at->getBase().getBit() != 64 && at->getIndex().getBit() != 64, no_base = at && at->getBase().getBit() == 0;

    if (windowed) {
        site(*at);
        if (!no_base || indexed) db(0x67);
    }
    if (row.prefix != 0) db(row.prefix);
    const unsigned rex = (reg >> 3) << 2 | (index >> 3) << 1 | (at ? base >> 3 : rm >> 3);
    if (rex != 0) db(static_cast<int>(0x40 | rex));
    if (map != 0) db(0x0f);
    if (map == 0x38 || map == 0x3a) db(static_cast<int>(map));
    db(i.opcode);
    const auto fields = [&](unsigned mod, unsigned low) { db(static_cast<int>(mod << 6 | (reg & 7) << 3 | (low & 7))); };
    if (!has_modrm(row)) return;
    if (!at) {
        fields(3, rm);
    } else {
        const auto displacement = static_cast<i32>(at->getDisp());
        const bool none = displacement == 0 && (base & 7) != 5 && !no_base, small = displacement >= -128 && displacement <= 127 && !no_base;
        fields(none || no_base ? 0 : small ? 1 : 2, 4);
        unsigned scale = 0;
        while (indexed && (1 << scale) < at->getScale()) ++scale;
        db(static_cast<int>(scale << 6 | (index & 7) << 3 | (no_base ? 5 : base & 7)));
        if (!none && small) db(displacement & 0xff);
        else if (!none) dd(static_cast<u32>(displacement));
    }
    for (const Form each : row.operands)
        if (each == Form::Ib) db(static_cast<int>(i.immediate & 0xff));
}

// The host's x87 unit becomes MMX's (TOP 0, no register empty) before an operand in memory faults; the guest's does not. So the operand is accessed
// once before, unless an instruction of MMX has just run: as it is, stored if it will be. Uses r10.
void Translator::touch_operand_of_mmx(const UnitForm& form, const Xbyak::RegExp& at) {
    for (u32 n = index_; n-- > 0;) {
        const Instruction& before = guest_[n];
        const Op op = row_of(before).op;
        if (plan_[n] == Plan::Call) break;
        if (!is_unit_operation(op)) continue;
        const u32 units = unit_form(before).units;
        if (units == unit::x87 && !unit_form(before).x87 && op != Op::Emms) return;
        if ((units & unit::x87) != 0) break;
    }
    const Xbyak::Reg64 wide = r10;
    site(at);
    if (form.width == 8) mov(wide, qword[at]);
    else mov(reg(10, form.width), sized(at, form.width));
    if (!form.write) return;
    site(at);
    if (form.width == 8) mov(qword[at], wide);
    else mov(sized(at, form.width), reg(10, form.width));
}

void Translator::unit_instruction(const Instruction& i) {
    const UnitForm form = unit_form(i);
    const Row& row = row_of(i);
    if (row.op == Op::Fldcw || row.op == Op::Ldmxcsr) return load_control_word(i, form);
    if (form.function) return function_instruction(i);
    const bool flags = (row.flags_written & flag::status) != 0;
    if (!i.has(Instruction::memory)) {
        need_flags(row.flags_read & flag::status);
        if (form.general_written != no_register) touch(form.general_written, 4);
        put_instruction(i, form, nullptr);
        if (flags) flags_now();
        if (form.noted) note(i, false, -1);
        if (form.raises && !mode_->x87_masked) check_exceptions(i);
        return;
    }
    Slow& slow = begin_memory(i);
    slow.aligned = form.aligned;
    slow.leaves = form.raises && !mode_->x87_masked;
    const auto at = operand(i, form.width, form.write, slow);
    const bool windowed = at.getBase().getBit() != 64 && at.getIndex().getBit() != 64;
    if (windowed && (form.units & unit::x87) != 0 && !form.x87) touch_operand_of_mmx(form, at);
    if (form.general_written != no_register) touch(form.general_written, 4);
    put_instruction(i, form, &at);
    if (flags) flags_now();
    const bool at_hand = !through_window() && mode_->segment[i.segment] == SegmentClass::Flat && at.getIndex().getBit() != 0 && at.getDisp() == 0;
    if (form.noted) note(i, true, at_hand ? at.getIndex().getIdx() : -1);
    if (form.raises && !mode_->x87_masked) check_exceptions(i);
    finish_memory(slow);
}

}  // namespace retrace::jit
