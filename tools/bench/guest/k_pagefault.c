/* Demand paging: a ring-3 program touches pages that are not there, the #PF handler maps them, a system call takes them away. */
#include "guest.h"
#define BASE  0x80000000u
#define PAGES 256u
static volatile u32 faults;
static int fault(u32 addr, u32 err)
{
    u32 page = (addr - BASE) >> 12;
    if (page >= PAGES)
        return 0;
    /* Three pages share a frame; the first write to a page mapped for reading is a second fault. */
    ((u32 *)PT_STORM)[page] = (ARENA + (page / 3) * 4096) | (err & 2 ? 7 : 5);
    if (err & 1)
        invlpg(addr);
    faults++;
    return 1;
}
static u32 unmap(u32 a, u32 b)
{
    for (u32 i = a; i < b; i++) {
        ((u32 *)PT_STORM)[i] = 0;
        invlpg(BASE + i * 4096);
    }
    return faults;
}
static u32 body(u32 reps)
{
    u32 h = 1;
    for (u32 r = 0; r < reps; r++) {
        for (u32 i = 0; i < PAGES; i++) {
            volatile u32 *p = (u32 *)(BASE + i * 4096 + (i * 52 & 0xFFC));
            if (i & 1)
                *p += h;
            else
                *p = h + i;
            h = mix(h, *p);
        }
        u32 n = 0;
        __asm__ volatile("int $0x80" : "=a"(n) : "0"(n), "b"(PAGES) : "memory");
        h = mix(h, n);
    }
    return h;
}
u32 k_pagefault(u32 reps)
{
    memset((void *)PT_STORM, 0, 4096);
    memset((void *)ARENA, 0, PAGES * 4096);
    ((u32 *)PD_MAIN)[BASE >> 22] = PT_STORM | 7;
    wr_cr3(PD_MAIN);
    faults = 0;
    pf_hook = fault;
    syscall_hook = unmap;
    u32 h = user_run(body, reps);
    pf_hook = 0;
    ((u32 *)PD_MAIN)[BASE >> 22] = 0;
    wr_cr3(PD_MAIN);
    return h;
}
