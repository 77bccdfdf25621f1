// Compiles and links if the compiler makes 32-bit C++ programs.
#include <cstdio>
int main() { std::puts("32"); }
