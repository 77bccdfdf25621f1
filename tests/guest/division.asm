; The one quotient that needs no remainder to be too large; apart from the others, because it ends QEMU 7.2 with SIGFPE.
%include "kernel/kernel.inc"

main:
        attempt
        mov edx, 80000000h
        xor eax, eax
        mov ecx, -1
  here  idiv ecx
        faulted "#DE of -2^63 / -1", E_DE, NONE
        attempt
        mov dx, 8000h
        xor ax, ax
        mov cx, -1
  here  idiv cx
        faulted "#DE of -2^31 / -1", E_DE, NONE
        attempt
        mov ax, 8000h
        mov cl, -1
  here  idiv cl
        faulted "#DE of -2^15 / -1", E_DE, NONE
        attempt
        mov edx, -1
        mov eax, 80000000h
        mov ecx, 1
        idiv ecx
        int 30h
        returned "-2^31 / 1 is no overflow"
        equal "its quotient", eax, 80000000h
        ret
%include "kernel/end.inc"
