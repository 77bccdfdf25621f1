#include "core/semantics/x87.hpp"

namespace retrace {

Executor x87_executor(const Row& row) {
    for (const auto executor_of : {x87::arithmetic_executor, x87::transfer_executor, x87::function_executor, x87::control_executor})
        if (const Executor executor = executor_of(row)) return executor;
    return nullptr;
}

}  // namespace retrace
