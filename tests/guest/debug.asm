; Debug registers, single steps, RF and the general-detect bit: SDM volume 3, chapter 17.
%include "kernel/kernel.inc"

DR6_CLEAR equ 0ffff0ff0h
EXECUTE equ 0
WRITE equ 1
IO equ 2
ACCESS equ 3

; Breakpoint %1 at %2: condition %3, length %4 (1, 2, 4).
%macro watch 4
        mov eax, %2
        mov dr%1, eax
        mov eax, 2 << ((%1) * 2) | (%3) << (16 + (%1) * 4) | ((%4) - 1) << (18 + (%1) * 4)
        mov dr7, eax
        mov eax, DR6_CLEAR
        mov dr6, eax
%endmacro
%macro dr6_is 2
        mov eax, dr6
        and eax, 0e00fh
        equal %1, eax, %2
        mov eax, DR6_CLEAR
        mov dr6, eax
        xor eax, eax
        mov dr7, eax
%endmacro

main:
; ---- data
        watch 0, cell, WRITE, 4
        attempt
  here  mov dword [cell], 1
        trapped "a write to a watched doubleword", E_DB, NONE
        dr6_is "DR6.B0", 1
        equal "the write is made", [cell], 1
        watch 1, cell, WRITE, 4
        attempt
        mov eax, [cell]
        int 30h
        returned "a read is no write"
        attempt
  here  mov byte [cell + 3], 5
        trapped "the last byte of a watched doubleword", E_DB, NONE
        dr6_is "DR6.B1", 2
        watch 2, cell, ACCESS, 2
        attempt
  here  mov eax, [cell]
        trapped "a read of a watched word", E_DB, NONE
        dr6_is "DR6.B2", 4
        watch 2, cell + 2, ACCESS, 2
        attempt
        mov ax, [cell]
        mov eax, [cell + 4]
        int 30h
        returned "beside a watched word"
        watch 3, cell + 1, ACCESS, 1
        attempt
  here  mov eax, [cell - 2]
        trapped "an operand across a watched byte", E_DB, NONE
        dr6_is "DR6.B3", 8
        watch 0, cell, WRITE, 4
        attempt
        mov esi, other
        mov edi, cell - 4
        mov ecx, 4
  here  rep movsd
        raised "REP MOVSD", E_DB, NONE
        equal "stops behind the iteration that wrote", ecx, 2
        dr6_is "its DR6", 1
        watch 0, cell, WRITE, 4
        attempt
        mov esp, cell + 4
  here  push dword 7
        trapped "PUSH", E_DB, NONE
        dr6_is "PUSH: DR6", 1
        watch 0, cell, ACCESS, 4
        mov eax, DR6_CLEAR
        mov dr6, eax
        mov eax, 0
        mov dr7, eax
        attempt
        mov eax, [cell]
        int 30h
        returned "a breakpoint that is not enabled"

; ---- instructions
        watch 0, .stop, EXECUTE, 1
        attempt
        mov ecx, 1
.stop:  inc ecx
        raised "an instruction breakpoint", E_DB, NONE
        equal "comes before the instruction", [seen_eip], .stop
        equal "which is not done", ecx, 1
        dr6_is "its DR6.B0", 1
        watch 0, .resumed, EXECUTE, 1
        attempt
        push dword F_RF | 2
        push dword CODE0
        push dword .resumed
        iretd
.resumed:
        int 30h
        returned "RF of IRET passes one instruction breakpoint"
        watch 0, .twice, EXECUTE, 1
        attempt
        push dword F_RF | 2
        push dword CODE0
        push dword .twice
        iretd
.twice: inc ecx
        jmp .twice
        raised "but not the second", E_DB, NONE
        dr6_is "the second's DR6", 1

; ---- single steps
        attempt
        push dword F_TF | 2
        popfd
  here  nop
        trapped "TF traps after the next instruction", E_DB, NONE
        mov eax, [seen_eflags]
        and eax, F_TF
        equal "the image has TF", eax, F_TF
        dr6_is "DR6.BS", 4000h
        attempt
        mov esi, other
        mov edi, cell
        mov ecx, 3
        push dword F_TF | 2
        popfd
        rep movsd
        raised "TF in REP", E_DB, NONE
        equal "after one iteration", ecx, 2
        dr6_is "TF in REP: DR6", 4000h
        attempt
        mov ax, DATA0
        push dword F_TF | 2
        popfd
        mov ss, ax
  here  nop
        trapped "TF waits for the instruction behind MOV SS", E_DB, NONE
        dr6_is "MOV SS: DR6", 4000h
        idt_gate 32h, CODE0, .handler, PRESENT | T_INT32
        attempt
        push dword F_TF | 2
        popfd
        int 32h
.behind:
        nop
.handler:
        mov eax, [esp + 8]
        and eax, F_TF
        mov ecx, eax
        nop
        int 30h
        raised "INT n under TF is not stepped into", 30h, NONE
        equal "but its image has TF", ecx, F_TF
        mov eax, DR6_CLEAR
        mov dr6, eax
        watch 0, cell, WRITE, 4
        attempt
        push dword F_TF | 2
        popfd
  here  mov dword [cell], 9
        trapped "a watched write under TF", E_DB, NONE
        dr6_is "is one exception with both bits", 4001h

; ---- the registers themselves
        mov eax, 2000h
        mov dr7, eax
        attempt
  here  mov eax, dr0
        faulted "DR7.GD", E_DB, NONE
        dr6_is "DR6.BD", 2000h
        mov eax, dr7
        and eax, 2000h
        equal "the exception clears GD", eax, 0
        xor eax, eax
        mov dr6, eax
        mov eax, dr6
        and eax, 0ffff0ff0h
        equal "bits of DR6 that are always set", eax, 0ffff0ff0h
        mov eax, DR6_CLEAR
        mov dr6, eax
        skip_unless has_de, .no_de
        mov eax, dr7
        and eax, 400h
        equal "bit 10 of DR7 is always set since the Pentium", eax, 400h
        mov eax, cr4
        and eax, ~8
        mov cr4, eax
        attempt
        db 0fh, 21h, 0e0h               ; MOV EAX, DR4
        int 30h
        returned "DR4 is DR6 without CR4.DE"
        mov eax, cr4
        or eax, 8
        mov cr4, eax
        attempt
  here  db 0fh, 21h, 0e0h
        faulted "#UD of DR4 with CR4.DE", E_UD, NONE
        watch 1, 61h, IO, 1
        attempt
  here  in al, 61h
        trapped "a watched port", E_DB, NONE
        dr6_is "a watched port: DR6", 2
        watch 1, 61h, IO, 1
        attempt
  here  in ax, 60h
        trapped "a word across a watched port", E_DB, NONE
        dr6_is "a word across a watched port: DR6", 2
        watch 1, 61h, IO, 1
        attempt
        mov al, [61h]
        in al, 64h
        int 30h
        returned "another port, and memory at the port's number"
        xor eax, eax
        mov dr7, eax
        mov eax, cr4
        and eax, ~8
        mov cr4, eax
.no_de:
        ret

        section .data
        align 16
        dd 0, 0
cell:   dd 0
        dd 0, 0, 0
other:  dd 1, 2, 3, 4
        section .text
%include "kernel/end.inc"
