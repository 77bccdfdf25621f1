#include "jit/x64/faults.hpp"

#include <csignal>
#include <mutex>

#include <sys/auxv.h>
#include <ucontext.h>

namespace retrace::jit {

namespace {

thread_local FaultWatch* watching = nullptr;
struct sigaction former {};

void on_fault(int number, siginfo_t* info, void* context) {
    auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
    u64 instruction_pointer = static_cast<u64>(registers[REG_RIP]);
    constexpr i64 error_write = 2;   // SDM volume 3, 4.7
    const bool has_address = info->si_code == SEGV_MAPERR || info->si_code == SEGV_ACCERR;
    if (watching && watching->lead_on(instruction_pointer, reinterpret_cast<u64>(info->si_addr), has_address, (registers[REG_ERR] & error_write) != 0)) {
        registers[REG_RIP] = static_cast<greg_t>(instruction_pointer);
        return;
    }
    if ((former.sa_flags & SA_SIGINFO) != 0) return former.sa_sigaction(number, info, context);
    if (former.sa_handler != SIG_DFL && former.sa_handler != SIG_IGN) return former.sa_handler(number);
    sigaction(number, &former, nullptr);   // the instruction faults again
}

// Others (a test's framework) may have put theirs in its place.
void install() {
    static std::mutex one;
    const std::lock_guard lock{one};
    struct sigaction now {};
    sigaction(SIGSEGV, nullptr, &now);
    if ((now.sa_flags & SA_SIGINFO) != 0 && now.sa_sigaction == on_fault) return;
    former = now;
    struct sigaction ours {};
    ours.sa_sigaction = on_fault;
    ours.sa_flags = SA_SIGINFO;
    sigemptyset(&ours.sa_mask);
    sigaction(SIGSEGV, &ours, nullptr);
}

}  // namespace

bool host_has_windows() {
    constexpr unsigned long fsgsbase = 2;   // AT_HWCAP2 of x86 (Linux, Documentation/arch/x86/elf_auxvec.rst)
    return (getauxval(AT_HWCAP2) & fsgsbase) != 0;
}

void set_window(u64 base) { asm volatile("wrgsbase %0" : : "r"(base)); }

FaultWatch::FaultWatch(Sites& sites, Frame& frame) : sites_{sites}, frame_{frame}, outer_{watching} {
    install();
    watching = this;
}

FaultWatch::~FaultWatch() { watching = outer_; }

bool FaultWatch::lead_on(u64& instruction_pointer, u64 address, bool has_address, bool write) {
    Site* const site = sites_.find(instruction_pointer);
    if (!site) return false;
    frame_.fault = {site, address, has_address, write};
    instruction_pointer = sites_.other_way(*site);
    return true;
}

}  // namespace retrace::jit
