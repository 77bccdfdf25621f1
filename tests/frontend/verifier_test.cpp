// The verifier against engines that are wrong on purpose: it names the very instruction.
#include <catch2/catch.hpp>

#include "core/cpu/cpu.hpp"
#include "core/engine/interpreter.hpp"
#include "devices/board/machine.hpp"
#include "frontend/verifier.hpp"

using namespace retrace;

namespace {

// The interpreter, but one step changes a register or a byte of memory that it should not.
class Wrong final : public ExecutionEngine {
public:
    enum class Where : u8 { Register, Memory };

    Wrong(Cpu& cpu, u64 step, Where where) : cpu_{cpu}, right_{cpu}, step_{step}, where_{where} {}
    StopReason run(Moment until) override {
        const u64 now = cpu_.scheduler.now().step;
        if (now < step_ && until.step >= step_) {
            if (const auto reason = right_.run({step_}); cpu_.scheduler.now().step != step_) return reason;
            if (where_ == Where::Register) cpu_.state.gpr[Ebp] ^= 0x40000000;
            else cpu_.memory.write(PhysicalAddress{0x9abcd}, 1, 0x5a);
            return StopReason::Event;
        }
        return right_.run(until);
    }
    void request_stop() override { right_.request_stop(); }
    void restored() override { right_.restored(); }
    unsigned counters(Counter (&out)[most_counters]) const override { return right_.counters(out); }

private:
    Cpu& cpu_;
    Interpreter right_;
    u64 step_;
    Where where_;
};

std::string found_by_verifier(u64 wrong_step, Wrong::Where where) {
    MachineConfig config;
    config.memory_mib = 1;
    Machine machine{config, {}, {}, [&](Cpu& cpu) { return std::make_unique<Wrong>(cpu, wrong_step, where); }};
    Verifier verifier{config, {}, {}, [](Cpu& cpu) { return std::make_unique<Interpreter>(cpu); }};
    REQUIRE_FALSE(verifier.compare(machine));
    while (machine.now().step < 3 * wrong_step) {
        machine.run(machine.now() + 100'000);
        if (const auto text = verifier.compare(machine)) return *text;
    }
    return "";
}

}  // namespace

TEST_CASE("the verifier finds the one step in a million that changed a register") {
    const std::string text = found_by_verifier(1'234'567, Wrong::Where::Register);
    INFO(text);
    CHECK(text.find("differ after this instruction:\n  step 1234566, ") != std::string::npos);
    CHECK(text.find("gpr") != std::string::npos);
}

TEST_CASE("the verifier finds the one step that changed a byte of memory") {
    const std::string text = found_by_verifier(456'789, Wrong::Where::Memory);
    INFO(text);
    CHECK(text.find("differ after this instruction:\n  step 456788, ") != std::string::npos);
    CHECK(text.find("ram") != std::string::npos);
}

TEST_CASE("the verifier has nothing to say about equal engines") {
    MachineConfig config;
    config.memory_mib = 1;
    const EngineFactory right = [](Cpu& cpu) { return std::make_unique<Interpreter>(cpu); };
    Machine machine{config, {}, {}, right};
    Verifier verifier{config, {}, {}, right};
    for (unsigned n = 0; n < 10; ++n) {
        machine.run(machine.now() + 200'000);
        CHECK_FALSE(verifier.compare(machine));
    }
}
