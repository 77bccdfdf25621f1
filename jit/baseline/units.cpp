// What the x87, MMX and SSE units do, emitted as the guest's own instructions.
#include <cstddef>

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
    if ((form.units & unit::x87) != 0) return false;
    if ((form.units & unit::sse) != 0 && !mode_->sse) return false;
    return !form.computes || mode_->sse_masked;
}

// From each instruction on, which units are used before a call takes them away.
void Translator::plan_units() {
    u32 ahead = 0;
    units_ahead_[count_] = 0;
    for (u32 n = count_; n-- > 0;) {
        const Instruction& i = block_->trace->instructions()[n];
        const bool last = n + 1 == count_ && i.has(Instruction::ends_block);
        if (plan_[n] == Plan::Call || last) ahead &= ~unit::sse;
        else if (is_unit_operation(row_of(i).op)) ahead |= unit_form(i).units;
        units_ahead_[n] = static_cast<u8>(ahead);
    }
}

// At the beginning of a block.
void Translator::load_units() {
    resident_ = units_ahead_[0];
    if ((resident_ & unit::sse) == 0) return;
    auto absent = std::make_shared<Label>(), back = std::make_shared<Label>();
    test(at_cpu(&cpu_.run.resident, 32), unit::sse);
    jz(*absent, T_NEAR);
    L(*back);
    cold_.push_back([this, absent, back] {
        L(*absent);
        call(stub_load_sse_);
        jmp(*back, T_NEAR);
    });
}

// Behind the handlers of this instruction and of those called with it.
void Translator::units_after_call() {
    u32 next = index_ + 1;
    while (next < count_ && plan_[next] == Plan::Call) ++next;
    resident_ &= ~unit::sse;
    if ((units_ahead_[next] & unit::sse) == 0) return;
    call(stub_load_sse_);
    resident_ |= unit::sse;
}

// The handler of a memory access that is not plain; behind it everything is where it would have been.
void Translator::call_slowly(const Slow& slow) {
    call(stub_call_);
    if ((slow.resident & unit::sse) != 0) call(stub_load_sse_);
}

// ---- one instruction

// The guest's instruction with its operand in memory at `at`, or in registers.
void Translator::put_instruction(const Instruction& i, const UnitForm& form, const Xbyak::RegExp* at) {
    const Row& row = row_of(i);
    const unsigned reg = form.reg_general ? host_register(i.reg) : i.reg;
    const unsigned rm = form.rm_general ? host_register(i.rm) : i.rm;
    const bool indexed = at && at->getIndex().getBit() != 0;
    const unsigned base = at ? static_cast<unsigned>(at->getBase().getIdx()) : 0, index = indexed ? static_cast<unsigned>(at->getIndex().getIdx()) : 4;
    const unsigned map = row.opcode >> 8;

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
        const bool none = displacement == 0 && (base & 7) != 5, small = displacement >= -128 && displacement <= 127;
        fields(none ? 0 : small ? 1 : 2, 4);
        unsigned scale = 0;
        while (indexed && (1 << scale) < at->getScale()) ++scale;
        db(static_cast<int>(scale << 6 | (index & 7) << 3 | (base & 7)));
        if (!none && small) db(displacement & 0xff);
        else if (!none) dd(static_cast<u32>(displacement));
    }
    for (const Form each : row.operands)
        if (each == Form::Ib) db(static_cast<int>(i.immediate & 0xff));
}

void Translator::unit_instruction(const Instruction& i) {
    const UnitForm form = unit_form(i);
    const bool flags = (row_of(i).flags_written & flag::status) != 0;
    if (!i.has(Instruction::memory)) {
        if (form.general_written != no_register) touch(form.general_written, 4);
        put_instruction(i, form, nullptr);
        if (flags) flags_now(FlagState::Home::Nowhere);
        return;
    }
    Slow& slow = begin_memory(i);
    slow.aligned = form.aligned;
    const auto at = operand(i, form.width, form.write, slow);
    if (form.general_written != no_register) touch(form.general_written, 4);
    put_instruction(i, form, &at);
    if (flags) flags_now(FlagState::Home::Nowhere);
    finish_memory(slow);
}

}  // namespace retrace::jit
