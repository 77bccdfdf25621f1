#include "tests/lockstep/compare.hpp"

#include "tests/lockstep/flow.hpp"

namespace retrace::test {

std::string compare_engines(u64 seed, Setting setting, JitEngine::Tuning tuning, u64 steps, CpuModel model, std::span<const u8> program,
                            void (*prepare)(World&, u64)) {
    World reference{setting, seed, [](Cpu& cpu) { return std::make_unique<Interpreter>(cpu); }, model, program};
    World candidate{setting, seed, [&](Cpu& cpu) { return std::make_unique<JitEngine>(cpu, tuning); }, model, program};
    if (prepare)
        for (World* world : {&reference, &candidate}) prepare(*world, seed);
    Dice dice{seed};
    const bool short_cuts = dice.one_in(4);
    u64 done = 0;
    const auto where = [&] { return "seed " + std::to_string(seed) + ", before step " + std::to_string(done) + ": "; };
    while (done < steps && !reference.reset) {
        const u64 budget = short_cuts ? dice.between(1, 64) : dice.between(1, 1000);
        reference.run(budget);
        candidate.run(budget);
        done += budget;
        if (reference.reset != candidate.reset) return where() + "only one was reset";
        if (reference.transfers != candidate.transfers) return where() + "unlike numbers of port accesses";
        if (digest(reference.cpu) != digest(candidate.cpu)) return where() + difference(inspect(reference.cpu), inspect(candidate.cpu));
    }
    if (digest(reference) != digest(candidate)) return where() + difference(inspect(reference), inspect(candidate), 10);
    return "";
}

void arm_breakpoints(World& world, u64 seed) {
    Dice dice{seed ^ 0xdeb};
    for (unsigned n = 0; n < 4; ++n) world.cpu.set_debug_register(n, static_cast<u32>(dice.one_in(2) ? World::code_at + dice.below(200) : World::data_at + dice.below(0x8100)));
    static_cast<void>(world.cpu.set_cr4(cr4::DE));
    world.cpu.set_debug_register(7, static_cast<u32>(dice.roll()) & (dice.one_in(2) ? 0xfcfcffffu : ~0u));
    if (dice.one_in(4)) world.cpu.set_eflags(world.cpu.registers().eflags | flag::TF);
}

std::vector<u8> flow_of(u64 seed, Setting setting) {
    const bool wide = setting != Setting::Real && setting != Setting::V86 && setting != Setting::Protected16;
    const bool from_zero = !wide || setting == Setting::Based;
    return flow_program(seed, wide, from_zero ? 0 : World::code_at, (wide ? World::data_at : 0) + 0x6100);
}

std::string compare_flow(u64 seed, Setting setting, JitEngine::Tuning tuning, u64 steps, CpuModel model) {
    return compare_engines(seed, setting, tuning, steps, model, flow_of(seed, setting));
}

}  // namespace retrace::test
