// Every MMX and SSE instruction beside the host processor: registers, MXCSR and memory before, one instruction, all of it after,
// with exceptions masked and unmasked.
#include <catch2/catch.hpp>

#if defined(__x86_64__)

#include <csignal>
#include <sys/mman.h>
#include <ucontext.h>

#include <cstring>
#include <iomanip>
#include <map>
#include <sstream>
#include <vector>

#include "core/base/bits.hpp"
#include "core/base/ensure.hpp"
#include "core/cpu/x87.hpp"
#include "core/isa/decoder.hpp"
#include "core/isa/rows.hpp"
#include "core/semantics/simd.hpp"
#include "tests/core/float/host_x87.hpp"
#include "tests/core/float/operands.hpp"

namespace retrace {
namespace {

using fp::Roller;

struct alignas(16) Situation {
    std::array<u8, 512> image{};  // FXSAVE's
    std::array<u8, 64> memory{};
    u32 eax = 0, ecx = 0, edx = 0;
    u32 eflags = 0;
    bool faulted = false;
};

// The faulting instruction is skipped: its effects are seen, and that it faulted.
struct Catcher {
    static inline volatile sig_atomic_t faulted = 0;
    static inline void* resume = nullptr;
    static void handle(int, siginfo_t*, void* context) {
        faulted = 1;
        static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP] = reinterpret_cast<greg_t>(resume);
    }
    struct sigaction before {};
    Catcher() {
        struct sigaction ours {};
        ours.sa_sigaction = handle;
        ours.sa_flags = SA_SIGINFO;
        sigaction(SIGFPE, &ours, &before);
    }
    ~Catcher() { sigaction(SIGFPE, &before, nullptr); }
};

class HostUnit {
public:
    HostUnit() {
        page_ = static_cast<u8*>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        REQUIRE(page_ != MAP_FAILED);
    }
    ~HostUnit() { munmap(page_, 4096); }
    HostUnit(const HostUnit&) = delete;
    HostUnit& operator=(const HostUnit&) = delete;

    void run(std::span<const u8> instruction, Situation& situation) {
        // rdi: what to load; rsi: memory operand; rdx: what is stored; rcx: eax, ecx, edx, eflags
        static constexpr u8 before[] = {0x49, 0x89, 0xd1,              // mov r9, rdx
                                        0x49, 0x89, 0xca,              // mov r10, rcx
                                        0x0f, 0xae, 0x0f,              // fxrstor [rdi]
                                        0x48, 0x89, 0xf7,              // mov rdi, rsi
                                        0x41, 0xff, 0x72, 0x10,        // push qword [r10 + 16]
                                        0x9d,                          // popfq
                                        0x41, 0x8b, 0x02,              // mov eax, [r10]
                                        0x41, 0x8b, 0x4a, 0x04,        // mov ecx, [r10 + 4]
                                        0x41, 0x8b, 0x52, 0x08};       // mov edx, [r10 + 8]
        static constexpr u8 after[] = {0x41, 0x0f, 0xae, 0x01,         // fxsave [r9]
                                       0x41, 0x89, 0x02,               // mov [r10], eax
                                       0x41, 0x89, 0x4a, 0x04,         // mov [r10 + 4], ecx
                                       0x41, 0x89, 0x52, 0x08,         // mov [r10 + 8], edx
                                       0x9c,                           // pushfq
                                       0x41, 0x8f, 0x42, 0x10,         // pop qword [r10 + 16]
                                       0x41, 0x0f, 0xae, 0x52, 0x18,   // ldmxcsr [r10 + 24]
                                       0xdb, 0xe3,                     // fninit
                                       0xfc, 0xc3};                    // cld; ret
        u8* at = page_;
        const auto append = [&](std::span<const u8> bytes) {
            std::memcpy(at, bytes.data(), bytes.size());
            at += bytes.size();
        };
        append(before);
        append(instruction);
        Catcher::resume = at;
        append(after);
        struct {
            u32 eax, ecx, edx, unused = 0;
            u64 eflags;
            u64 mxcsr = 0x1f80;
        } integer{situation.eax, situation.ecx, situation.edx, 0, situation.eflags | 2};
        Situation result = situation;
        Catcher::faulted = 0;
        void (*call)(const void*, void*, void*, void*);
        std::memcpy(&call, &page_, sizeof call);
        call(situation.image.data(), result.memory.data(), result.image.data(), &integer);
        situation = result;
        situation.eax = integer.eax;
        situation.ecx = integer.ecx;
        situation.edx = integer.edx;
        situation.eflags = static_cast<u32>(integer.eflags) & flag::status;
        situation.faulted = Catcher::faulted != 0;
    }

private:
    u8* page_;
};

constexpr u32 operand_address = 0x2000, image_address = 0x3000;

class OurUnit {
public:
    OurUnit() : cpu_{memory_, ports_, scheduler_, CpuModel::Max}, decoder_{CpuModel::Max} {
        Registers& registers = cpu_.registers();
        registers.cr0 = cr0::PE | cr0::NE | cr0::ET;
        registers.cr4 = cr4::OSFXSR | cr4::OSXMMEXCPT;
        for (auto& segment : registers.segment) {
            segment.base = 0;
            segment.limit = 0xffffffff;
            segment.attributes = 0xc093;
        }
        registers.segment[1].attributes = 0xc09b;
        cpu_.restored();
    }

    const Row& decode(std::span<const u8> bytes, Instruction& instruction) {
        std::array<u8, 16> code{};
        std::copy(bytes.begin(), bytes.end(), code.begin());
        ENSURE(decoder_.decode(code, true, instruction) == Decoder::Result::Done, "16 bytes are enough");
        return row_of(instruction);
    }

    bool run(std::span<const u8> bytes, Situation& situation) {
        u8* const ram = memory_.ram().data();
        std::memcpy(ram + image_address, situation.image.data(), 512);
        std::memcpy(ram + operand_address, situation.memory.data(), situation.memory.size());
        step(std::array<u8, 3>{0x0f, 0xae, 0x0e}, image_address);  // fxrstor [esi]
        cpu_.state.gpr[Eax] = situation.eax;
        cpu_.state.gpr[Ecx] = situation.ecx;
        cpu_.state.gpr[Edx] = situation.edx;
        cpu_.set_eflags(situation.eflags);
        if (!step(bytes, operand_address)) return false;
        situation.faulted = cpu_.fault.pending;
        ENSURE(!cpu_.fault.pending || cpu_.fault.vector == vector::XM, "only numeric faults can happen here");
        cpu_.fault = {};
        situation.eax = cpu_.state.gpr[Eax];
        situation.ecx = cpu_.state.gpr[Ecx];
        situation.edx = cpu_.state.gpr[Edx];
        situation.eflags = cpu_.eflags() & flag::status;
        step(std::array<u8, 3>{0x0f, 0xae, 0x06}, image_address);  // fxsave [esi]
        std::memcpy(situation.image.data(), ram + image_address, 512);
        std::memcpy(situation.memory.data(), ram + operand_address, situation.memory.size());
        return true;
    }

private:
    bool step(std::span<const u8> bytes, u32 address) {
        Instruction instruction;
        const Executor executor = simd_executor(decode(bytes, instruction));
        if (executor == nullptr) return false;
        cpu_.state.gpr[Esi] = cpu_.state.gpr[Edi] = address;
        cpu_.run.first = cpu_.run.current = &instruction;
        executor(cpu_, instruction);
        cpu_.run.first = cpu_.run.current = nullptr;
        return true;
    }

    MmioMap windows_;
    PhysicalMemory memory_{1 << 20, windows_};
    PortMap ports_;
    Scheduler scheduler_{StepRate{}};
    Cpu cpu_;
    Decoder decoder_;
};

std::string text(const Situation& s) {
    std::ostringstream out;
    out << std::hex << "mxcsr " << load<u32>(&s.image[24]) << " sw " << load<u16>(&s.image[2]) << " tw " << int{s.image[4]} << " eax " << s.eax
        << " ecx " << s.ecx << " flags " << s.eflags << (s.faulted ? " faulted" : "") << std::setfill('0');
    for (unsigned at = 0; at < 8; ++at)
        out << "\n  " << std::setw(16) << load<u64>(&s.image[168 + 16 * at]) << ' ' << std::setw(16) << load<u64>(&s.image[160 + 16 * at]) << "  mm "
            << std::setw(4) << load<u16>(&s.image[40 + 16 * at]) << ':' << std::setw(16) << load<u64>(&s.image[32 + 16 * at]);
    out << "\n  memory " << std::setw(16) << load<u64>(&s.memory[8]) << ' ' << std::setw(16) << load<u64>(&s.memory[0]);
    return out.str();
}

// Four singles, two doubles, or sixteen bytes.
void roll_vector(Roller& roller, u8* to, unsigned bytes) {
    switch (roller.below(4)) {
        case 0:
            for (unsigned at = 0; at < bytes; at += 4) store<u32>(to + at, roller.float32().bits);
            break;
        case 1:
            for (unsigned at = 0; at < bytes; at += 8) store<u64>(to + at, roller.float64().bits);
            break;
        case 2:
            for (unsigned at = 0; at < bytes; ++at) to[at] = static_cast<u8>(roller.below(3) == 0 ? roller.below(4) : roller.word());
            break;
        default:
            for (unsigned at = 0; at < bytes; at += 8) store<u64>(to + at, roller.word() >> roller.below(64));
            break;
    }
}

Situation roll_situation(Roller& roller) {
    Situation s;
    store<u16>(&s.image[0], 0x37f);
    store<u16>(&s.image[2], static_cast<u16>(roller.word() & 0x7f3f));
    s.image[4] = static_cast<u8>(roller.word());
    u32 mxcsr = (roller.below(4) << 13) | (roller.below(4) == 0 ? 0x8000u : 0) | (roller.below(4) == 0 ? 0x40u : 0) | roller.below(64);
    mxcsr |= (roller.below(3) != 0 ? 0x3fu : roller.below(64)) << 7;
    store<u32>(&s.image[24], mxcsr);
    for (unsigned at = 0; at < 8; ++at) {
        roll_vector(roller, &s.image[32 + 16 * at], 8);
        store<u16>(&s.image[40 + 16 * at], static_cast<u16>(roller.word()));
        roll_vector(roller, &s.image[160 + 16 * at], 16);
        if (roller.below(4) == 0) std::memcpy(&s.image[160 + 16 * at], &s.image[160], 16);
    }
    for (unsigned at = 0; at < s.memory.size(); at += 16) roll_vector(roller, &s.memory[at], 16);
    s.eax = roller.below(3) == 0 ? static_cast<u32>(roller.word()) : roller.below(20);
    s.ecx = static_cast<u32>(roller.word());
    s.edx = roller.below(3) == 0 ? static_cast<u32>(roller.word()) : 0u - roller.below(20);
    s.eflags = static_cast<u32>(roller.word()) & flag::status;
    return s;
}

bool host_has(Since since) {
    switch (since) {
        case Since::Mmx:
        case Since::Sse:
        case Since::Sse2: return true;
        case Since::Sse3: return __builtin_cpu_supports("sse3");
        case Since::Ssse3: return __builtin_cpu_supports("ssse3");
        case Since::Sse41: return __builtin_cpu_supports("sse4.1");
        case Since::Sse42: return __builtin_cpu_supports("sse4.2");
        case Since::Aes: return __builtin_cpu_supports("aes");
        case Since::Pclmul: return __builtin_cpu_supports("pclmul");
        default: return false;
    }
}

bool is_simd(const Row& row) {
    if (row.op == Op::Fxsave || row.op == Op::Fxrstor || row.op == Op::Ldmxcsr || row.op == Op::Emms) return false;
    return simd_executor(row) != nullptr;
}

bool general(Form form) { return form == Form::Gd || form == Form::Ed || form == Form::Edb || form == Form::Edw; }

// The bytes of a random instruction of this row, general registers being EAX.
std::vector<u8> roll_code(Roller& roller, const Row& row) {
    std::vector<u8> code;
    if (row.prefix != 0) code.push_back(row.prefix);
    code.push_back(0x0f);
    if (row.opcode >> 8 != 0x0f) code.push_back(static_cast<u8>(row.opcode >> 8));
    code.push_back(static_cast<u8>(row.opcode));
    const bool memory = (row.kind & kind::mem_only) != 0 || ((row.kind & kind::reg_only) == 0 && roller.below(2) != 0);
    u32 reg = row.reg >= 0 ? static_cast<u32>(row.reg) : roller.below(8);
    u32 rm = memory ? 6 : roller.below(8);
    for (const Form form : row.operands)
        if (form == Form::Gd) reg = 0;
        else if (general(form) && !memory) rm = 0;
    code.push_back(static_cast<u8>((memory ? 0u : 0xc0u) | reg << 3 | rm));
    for (const Form form : row.operands)
        if (form == Form::Ib) code.push_back(static_cast<u8>(roller.word()));
    return code;
}

bool approximates(Op op) { return op == Op::Rcpps || op == Op::Rcpss || op == Op::Rsqrtps || op == Op::Rsqrtss; }

// Approximations may differ by what the manual allows both.
void forgive(Situation& ours, const Situation& host) {
    for (unsigned at = 160; at < 288; at += 4) {
        const u32 a = load<u32>(&ours.image[at]), b = load<u32>(&host.image[at]);
        const i64 apart = i64{a} - i64{b};
        const bool normal = (a >> 23 & 0xff) != 0 && (a >> 23 & 0xff) != 0xff;
        if (normal && apart > -0x2000 && apart < 0x2000) store<u32>(&ours.image[at], b);
        // Next to the smallest normal number one may have gone below.
        if ((a & 0x7fffffff) < 0x00802000 && (b & 0x7fffffff) < 0x00802000) store<u32>(&ours.image[at], b);
    }
}

void erase_rest(Situation& s) {
    std::memset(&s.image[6], 0, 18);          // pointers
    std::memset(&s.image[28], 0, 4);          // MXCSR_MASK
    std::memset(&s.image[288], 0, 512 - 288);  // 64-bit registers, reserved
}

void compare_all(u64 seed, int times_each) {
    HostUnit host;
    OurUnit ours;
    Catcher catcher;
    Roller roller{seed};
    std::vector<std::string> notes;
    std::map<std::string, int> seen;
    int skipped = 0, rows_compared = 0, wrong = 0;
    for (const Row& row : rows) {
        if (!is_simd(row)) continue;
        if (!host_has(row.since)) {
            ++skipped;
            continue;
        }
        ++rows_compared;
        for (int n = 0; n < times_each; ++n) {
            const std::vector<u8> code = roll_code(roller, row);
            const Situation before = roll_situation(roller);
            Situation mine = before, theirs = before;
            Instruction instruction;
            if (&ours.decode(code, instruction) != &row) {
                notes.push_back(std::string{"decoded as another: "} + row.mnemonic);
                wrong += times_each;
                break;
            }
            ours.run(code, mine);
            host.run(code, theirs);
            erase_rest(mine);
            erase_rest(theirs);
            if (approximates(row.op)) forgive(mine, theirs);
            if (mine.image == theirs.image && mine.memory == theirs.memory && mine.eax == theirs.eax && mine.ecx == theirs.ecx &&
                mine.edx == theirs.edx && mine.eflags == theirs.eflags && mine.faulted == theirs.faulted)
                continue;
            ++wrong;
            if (++seen[row.mnemonic] > 1 || seen.size() > 20) continue;
            std::ostringstream note;
            note << row.mnemonic << std::hex;
            for (const u8 byte : code) note << ' ' << int{byte};
            notes.push_back(note.str() + "\nfrom " + text(before) + "\nours " + text(mine) + "\nhost " + text(theirs));
        }
    }
    for (const std::string& note : notes) UNSCOPED_INFO(note);
    for (const auto& [mnemonic, count] : seen) UNSCOPED_INFO(mnemonic << ": " << count << " differ");
    CHECK_FALSE(fp::host::too_many(wrong, rows_compared * times_each));
    CHECK(rows_compared > 100);
    if (skipped != 0) WARN("skipped " << skipped << " rows that this host does not have");
}

TEST_CASE("every MMX and SSE instruction does what the host processor does") { compare_all(1, 600); }
TEST_CASE("every MMX and SSE instruction does what the host processor does, millions of times", "[long]") { compare_all(2, 8000); }

}  // namespace
}  // namespace retrace

#endif
