// Compiles and links if the compiler makes 32-bit C++ programs.
#include <asm/ldt.h>

#include <cstdio>
int main() { std::puts("32"); }
