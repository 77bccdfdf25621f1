/* A hot loop stores to its own page, a few hundred bytes behind itself. */
#include "beside.h"
u32 k_databeside(u32 reps) { return run_beside(470, reps); }
