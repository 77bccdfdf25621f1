#include "core/semantics/simd.hpp"

namespace retrace {

Executor simd_executor(const Row& row) {
    for (const auto executor_of : {simd::integer_executor, simd::move_executor, simd::float_executor, simd::special_executor})
        if (const Executor executor = executor_of(row)) return executor;
    return nullptr;
}

}  // namespace retrace
