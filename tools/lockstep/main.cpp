// lockstep: random programs under the interpreter and the JIT, cut into random budgets, until one differs.
//
//   lockstep [--seeds N] [--first SEED] [--every N] [--steps N] [--setting NAME] [--model NAME] [--windows forced|off]
//
// Every third seed (--first 3 --every 3) makes a program of x87, MMX and SSE instructions.
// Without --setting and --model both are rolled from the seed, and so is how the JIT is tuned. Ends with 5 where the engines differ.
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "core/isa/model.hpp"
#include "tests/lockstep/compare.hpp"
#include "tests/lockstep/tunings.hpp"
#include "tests/support/dice.hpp"

using namespace retrace;
using retrace::test::Setting;

namespace {

struct SettingName {
    Setting setting;
    std::string_view name;
};
constexpr std::array settings{SettingName{Setting::Real, "real"}, SettingName{Setting::Flat, "flat"}, SettingName{Setting::Based, "based"},
                              SettingName{Setting::Paged, "paged"}, SettingName{Setting::Protected16, "protected16"}, SettingName{Setting::V86, "v86"},
                              SettingName{Setting::User, "user"}};

int usage(const char* what, std::string_view value) {
    std::fprintf(stderr, "lockstep: %s '%.*s'\n", what, static_cast<int>(value.size()), value.data());
    return 2;
}

JitEngine::Tuning tuning_of(test::Dice& dice) {
    JitEngine::Tuning tuning = test::single_tunings[dice.one_in(3) ? 0 : dice.below(test::single_tunings.size())].tuning;
    if (dice.one_in(8)) tuning.trace_length = static_cast<unsigned>(dice.between(1, 31));
    if (dice.one_in(8)) tuning.threshold = static_cast<unsigned>(dice.between(1, 10));
    if (dice.one_in(4)) {
        tuning.threshold = static_cast<unsigned>(dice.between(4, 60'000));
        tuning.copy_after = static_cast<unsigned>(dice.below(3));
        tuning.copy_least = static_cast<unsigned>(dice.between(1, 4));
    }
    if (dice.one_in(3)) tuning.window_after = dice.one_in(2) ? 0 : dice.below(500);
    return tuning;
}

}  // namespace

int main(int count, char** words) {
    u64 seeds = 1000, first = 1, every = 1, steps = 1000, differences = 0;
    std::optional<Setting> setting;
    std::optional<CpuModel> model;
    std::optional<bool> windows;
    for (int n = 1; n < count; n += 2) {
        const std::string_view option = words[n];
        if (n + 1 == count) return usage("a value is missing after", option);
        const std::string_view value = words[n + 1];
        if (option == "--seeds") seeds = std::strtoull(words[n + 1], nullptr, 0);
        else if (option == "--first") first = std::strtoull(words[n + 1], nullptr, 0);
        else if (option == "--every") every = std::strtoull(words[n + 1], nullptr, 0);
        else if (option == "--steps") steps = std::strtoull(words[n + 1], nullptr, 0);
        else if (option == "--setting") {
            for (const auto& one : settings)
                if (one.name == value) setting = one.setting;
            if (!setting) return usage("no such setting:", value);
        } else if (option == "--model") {
            const auto found = find_cpu_model(value);
            if (!found) return usage("no such model:", value);
            model = found->model;
        } else if (option == "--windows") {
            if (value != "forced" && value != "off") return usage("forced or off, not", value);
            windows = value == "forced";
        } else return usage("unknown option", option);
    }
    u64 flows = 0, floating = 0, with_windows = 0;
    std::array<u64, settings.size()> of_setting{};
    const auto start = std::chrono::steady_clock::now();
    for (u64 at = 0; at < seeds; ++at) {
        const u64 seed = first + at * every;
        test::Dice dice{seed ^ 0x6c6f636b73746570};
        const SettingName& rolled = settings[dice.below(settings.size())];
        const Setting where = setting.value_or(rolled.setting);
        const CpuModel oldest = where == Setting::Real ? CpuModel::I8086 : where == Setting::User || where == Setting::V86 ? CpuModel::I486 : CpuModel::I386;
        const auto rolled_model = static_cast<CpuModel>(dice.between(static_cast<u64>(oldest), static_cast<u64>(CpuModel::Max)));
        auto tuning = tuning_of(dice);
        if (windows) tuning.window_after = *windows ? 0 : ~u64{0};
        const bool flow = dice.one_in(2);
        ++of_setting[static_cast<unsigned>(where)];
        flows += flow;
        floating += !flow && test::World::is_floating(seed);
        with_windows += tuning.windows && tuning.window_after < steps;
        const auto compare = flow ? test::compare_flow(seed, where, tuning, steps, model.value_or(rolled_model))
                                  : test::compare_engines(seed, where, tuning, steps, model.value_or(rolled_model));
        if (const auto& unlike = compare; !unlike.empty()) {
            ++differences;
            const std::string_view name = settings[static_cast<unsigned>(where)].name, model_name = name_of(model.value_or(rolled_model)).name;
            std::printf("%s%.*s on %.*s: %s\n", flow ? "flow, " : "", static_cast<int>(name.size()), name.data(), static_cast<int>(model_name.size()), model_name.data(), unlike.c_str());
            std::fflush(stdout);
        }
        if ((at + 1) % 10000 == 0) {
            const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
            std::fprintf(stderr, "%llu programs, %llu differences, %.0f s\n", static_cast<unsigned long long>(at + 1), static_cast<unsigned long long>(differences), seconds);
        }
    }
    std::printf("%llu programs of %llu steps from seed %llu: %llu differences\n", static_cast<unsigned long long>(seeds), static_cast<unsigned long long>(steps),
                static_cast<unsigned long long>(first), static_cast<unsigned long long>(differences));
    std::printf("of these %llu of blocks that go on, %llu of x87, MMX and SSE, %llu with windows", static_cast<unsigned long long>(flows), static_cast<unsigned long long>(floating), static_cast<unsigned long long>(with_windows));
    for (const auto& one : settings) std::printf(", %s %llu", one.name.data(), static_cast<unsigned long long>(of_setting[static_cast<unsigned>(one.setting)]));
    std::puts("");
    return differences ? 5 : 0;
}
