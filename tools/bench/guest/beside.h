/* A loop of machine code whose data lie `distance` bytes behind its last byte. */
#include "bench.h"
static inline u32 run_beside(u32 distance, u32 reps)
{
    u8 *c = bench_arena + 0x10000, *p = c;
    u32 d, h = 1;
#define OP(a, b, at) (*p++ = (a), *p++ = (b), *(u32 *)p = (at), p += 4)
    d = (u32)(c + 42 + distance);
    *p++ = 0xB9, *(u32 *)p = 1000, p += 4;      /* mov ecx, 1000 */
    OP(0x31, 0x05, d);                          /* l: xor [d], eax */
    OP(0x03, 0x05, d + 4);                      /* add eax, [d+4] */
    *p++ = 0xC1, *p++ = 0xC0, *p++ = 5;         /* rol eax, 5 */
    OP(0x89, 0x05, d + 4);                      /* mov [d+4], eax */
    OP(0xFF, 0x05, d + 8);                      /* inc dword [d+8] */
    OP(0x03, 0x05, d);                          /* add eax, [d] */
    *p++ = 0x49;                                /* dec ecx */
    *p++ = 0x75, *p++ = (u8)-36;                /* jnz l */
    *p++ = 0xC3;                                /* ret */
#undef OP
    for (u32 i = 0; i < 3; i++)
        ((u32 *)d)[i] = i;
    for (u32 r = 0; r < reps; r++)
        __asm__ volatile("call *%1" : "+a"(h) : "r"(c) : "ecx", "cc", "memory");
    return mix(h, ((u32 *)d)[2]);
}
