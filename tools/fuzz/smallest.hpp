// From a case on which processors differ to the smallest one on which they still do.
#pragma once

#include <functional>

#include "tools/fuzz/case.hpp"

namespace retrace::fuzz {

// `compare` runs a case on both and says how they differ; `text` is what it said of this one. The report: the smallest case and its
// difference, or this one if alone it shows none.
std::string smallest(const Case& one, const std::string& text, const std::function<std::string(const Case&)>& compare);

}  // namespace retrace::fuzz
