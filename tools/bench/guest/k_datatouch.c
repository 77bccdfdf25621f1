/* A hot loop stores right behind its last byte: to the same cache line. */
#include "beside.h"
u32 k_datatouch(u32 reps) { return run_beside(2, reps); }
