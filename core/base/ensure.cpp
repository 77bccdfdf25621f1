#include "core/base/ensure.hpp"

namespace retrace {

void ensure_failed(const char* condition, const std::string& why, const char* file, int line) {
    throw InternalError(why + " (" + condition + " at " + file + ":" + std::to_string(line) + ")");
}

}  // namespace retrace
