// Which instructions a model has, as a set of Since. CPUID reports the same set.
#pragma once

#include "core/isa/row.hpp"

namespace retrace {

using Features = u64;

constexpr Features feature(Since since) { return Features{1} << static_cast<unsigned>(since); }

template <typename... Each>
constexpr Features features(Each... each) {
    return (Features{0} | ... | feature(each));
}

constexpr Features features_of(CpuModel model) {
    using enum Since;
    Features set = feature(I8086);
    if (model >= CpuModel::I286) set |= features(I186, I286);
    if (model >= CpuModel::I386) set |= features(I386);
    if (model >= CpuModel::I486) set |= features(I486, Fpu);
    if (model >= CpuModel::Pentium) set |= features(I586, Cx8);
    if (model >= CpuModel::Pentium2) set |= features(I686, Mmx, Cmov, Sep, Fxsr, Nopl);
    if (model >= CpuModel::Pentium3) set |= features(Sse);
    if (model >= CpuModel::Pentium4) set |= features(Sse2, Clflush);
    if (model >= CpuModel::Max) set |= features(Sse3, Ssse3, Sse41, Sse42, Popcnt, Movbe, Rdrand, Aes, Pclmul);
    return set;
}

}  // namespace retrace
