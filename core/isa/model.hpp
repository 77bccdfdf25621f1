// CpuModel: which processor it is. Names are those of --cpu.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "core/base/types.hpp"

namespace retrace {

enum class CpuModel : u8 { I8086, I286, I386, I486, Pentium, Pentium2, Pentium3, Pentium4, Max };

struct CpuModelName {
    CpuModel model;
    std::string_view name;
    u64 steps_per_second;  // default --speed: what a common part of that model executed
};

inline constexpr std::array cpu_models{
    CpuModelName{CpuModel::I8086, "8086", 1'000'000},
    CpuModelName{CpuModel::I286, "286", 3'000'000},
    CpuModelName{CpuModel::I386, "386", 8'000'000},
    CpuModelName{CpuModel::I486, "486", 40'000'000},
    CpuModelName{CpuModel::Pentium, "pentium", 100'000'000},
    CpuModelName{CpuModel::Pentium2, "pentium2", 200'000'000},
    CpuModelName{CpuModel::Pentium3, "pentium3", 200'000'000},
    CpuModelName{CpuModel::Pentium4, "pentium4", 200'000'000},
    CpuModelName{CpuModel::Max, "max", 200'000'000},
};

constexpr std::optional<CpuModelName> find_cpu_model(std::string_view name) {
    for (const auto& each : cpu_models)
        if (each.name == name) return each;
    return std::nullopt;
}

constexpr const CpuModelName& name_of(CpuModel model) { return cpu_models[static_cast<unsigned>(model)]; }

}  // namespace retrace
