// How it works.
//
// By signals: a UD2 raises one; its handler overwrites the saved frame with the requested state, which the kernel loads on return, segment
// registers and FPU included, with TF set. After one instruction the trap, or the fault it caused, enters the handler again, which copies the
// frame out and goes back. No code runs between the loads and the instruction, so every register may hold anything.
//
// Directly: registers are loaded, a far jump enters the instruction, a far jump behind it leaves, registers are stored through GS, which is flat.
// Only a fault costs a signal.
#include "tools/oracle/host_cpu.hpp"

#include <asm/ldt.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

namespace retrace::oracle {
namespace {

constexpr u32 user_flags = 0x40cd5;  // AC OF DF SF ZF AF PF CF
constexpr u32 trap_flag = 0x100, resume_flag = 0x10000;
constexpr u32 most_steps = 70000;

// The kernel's 32-bit signal frame keeps an FSAVE image in front of the FXSAVE image. x87 registers are restored from the former, XMM and
// MXCSR from the latter.
struct FrameFpu {
    u32 control, status, tag, instruction_offset, instruction_selector, operand_offset, operand_selector;
    u8 st[8][10];
    u16 status_copy, magic;
    u8 fx[512];
    u64 xstate_bv;  // present when the image says so
};

enum class Phase { Idle, Enter, Running, Direct };

volatile Phase phase = Phase::Idle;
const Request* request_ = nullptr;
Reply* reply_ = nullptr;
u16 flat_code, flat_data;
greg_t home_registers[NGREG];
u8 home_fpu[sizeof(FrameFpu)];
u32 current_eip;
bool is_repeated;

const int general_slots[8] = {REG_EAX, REG_ECX, REG_EDX, REG_EBX, REG_ESP, REG_EBP, REG_ESI, REG_EDI};
const int segment_slots[6] = {REG_ES, REG_CS, REG_SS, REG_DS, REG_FS, REG_GS};

u16 selector_of(const State& state, unsigned segment) {
    if (state.segment[segment].ldt) return ldt_selector(segment);
    return segment == 1 ? flat_code : segment < 4 ? flat_data : u16{0};
}

void load_fpu(FrameFpu& frame, const u8* fx) {
    u16 word;
    std::memcpy(&word, fx, 2);
    frame.control = 0xffff0000u | word;
    std::memcpy(&word, fx + 2, 2);
    frame.status = 0xffff0000u | word;
    u32 tag = 0;  // only empty or not matters
    for (unsigned i = 0; i < 8; ++i) tag |= (fx[4] >> i & 1 ? 0u : 3u) << (2 * i);
    frame.tag = 0xffff0000u | tag;
    frame.instruction_offset = frame.instruction_selector = frame.operand_offset = frame.operand_selector = 0;
    for (unsigned i = 0; i < 8; ++i) std::memcpy(frame.st[i], fx + 32 + 16 * i, 10);
    if (frame.magic != 0) return;
    std::memcpy(frame.fx, fx, 464);  // the kernel's bookkeeping behind it stays
    u32 mxcsr;
    std::memcpy(&mxcsr, fx + 24, 4);
    mxcsr &= 0xffff;
    std::memcpy(frame.fx + 24, &mxcsr, 4);
    u32 extended;
    std::memcpy(&extended, frame.fx + 464, 4);
    if (extended == 0x46505853) frame.xstate_bv = (frame.xstate_bv | 3) & ~u64{4};
}

// Without what cannot be compared: selectors of the pointers, MXCSR_MASK, reserved bytes.
void store_fpu(const u8* image, u8* fx) {
    std::memcpy(fx, image, 464);
    std::memset(fx + 416, 0, 96);
    std::memset(fx + 12, 0, 4);
    std::memset(fx + 20, 0, 4);
    std::memset(fx + 28, 0, 4);
    for (unsigned i = 0; i < 8; ++i) std::memset(fx + 32 + 16 * i + 10, 0, 6);
    std::memset(fx + 288, 0, 128);
}

// ---- the direct way. Its variables are reached by absolute addresses.
extern "C" {
u32 oracle_home_stack[2];        // ESP, SS
u32 oracle_gpr[8];
u32 oracle_flags;
u32 oracle_target[2];            // EIP, CS
u16 oracle_selectors[6];
u16 oracle_flat_data, oracle_host_gs;
alignas(16) u8 oracle_fx[512];
alignas(16) u8 oracle_home_fx[512];
void oracle_direct();
void oracle_direct_return();
void oracle_direct_recover();
}

asm(R"(
    .text
    .globl oracle_direct, oracle_direct_return, oracle_direct_recover
oracle_direct:
    pushal
    movl %esp, oracle_home_stack
    movw %ss, oracle_home_stack+4
    fxsave oracle_home_fx
    fxrstor oracle_fx
    movw oracle_flat_data, %gs
    movw oracle_selectors, %es
    movw oracle_selectors+8, %fs
    pushl oracle_flags
    popfl
    movl oracle_gpr, %eax
    movl oracle_gpr+4, %ecx
    movl oracle_gpr+8, %edx
    movl oracle_gpr+12, %ebx
    movl oracle_gpr+20, %ebp
    movl oracle_gpr+24, %esi
    movl oracle_gpr+28, %edi
    movw oracle_selectors+6, %ds
    movw %gs:oracle_selectors+4, %ss
    movl %gs:oracle_gpr+16, %esp
    ljmpl *%gs:oracle_target
oracle_direct_return:
    movl %eax, %gs:oracle_gpr
    movl %ecx, %gs:oracle_gpr+4
    movl %edx, %gs:oracle_gpr+8
    movl %ebx, %gs:oracle_gpr+12
    movl %esp, %gs:oracle_gpr+16
    movl %ebp, %gs:oracle_gpr+20
    movl %esi, %gs:oracle_gpr+24
    movl %edi, %gs:oracle_gpr+28
    movw %ds, %gs:oracle_selectors+6
    movw %es, %gs:oracle_selectors
    movw %fs, %gs:oracle_selectors+8
    movw %ss, %gs:oracle_selectors+4
    lssl %gs:oracle_home_stack, %esp
    pushfl
    popl %gs:oracle_flags
    pushl $0x202
    popfl
    movw %gs:oracle_flat_data, %ds
    movw %gs:oracle_flat_data, %es
    fxsave oracle_fx
oracle_direct_recover:
    movw oracle_host_gs, %gs
    xorl %eax, %eax          # else the kernel would find FS unchanged and keep its old base
    movw %ax, %fs
    fninit
    fxrstor oracle_home_fx
    popal
    ret
)");

void run_directly(u32 linear) {
    Reply& reply = *reply_;
    const Request& request = *request_;
    std::memcpy(oracle_gpr, request.in.gpr, sizeof oracle_gpr);
    std::memcpy(oracle_fx, request.in.fx, sizeof oracle_fx);
    std::memset(oracle_fx + 6, 0, 18);
    oracle_flags = (request.in.eflags & user_flags) | 0x202;
    for (unsigned i = 0; i < 6; ++i) oracle_selectors[i] = selector_of(request.in, i);
    oracle_target[0] = request.in.eip;
    oracle_target[1] = oracle_selectors[1];
    // Back: JMP FAR ptr16:32, with 66 in 16-bit code.
    u8 back[8];
    u32 size = 0;
    if (request.in.segment[1].ldt && !request.in.segment[1].big) back[size++] = 0x66;
    back[size++] = 0xea;
    const u32 target = reinterpret_cast<u32>(&oracle_direct_return);
    std::memcpy(back + size, &target, 4);
    std::memcpy(back + size + 4, &flat_code, 2);
    std::memcpy(reinterpret_cast<void*>(linear + request.code_bytes), back, size + 6);

    reply.outcome = Outcome::Done;
    reply.out = request.in;
    phase = Phase::Direct;
    oracle_direct();
    phase = Phase::Idle;
    if (reply.outcome != Outcome::Done) return;
    std::memcpy(reply.out.gpr, oracle_gpr, sizeof oracle_gpr);
    reply.out.eip = request.in.eip + request.code_bytes;
    reply.out.eflags = oracle_flags & ~(trap_flag | resume_flag);
    std::memcpy(reply.selector, oracle_selectors, sizeof reply.selector);
    reply.selector[5] = 0;
    store_fpu(oracle_fx, reply.out.fx);
}

// ---- the way by signals
void copy_out(const greg_t* registers, const FrameFpu& fpu) {
    Reply& reply = *reply_;
    State& state = reply.out;
    state = request_->in;
    for (unsigned i = 0; i < 8; ++i) state.gpr[i] = static_cast<u32>(registers[general_slots[i]]);
    state.gpr[4] = static_cast<u32>(registers[REG_UESP]);
    state.eip = static_cast<u32>(registers[REG_EIP]);
    state.eflags = static_cast<u32>(registers[REG_EFL]) & ~(trap_flag | resume_flag);
    for (unsigned i = 0; i < 6; ++i) reply.selector[i] = static_cast<u16>(registers[segment_slots[i]]);
    store_fpu(fpu.fx, state.fx);
}

void handle(int signal, ucontext_t* context) {
    greg_t* const registers = context->uc_mcontext.gregs;
    auto& fpu = *reinterpret_cast<FrameFpu*>(context->uc_mcontext.fpregs);

    if (phase == Phase::Enter) {  // by the UD2 in run(): load the requested state and go
        std::memcpy(home_registers, registers, sizeof home_registers);
        std::memcpy(home_fpu, &fpu, sizeof home_fpu);
        const State& state = request_->in;
        for (unsigned i = 0; i < 8; ++i) registers[general_slots[i]] = static_cast<greg_t>(state.gpr[i]);
        registers[REG_UESP] = static_cast<greg_t>(state.gpr[4]);
        registers[REG_EIP] = static_cast<greg_t>(state.eip);
        registers[REG_EFL] = static_cast<greg_t>((state.eflags & user_flags) | 0x202 | (request_->mode == Mode::Step ? trap_flag : 0));
        for (unsigned i = 0; i < 6; ++i) registers[segment_slots[i]] = selector_of(state, i);
        load_fpu(fpu, state.fx);
        current_eip = state.eip;
        phase = Phase::Running;
        return;
    }
    if (phase == Phase::Idle) {
        static const char text[] = "oracle: unexpected signal\n";
        (void)!write(2, text, sizeof text - 1);
        _exit(3);
    }

    Reply& reply = *reply_;
    const bool step = signal == SIGTRAP && registers[REG_TRAPNO] == 1;
    const bool breakpoint = signal == SIGTRAP && registers[REG_TRAPNO] == 3;
    if (phase == Phase::Running && step && is_repeated && static_cast<u32>(registers[REG_EIP]) == current_eip && ++reply.steps < most_steps) return;

    if (step) {
        reply.outcome = Outcome::Done;
    } else if (signal == SIGALRM) {
        reply.outcome = Outcome::Timeout;
    } else {
        reply.outcome = Outcome::Fault;
        reply.vector = static_cast<u32>(registers[REG_TRAPNO]);
        reply.error = static_cast<u32>(registers[REG_ERR]);
        if (reply.vector == 14) reply.cr2 = static_cast<u32>(context->uc_mcontext.cr2);
        // An INT3 of the filling, behind the instruction or at its target, means done.
        const u32 behind = static_cast<u32>(registers[REG_EIP]) - request_->in.eip;
        if (breakpoint && phase == Phase::Running && (behind == 0 || behind > request_->code_bytes)) {
            reply.outcome = Outcome::Done;
            reply.vector = 0;
            registers[REG_EIP] -= 1;
        }
    }
    copy_out(registers, fpu);

    if (phase == Phase::Direct) {
        registers[REG_EIP] = reinterpret_cast<greg_t>(&oracle_direct_recover);
        registers[REG_CS] = flat_code;
        registers[REG_SS] = registers[REG_DS] = registers[REG_ES] = registers[REG_GS] = flat_data;
        registers[REG_FS] = 0;
        registers[REG_UESP] = registers[REG_ESP] = static_cast<greg_t>(oracle_home_stack[0]);
        registers[REG_EFL] = 0x202;
        return;
    }
    std::memcpy(registers, home_registers, sizeof home_registers);
    std::memcpy(&fpu, home_fpu, sizeof home_fpu);
    registers[REG_EIP] += 2;  // past the UD2
    phase = Phase::Idle;
}

// The instruction may have left any FS, GS, AC and DF behind; make C++ safe first.
extern "C" void oracle_handle(int signal, siginfo_t*, void* context) { handle(signal, static_cast<ucontext_t*>(context)); }
asm(R"(
    .text
    .globl oracle_entry
oracle_entry:
    pushfl
    andl $~0x40400, (%esp)
    popfl
    movw oracle_host_gs, %gs
    jmp oracle_handle
)");
extern "C" void oracle_entry(int, siginfo_t*, void*);

bool is_prefix(u8 byte) {
    switch (byte) {
        case 0x66: case 0x67: case 0xf0: case 0xf2: case 0xf3: case 0x2e: case 0x36: case 0x3e: case 0x26: case 0x64: case 0x65: return true;
        default: return false;
    }
}

// Could it leave user space or compatibility mode? Rather yes.
bool is_refused(const u8* code, u32 bytes) {
    u32 i = 0;
    while (i < bytes && i < 15 && is_prefix(code[i])) ++i;
    if (i >= bytes) return false;
    const u8 next = i + 1 < bytes ? code[i + 1] : u8{0};
    switch (code[i]) {
        case 0x0f: return next == 0x05 || next == 0x34;
        case 0xcd: return next == 0x80;
        case 0xea: case 0x9a: case 0xca: case 0xcb: case 0xcf: return true;
        case 0xff: return (next >> 3 & 7) == 3 || (next >> 3 & 7) == 5;
        default: return false;
    }
}

bool is_repeated_string(const u8* code, u32 bytes) {
    bool repeated = false;
    for (u32 i = 0; i < bytes; ++i) {
        const u8 byte = code[i];
        if (byte == 0xf2 || byte == 0xf3) repeated = true;
        if (is_prefix(byte)) continue;
        return repeated && ((byte >= 0xa4 && byte <= 0xa7) || (byte >= 0xaa && byte <= 0xaf) || (byte >= 0x6c && byte <= 0x6f));
    }
    return false;
}

void set_descriptor(unsigned index, const Segment& segment) {
    static Segment cached[6];
    static bool valid[6];
    if (valid[index] && !std::memcmp(&cached[index], &segment, sizeof segment)) return;
    user_desc descriptor{};
    descriptor.entry_number = index + 1;
    descriptor.base_addr = segment.base;
    descriptor.limit = segment.limit;
    descriptor.seg_32bit = segment.big & 1;
    descriptor.contents = index == 1 ? 2 : segment.down & 1;
    descriptor.read_exec_only = index == 1 ? 0 : segment.readonly & 1;
    if (segment.limit > 0xfffff) {
        descriptor.limit = segment.limit >> 12;
        descriptor.limit_in_pages = 1;
    }
    descriptor.useable = 1;
    if (syscall(SYS_modify_ldt, 0x11, &descriptor, sizeof descriptor)) {
        std::perror("oracle: modify_ldt");
        std::exit(2);
    }
    cached[index] = segment;
    valid[index] = true;
}

bool in_areas(u32 address, u32 bytes) {
    return (address >= code_base && address + u64{bytes} <= code_base + code_size) || (address >= data_base && address + u64{bytes} <= data_base + data_size);
}

}  // namespace

void default_fx(u8 (&fx)[512]) {
    std::memset(fx, 0, 512);
    fx[0] = 0x7f;
    fx[1] = 0x03;
    fx[24] = 0x80;
    fx[25] = 0x1f;
}

bool write_memory(u32 address, const void* from, u32 bytes) {
    if (!in_areas(address, bytes)) return false;
    std::memcpy(reinterpret_cast<void*>(address), from, bytes);
    return true;
}

bool read_memory(u32 address, void* to, u32 bytes) {
    if (!in_areas(address, bytes)) return false;
    std::memcpy(to, reinterpret_cast<const void*>(address), bytes);
    return true;
}

void initialise() {
    static_assert(sizeof(void*) == 4, "the oracle is a 32-bit program");
    const auto map = [](u32 base, u32 size) {
        // Nothing on either side; executable, so that 16-bit code may lie in the data area.
        void* const wanted = reinterpret_cast<void*>(base - gap_size);
        auto* const got = static_cast<u8*>(mmap(wanted, size + 2 * gap_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
        if (got != wanted || mprotect(got + gap_size, size, PROT_READ | PROT_WRITE | PROT_EXEC)) {
            std::perror("oracle: mmap");
            std::exit(2);
        }
    };
    map(code_base, code_size);
    map(data_base, data_size);
    std::memset(reinterpret_cast<void*>(code_base), 0xcc, code_size);
    asm("mov %%cs, %0" : "=r"(flat_code));
    asm("mov %%ds, %0" : "=r"(flat_data));
    asm("mov %%gs, %0" : "=r"(oracle_host_gs));
    oracle_flat_data = flat_data;
    // The instruction under test owns ESP: signals have a stack of their own. Whatever ESP holds must not make the kernel believe that we are
    // already there (SS_AUTODISARM).
    stack_t stack{};
    stack.ss_flags = static_cast<int>(1u << 31);
    stack.ss_size = 256 * 1024;
    stack.ss_sp = mmap(nullptr, stack.ss_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    sigaltstack(&stack, nullptr);
    struct sigaction action{};
    action.sa_sigaction = oracle_entry;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigfillset(&action.sa_mask);
    for (const int signal : {SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGALRM}) sigaction(signal, &action, nullptr);
}

void run(const Request& request, Reply& reply) {
    std::memset(&reply, 0, sizeof reply);
    reply.magic = magic;
    reply.out = request.in;
    const u32 bytes = request.code_bytes > 15 ? 15 : request.code_bytes;
    const u32 linear = request.in.eip + (request.in.segment[1].ldt ? request.in.segment[1].base : 0);
    if (is_refused(request.code, bytes) || !in_areas(linear, 32)) {
        reply.outcome = Outcome::Refused;
        return;
    }
    for (unsigned i = 0; i < 6; ++i)
        if (request.in.segment[i].ldt) set_descriptor(i, request.in.segment[i]);
    if (linear >= code_base && linear < code_base + code_size) std::memset(reinterpret_cast<void*>(code_base), 0xcc, code_size);
    write_memory(linear, request.code, bytes);
    is_repeated = is_repeated_string(request.code, bytes);
    request_ = &request;
    reply_ = &reply;
    if (request.mode == Mode::Direct) return run_directly(linear);

    const itimerval soon{{0, 0}, {0, 200000}}, never{};
    if (request.mode == Mode::Run) setitimer(ITIMER_REAL, &soon, nullptr);
    phase = Phase::Enter;
    asm volatile("ud2" ::: "memory");
    if (request.mode == Mode::Run) setitimer(ITIMER_REAL, &never, nullptr);
}

}  // namespace retrace::oracle
