/* Process switches: two address spaces, a system call goes from one to the other, each touches a few pages of its own. */
#include "guest.h"
#define BASE  0x80000000u
#define PAGES 8u
static u32 now;
static u32 to_the_other(u32 a, u32 b)
{
    wr_cr3((now ^= 1) ? PD_B : PD_A);
    return a + b;
}
static u32 body(u32 reps)
{
    u32 h = 1;
    for (u32 r = 0; r < reps * 100; r++) {
        for (u32 i = 0; i < PAGES; i++) {
            volatile u32 *p = (u32 *)(BASE + i * 4096 + (r & 0x3FF) * 4);
            h = mix(h, *p);
            *p = h;
        }
        u32 a = (h & 0xFF) + 0x100;   /* E0h would leave */
        __asm__ volatile("int $0x80" : "+a"(a) : "b"(r) : "memory");
        h += a;
    }
    return h;
}
u32 k_cr3(u32 reps)
{
    for (u32 i = 0; i < PAGES; i++) {
        ((u32 *)PT_A)[i] = (ARENA + i * 4096) | 7;
        ((u32 *)PT_B)[i] = (ARENA + (PAGES + i) * 4096) | 7;
    }
    memset((void *)ARENA, 0, 2 * PAGES * 4096);
    memcpy((void *)PD_A, (void *)PD_MAIN, 4096);
    memcpy((void *)PD_B, (void *)PD_MAIN, 4096);
    ((u32 *)PD_A)[BASE >> 22] = PT_A | 7;
    ((u32 *)PD_B)[BASE >> 22] = PT_B | 7;
    now = 0;
    wr_cr3(PD_A);
    syscall_hook = to_the_other;
    u32 h = user_run(body, reps);
    wr_cr3(PD_MAIN);
    return h;
}
